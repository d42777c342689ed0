"""Does a spatial transformer help on tilted plates? A narrow LPRNet behind none, the published and the healthy one.

    python benchmarks/stn.py [--region il] [--steps 1500] [--seeds 1] [--look DIR]

Drawn one-line plates turned evenly by up to 45 degrees about the upright axis, 27 about the level one and 20 in the
picture, cut out by loose upright boxes. Every kind learns from the same pictures in the same order and is measured on
the same others.
"""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import dataclass
from pathlib import Path

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
from lprkit.models.network import Network
from lprkit.synth import generate
from lprkit.synth.camera import CLEAN, project
from lprkit.synth.crop import boxed, cut_out
from lprkit.synth.effects import View
from lprkit.synth.generate import CropPlan
from lprkit.synth.sheet import contact_sheet
from lprkit.train.losses import ctc_rows

TILT = (45.0, 27.0, 20.0)
"""Largest yaw, pitch and roll, degrees."""
NARROW = {
    "channels": "grey",
    "mean": 127.5,
    "scale": 1 / 128,
    "widths": [16, 32, 64, 64],
    "context": 32,
    "dropout": 0.1,
}
LONGEST = 24
RATE = 2e-3


@dataclass(frozen=True)
class Crops:
    """Pictures N, 1, H, W as the network takes them, and their classes N, LONGEST, padded with -1."""

    pictures: torch.Tensor
    labels: torch.Tensor


def main() -> None:
    """Trains each kind and prints a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", default="il")
    parser.add_argument("--count", type=int, default=6000, help="pictures to learn from")
    parser.add_argument("--held-out", type=int, default=1000, help="pictures to measure on")
    parser.add_argument("--steps", type=int, default=1500, help="of 32 pictures")
    parser.add_argument("--start", type=float, default=0.2, help="share of the steps in which the STN waits")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each kind")
    parser.add_argument("--kinds", nargs="+", default=["none", "published", "healthy"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--look", type=Path, help="folder for pictures of what the reader sees")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    alphabet = plates.alphabet((options.region,))
    spec = build("lprnet-24x94", alphabet.classes, NARROW).spec
    learnt, held = (
        drawn(CropPlan((options.region,), seed=seed, camera=CLEAN, rectified=0.0), count, alphabet, spec)
        for seed, count in ((1, options.count), (2, options.held_out))
    )
    for kind in options.kinds:
        for seed in range(1, options.seeds + 1):
            started = time.process_time()
            torch.manual_seed(seed)
            stn = {"stn": kind, "stn_start": round(options.start * options.steps)}
            network = build("lprnet-24x94", alphabet.classes, {**NARROW, **stn})
            loss = trained(network, learnt, options.steps, seed)
            right = exact(network, held)
            print(
                f"{kind:<10} seed {seed}: {100 * right:5.1f} % of {options.held_out} exact, loss {loss:.3f}, "
                f"{time.process_time() - started:.0f} s of CPU",
                flush=True,
            )
            if options.look and kind != "none":
                save(options.look / f"{kind}-{seed}.png", seen(network, held))


def drawn(plan: CropPlan, count: int, alphabet: Alphabet, spec: InputSpec) -> Crops:
    """The first one-line crops of a plan, tilted."""
    pictures: list[NDArray[np.float32]] = []
    labels = np.full((count, LONGEST), -1)
    for n in itertools.count():
        sample = generate.crop_at(n, plan)
        if sample.plates[0].rows > 1:
            continue
        assert sample.image is not None
        classes = alphabet.encode(sample.plates[0].text)
        labels[len(pictures), : len(classes)] = classes
        pictures.append(spec.prepare(tilted(sample.image, np.random.default_rng([plan.seed, n]))))
        if len(pictures) == count:
            break
    return Crops(torch.from_numpy(np.stack(pictures)), torch.from_numpy(labels))


def tilted(image: Image, rng: np.random.Generator) -> Image:
    """A straight crop seen from aside, in the upright box around it."""
    height, width = image.shape[:2]
    yaw, pitch, roll = np.radians(rng.uniform(-1, 1, 3) * TILT)
    corners = project(View(0.0, 24.0, yaw, pitch, roll, depth=5.0), width / height) * height
    straight = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    return cut_out(image, straight, boxed(corners, rng))


def trained(network: Network, crops: Crops, steps: int, seed: int, batch: int = 32) -> float:
    """Trains, and returns the mean loss of the last 50 steps."""
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    rng = np.random.default_rng(seed)
    losses: list[float] = []
    network.train()
    for _ in range(steps):
        places = torch.from_numpy(rng.integers(0, len(crops.labels), batch))
        labels = crops.labels[places]
        loss = ctc_rows(network(crops.pictures[places]), labels, torch.zeros(batch, dtype=torch.long), network.rows)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses[-50:]))


@torch.inference_mode()
def exact(network: Network, crops: Crops) -> float:
    """The share of the pictures whose whole text is read."""
    network.eval()
    scores = np.concatenate([network(part).numpy() for part in crops.pictures.split(200)])
    texts = [tuple(label[label >= 0]) for label in crops.labels.numpy()]
    return float(np.mean([path.classes == text for path, text in zip(ctc.greedy(scores), texts, strict=True)]))


@torch.inference_mode()
def seen(network: Network, crops: Crops) -> Image:
    """Some pictures, each above what the reader sees of it."""
    before = crops.pictures[:24]
    after = network.eval().front(before)
    light = (torch.cat([before, after], dim=2) * 128 + 127.5).clamp(0, 255).byte()[:, 0].numpy()
    return contact_sheet([np.repeat(one[:, :, None], 3, axis=2) for one in light], columns=6)


if __name__ == "__main__":
    main()
