"""Does a spatial transformer help on tilted plates? A narrow reader behind none, the published and the healthy one.

    python benchmarks/stn.py [--region il] [--first 1200] [--steps 1200] [--seeds 2] [--look DIR]

The reader learns straight drawn plates first. Then every kind goes on from these weights, and the plates turn, a little
more at every step of the first half: in the end evenly by up to 45 degrees about the upright axis, 27 about the level
one and 20 in the picture, cut out by loose upright boxes. Every kind learns from the same pictures in the same order
and is measured on the same others. About 5 minutes of one core a seed.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lprkit import plates
from lprkit.core.alphabet import Alphabet
from lprkit.core.card import InputSpec
from lprkit.core.image import save
from lprkit.core.types import Image
from lprkit.decode import ctc
from lprkit.models import build
from lprkit.models.stn import Kind, front
from lprkit.synth import generate
from lprkit.synth.camera import CLEAN, project
from lprkit.synth.crop import boxed, cut_out
from lprkit.synth.effects import View
from lprkit.synth.generate import CropPlan
from lprkit.synth.sheet import contact_sheet
from lprkit.train.losses import ctc_rows

TILT = (45.0, 27.0, 20.0)
"""Largest yaw, pitch and roll, degrees."""
NARROW = {"height": 24, "width": 96, "widths": [8, 16, 24, 32]}
"""The reader: a larger one learns all tilts by itself."""
STRAIGHT_PX = (188, 48)
LONGEST = 24
BATCH = 64
FIRST_RATE, RATE = 2e-3, 1e-3
"""Of straight plates, of tilted ones."""


@dataclass(frozen=True)
class Straight:
    """Pictures of straight plates and their classes N, LONGEST, padded with -1."""

    pictures: list[Image]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Crops:
    """Pictures N, 1, H, W as the network takes them, and their classes N, LONGEST, padded with -1."""

    pictures: torch.Tensor
    labels: torch.Tensor


class Behind(nn.Module):
    """The narrow reader and what it looks through."""

    def __init__(self, kind: Kind, classes: int) -> None:
        super().__init__()
        self.reader = build("reader", classes, NARROW)
        self.front = front(kind, self.reader.spec, 0)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, 1, H, W -> N, T, classes."""
        with torch.autocast("cpu", torch.bfloat16):
            scores: torch.Tensor = self.reader(self.front(x))
        return scores.float()


def main() -> None:
    """Trains each kind and prints a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", default="il")
    parser.add_argument("--count", type=int, default=4000, help="plates to learn from, tilted anew at every step")
    parser.add_argument("--held-out", type=int, default=1000, help="plates to measure on")
    parser.add_argument("--first", type=int, default=1200, help=f"steps of {BATCH} straight plates")
    parser.add_argument("--steps", type=int, default=1200, help=f"of {BATCH} tilted plates")
    parser.add_argument("--seeds", type=int, default=2, help="runs of each kind")
    parser.add_argument("--kinds", nargs="+", default=["none", "published", "healthy"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--look", type=Path, help="folder for pictures of what the reader sees")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(0)
    alphabet = plates.alphabet((options.region,))
    learnt, held = (
        drawn(CropPlan((options.region,), seed=seed, camera=CLEAN, rectified=0.0), count, alphabet)
        for seed, count in ((1, options.count), (2, options.held_out))
    )
    sets = {how: some(held, np.arange(options.held_out), how, np.random.default_rng(3)) for how in (0.0, 0.5, 1.0)}
    for seed in range(1, options.seeds + 1):
        torch.manual_seed(seed)
        first = Behind("none", alphabet.classes)
        trained(first, learnt, options.first, FIRST_RATE, seed, lambda done: 0.0)
        print(f"straight   seed {seed}: {told(first, sets)}", flush=True)
        for kind in options.kinds:
            started = time.process_time()
            torch.manual_seed(seed)
            network = Behind(kind, alphabet.classes)
            network.reader.load_state_dict(first.reader.state_dict())
            trained(network, learnt, options.steps, RATE, seed, lambda done: min(1.0, 2 * done))
            print(f"{kind:<10} seed {seed}: {told(network, sets)}, {time.process_time() - started:.0f} s", flush=True)
            if options.look and kind != "none":
                save(options.look / f"{kind}-{seed}.png", seen(network, sets[1.0]))


def drawn(plan: CropPlan, count: int, alphabet: Alphabet) -> Straight:
    """The first one-line plates of a plan."""
    pictures: list[Image] = []
    labels = np.full((count, LONGEST), -1)
    for n in itertools.count():
        sample = generate.crop_at(n, plan)
        if sample.plates[0].rows > 1:
            continue
        assert sample.image is not None
        classes = alphabet.encode(sample.plates[0].text)
        labels[len(pictures), : len(classes)] = classes
        pictures.append(np.asarray(cv2.resize(sample.image, STRAIGHT_PX, interpolation=cv2.INTER_AREA), np.uint8))
        if len(pictures) == count:
            break
    return Straight(pictures, labels)


def some(plates: Straight, places: NDArray[np.int64], how: float, rng: np.random.Generator) -> Crops:
    """Plates tilted by up to this share of TILT, as the network takes them."""
    spec = InputSpec(NARROW["height"], NARROW["width"], "grey")
    pictures = np.stack([spec.prepare(tilted(plates.pictures[n], how, rng)) for n in places])
    whole = torch.from_numpy(pictures).contiguous(memory_format=torch.channels_last)
    return Crops(whole, torch.from_numpy(plates.labels[places]))


def tilted(image: Image, how: float, rng: np.random.Generator) -> Image:
    """A straight crop seen from aside, in the upright box around it."""
    height, width = image.shape[:2]
    yaw, pitch, roll = np.radians(rng.uniform(-how, how, 3) * TILT)
    corners = project(View(0.0, 24.0, yaw, pitch, roll, depth=5.0), width / height) * height
    straight = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    return cut_out(image, straight, boxed(corners, rng))


def trained(
    network: Behind, plates: Straight, steps: int, rate: float, seed: int, how: Callable[[float], float]
) -> None:
    """Trains; `how` says how far plates are tilted when a share of the steps is done."""
    optimizer = torch.optim.Adam(network.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    rng = np.random.default_rng(seed)
    network.train()
    for step in range(steps):
        batch = some(plates, rng.integers(0, len(plates.labels), BATCH), how(step / steps), rng)
        loss = ctc_rows(network(batch.pictures), batch.labels, torch.zeros(BATCH, dtype=torch.long), 2)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()


def told(network: Behind, sets: dict[float, Crops]) -> str:
    """What it reads of the plates that it has not seen."""
    kinds = {0.0: "straight", 0.5: "half tilted", 1.0: "tilted"}
    return ", ".join(f"{kinds[how]} {100 * exact(network, crops):.1f} %" for how, crops in sets.items())


@torch.inference_mode()
def exact(network: Behind, crops: Crops) -> float:
    """The share of the pictures whose whole text is read."""
    network.eval()
    scores = np.concatenate([network(part).numpy() for part in crops.pictures.split(200)])
    texts = [tuple(label[label >= 0]) for label in crops.labels.numpy()]
    return float(np.mean([path.classes == text for path, text in zip(ctc.greedy(scores), texts, strict=True)]))


@torch.inference_mode()
def seen(network: Behind, crops: Crops) -> Image:
    """Some pictures, each above what the reader sees of it."""
    before = crops.pictures[:24]
    after = network.eval().front(before)
    light = (torch.cat([before, after], dim=2) * 255).clamp(0, 255).byte()[:, 0].numpy()
    return contact_sheet([np.repeat(one[:, :, None], 3, axis=2) for one in light], columns=6)


if __name__ == "__main__":
    main()
