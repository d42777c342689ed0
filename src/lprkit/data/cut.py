"""Plates cut out of frames: a detection set becomes a set of crops."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from lprkit.core.geometry import Box, Quad, box_of, grow
from lprkit.core.image import pixels, rectify
from lprkit.core.types import Image, Sample

How = Literal["box", "corners"]
"""`box`: the pixels of the upright box, untouched; `corners`: the plate straightened, as large as it is."""

LARGEST_PX = 4096


def crops(samples: Iterable[Sample], how: How, margin: float = 0.0) -> Iterator[Sample]:
    """A crop of every plate with a text and a place; what is a crop already passes by.

    `margin` is left on every side, in parts of the plate's width and height.
    """
    for sample in samples:
        if sample.whole:
            yield sample
            continue
        found = [plate for plate in sample.plates if plate.label == "license_plate" and plate.text and plate.quad]
        shown = pixels(sample) if found else None
        for n, plate in enumerate(found):
            assert shown is not None and plate.quad is not None
            cut = _box(shown, plate.quad, margin) if how == "box" else _straight(shown, plate.quad, margin)
            source = f"{sample.source} plate {n + 1}"
            crop = (replace(plate, quad=None),)
            yield replace(sample, plates=crop, source=source, image=cut, whole=True, labelled=("license_plate",))


def _box(image: Image, quad: Quad, margin: float) -> Image:
    """The pixels of the upright box, as far as they are in the picture."""
    height, width = image.shape[:2]
    x, y, w, h = _wider(box_of(quad), margin)
    left, top = min(max(math.floor(x), 0), width - 1), min(max(math.floor(y), 0), height - 1)
    right, bottom = min(max(math.ceil(x + w), left + 1), width), min(max(math.ceil(y + h), top + 1), height)
    return image[top:bottom, left:right].copy()


def _wider(box: Box, margin: float) -> Box:
    return Box(box.x - margin * box.w, box.y - margin * box.h, box.w * (1 + 2 * margin), box.h * (1 + 2 * margin))


def _straight(image: Image, quad: Quad, margin: float) -> Image:
    """The plate seen from straight ahead; each side as long as the longer one of its pair."""
    wide = grow(quad, margin, margin)
    a, b, c, d = wide
    width = max(math.dist(a, b), math.dist(d, c))
    height = max(math.dist(a, d), math.dist(b, c))
    return rectify(image, wide, *(min(max(1, round(side)), LARGEST_PX) for side in (width, height)))
