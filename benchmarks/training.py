"""Training steps a second of every network in configs/, and how much of the machine's matrix peak they use.

    python benchmarks/training.py [--steps 5] [--only reader] [--page]

A step is what a run does with pictures that are drawn already: changed, through the network and back, weights moved, in
the precision of the file. A picture costs three times its multiply-adds: once forward, twice backward. The peak is what
one large product of matrices reaches.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import performance
import torch

from lprkit import plates
from lprkit.core import config
from lprkit.models import build
from lprkit.models.network import Network, cost
from lprkit.train import augment
from lprkit.train.losses import ctc_rows, detection
from lprkit.train.optim import optimizer
from lprkit.train.processes import keep_memory
from lprkit.train.settings import Settings

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
BATCH = 32
"""Pictures a step: the same for all, so that figures compare."""
SIDE = 2048
"""Of the matrices that measure the peak."""
LETTERS = 7


@dataclass(frozen=True)
class Speed:
    """What one network reaches."""

    name: str
    macs: int
    images: float
    """A second."""
    share: float
    """Of the peak."""


def main() -> None:
    """Prints a line a network; with --page writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=5, help="measured after one that warms up")
    parser.add_argument("--only", action="append", default=[], help="the name of a file in configs/, without .toml")
    parser.add_argument("--page", action="store_true", help="rewrite the part of docs/performance.md")
    options = parser.parse_args()
    keep_memory()
    limit = peak()
    print(f"peak: {limit / 1e9:.0f} GMAC/s", flush=True)
    speeds = []
    for path in sorted(CONFIGS.glob("*.toml")):
        if not options.only or path.stem in options.only:
            speeds.append(measured(path, options.steps, limit))
            print(line(speeds[-1]), flush=True)
    if options.page:
        rows = [
            "| settings | MMAC a picture | pictures a second | GMAC a second | of the peak |",
            "|---|---:|---:|---:|---:|",
        ]
        said = f"Peak in the same run: {limit / 1e9:.0f} GMAC/s. Batches of {BATCH}; torch {torch.__version__}."
        text = "\n".join([performance.machine(), said, "", *rows, *map(line, speeds)])
        performance.write("training", text)


def line(speed: Speed) -> str:
    """A row of the table."""
    done = 3 * speed.macs * speed.images / 1e9
    return f"| {speed.name} | {speed.macs / 1e6:,.0f} | {speed.images:,.3g} | {done:,.3g} | {speed.share:.0%} |"


def peak() -> float:
    """Multiply-adds a second of one large product, the best of five in each of fp32 and bf16."""
    fastest = float("inf")
    for kind in (torch.float32, torch.bfloat16):
        one = torch.randn(SIDE, SIDE).to(kind)
        fastest = min(fastest, *(timed(lambda one=one: one @ one) for _ in range(6)))  # type: ignore[misc]
    return SIDE**3 / fastest


def measured(path: Path, steps: int, limit: float) -> Speed:
    """The median over `steps` training steps."""
    settings = config.load(Settings, path)
    reads = "detector" not in settings.model
    classes = plates.alphabet(settings.drawn.regions).classes if reads else len(settings.labels)
    network = build(settings.model, classes, settings.network).train().to(memory_format=torch.channels_last)
    moving = optimizer(network, replace(settings.optim, freeze=()))
    pictures = torch.rand(BATCH, network.spec.depth, network.spec.height, network.spec.width)
    generator = torch.Generator().manual_seed(1)

    def step() -> None:
        changed = augment.plates(pictures, settings.augment, generator) if reads else pictures
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bf16-mixed"):
            output = network(changed.contiguous(memory_format=torch.channels_last))
        loss = read_loss(network, output) if reads else found_loss(network, output, len(settings.labels))
        loss.backward()
        moving.step()
        moving.zero_grad()

    step()
    images = BATCH / statistics.median(timed(step) for _ in range(steps))
    macs = cost(network).macs
    return Speed(path.stem, macs, images, 3 * macs * images / limit)


def read_loss(network: Network, output: torch.Tensor) -> torch.Tensor:
    """CTC against texts of LETTERS signs in one row."""
    labels = torch.from_numpy(np.random.default_rng(1).integers(0, output.shape[2] - 1, (BATCH, LETTERS)))
    return ctc_rows(output.float(), labels, torch.full((BATCH,), LETTERS), network.rows)


def found_loss(network: Network, output: torch.Tensor, labels: int) -> torch.Tensor:
    """The detector's loss against one plate a picture."""
    thing = torch.tensor([0.0, 100, 100, 180, 100, 180, 120, 100, 120, 1])
    return detection(output.float(), thing.repeat(BATCH, 1, 1), torch.ones(BATCH, labels), network.stride)


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
