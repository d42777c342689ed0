"""What lies around a plate: paint, bumpers, grilles, frames; or patches of photographs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lprkit.core.chance import below, between, one_of
from lprkit.core.errors import DataError
from lprkit.core.image import find_images, load
from lprkit.core.types import Image
from lprkit.synth.effects import to_bytes
from lprkit.synth.grain import grain

LONGEST_SIDE = 640
"""Photographs are kept no larger than this, px."""
SHADES = (20.0, 50.0, 90.0, 140.0, 190.0, 225.0)
"""Greys of cars."""
WORDS = ("AUTOHAUS", "www.cars.com", "MOTORS", "BMW", "4x4", "TURBO", "GARAGE", "2.0 TDI", "dealer", "SINCE 1968")


def patch(height: int, width: int, rng: np.random.Generator, photos: Sequence[Path] = ()) -> Image:
    """H,W,3: car-like surroundings, from a photograph half of the time when there are any."""
    if photos and rng.random() < 0.5:
        return photo_patch(height, width, one_of(rng, photos), rng)
    return painted(height, width, rng)


def painted(height: int, width: int, rng: np.random.Generator) -> Image:
    """H,W,3: a smooth gradient in a car's colour, with edges, dark gaps and grain."""
    import cv2

    colour = paint(rng)
    coarse = colour + rng.normal(0, between(rng, 3, 40), (4, 5, 1)) + 4 * rng.standard_normal((4, 5, 3))
    image = cv2.resize(to_bytes(coarse.astype(np.float32)), (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(below(rng, 5)):
        _edge(image, rng)
    if rng.random() < 0.15:
        image = _grille(image, rng)
    if rng.random() < 0.3:
        rough = grain(height // 2 + 1, width // 2 + 1, rng) * np.float32(between(rng, 3, 18))
        rough = cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR)
        image = cv2.add(image, rough, dtype=cv2.CV_8U)
    return np.asarray(image, np.uint8)


def paint(rng: np.random.Generator) -> NDArray[np.float64]:
    """RGB of a car: mostly black, grey, silver and white, as on the road."""
    if rng.random() < 0.7:
        return one_of(rng, SHADES) + rng.normal(0, 8, 3)
    return between(rng, 15, 200) + between(rng, 0.3, 1.0) * rng.uniform(-70, 70, 3)


def frame(image: Image, quad: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Draws a plate holder around the quad (4,2) into the picture, now and then with a dealer's words."""
    import cv2

    height = float(np.linalg.norm(quad[3] - quad[0]))
    centre = quad.mean(axis=0)
    share = between(rng, 0.03, 0.1) * height
    away = np.sign(quad - centre) * share
    away[2:, 1] += between(rng, 0, 0.12) * height
    outer = quad + away
    shade = one_of(rng, SHADES) * 0.8 + rng.normal(0, 6, 3)
    points = np.round(outer * 16).astype(np.int32)
    cv2.fillConvexPoly(image, points, np.clip(shade, 0, 255).tolist(), cv2.LINE_AA, 4)
    if rng.random() < 0.25:
        _words(image, (quad[3] + outer[3]) / 2, height, rng)


def photo_patch(height: int, width: int, path: Path, rng: np.random.Generator) -> Image:
    """H,W,3: somewhere in a photograph."""
    import cv2

    image = photo(str(path))
    factor = max(height / image.shape[0], width / image.shape[1])
    span = between(rng, min(1.0, factor * 1.0), 1.0) if factor < 1 else 1.0
    cut_h = min(image.shape[0], max(2, round(height / factor * span)))
    cut_w = min(image.shape[1], max(2, round(width / factor * span)))
    y = below(rng, image.shape[0] - cut_h + 1)
    x = below(rng, image.shape[1] - cut_w + 1)
    cut = image[y : y + cut_h, x : x + cut_w]
    how = cv2.INTER_AREA if cut_h >= height and cut_w >= width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(cut, (width, height), interpolation=how), np.uint8)


def find(folders: Sequence[str]) -> tuple[Path, ...]:
    """Every picture below these folders; a DataError names a folder that has none."""
    found: list[Path] = []
    for folder in folders:
        images = find_images(Path(folder))
        if not images:
            raise DataError(f"{folder}: holds no pictures to use as backgrounds. Check the path.")
        found += images
    return tuple(found)


@functools.lru_cache(maxsize=128)
def photo(path: str) -> Image:
    """A photograph, no longer than LONGEST_SIDE px; 128 are remembered. Read-only."""
    import cv2

    image = load(path)
    factor = LONGEST_SIDE / max(image.shape[:2])
    if factor < 1:
        size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    image.setflags(write=False)
    return image


def _edge(image: Image, rng: np.random.Generator) -> None:
    """A bumper's edge or a gap: a band across the picture, nearly level, lighter or darker."""
    import cv2

    height, width = image.shape[:2]
    left, right = between(rng, -0.1, 1.1) * height, rng.normal(0, 0.08) * width
    thick = max(1, round(between(rng, 0.01, 0.12) * height))
    colour = paint(rng).tolist()
    cv2.line(image, (0, round(left)), (width, round(left + right)), colour, thick, cv2.LINE_AA)


def _grille(image: Image, rng: np.random.Generator) -> Image:
    """The picture behind dark slats, level or upright."""
    height, width = image.shape[:2]
    along = np.arange(height)[:, None] if rng.random() < 0.6 else np.arange(width)[None, :]
    wave = np.sin(along * np.float32(2 * np.pi / between(rng, 4, 14)))
    light = (1 - between(rng, 0.2, 0.6) * (wave > 0))[:, :, None].astype(np.float32)
    return to_bytes(image * light)


def _words(image: Image, at: NDArray[np.float64], height: float, rng: np.random.Generator) -> None:
    import cv2

    text = one_of(rng, WORDS)
    size = max(0.15, height / 30 * 0.12)
    colour = [float(rng.choice((20.0, 235.0)))] * 3
    place = (round(float(at[0]) + between(rng, 0.05, 0.5) * height), round(float(at[1])))
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
