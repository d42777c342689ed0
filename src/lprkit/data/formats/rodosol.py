"""Brazilian frames with a text file beside each, as RodoSol-ALPR has them.

images/cars-br/img_000001.jpg
images/cars-br/img_000001.txt     type: car
                                  plate: OVJ6688
                                  layout: Brazilian
                                  corners: 441,425 570,424 572,468 444,467
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lprkit.core.types import Sample
from lprkit.data import sidecar
from lprkit.data.format import Format
from lprkit.data.sidecar import Facts


def parse(picture: Path, facts: Facts) -> Sample:
    """The sample of a picture and what stands in the file beside it."""
    where = picture.with_suffix(".txt")
    quad = sidecar.corners(sidecar.fact(facts, "corners", where))
    return Sample((sidecar.brazilian(facts, quad, where),), str(picture))


FORMAT = Format(partial(sidecar.read, parse), keeps=("text", "quad", "region", "rows", "frames"))
