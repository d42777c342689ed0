"""Readers, detectors and both together run over labelled samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from lprkit.core.geometry import Quad, box_of, grow
from lprkit.core.image import pixels, rectify, whole
from lprkit.core.types import (
    Detector,
    Image,
    Label,
    PlacedReader,
    Plate,
    Reader,
    Reading,
    Sample,
    Scored,
    Sighting,
)
from lprkit.evaluate.detection import Framed, match
from lprkit.evaluate.judge import Judged
from lprkit.evaluate.metrics import edits, merged
from lprkit.evaluate.slices import slices_of

See: TypeAlias = Callable[[Image], Sequence[Sighting]]
"""Everything from a frame to what its plates say."""

BATCH = 32
"""Crops that are read at once."""

MARGIN_X, MARGIN_Y = 0.03, 0.06
"""What is left around a true box, in parts of its width and height: boxes are drawn tight."""

LABELS: tuple[Label, ...] = ("license_plate",)

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """A line of truth against reading with its picture."""

    scored: Scored
    image: Image


@dataclass(frozen=True)
class ShownFrame:
    """What is in a frame and what was found, with its picture."""

    framed: Framed
    image: Image


def read_crops(samples: Iterable[Sample], reader: Reader) -> Iterator[Scored]:
    """The reading of every plate with a known text: crops as they are, plates in frames cut out by their true box."""
    return (shown.scored for shown in show_crops(samples, cutting(reader)))


def show_crops(samples: Iterable[Sample], reader: PlacedReader) -> Iterator[Shown]:
    """The same with pictures of the plates, by a reader that is shown where they are."""
    for placed in _batches(_placed(samples), BATCH):
        readings = reader([one.image for one in placed], [one.quad for one in placed])
        for one, reading in zip(placed, readings, strict=True):
            yield Shown(_judged(one, reading), _cut(one.image, one.quad))


def cutting(reader: Reader) -> PlacedReader:
    """A reader that sees the plates cut out, at their own size."""
    return lambda images, quads: reader([_cut(image, quad) for image, quad in zip(images, quads, strict=True)])


def detect(samples: Iterable[Sample], detector: Detector, labels: Sequence[Label] = LABELS) -> Iterator[Framed]:
    """What is found in every frame, label by label; frames where not every thing of a label is known are left out."""
    return (shown.framed for shown in show_frames(samples, detector, labels))


def show_frames(
    samples: Iterable[Sample], detector: Detector, labels: Sequence[Label] = LABELS
) -> Iterator[ShownFrame]:
    """The same with the pictures."""
    for sample in samples:
        listed = [label for label in labels if label in sample.labelled]
        if sample.whole or not listed:
            continue
        image = pixels(sample)
        things = detector([image])[0]
        for label in listed:
            truth = tuple(thing.quad for thing in sample.plates if thing.quad and thing.label == label)
            found = tuple(thing for thing in things if thing.label == label)
            yield ShownFrame(Framed(truth, found, sample.source, label), image)


def end_to_end(samples: Iterable[Sample], see: See) -> Iterator[Shown]:
    """The reading at every plate with a known text and place: right only when its box meets the true one (IoU 0.5)."""
    for sample in samples:
        placed = [plate for plate in _plates(sample) if plate.quad]
        if sample.whole or not any(plate.text for plate in placed):
            continue
        image = pixels(sample)
        sightings = see(image)
        pairs = match([plate.quad for plate in placed if plate.quad], [s.detection for s in sightings])
        for n, plate in enumerate(placed):
            if plate.text and plate.quad:
                seen = sightings[pairs[n]] if n in pairs else None
                yield Shown(_line(sample, plate, seen, slices_of(image, plate)), cut_out(image, plate.quad))


def any_reading(samples: Iterable[Sample], see: See) -> Iterator[Shown]:
    """For plates whose place is unknown: of all readings of the frame the one that is nearest to the truth."""
    for sample in samples:
        unplaced = [plate for plate in _plates(sample) if plate.text and not plate.quad]
        if sample.whole or not unplaced:
            continue
        image = pixels(sample)
        sightings = see(image)
        for plate in unplaced:
            yield Shown(_line(sample, plate, _nearest(sightings, plate.text), {}), image)


def false_alarms(samples: Iterable[Sample], see: See) -> Iterator[Shown]:
    """For frames without a plate: the best scored reading, against a truth of nothing."""
    for sample in samples:
        if sample.whole or _plates(sample) or "license_plate" not in sample.labelled:
            continue
        image = pixels(sample)
        best = max((sighting.reading for sighting in see(image)), key=lambda reading: reading.score, default=None)
        yield Shown(Scored("", best.text if best else "", best.score if best else 0.0, source=sample.source), image)


def cut_out(image: Image, quad: Quad) -> Image:
    """The plate inside the quad and a little around it, straightened, at its own size."""
    wide = grow(quad, MARGIN_X, MARGIN_Y)
    box = box_of(wide)
    return rectify(image, wide, max(1, round(box.w)), max(1, round(box.h)))


def _cut(image: Image, quad: Quad) -> Image:
    return image if quad == whole(image) else cut_out(image, quad)


@dataclass(frozen=True)
class _Placed:
    image: Image
    quad: Quad
    plate: Plate
    source: str
    slices: Mapping[str, str]


def _placed(samples: Iterable[Sample]) -> Iterator[_Placed]:
    for sample in samples:
        known = [plate for plate in _plates(sample) if plate.text and (sample.whole or plate.quad)]
        if not known:
            continue
        image = pixels(sample)
        for plate in known:
            yield _Placed(image, plate.quad or whole(image), plate, sample.source, slices_of(image, plate))


def _judged(placed: _Placed, reading: Reading) -> Scored:
    return Scored(
        placed.plate.text,
        reading.text,
        reading.score,
        source=placed.source,
        country=placed.plate.region or "",
        slices=placed.slices,
        confidences=reading.confidences if isinstance(reading, Judged) else {},
    )


def _plates(sample: Sample) -> list[Plate]:
    return [plate for plate in sample.plates if plate.label == "license_plate"]


def _line(sample: Sample, plate: Plate, seen: Sighting | None, slices: Mapping[str, str]) -> Scored:
    line = Scored(plate.text, "", found=False, source=sample.source, country=plate.region or "", slices=slices)
    if seen is None:
        return line
    return replace(line, text=seen.reading.text, score=seen.reading.score, found=True)


def _nearest(sightings: Sequence[Sighting], text: str) -> Sighting | None:
    def distance(sighting: Sighting) -> tuple[int, int]:
        read = sighting.reading.text
        return edits(merged(read), merged(text)), edits(read, text)

    return min(sightings, key=distance, default=None)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
