"""A plate in a frame -> a straight picture of the plate."""

from __future__ import annotations

import math

from lprkit.core.card import InputSpec
from lprkit.core.geometry import Quad, grow
from lprkit.core.image import rectify, whole
from lprkit.core.types import Image
from lprkit.runtime.looks import seen

MARGIN = 0.04
"""How much of its width and height is seen around a plate, on every side."""

SHARPEST = 4
"""At most this many times the wanted size: the reader shrinks it by averaging, so fine strokes do not alias."""


def crop(image: Image, quad: Quad, spec: InputSpec | None = None, margin: float = MARGIN) -> Image:
    """The plate, straightened: at the size that `spec` wants or a whole multiple of it, without one at its own size."""
    return image if is_whole(image, quad) else _straight(image, place(image, quad, margin), spec)


def place(image: Image, quad: Quad, margin: float = MARGIN) -> Quad:
    """What `crop` shows of the picture."""
    return quad if is_whole(image, quad) else grow(quad, margin, margin)


def again(image: Image, quad: Quad, spec: InputSpec, seen_at: Quad) -> Image:
    """What another look at the plate sees, with what is beside it in the picture."""
    return seen(image, spec, seen_at) if is_whole(image, quad) else _straight(image, seen_at, spec)


def _straight(image: Image, quad: Quad, spec: InputSpec | None) -> Image:
    width, height = _size(quad)
    if spec is None or spec.resize == "letterbox":
        return rectify(image, quad, max(1, round(width)), max(1, round(height)))
    times = max(1, min(SHARPEST, int(width / spec.width), int(height / spec.height)))
    return rectify(image, quad, times * spec.width, times * spec.height)


def is_whole(image: Image, quad: Quad) -> bool:
    """Whether a quad is the picture itself: there is nothing around it to show, and nothing to straighten."""
    return quad == whole(image)


def _size(quad: Quad) -> tuple[float, float]:
    """Width and height of what a quad shows, px: its longer side of each pair, at most 4096."""
    top_left, top_right, bottom_right, bottom_left = quad
    width = max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right))
    height = max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right))
    return min(width, 4096.0), min(height, 4096.0)
