"""Real plates cut out as a detector would cut them: never twice quite alike."""

from __future__ import annotations

import numpy as np

from lprkit.core.geometry import Quad, box_of, grow, quad_from, quad_of
from lprkit.core.image import rectify
from lprkit.core.types import Image

MARGIN = 0.04
"""Share of the plate that is kept around it on every side when it is cut out by its corners."""


def straight(image: Image, quad: Quad | None) -> Image:
    """The plate as it would be cut by true corners; the whole picture when it is the plate."""
    if quad is None:
        return image
    return _cut(image, grow(quad, MARGIN, MARGIN))


def jittered(image: Image, quad: Quad | None, rng: np.random.Generator) -> Image:
    """The plate cut by corners that are a little wrong, or by a loose upright box."""
    height, width = image.shape[:2]
    if quad is None:
        quad = ((0, 0), (width, 0), (width, height), (0, height))
        margin = rng.uniform(-0.03, 0.06, 2)
    elif rng.random() < 0.4:
        quad = quad_of(box_of(quad))
        margin = rng.uniform(-0.01, 0.15, 2)
    else:
        margin = rng.uniform(-0.02, 0.12, 2)
    box = box_of(quad)
    errors = rng.normal(0, 0.025, (4, 2)) * (box.w * 0.5, box.h)
    return _cut(image, grow(quad_from(np.asarray(quad) + errors), float(margin[0]), float(margin[1])))


def _cut(image: Image, quad: Quad) -> Image:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    width = max(np.hypot(bx - ax, by - ay), np.hypot(cx - dx, cy - dy))
    height = max(np.hypot(dx - ax, dy - ay), np.hypot(cx - bx, cy - by))
    return rectify(image, quad, max(8, round(float(width))), max(8, round(float(height))))
