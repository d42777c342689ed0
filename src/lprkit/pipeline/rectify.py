"""A plate in a frame -> a straight picture of the plate."""

from __future__ import annotations

import math

from lprkit.core.card import InputSpec
from lprkit.core.geometry import Quad, grow
from lprkit.core.image import rectify, whole
from lprkit.core.types import Image
from lprkit.runtime.looks import Look, looked_at, seen

MARGIN = 0.04
"""How much of its width and height is seen around a plate, on every side."""

SHARPEST = 4
"""At most this many times the wanted size: the reader shrinks it by averaging, so fine strokes do not alias."""


def crop(image: Image, quad: Quad, spec: InputSpec | None = None, margin: float = MARGIN) -> Image:
    """The plate, straightened: at the size that `spec` wants or a whole multiple of it, without one at its own size."""
    if is_whole(image, quad):
        return image
    return _straight(image, grow(quad, margin, margin), spec)


def again(image: Image, quad: Quad, spec: InputSpec, how: Look) -> Image:
    """The plate as another look sees it, with what is beside it in the picture."""
    if is_whole(image, quad):
        return seen(image, spec, how)
    return _straight(image, looked_at(grow(quad, MARGIN, MARGIN), how), spec)


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
