"""Crops without a plate: what a detector now and then takes for one. A reader learns to read nothing in them."""

from __future__ import annotations

import functools

import numpy as np

from lprkit.core.geometry import box_of
from lprkit.core.image import load
from lprkit.core.types import Image, Sample
from lprkit.synth import backgrounds, camera, decoys, street
from lprkit.synth.camera import Camera

ASPECTS = (1.1, 5.0)
"""Width over height of a crop."""
TRIES = 8
"""Places of a photograph that are compared."""
DULLEST = 2.0
"""Grey levels between neighbouring pixels below which a place says nothing."""


def no_plate(settings: Camera, rng: np.random.Generator) -> Image:
    """H,W,3: a part of a street, a car or a sign, in the shape of a plate's crop."""
    frame = int(rng.integers(140, 320)), int(rng.integers(200, 420))
    image = backgrounds.painted(*frame, rng) if rng.random() < 0.3 else street.draw_street(frame, rng)
    if rng.random() < 0.5:
        _car(image, rng)
    for _ in range(int(rng.integers(0, 4))):
        decoys.draw_decoy(image, rng)
    aspect = float(np.exp(rng.uniform(*np.log(ASPECTS))))
    width = min(float(np.exp(rng.uniform(np.log(36), np.log(260)))), frame[1] - 1, (frame[0] - 1) * aspect)
    height = max(width / aspect, 8.0)
    x, y = int(rng.uniform(0, frame[1] - width)), int(rng.uniform(0, frame[0] - height))
    cut = np.ascontiguousarray(image[y : y + round(height), x : x + round(width)])
    return camera.shoot(cut, settings, camera.view(settings, rng), rng)


def _car(image: Image, rng: np.random.Generator) -> None:
    """A car somewhere, without its plate."""
    height, width = image.shape[:2]
    across = float(rng.uniform(0.1, 0.6)) * width
    corners = np.array([[0.0, 0.0], [across, 0.0], [across, across / 4], [0.0, across / 4]])
    corners += rng.random(2) * (width - across, height - across / 4)
    car = street.car_around(corners, 520.0, image.shape[:2], rng)
    if min(car.shown.w, car.shown.h) > 4:
        street.draw_car(image, car, rng)


def beside_plates(sample: Sample, rng: np.random.Generator) -> Image | None:
    """H,W,3: the busiest of some places of a photograph that show none of its plates; None when no place was free."""
    image = _photo(sample.source) if sample.image is None else sample.image
    boxes = [box_of(plate.quad) for plate in sample.plates if plate.label == "license_plate" and plate.quad is not None]
    height, width = image.shape[:2]
    best, most = None, DULLEST
    for _ in range(TRIES):
        aspect = float(np.exp(rng.uniform(*np.log(ASPECTS))))
        across = min(float(np.exp(rng.uniform(np.log(30), np.log(0.5 * width)))), width - 1, (height - 1) * aspect)
        down = across / aspect
        x, y = float(rng.uniform(0, width - across)), float(rng.uniform(0, height - down))
        if any(x < b.x + b.w and b.x < x + across and y < b.y + b.h and b.y < y + down for b in boxes):
            continue
        cut = image[int(y) : int(y + down) + 1, int(x) : int(x + across) + 1]
        busy = float(np.abs(np.diff(cut[:, :, 1].astype(np.int16), axis=1)).mean()) if cut.shape[1] > 8 else 0.0
        if busy > most:
            best, most = cut, busy
    return None if best is None else np.ascontiguousarray(best)


@functools.lru_cache(maxsize=256)
def _photo(source: str) -> Image:
    return load(source)
