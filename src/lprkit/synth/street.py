"""Crude streets and cars: enough for a detector to learn what plates are attached to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lprkit.core.geometry import Box
from lprkit.core.types import Image
from lprkit.synth import backgrounds
from lprkit.synth.paste import Corners

CAR_MM = (1650.0, 1950.0)
"""Widths of cars."""


@dataclass(frozen=True)
class Car:
    """Where a car stands."""

    box: Box
    """All of it, some perhaps outside of the picture."""
    shown: Box
    """What of it is inside."""
    slant: float
    """Rise over run of its level edges."""


def draw_street(size: tuple[int, int], rng: np.random.Generator) -> Image:
    """H,W,3: something far away, something built, and the ground."""
    height, width = size
    image = backgrounds.painted(height, width, rng)
    for _ in range(int(rng.integers(2, 14))):
        _block(image, rng)
    horizon = int(height * rng.uniform(0.35, 0.8))
    ground = backgrounds.painted(height - horizon, width, rng)
    if rng.random() < 0.8:
        image[horizon:] = ground
    return image


def car_around(corners: Corners, plate_mm: float, size: tuple[int, ...], rng: np.random.Generator) -> Car:
    """A car of the right size around a plate with these corners."""
    height, width = size[:2]
    top = corners[1] - corners[0]
    across = float(np.linalg.norm(top)) / plate_mm * rng.uniform(*CAR_MM)
    tall = across * rng.uniform(0.7, 0.95)
    centre = corners.mean(axis=0)
    left = float(centre[0]) - across * rng.uniform(0.42, 0.58)
    upper = float(centre[1]) - tall * rng.uniform(0.55, 0.82)
    box = Box(left, upper, across, tall)
    a, b = max(left, 0.0), max(upper, 0.0)
    shown = Box(a, b, min(left + across, float(width)) - a, min(upper + tall, float(height)) - b)
    return Car(box, shown, float(top[1] / top[0]) if abs(top[0]) > 1e-6 else 0.0)


def draw_car(image: Image, car: Car, rng: np.random.Generator) -> None:
    """The back or front of a car: shadow, wheels, body, window, lamps, bumper."""
    colour = backgrounds.paint(rng)
    light, dark = colour * rng.uniform(1.05, 1.4), colour * rng.uniform(0.4, 0.8)
    glass, black = rng.uniform(10, 120) + rng.normal(0, 8, 3), rng.uniform(5, 40) * np.ones(3)
    lamp = np.array([190.0, 30, 30]) if rng.random() < 0.6 else rng.uniform(180, 250) * np.ones(3)
    lamp = lamp + rng.normal(0, 12, 3)
    roof, waist = rng.uniform(0.12, 0.22), rng.uniform(0.36, 0.46)
    _fill(image, car, ((-0.03, 0.9), (1.03, 0.9), (0.97, 1.06), (0.03, 1.06)), black)
    for x in (0.04, 0.78):
        _fill(image, car, ((x, 0.8), (x + 0.18, 0.8), (x + 0.18, 1.0), (x, 1.0)), black)
    _fill(image, car, ((roof, 0.0), (1 - roof, 0.0), (0.99, waist), (0.01, waist)), light)
    _fill(image, car, ((0.0, waist), (1.0, waist), (0.97, 0.9), (0.03, 0.9)), colour)
    inset = roof + 0.04
    _fill(image, car, ((inset, 0.05), (1 - inset, 0.05), (0.9, waist - 0.03), (0.1, waist - 0.03)), glass)
    wide, low = rng.uniform(0.1, 0.24), waist + rng.uniform(0.08, 0.18)
    for x in (0.01, 0.99 - wide):
        _fill(image, car, ((x, waist + 0.03), (x + wide, waist + 0.03), (x + wide, low), (x, low)), lamp)
    bumper = rng.uniform(0.68, 0.8)
    _fill(image, car, ((0.0, bumper), (1.0, bumper), (0.98, 0.93), (0.02, 0.93)), dark if rng.random() < 0.5 else light)
    if rng.random() < 0.5:
        _fill(image, car, ((0.25, 0.6), (0.75, 0.6), (0.75, 0.85), (0.25, 0.85)), dark)


def draw_board(image: Image, corners: Corners, rng: np.random.Generator) -> None:
    """Something plain behind a plate that is on no car: a wall, a board, a motorcycle's tail."""
    import cv2

    centre = corners.mean(axis=0)
    around = centre + (corners - centre) * rng.uniform(1.1, 2.0, (1, 2))
    colour = np.clip(backgrounds.paint(rng), 0, 255).tolist()
    cv2.fillConvexPoly(image, np.round(around * 16).astype(np.int32), colour, cv2.LINE_AA, 4)


def _fill(image: Image, car: Car, points: tuple[tuple[float, float], ...], colour: NDArray[np.float64]) -> None:
    """A polygon in shares of the car's box, slanted as the car is."""
    import cv2

    box = car.box
    flat = np.array(points) * (box.w, box.h) + (box.x, box.y)
    flat[:, 1] += (flat[:, 0] - box.x - box.w / 2) * np.clip(car.slant, -0.3, 0.3)
    places = np.clip(np.round(flat * 16), -(2**20), 2**20).astype(np.int32)
    cv2.fillConvexPoly(image, places, np.clip(colour, 0, 255).tolist(), cv2.LINE_AA, 4)


def _block(image: Image, rng: np.random.Generator) -> None:
    """A house, a window, a door, a post: a rectangle, some with a grid."""
    import cv2

    height, width = image.shape[:2]
    x, y = int(rng.integers(-width // 8, width)), int(rng.integers(-height // 8, height * 3 // 4))
    w, h = (int(v) for v in np.exp(rng.uniform(np.log(6), np.log(0.6 * width), 2)))
    colour = np.clip(backgrounds.paint(rng), 0, 255).tolist()
    cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1)
    if rng.random() < 0.4:
        step = max(6, int(min(w, h) * rng.uniform(0.1, 0.5)))
        line = np.clip(backgrounds.paint(rng), 0, 255).tolist()
        thick = max(1, step // 6)
        for at in range(x, x + w, step):
            cv2.line(image, (at, y), (at, y + h), line, thick)
        for at in range(y, y + h, step):
            cv2.line(image, (x, at), (x + w, at), line, thick)
