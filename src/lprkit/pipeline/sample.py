"""A drawn frame to try a pipeline on: the same on every machine, no photograph, no font needed."""

from __future__ import annotations

import itertools

import numpy as np

from lprkit import plates
from lprkit.core.geometry import Box, quad_from, quad_of
from lprkit.core.types import Plate, Sample
from lprkit.synth import glyphs, street
from lprkit.synth.draw import draw
from lprkit.synth.look import only
from lprkit.synth.paste import paste

SIZE_PX = (720, 1280)
"""Height and width."""
PLATE_PX = 170
ALIKE = frozenset("0OQD1I8B")
"""Signs that some typefaces draw alike: not on a plate that must be read right."""
CLEAN = only(border=1.0, band=1.0)


def drawn_frame(region: str = "de", seed: int = 3) -> Sample:
    """A car in a street with one plate, seen from straight ahead in good light."""
    rng = np.random.default_rng(seed)
    drawings = (plates.legal(plates.region(region), rng) for _ in itertools.count())
    serial = next(one for one in drawings if ALIKE.isdisjoint(one.text))
    drawn = draw(serial, glyphs.find(system=False), rng, look=CLEAN)
    high = PLATE_PX * serial.style.height_mm / serial.style.width_mm
    corners = np.array(quad_of(Box(560, 470, PLATE_PX, high)))
    image = street.draw_street(SIZE_PX, rng)
    street.draw_car(image, street.car_around(corners, serial.style.width_mm, SIZE_PX, rng), rng)
    paste(image, drawn.image, corners)
    plate = Plate(serial.text, quad_from(corners), region, serial.style.kind, rows=serial.rows)
    return Sample((plate,), f"drawn:{seed}", image)
