"""Finished crops a second, beside plates drawn as Hailo's notebook does, and frames: medians of several runs of each.

    python benchmarks/synth.py [--count 1536] [--runs 5] [--workers 2] [--glyphs DIR] [--page]

A finished crop has been through the camera and is 48 px high, as a reader takes it. Workers have filled their caches of
glyphs before the clock starts. `--page` puts the figures into docs/performance.md.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from notebook import plate_at
from performance import Rate, machine, table, write

from lprkit.core.types import Image, Sample
from lprkit.synth import generate
from lprkit.synth.generate import CropPlan, ScenePlan

HEIGHT_PX = 48
WARMING = 8
"""Runs before those that count: most glyphs have been asked for once, as in a long training."""
LEAST_CHUNKS = 8
"""Of one run: two workers may finish theirs together, and a run of one or two would say nothing."""
LONG = 4_000_000
"""Crops of a long training."""


def main() -> None:
    """Measures, prints one line for each kind of drawing, and writes them into the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1536, help="crops of one run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--glyphs", action="append", default=[])
    parser.add_argument("--page", action="store_true", help="rewrite the part in docs/performance.md")
    options = parser.parse_args()
    crop = functools.partial(finished_at, plan=CropPlan(glyphs=tuple(options.glyphs)))
    frame = functools.partial(generate.scene_at, plan=ScenePlan(glyphs=tuple(options.glyphs)))
    each = functools.partial(measure, runs=options.runs, count=options.count)
    several = f"{options.workers} processes"
    slow = each(f"plates as the notebook draws them, {several}", baseline_at, workers=options.workers)
    rates = [
        slow,
        each("finished crops, 1 process", crop, workers=1),
        each(f"finished crops, {several}", crop, workers=options.workers),
    ]
    what = f"frames of 640x480 to 1280x720, {several}"
    frames = measure(what, frame, options.workers, options.runs, options.count // 32, generate.FRAMES)
    fast = rates[-1].median
    said = f"{LONG:,} finished crops take {LONG / fast / 60:.0f} minutes. {machine()}"
    print(f"{fast / slow.median:.2g} times the baseline. {said}")
    if options.page:
        write("drawing", f"{table(rates, slow)}\n\n{str(frames).capitalize()}.\n\n{said}")


def finished_at(n: int, plan: CropPlan) -> Sample:
    """The n-th crop as a reader takes it."""
    sample = generate.crop_at(n, plan)
    assert sample.image is not None
    return replace(sample, image=fitted(sample.image))


def without_picture(n: int, make: Callable[[int], Sample]) -> Sample:
    """The n-th sample less its pixels: like those of a training or of `lprkit synth`, workers keep what they drew."""
    return replace(make(n), image=None)


def baseline_at(n: int) -> Sample:
    """The n-th plate of the baseline as a reader takes it."""
    return Sample((), f"notebook:{n}", fitted(plate_at(n)), whole=True)


def fitted(image: Image) -> Image:
    """The picture at HEIGHT_PX, as wide as it has to be."""
    height, width = image.shape[:2]
    size = max(1, round(width * HEIGHT_PX / height)), HEIGHT_PX
    how = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def measure(
    what: str, make: Callable[[int], Sample], workers: int, runs: int, count: int, at_once: int = generate.CROPS
) -> Rate:
    """Samples a second of each run, after warming up; printed, too.

    What is asked for comes in chunks of `at_once`: a part of one would be there before it is waited for.
    """
    count = max(LEAST_CHUNKS, round(count / at_once)) * at_once
    kept = functools.partial(without_picture, make=make)
    stream = generate.many(kept, count * (WARMING + runs), workers=workers, at_once=at_once)
    rates = []
    for run in range(WARMING + runs):
        started = time.perf_counter()
        for _ in itertools.islice(stream, count):
            pass
        if run >= WARMING:
            rates.append(count / (time.perf_counter() - started))
    rate = Rate(what, rates)
    print(rate, flush=True)
    return rate


if __name__ == "__main__":
    main()
