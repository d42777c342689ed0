"""Were the plates found, and only they?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from lprkit.core.geometry import Quad, box_of, iou
from lprkit.core.types import Detection, Label
from lprkit.evaluate.interval import Interval, wilson

IOU = 0.5
"""Intersection over union of the upright boxes from which on a plate counts as found."""
STRICT_IOU = 0.7
"""The same where corners must fit: the measure of the CCPD set."""


@dataclass(frozen=True)
class Framed:
    """The plates of one frame (or its things of another label), and what was found in it."""

    truth: tuple[Quad, ...]
    found: tuple[Detection, ...]
    source: str = ""
    label: Label = "license_plate"


@dataclass(frozen=True)
class DetectionReport:
    """Recall and precision over one set; None where they have no meaning, without any plate or any detection."""

    frames: int
    plates: int
    detections: int
    recall: float | None
    recall_95: Interval
    precision: float | None
    precision_95: Interval
    mean_iou: float | None
    """Of the plates that were found."""
    frames_with_alarm: int
    """Frames where something was found that is no plate."""
    recall_70: float | None
    """Recall where a plate counts as found from an IoU of 0.7 on."""
    average_precision: float | None
    """Area under precision over recall, of all detections however low their score."""
    average_precision_70: float | None
    """The same from an IoU of 0.7 on."""

    def as_dict(self) -> dict[str, object]:
        """Every field, rounded."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


def report_detection(frames: Iterable[Framed], threshold: float = IOU, least: float = 0.0) -> DetectionReport:
    """Recall and precision of what scored at least `least`; one detection can find one plate, the best scored first."""
    every = list(frames)
    kept = [replace(one, found=tuple(thing for thing in one.found if thing.score >= least)) for one in every]
    matched = [match(one.truth, one.found, threshold) for one in kept]
    overlaps = [
        _iou(one.truth[n], one.found[m]) for one, pairs in zip(kept, matched, strict=True) for n, m in pairs.items()
    ]
    plates, right = sum(len(one.truth) for one in kept), len(overlaps)
    detections = sum(len(one.found) for one in kept)
    strict = sum(len(match(one.truth, one.found, STRICT_IOU)) for one in kept)
    return DetectionReport(
        frames=len(kept),
        plates=plates,
        detections=detections,
        recall=right / plates if plates else None,
        recall_95=wilson(right, plates),
        precision=right / detections if detections else None,
        precision_95=wilson(right, detections),
        mean_iou=sum(overlaps) / right if right else None,
        frames_with_alarm=sum(len(one.found) > len(pairs) for one, pairs in zip(kept, matched, strict=True)),
        recall_70=strict / plates if plates else None,
        average_precision=average_precision(every, threshold),
        average_precision_70=average_precision(every, STRICT_IOU),
    )


def average_precision(frames: Sequence[Framed], threshold: float = IOU) -> float | None:
    """Area under the precision that is reached at each recall or above it (PASCAL VOC 2010); None without a plate."""
    plates = sum(len(frame.truth) for frame in frames)
    if not plates:
        return None
    judged: list[tuple[float, bool]] = []
    for frame in frames:
        right = set(match(frame.truth, frame.found, threshold).values())
        judged += [(thing.score, m in right) for m, thing in enumerate(frame.found)]
    judged.sort(key=lambda one: -one[0])
    rights = np.array([right for _, right in judged], bool)
    precision = np.cumsum(rights) / np.arange(1, len(rights) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best[rights].sum() / plates)


def match(truth: Sequence[Quad], found: Sequence[Detection], threshold: float = IOU) -> dict[int, int]:
    """Place in `truth` -> place in `found`: each detection, best scored first, takes the free plate it covers best."""
    pairs: dict[int, int] = {}
    for m in sorted(range(len(found)), key=lambda m: -found[m].score):
        overlaps = {n: _iou(quad, found[m]) for n, quad in enumerate(truth) if n not in pairs}
        best = max(overlaps, key=lambda n: overlaps[n], default=None)
        if best is not None and overlaps[best] >= threshold:
            pairs[best] = m
    return pairs


def _iou(quad: Quad, detection: Detection) -> float:
    return iou(box_of(quad), box_of(detection.quad))


def _rounded(value: int | float | Sequence[float] | None) -> object:
    if isinstance(value, Sequence):
        return [round(bound, 4) for bound in value]
    return round(value, 4) if isinstance(value, float) else value
