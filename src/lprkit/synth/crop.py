"""Where a plate lies in the crop that a detector hands to a reader."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sqrt

import numpy as np

from lprkit.core.chance import between
from lprkit.core.types import Image
from lprkit.synth.effects import View
from lprkit.synth.paste import Corners, size_of

CORNER_ERROR = 0.04
"""Largest standard deviation of a detected corner, as a share of the plate's size."""
LOOSE, LOOSEST = 0.25, 0.6
"""How far an upright box may reach beyond the plate on each side, as a share of its size: most of them, and some."""


@dataclass(frozen=True)
class Cut:
    """A crop's size and the plate's corners in it, px."""

    width: int
    height: int
    corners: Corners


def rectified(seen: View, width: float, height: float, rng: np.random.Generator) -> Cut:
    """A plate of this size straightened from corners that a detector found, a little wrong, plus a margin."""
    across = width * cos(seen.yaw)  # what the sensor had to show it with
    margin = (rng.random(2) * 0.14 - 0.02) * (across, height)
    extent = (across + 2 * margin[0], height + 2 * margin[1])
    corners = np.array([[0.0, 0.0], [across, 0.0], [across, height], [0.0, height]]) + margin
    deviation = between(rng, 0.005, CORNER_ERROR) * np.array([sqrt(across * height), height])
    error = np.minimum(np.maximum(rng.normal(0, 1, (4, 2)), -2), 2) * deviation
    moved = corners + error
    limit = np.array([0.03 * across, 0.08 * height])  # farther out than this, letters would be cut
    moved = np.minimum(np.maximum(moved, np.minimum(corners, -limit)), np.maximum(corners, extent + limit))
    return Cut(max(4, round(extent[0])), max(4, round(extent[1])), moved)


def boxed(corners: Corners, rng: np.random.Generator, loose: float = 0.0) -> Cut:
    """A plate as it stands in the frame, in the upright box around it, a little loose or slightly too tight.

    A share of the boxes is much looser: drawn by hand, or by a coarser detector.
    """
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = high - low
    most = LOOSEST if loose and rng.random() > 1 - loose else LOOSE
    margins = most * rng.beta(1.0, 2.2, (2, 2)) - 0.02
    low, high = low - margins[0] * size, high + margins[1] * size
    width, height = high - low
    return Cut(max(4, round(width)), max(4, round(height)), corners - low)


def cut_out(image: Image, corners: Corners, cut: Cut) -> Image:
    """The crop of a picture in which the plate's `corners` come to lie as the cut says; edges are repeated."""
    import cv2

    factor = min(1.0, max(size_of(cut.corners)[1], 2.0) / size_of(corners)[1])
    size = (max(2, round(image.shape[1] * factor)), max(2, round(image.shape[0] * factor)))
    ratio = np.array(size) / (image.shape[1], image.shape[0])
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if factor < 1 else image
    source, target = (corners * ratio - 0.5).astype(np.float32), (cut.corners - 0.5).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    warped = cv2.warpPerspective(small, matrix, (cut.width, cut.height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)
