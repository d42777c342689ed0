"""Counts what readings in drawn streets are of, over what `pipeline.run.Least` asks of a plate before it is told.

    python benchmarks/told.py

A row a range: how many readings fall into it, how many of them are of plates, and how many of those are right (O counts
as 0, I as 1). Where few are of plates, the least should be higher. What ../shared/data/dev shows must not choose it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from lprkit.core import config
from lprkit.core.errors import LprError
from lprkit.core.geometry import box_of, iou
from lprkit.core.types import Reading, Sample, Sighting
from lprkit.evaluate.metrics import merged
from lprkit.pipeline.run import Least, Pipeline
from lprkit.synth.generate import ScenePlan, scenes
from lprkit.train.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAME = 0.4
"""The overlap with a true plate from which on a reading is of it."""


class Told(NamedTuple):
    """One reading in a street."""

    reading: Reading
    detection: float
    """Score of the detection."""
    plate: bool
    right: bool


class Question(NamedTuple):
    """Readings of one kind, and the score by which they are told."""

    title: str
    asks: Callable[[Told], bool]
    score: Callable[[Told], float]
    steps: Sequence[float]


def is_short(told: Told) -> bool:
    """Whether the text has fewer signs than plates have."""
    return len(told.reading.text) < Least.signs


def is_word(told: Told) -> bool:
    """Whether the text may be a word."""
    return not is_short(told) and not any(sign.isdigit() for sign in told.reading.text)


QUESTIONS = (
    Question("score", lambda told: True, lambda told: told.reading.score, (0, 0.2, 0.3, 0.4, 0.6, 0.8)),
    Question(
        "both, from score on",
        lambda told: told.reading.score >= Least.score,
        lambda told: told.reading.score * told.detection,
        (0, 0.15, 0.2, 0.25, 0.3, 0.4),
    ),
    Question("short, by detection", is_short, lambda told: told.detection, (0, 0.45, 0.6, 0.75, 0.9)),
    Question("word, by detection", is_word, lambda told: told.detection, (0, 0.45, 0.55, 0.65, 0.75)),
)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", default="reader", help="bundled name, ONNX file or run folder")
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "detector.toml", help="whose regions to draw")
    parser.add_argument("--streets", type=int, default=500)
    parser.add_argument("--seed", type=int, default=987)
    options = parser.parse_args()
    try:
        drawn = config.load(Settings, options.config).drawn
        pipeline = Pipeline(reader=options.reader, least=Least(score=0.0, both=0.0, short=0.0, word=0.0))
    except LprError as error:
        sys.exit(str(error))
    plan = ScenePlan(regions=drawn.regions, weights=drawn.weights, seed=options.seed)
    streets = track(scenes(plan, options.streets), description="drawing and reading", total=options.streets)
    told = [one for street in streets for one in told_in(street, pipeline)]
    for question in QUESTIONS:
        asked = [one for one in told if question.asks(one)]
        for low, high in pairwise((*question.steps, float("inf"))):
            found = [one for one in asked if low <= question.score(one) < high]
            print(f"{question.title} {low:g}-{high:g}: {len(found)} readings", end="")
            print(f", {sum(one.plate for one in found)} of plates, {sum(one.right for one in found)} right")


def told_in(street: Sample, pipeline: Pipeline) -> Iterator[Told]:
    """What is read in a street, and whether a plate is there."""
    assert street.image is not None
    for sighting in pipeline.read(street.image):
        yield judged(sighting, street)


def judged(sighting: Sighting, street: Sample) -> Told:
    """The reading beside the plate that it is of, if any."""
    box = box_of(sighting.detection.quad)
    reading, score = sighting.reading, sighting.detection.score
    for plate in street.plates:
        if plate.label == "license_plate" and plate.quad is not None and iou(box_of(plate.quad), box) >= SAME:
            return Told(reading, score, True, merged(plate.text) == merged(reading.text))
    return Told(reading, score, False, False)


if __name__ == "__main__":
    main()
