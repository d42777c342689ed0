"""The whole chain, written out: a picture -> detections -> straight plates -> readings -> sightings."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from lprkit.core.card import InputSpec
from lprkit.core.errors import DataError, LprError
from lprkit.core.geometry import box_of
from lprkit.core.image import decode, load, whole
from lprkit.core.types import Detection, Detector, Image, Reader, Reading, Sighting
from lprkit.pipeline.detect import THRESHOLD
from lprkit.pipeline.detect import detector as detector_by
from lprkit.pipeline.reader import once, open_reader, read_cut
from lprkit.pipeline.rectify import crop

Source: TypeAlias = str | Path | bytes | Image
"""A picture: its file, the bytes of one, or its pixels (uint8 H,W,3 RGB)."""

IN_MEMORY = "-"
"""The name of a picture that came from no file."""


@dataclass(frozen=True)
class Least:
    """What must speak for a plate before it is told."""

    detection: float = THRESHOLD
    """Score from which on what was detected is read."""
    score: float = 0.3
    """Readings in which less than this is believed are mostly of things that are no plates: 44 of 73 in 500 drawn
    streets, where 1 was right."""
    both: float = 0.25
    """What the scores of the detection and of its text come to, multiplied. Of the 692 others in those streets 30 come
    to less, 25 of which were no plates and 1 was right."""
    signs: int = 4
    """Texts of fewer signs are road signs and badges more often than plates: they need a surer detection."""
    short: float = 0.75
    """Score of the detection that such a text needs. In 260 drawn streets 8 of 8 were plates from there on, 16 of 46
    below."""
    word: float = 0.65
    """Score of the detection that a text without a digit needs: it may be a word on a sign. Of those of `signs` and
    more in 500 drawn streets 31 of 49 were plates from there on, 5 of 37 below."""

    def holds(self, detection: Detection, reading: Reading) -> bool:
        """Whether enough speaks for this plate; nothing speaks for an empty text."""
        if not reading.text or reading.score < self.score or reading.score * detection.score < self.both:
            return False
        if len(reading.text) < self.signs and detection.score < self.short:
            return False
        return any(sign.isdigit() for sign in reading.text) or detection.score >= self.word

    def at(self, score: float) -> Least:
        """The same with another least score of a reading; a lower one asks no more of the detection either."""
        return replace(self, score=score, both=self.both if score >= self.score else 0.0)


WHOLE = Least().at(0.0)
"""For pictures of which it is known that they are plates."""


@dataclass(frozen=True)
class Findings:
    """What one picture gave."""

    source: str
    image: Image | None = None
    """None: it could not be read, and `error` says why."""
    sightings: tuple[Sighting, ...] = ()
    ms: float = 0.0
    """From pixels to sightings; reading the file is not in it."""
    error: str = ""


class Pipeline:
    """Finds and reads the plates of pictures. The models are opened once, here."""

    def __init__(
        self,
        region: str | None = None,
        runtime: str | None = None,
        reader: str | Path | Reader = "reader",
        detector: str | Path | Detector = "detector",
        least: Least | None = None,
    ) -> None:
        """Models by name, file or run folder, or as functions: your own OCR will do."""
        self.least = least or Least()
        self.spec: InputSpec | None = None
        """What our reader wants plates to look like; None: it is yours, and sees them as they are, once."""
        if callable(reader):
            self.recognise: Reader = reader
        else:
            opened = open_reader(reader, runtime)
            self.recognise, self.spec = once(opened, region), opened.card.input
        if callable(detector):
            self.detect: Detector = detector
        else:
            self.detect = detector_by(detector, runtime, self.least.detection)

    def read(self, source: Source) -> list[Sighting]:
        """The plates of one picture, top to bottom and left to right; a DataError when it cannot be read."""
        image = picture(source)
        detections = plates_in_order(self.detect([image])[0])
        readings = self.readings(image, detections, self.crops(image, detections)) if detections else []
        return [
            Sighting(0, 0.0, one, reading)  # one picture is frame 0 at 0 s
            for one, reading in zip(detections, readings, strict=True)
            if self.least.holds(one, reading)
        ]

    def read_all(self, sources: Iterable[Source]) -> Iterator[Findings]:
        """One by one what pictures gave; one that cannot be read has its `error`, the others are still read."""
        for source in sources:
            name = str(source) if isinstance(source, str | Path) else IN_MEMORY
            try:
                image = picture(source)
                start = time.perf_counter()
                sightings = tuple(self.read(image))
                yield Findings(name, image, sightings, (time.perf_counter() - start) * 1000)
            except LprError as error:
                yield Findings(name, error=str(error))

    def readings(self, image: Image, detections: Sequence[Detection], crops: Sequence[Image]) -> list[Reading]:
        """What the plates say, by their crops; where our reader is in doubt, by other looks at the picture too."""
        if self.spec is None:
            return self.recognise(crops)
        return read_cut(self.recognise, self.spec, [image] * len(crops), [one.quad for one in detections], crops)

    def crops(self, image: Image, detections: Sequence[Detection]) -> list[Image]:
        """Straight pictures of the plates, as the reader wants them."""
        return [crop(image, one.quad, self.spec) for one in detections]


def read(source: Source, region: str | None = None) -> list[Sighting]:
    """The plates of one picture, read with the bundled models, which stay open for the next call."""
    return _default_pipeline(region).read(source)


@functools.lru_cache(maxsize=4)
def _default_pipeline(region: str | None) -> Pipeline:
    return Pipeline(region)


def whole_picture(images: Sequence[Image]) -> list[list[Detection]]:
    """The detector for pictures that are one plate each."""
    return [[Detection(whole(image), "license_plate", 1.0)] for image in images]


def picture(source: Source) -> Image:
    """The pixels of a source."""
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or 0 in source.shape:
            raise DataError(f"A picture must be uint8 H,W,3 RGB, got {source.dtype} {source.shape}.")
        return source
    return decode(source, IN_MEMORY) if isinstance(source, bytes) else load(source)


def plates_in_order(detections: Sequence[Detection]) -> list[Detection]:
    """The plates among the detections, in rows from the top, each from the left."""
    found = [(box_of(one.quad), one) for one in detections if one.label == "license_plate"]
    found.sort(key=lambda pair: pair[0].y + pair[0].h / 2)
    rows: list[list[tuple[float, Detection]]] = []
    middle = -np.inf
    for box, one in found:
        # In one row: the middle lies no more than one plate's height below the row's first.
        if box.y + box.h / 2 > middle + box.h:
            rows.append([])
            middle = box.y + box.h / 2
        rows[-1].append((box.x, one))
    return [one for row in rows for _, one in sorted(row, key=lambda pair: pair[0])]
