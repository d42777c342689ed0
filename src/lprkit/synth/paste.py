"""A flat plate put into a picture at four corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lprkit.core.types import Image

Corners = NDArray[np.float64]
"""4,2 px, clockwise from the plate's top-left."""


def paste(canvas: Image, flat: Image, corners: Corners, rounding: float = 0.0) -> None:
    """Lays `flat` (H,W,3, edge to edge) onto the canvas between the corners, in place.

    `rounding` is the radius of the plate's corners as a share of its height. Shrinks by areas first: no aliasing.
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
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(top + bottom) / 2, float(right + left) / 2


def _window(canvas: Image, corners: Corners) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the corners can touch."""
    height, width = canvas.shape[:2]
    low, high = np.floor(corners.min(axis=0)).astype(int) - 1, np.ceil(corners.max(axis=0)).astype(int) + 1
    return max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0])), min(height, int(high[1]))


def _shrunk(flat: Image, corners: Corners) -> Image:
    """The plate at about the size that it will have, never enlarged."""
    import cv2

    width, height = size_of(corners)
    target = (min(flat.shape[1], max(2, round(width))), min(flat.shape[0], max(2, round(height))))
    if target == (flat.shape[1], flat.shape[0]):
        return flat
    return np.asarray(cv2.resize(flat, target, interpolation=cv2.INTER_AREA), np.uint8)


def _round(plate: NDArray[np.uint8], radius: float) -> None:
    """Cuts the four corners of a premultiplied RGBA picture, in place."""
    size = int(np.ceil(radius))
    if radius < 0.5 or 2 * size > min(plate.shape[:2]):
        return
    away = radius - np.arange(size, dtype=np.float32) - 0.5
    corner = np.clip(radius - np.hypot(away[:, None], away[None, :]) + 0.5, 0, 1)[:, :, None]
    for part, mask in (
        (plate[:size, :size], corner),
        (plate[:size, -size:], corner[:, ::-1]),
        (plate[-size:, :size], corner[::-1]),
        (plate[-size:, -size:], corner[::-1, ::-1]),
    ):
        part[:] = part * mask
