"""Points, boxes and quads in pixels; y grows downwards, pixel centres at half-integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Four corners clockwise from the top-left one of the thing itself (of the text, not of the picture), px."""


class Box(NamedTuple):
    """An upright rectangle: left, top, width, height in px."""

    x: float
    y: float
    w: float
    h: float


def quad_of(box: Box) -> Quad:
    """The four corners of an upright box."""
    x, y, w, h = box
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def box_of(quad: Quad) -> Box:
    """The smallest upright box around a quad."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def quad_from(points: NDArray[np.generic] | Sequence[Sequence[float]]) -> Quad:
    """A Quad from a 4x2 array, order kept."""
    array = np.asarray(points, dtype=np.float64)
    assert array.shape == (4, 2), array.shape
    a, b, c, d = ((x, y) for x, y in array.tolist())
    return (a, b, c, d)


def order_corners(points: Sequence[Point]) -> Quad:
    """The four corners clockwise from top-left, whatever order they came in."""
    array = np.asarray(points, dtype=np.float64)
    centre = array.mean(axis=0)
    angles = np.arctan2(array[:, 1] - centre[1], array[:, 0] - centre[0])
    around = array[np.argsort(angles)]  # clockwise on a screen, from somewhere on the left
    first = int(np.argmin(around.sum(axis=1)))
    return quad_from(np.roll(around, -first, axis=0))


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 for empty ones."""
    width = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    height = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return min(1.0, shared / (a.w * a.h + b.w * b.h - shared))  # rounding can leave a little more than 1


def has_middle_in(box: Box, width: float, height: float) -> bool:
    """Whether a box that is no line has its middle in a picture of this size."""
    return box.w > 0 and box.h > 0 and 0 <= box.x + box.w / 2 < width and 0 <= box.y + box.h / 2 < height


def grow(quad: Quad, share_x: float, share_y: float) -> Quad:
    """The quad widened on every side: by `share_x` of its width, `share_y` of its height, along its own edges."""
    top_left, top_right, bottom_right, bottom_left = (np.asarray(p, dtype=np.float64) for p in quad)
    top, bottom = (top_right - top_left) * share_x, (bottom_right - bottom_left) * share_x
    left, right = (bottom_left - top_left) * share_y, (bottom_right - top_right) * share_y
    corners = [
        top_left - top - left,
        top_right + top - right,
        bottom_right + bottom + right,
        bottom_left - bottom + left,
    ]
    return quad_from(np.stack(corners))


def turn(quad: Quad, degrees: float) -> Quad:
    """The quad turned clockwise about its middle, within its own plane: as the thing that it shows would lie."""
    corners = np.asarray(quad, dtype=np.float64)
    size = np.maximum(np.hypot(*(corners[[1, 3]] - corners[0]).T), 1e-9)  # width, height
    angle = np.radians(degrees)
    to = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    right, down = ((_MIDDLE * size @ to) / size + 0.5).T[:, :, None]
    shares = np.hstack([(1 - right) * (1 - down), right * (1 - down), right * down, (1 - right) * down])
    return quad_from(shares @ corners)


def is_upright(quad: Quad) -> bool:
    """Whether a quad is an upright box, its first corner at the top left."""
    (left, top), (right, bottom) = quad[0], quad[2]
    return left < right and top < bottom and quad == ((left, top), (right, top), (right, bottom), (left, bottom))


def plate_in(box: Quad, degrees: float) -> Quad | None:
    """The rectangle turned clockwise by so many degrees, less than 45, that touches all sides of an upright box.

    None where no such rectangle has room, or the quad is no upright box.
    """
    left, top, across, down = box_of(box)
    sine, cosine = abs(np.sin(np.radians(degrees))), np.cos(np.radians(degrees))
    # across = w cosine + h sine and down = w sine + h cosine, solved for the rectangle's own w and h.
    own = np.array([across * cosine - down * sine, down * cosine - across * sine]) / (cosine**2 - sine**2)
    if own.min() <= 0 or not is_upright(box):
        return None
    width, height = own.tolist()
    return turn(quad_of(Box(left + (across - width) / 2, top + (down - height) / 2, width, height)), degrees)


_MIDDLE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
"""The corners of a square of side 1 about its middle, as a quad has them."""


def scale(quad: Quad, factor_x: float, factor_y: float) -> Quad:
    """The quad after the picture was resized by these factors."""
    return quad_from([(x * factor_x, y * factor_y) for x, y in quad])


def shift(quad: Quad, dx: float, dy: float) -> Quad:
    """The quad moved by (dx, dy) px."""
    return quad_from([(x + dx, y + dy) for x, y in quad])
