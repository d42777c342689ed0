"""Were the plates found, and only they?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from lprkit.core.geometry import Quad, box_of, iou
from lprkit.core.types import Detection
from lprkit.evaluate.interval import Interval, wilson

IOU = 0.5
"""Intersection over union of the upright boxes from which on a plate counts as found."""


@dataclass(frozen=True)
class Framed:
    """The plates of one frame, and what was found in it."""

    truth: tuple[Quad, ...]
    found: tuple[Detection, ...]
    source: str = ""


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

    def as_dict(self) -> dict[str, object]:
        """Every field, rounded."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


def report_detection(frames: Iterable[Framed], threshold: float = IOU) -> DetectionReport:
    """Recall and precision; one detection can find one plate, the best scored first."""
    count = plates = detections = alarms = 0
    overlaps: list[float] = []
    for frame in frames:
        pairs = match(frame.truth, frame.found, threshold)
        count, plates, detections = count + 1, plates + len(frame.truth), detections + len(frame.found)
        alarms += len(frame.found) > len(pairs)
        overlaps += [_iou(frame.truth[n], frame.found[m]) for n, m in pairs.items()]
    right = len(overlaps)
    return DetectionReport(
        frames=count,
        plates=plates,
        detections=detections,
        recall=right / plates if plates else None,
        recall_95=wilson(right, plates),
        precision=right / detections if detections else None,
        precision_95=wilson(right, detections),
        mean_iou=sum(overlaps) / right if right else None,
        frames_with_alarm=alarms,
    )


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
