"""How long models and the whole pipeline take on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lprkit.core.types import Image
from lprkit.pipeline.run import Pipeline, plates_in_order
from lprkit.pipeline.sample import drawn_frame
from lprkit.runtime import load
from lprkit.runtime.timing import Timing, time_model, timing

STAGES = ("detect", "cut out", "read", "whole frame")


@dataclass(frozen=True)
class Measured:
    """One line of the table."""

    model: str
    stage: str
    runtime: str
    batch: int
    timing: Timing


def time_models(
    models: Iterable[str | Path], runtimes: Sequence[str], batches: Sequence[int], seconds: float = 2.0
) -> Iterator[Measured]:
    """How long each network takes for each batch on each runtime, without preparing pictures and decoding scores."""
    for model in models:
        for runtime in runtimes:
            runner = load(model, runtime)
            for batch in batches:
                yield Measured(str(model), "network", runtime, batch, time_model(runner, batch, seconds))


def time_pipeline(
    pipeline: Pipeline, runtime: str, image: Image | None = None, seconds: float = 2.0
) -> Iterator[Measured]:
    """How long each stage takes on a 1280x720 frame with one plate: everything but reading the file."""
    image = drawn_frame().image if image is None else image
    assert image is not None
    taken: list[list[float]] = []
    end = time.perf_counter() + seconds
    while len(taken) < 13 or time.perf_counter() < end:
        taken.append(_marks(pipeline, image))
    height, width = image.shape[:2]
    for stage, stage_seconds in zip(STAGES, zip(*taken[3:], strict=True), strict=True):  # the first three warm up
        yield Measured(f"{width}x{height}", stage, runtime, 1, timing(list(stage_seconds)))


def _marks(pipeline: Pipeline, image: Image) -> list[float]:
    """Seconds of each stage of one frame, and of all of them."""
    start = time.perf_counter()
    detections = plates_in_order(pipeline.detect([image])[0])
    found = time.perf_counter()
    crops = pipeline.crops(image, detections)
    cut = time.perf_counter()
    pipeline.readings(image, detections, crops)
    end = time.perf_counter()
    return [found - start, cut - found, end - cut, end - start]
