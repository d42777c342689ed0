"""Brazilian frames in tracks with a text file beside each, as UFPR-ALPR has them.

    training/track0001/track0001[01].png
    training/track0001/track0001[01].txt      camera: GoPro Hero4 Silver
                                              position_vehicle: 804 367 279 244
                                                  type: car
                                              plate: AQY6388
                                              corners: 909,483 986,484 987,507 909,507

Older releases have `position_plate: 909 483 78 24` (left, top, width, height) in place of the corners. The folders
`training`, `validation` and `testing` are the splits. Only one vehicle of a frame is labelled, so none is read.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, quad_of
from lprkit.core.types import Sample
from lprkit.data import files, sidecar
from lprkit.data.format import Format
from lprkit.data.sidecar import Facts

SPLITS = {"training": "train", "validation": "val", "testing": "test"}


def parse(picture: Path, facts: Facts) -> Sample:
    """The sample of a picture and what stands in the file beside it."""
    where = picture.with_suffix(".txt")
    plate = sidecar.brazilian(facts, _quad(facts, where), where)
    split = next((SPLITS[part] for part in reversed(picture.parts[:-1]) if part in SPLITS), "")
    return Sample((plate,), str(picture), split=split, track=picture.parent.name)


def _quad(facts: Facts, where: Path) -> Quad:
    if "position_plate" not in facts:
        return sidecar.corners(sidecar.fact(facts, "corners", where))
    line = facts["position_plate"]
    cells = line.text.split()
    values = [files.number(cell, line.where) for cell in cells]
    if len(values) != 4 or min(values[2:]) <= 0:
        raise DataError(f"{line.where}: {line.text!r} is not left, top, width and height.")
    return quad_of(Box(*values))


FORMAT = Format(partial(sidecar.read, parse), keeps=("text", "quad", "region", "rows", "split", "track", "frames"))
