"""Pictures in two colours, and a reader and a detector of them that are plain functions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Detection, Image, Plate, Reading, Sample

HERE = quad_of(Box(40, 20, 40, 20))
RED, BLUE, GREY = (200, 0, 0), (0, 0, 200), (90, 90, 90)


def read_colours(images: list[Image]) -> list[Reading]:
    """A reader of red and blue plates."""
    means = [image.mean(axis=(0, 1)) for image in images]
    return [Reading("RED1", 0.9) if red > blue else Reading("BLUE", 0.6) for red, _, blue in means]


def find_coloured(images: list[Image]) -> list[list[Detection]]:
    """A detector that knows where to look."""
    return [[Detection(HERE, "license_plate", 0.9)] if np.ptp(image[30, 60]) > 100 else [] for image in images]


def picture(ink: tuple[int, int, int], around: tuple[int, int, int] | None = None) -> Image:
    image = np.full((60, 120, 3), around or ink, np.uint8)
    image[20:40, 40:80] = ink
    return image


def crops() -> Iterator[Sample]:
    for n, (text, code) in enumerate([("RED1", "de"), ("REDI", "fr"), ("BLU", "de")]):
        ink = BLUE if text.startswith("BLU") else RED
        yield Sample((Plate(text, region=code),), f"drawn:0:{n}", picture(ink), whole=True)


def frames(region: str) -> Iterator[Sample]:
    yield Sample((Plate("RED1", HERE, region),), "drawn:0:0", picture(RED, GREY))
    yield Sample((Plate("BLUE", HERE, region),), "drawn:0:1", picture(BLUE, GREY))
    yield Sample((Plate("", quad_of(Box(0, 0, 20, 9)), region),), "drawn:0:2", picture(GREY))
