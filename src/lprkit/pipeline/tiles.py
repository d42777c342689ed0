"""Small things in large pictures: the whole picture, and overlapping pieces of it at their full resolution."""

from __future__ import annotations

from collections.abc import Sequence

from lprkit.core.geometry import Box, box_of, shift
from lprkit.core.types import Detection, Detector, Image

TILE_PX = 1280
"""Side of a piece. A picture that is not half as large again on either side is not cut."""

SHARED = 0.25
"""How much of a piece its neighbour sees too."""

INSIDE = 0.6
"""Of two detections of one label where this share of the smaller lies in the other, the better one stays."""


def tiled(detect: Detector) -> Detector:
    """The detector, run on whole pictures and on pieces of the large ones."""

    def detect_tiled(images: Sequence[Image]) -> list[list[Detection]]:
        return [_in_pieces(detect, image) for image in images]

    return detect_tiled


def _in_pieces(detect: Detector, image: Image) -> list[Detection]:
    height, width = image.shape[:2]
    places = [(x, y) for y in starts(height) for x in starts(width)]
    if len(places) == 1:
        return detect([image])[0]
    found = list(detect([image])[0])
    pieces = detect([image[y : y + TILE_PX, x : x + TILE_PX] for x, y in places])
    for (x, y), piece in zip(places, pieces, strict=True):
        found += [Detection(shift(one.quad, x, y), one.label, one.score) for one in piece]
    return without_repeats(found)  # a piece may cut a thing in two


def starts(length: int) -> list[int]:
    """Where the pieces of a side of `length` px begin; one piece when there is no need to cut."""
    if length < 1.25 * TILE_PX:
        return [0]
    step = TILE_PX * (1 - SHARED)
    count = 1 + round((length - TILE_PX) / step + 0.499)
    return [round(n * (length - TILE_PX) / (count - 1)) for n in range(count)]


def without_repeats(found: list[Detection]) -> list[Detection]:
    """The detections, best first, without those that a better one covers."""
    kept: list[Detection] = []
    for one in sorted(found, key=lambda one: -one.score):
        if all(one.label != other.label or _shared(box_of(one.quad), box_of(other.quad)) < INSIDE for other in kept):
            kept.append(one)
    return kept


def _shared(a: Box, b: Box) -> float:
    """The intersection as a share of the smaller box."""
    width = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    height = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    return max(width, 0.0) * max(height, 0.0) / max(min(a.w * a.h, b.w * b.h), 1e-6)
