"""A flat plate put into a picture at four corners."""

from __future__ import annotations

from math import ceil, dist, floor

import numpy as np
from numpy.typing import NDArray

from lprkit.core.types import Image

Corners = NDArray[np.float64]
"""4,2 px, clockwise from the plate's top-left."""
SMALLEST = 0.7
"""Share of its size down to which a plate is sampled point by point."""


def paste(canvas: Image, flat: Image, corners: Corners, rounding: float = 0.0) -> None:
    """Lays `flat` (H,W,3, edge to edge) onto the canvas between the corners, in place.

    `rounding` is the radius of the plate's corners as a share of its height. What becomes much smaller is shrunk by
    areas first: no aliasing.
    """
    import cv2

    left, top, right, bottom = _window(canvas, corners)
    if left >= right or top >= bottom:
        return
    small = _shrunk(flat, corners)
    height, width = small.shape[:2]
    premultiplied = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2RGBA), np.uint8)
    _round(premultiplied, rounding * height)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = (corners - (left, top)).astype(np.float32)
    # Corners are pixel edges, OpenCV samples at pixel centres: half a pixel between them, on both sides.
    matrix = cv2.getPerspectiveTransform(source - 0.5, target - 0.5)
    warped = np.asarray(cv2.warpPerspective(premultiplied, matrix, (right - left, bottom - top)))
    colours = cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB)
    clear = cv2.cvtColor(cv2.bitwise_not(warped[:, :, 3]), cv2.COLOR_GRAY2RGB)
    under = canvas[top:bottom, left:right]
    under[:] = cv2.add(colours, cv2.multiply(under, clear, scale=1 / 255))


def size_of(corners: Corners) -> tuple[float, float]:
    """Mean width and height of a quad, px."""
    a, b, c, d = corners.tolist()
    return (dist(a, b) + dist(c, d)) / 2, (dist(b, c) + dist(d, a)) / 2


def _window(canvas: Image, corners: Corners) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the corners can touch."""
    height, width = canvas.shape[:2]
    xs, ys = corners.T.tolist()
    left, top = max(0, floor(min(xs)) - 1), max(0, floor(min(ys)) - 1)
    return left, top, min(width, ceil(max(xs)) + 1), min(height, ceil(max(ys)) + 1)


def _shrunk(flat: Image, corners: Corners) -> Image:
    """The plate at about the size that it will have, where it is drawn much larger."""
    import cv2

    width, height = size_of(corners)
    target = (min(flat.shape[1], max(2, round(width))), min(flat.shape[0], max(2, round(height))))
    if target[0] > SMALLEST * flat.shape[1] and target[1] > SMALLEST * flat.shape[0]:
        return flat
    return np.asarray(cv2.resize(flat, target, interpolation=cv2.INTER_AREA), np.uint8)


def _round(plate: NDArray[np.uint8], radius: float) -> None:
    """Cuts the four corners of a premultiplied RGBA picture, in place."""
    import cv2

    height, width = plate.shape[:2]
    if radius < 0.5 or 2 * radius > min(height, width):
        return
    ends = np.array([[-0.5, -0.5], [width - 0.5, -0.5], [width - 0.5, height - 0.5], [-0.5, height - 0.5]])
    outlines = ends[:, None] + _CORNERS * radius
    cv2.fillPoly(plate, list(np.rint(outlines * 16).astype(np.int32)), (0, 0, 0, 0), cv2.LINE_AA, 4)


_ARC = 1 - np.array([[np.sin(angle), np.cos(angle)] for angle in np.linspace(0, np.pi / 2, 7)])
_CORNERS = np.vstack([[[0.0, 0.0]], _ARC]) * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])[:, None]
"""What a rounding of radius 1 cuts off each of the four corners: 4, 8, 2, from the corner itself."""
