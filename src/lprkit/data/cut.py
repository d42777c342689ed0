"""Plates cut out of frames: a detection set becomes a set of crops."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from lprkit.core.geometry import Box, Quad, box_of, grow
from lprkit.core.image import pixels, rectify
from lprkit.core.types import Image, Sample

How = Literal["box", "corners"]
"""`box`: the pixels of the upright box, untouched; `corners`: the plate straightened, as large as it is."""

LARGEST_PX = 4096


@dataclass
class Cut:
    """How plates are cut out, and how many could not be."""

    how: How
    margin: float = 0.0
    """Left on every side, in parts of the plate's width and height."""
    texts: bool = True
    """Only plates whose text is known."""
    left_out: int = 0
    """Plates without a place, or without the text they need."""

    def apply(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """A crop of every plate; what is a crop already passes by."""
        for sample in samples:
            if sample.whole:
                yield sample
                continue
            plates = [plate for plate in sample.plates if plate.label == "license_plate"]
            found = [plate for plate in plates if plate.quad and (plate.text or not self.texts)]
            self.left_out += len(plates) - len(found)
            shown = pixels(sample) if found else None
            for n, plate in enumerate(found, 1):
                assert shown is not None and plate.quad is not None
                shape = _box if self.how == "box" else _straight
                yield replace(
                    sample,
                    plates=(replace(plate, quad=None),),
                    source=f"{sample.source} plate {n}",
                    image=shape(shown, plate.quad, self.margin),
                    whole=True,
                    labelled=("license_plate",),
                )


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
