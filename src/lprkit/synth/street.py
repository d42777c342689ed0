"""Crude streets and cars: enough for a detector to learn what plates are attached to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Colour, Image
from lprkit.synth import backgrounds, lettering
from lprkit.synth.paste import Corners, paste

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


@dataclass(frozen=True)
class Parts:
    """Where things are on a car that was drawn."""

    glass: Corners
    """Of the window, clockwise from top-left."""
    lamps: Corners
    """2,2: the middles of its lamps."""
    lamp_px: float
    """Their height."""
    lamp: Colour


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


def plate_spot(size: tuple[int, int], rng: np.random.Generator) -> Corners:
    """Where the plate of some car would be: a level place 520 x 110 in shape, the car mostly in the picture."""
    height, width = size
    across = float(np.exp(rng.uniform(np.log(16.0), np.log(0.25 * width))))
    left, top = float(rng.uniform(0, width - across)), float(rng.uniform(0.3, 0.9) * height)
    return np.array(quad_of(Box(left, top, across, across * 110 / 520)), np.float64)


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


def draw_car(image: Image, car: Car, rng: np.random.Generator) -> Parts:
    """The back or front of a car or a van: shadow, wheels, body, window, lamps, bumper, grille and badges."""
    van = rng.random() < 0.2
    colour = backgrounds.paint(rng)
    light, dark = colour * rng.uniform(1.05, 1.4), colour * rng.uniform(0.4, 0.8)
    glass, black = rng.uniform(10, 120) + rng.normal(0, 8, 3), rng.uniform(5, 40) * np.ones(3)
    front = rng.random() < 0.5
    lamp = (rng.uniform(180, 250) * np.ones(3) if front else np.array([190.0, 30, 30])) + rng.normal(0, 12, 3)
    roof, waist = (rng.uniform(0.01, 0.08) if van else rng.uniform(0.12, 0.22)), rng.uniform(0.36, 0.46)
    _fill(image, car, ((-0.03, 0.9), (1.03, 0.9), (0.97, 1.06), (0.03, 1.06)), black)
    for x in (0.04, 0.78):
        _fill(image, car, _rect(x, 0.8, 0.18, 0.2), black)
    _fill(image, car, ((roof, 0.0), (1 - roof, 0.0), (0.99, waist), (0.01, waist)), light)
    _fill(image, car, ((0.0, waist), (1.0, waist), (0.97, 0.9), (0.03, 0.9)), colour)
    inset = roof + 0.04
    window = ((inset, 0.05), (1 - inset, 0.05), (0.9, waist - 0.03), (0.1, waist - 0.03))
    _fill(image, car, window, glass)
    for x in (0.24, 0.62) if rng.random() < 0.6 else ():  # seats
        _fill(image, car, _rect(x, 0.2, 0.14, waist - 0.24), glass * 0.6)
    wide, low = rng.uniform(0.1, 0.24), waist + rng.uniform(0.08, 0.18)
    for x in (0.01, 0.99 - wide):
        _fill(image, car, _rect(x, waist + 0.03, wide, low - waist - 0.03), lamp)
        if rng.random() < 0.6:  # a lens or an indicator in the lamp
            _fill(image, car, _rect(x + wide * 0.3, waist + 0.045, wide * 0.4, (low - waist) * 0.4), lamp * 1.3 + 25)
    bumper = rng.uniform(0.68, 0.8)
    _fill(image, car, ((0.0, bumper), (1.0, bumper), (0.98, 0.93), (0.02, 0.93)), dark if rng.random() < 0.5 else light)
    if rng.random() < 0.5:
        _fill(image, car, _rect(0.25, 0.6, 0.5, 0.25), dark)
    if front and rng.random() < 0.8:
        _grille(image, car, (waist + 0.04, bumper - 0.02), rng)
    _badges(image, car, (waist + 0.02, bumper), van, rng)
    middles = _places(car, ((0.01 + wide / 2, (waist + low) / 2), (0.99 - wide / 2, (waist + low) / 2)))
    return Parts(_places(car, window), middles, (low - waist) * car.box.h, lettering.colour(lamp))


def _grille(image: Image, car: Car, rows: tuple[float, float], rng: np.random.Generator) -> None:
    """Slats or a mesh between the lamps, often in chrome: bars beside each other, as letters are."""
    top, bottom = rows[0], rows[0] + (rows[1] - rows[0]) * float(rng.uniform(0.4, 1.0))
    left = float(rng.uniform(0.26, 0.38))
    slat = rng.uniform(120, 230) * np.ones(3) if rng.random() < 0.5 else rng.uniform(50, 90) * np.ones(3)
    _fill(image, car, _rect(left, top, 1 - 2 * left, bottom - top), rng.uniform(5, 45) * np.ones(3))
    count = int(rng.integers(2, 14))
    if rng.random() < 0.5:
        step = (bottom - top) / count
        for n in range(count):
            _fill(image, car, _rect(left, top + n * step, 1 - 2 * left, step * 0.4), slat)
    else:
        step = (1 - 2 * left) / count
        for n in range(count):
            _fill(image, car, _rect(left + n * step, top, step * 0.4, bottom - top), slat)


def _badges(image: Image, car: Car, rows: tuple[float, float], van: bool, rng: np.random.Generator) -> None:
    """A maker's sign in the middle, the model's letters in chrome, a sticker, on vans words and numbers."""
    chrome = lettering.colour(rng.uniform(120, 235) * np.ones(3))
    if rng.random() < 0.6:
        ring = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        size = np.array([float(rng.uniform(0.02, 0.06)), float(rng.uniform(0.02, 0.04))])
        middle = (0.5, rows[0] + 0.04)
        _fill(image, car, tuple(map(tuple, np.stack([np.cos(ring), np.sin(ring)], axis=1) * size + middle)), chrome)
    lines: list[tuple[str, tuple[float, float, float, float]]] = []
    if rng.random() < 0.5:
        at = float(rng.choice((0.08, 0.72)))
        lines.append((str(rng.choice(lettering.MODELS)), (at, rows[0] + float(rng.uniform(0.1, 0.16)), 0.18, 0.035)))
    if rng.random() < (0.7 if van else 0.12):
        high = float(rng.uniform(0.03, 0.08))
        wide = float(rng.uniform(0.25, 0.75))
        lines.append((lettering.words(rng), (0.5 - wide / 2, rows[0] + float(rng.uniform(0.0, 0.12)), wide, high)))
    for text, (x, y, widest, high) in lines:
        mask = lettering.lettering(text, rng)
        natural = high * car.box.h / car.box.w * mask.shape[1] / mask.shape[0]
        ink = chrome if rng.random() < 0.6 else lettering.colours(rng)[1]
        lettering.print_on(image, mask, _places(car, _rect(x, y, min(natural, widest), high)), ink)
    if rng.random() < 0.25:
        board = lettering.sign([lettering.words(rng)], rng, *lettering.colours(rng))
        wide = float(rng.uniform(0.06, 0.2))
        high = min(wide * car.box.w / car.box.h * board.shape[0] / board.shape[1], 0.08)
        place = _rect(float(rng.uniform(0.05, 0.75)), float(rng.uniform(rows[0], rows[1])), wide, high)
        paste(image, board, _places(car, place), 0.1)


def draw_board(image: Image, corners: Corners, rng: np.random.Generator) -> None:
    """Something plain behind a plate that is on no car: a wall, a board, a motorcycle's tail."""
    import cv2

    centre = corners.mean(axis=0)
    around = centre + (corners - centre) * rng.uniform(1.1, 2.0, (1, 2))
    colour = np.clip(backgrounds.paint(rng), 0, 255).tolist()
    cv2.fillConvexPoly(image, np.round(around * 16).astype(np.int32), colour, cv2.LINE_AA, 4)


def _fill(image: Image, car: Car, points: Sequence[Sequence[float]], colour: ArrayLike) -> None:
    """A polygon in shares of the car's box."""
    import cv2

    places = np.clip(np.round(_places(car, points) * 16), -(2**20), 2**20).astype(np.int32)
    cv2.fillConvexPoly(image, places, lettering.colour(colour), cv2.LINE_AA, 4)


def _places(car: Car, points: Sequence[Sequence[float]]) -> Corners:
    """Points in shares of the car's box as px of the picture, slanted as the car is."""
    box = car.box
    flat = np.array(points) * (box.w, box.h) + (box.x, box.y)
    flat[:, 1] += (flat[:, 0] - box.x - box.w / 2) * np.clip(car.slant, -0.3, 0.3)
    return flat


def _rect(x: float, y: float, wide: float, high: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))


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
