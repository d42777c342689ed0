"""Night over a finished street: it grows dark, plates and lamps stay bright, lamps throw light around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lprkit.core.types import Colour, Image
from lprkit.synth.paste import Corners

_COARSE = 8
"""Light from lamps is worked out on a grid of cells this many px wide."""


@dataclass(frozen=True)
class Lamp:
    """A source of light, px."""

    x: float
    y: float
    size: float
    colour: Colour


def fall(image: Image, plates: Sequence[Corners], lamps: Sequence[Lamp], rng: np.random.Generator) -> Image:
    """The street at night, in the colours of its lamps or as an infrared camera shows it.

    Plates send light back to where it came from, so they stay 2 to 8 times brighter than the rest.
    """
    import cv2

    ambient = float(rng.uniform(0.08, 0.45))
    light = np.full(image.shape[:2], round(255 * ambient), np.uint8)
    for corners in plates:
        cv2.fillConvexPoly(light, np.round(corners * 16).astype(np.int32), int(rng.uniform(110, 256)), cv2.LINE_AA, 4)
    dark = cv2.multiply(image, cv2.merge([light] * 3), scale=1 / 255)
    on = [lamp for lamp in lamps if rng.random() < 0.8]
    lit = cv2.add(dark, _glow(image.shape[:2], on, rng))
    if rng.random() < 0.45:
        return np.asarray(cv2.cvtColor(cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    tint = np.array(((1.0, 0.8, 0.55), (0.75, 0.85, 1.0), (1.0, 1.0, 1.0))[int(rng.integers(3))], np.float32)
    return np.asarray(cv2.transform(lit, np.diag(tint)), np.uint8)


def _glow(size: tuple[int, ...], lamps: Sequence[Lamp], rng: np.random.Generator) -> Image:
    """What lamps add to the picture: a core and a wide halo each."""
    import cv2

    height, width = -(-size[0] // _COARSE), -(-size[1] // _COARSE)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) * _COARSE + _COARSE / 2
    total = np.zeros((height, width, 3), np.float32)
    for lamp in lamps:
        away = ((xs - lamp.x) ** 2 + (ys - lamp.y) ** 2) / max(lamp.size, 4.0) ** 2
        strength = np.exp(-away * 0.7) * rng.uniform(0.5, 1.3) + rng.uniform(0.1, 0.5) / (1 + away)
        total += strength[:, :, None] * np.array(lamp.colour, np.float32)
    glow = cv2.resize(np.minimum(total, 255), (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(glow, np.uint8)
