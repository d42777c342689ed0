"""Pictures on a plate that say nothing: seals, coats of arms, flags, animals, the outlines of states."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lprkit.core.chance import between, one_of
from lprkit.core.types import Colour
from lprkit.synth.marks import Canvas

Outline = NDArray[np.float64]
"""N, 2 corners of a shape around 0, 0, up to 1 away."""
Place = tuple[float, float]
"""x, y on the plate, mm."""

COLOURS: tuple[Colour, ...] = (
    (230, 120, 30),
    (40, 90, 170),
    (235, 205, 40),
    (130, 90, 60),
    (220, 110, 150),
    (60, 140, 70),
)


def seal(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A round seal: an edge, and what looks like a coat of arms."""
    at, size = _pixels(canvas, centre, radius)
    cv2.circle(canvas.image, at, max(round(size), 1), colour, -1, cv2.LINE_AA)
    if size < 4:
        return
    edge = _near(colour, between(rng, 0.4, 1.4))
    cv2.circle(canvas.image, at, round(size * between(rng, 0.62, 0.9)), edge, 1, cv2.LINE_AA)
    kind = rng.random()
    if kind < 0.3:
        cv2.circle(canvas.image, at, max(round(size * 0.25), 1), _near(colour, 0.75), -1, cv2.LINE_AA)
    else:
        shield = _SHIELD if kind < 0.7 else _blob(rng)
        _fill(canvas, centre, radius * 0.5, shield, _near(colour, between(rng, 0.3, 1.5)))
        _scribble(canvas, centre, radius * 0.45, _near(colour, between(rng, 0.2, 0.7)), rng)


def arms(canvas: Canvas, centre: Place, radius: float, rng: np.random.Generator) -> None:
    """A shield in two colours, parted or with a cross, and a beast or a charge on it."""
    first, second = colour_of(rng), (235, 235, 230) if rng.random() < 0.6 else colour_of(rng)
    _fill(canvas, centre, radius, _SHIELD, _near(first, 0.35))
    _fill(canvas, centre, radius * 0.9, _SHIELD, first)
    part = rng.random()
    if part < 0.35:
        for bar in (((-0.12, -0.8), (0.12, 0.8)), ((-0.7, -0.35), (0.7, -0.1))):
            (a, b), (c, d) = bar
            _fill(canvas, centre, radius, np.array([[a, b], [c, b], [c, d], [a, d]]), second)
    elif part < 0.7:
        half = _SHIELD * 0.9
        half = np.clip(half, [-1, -1], [1, 0]) if rng.random() < 0.5 else np.clip(half, [-1, -1], [0, 1])
        _fill(canvas, centre, radius, half, second)
    if part > 0.35:
        _fill(canvas, centre, radius * 0.5, _blob(rng), _near(second, 0.3))
        _scribble(canvas, centre, radius * 0.6, _near(first, 0.3), rng)


def square(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A square or upright inspection sticker with something on it."""
    tall = between(rng, 1.0, 1.4)
    box = np.array([[-1, -tall], [1, -tall], [1, tall], [-1, tall]]) * 0.9
    _fill(canvas, centre, radius, box, colour)
    _fill(canvas, centre, radius * 0.8, box, _near(colour, between(rng, 0.6, 1.6)))
    _scribble(canvas, centre, radius * 0.6, _near(colour, 0.3), rng)


def _shape(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A star, a heart, the outline of a state or of an animal, filled or as a line."""
    outline = one_of(rng, _SHAPES)(rng)
    ink = colour if rng.random() < 0.6 else _near(colour, 0.4)
    if rng.random() < 0.75:
        _fill(canvas, centre, radius, outline, ink)
    else:
        points = _scaled(canvas, centre, radius, outline)
        cv2.polylines(canvas.image, [points], True, ink, 1, cv2.LINE_AA, 4)


def _fruit(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """Round things with leaves: oranges, peaches, flowers."""
    green = (50, int(rng.integers(90, 160)), 60)
    _fill(canvas, (centre[0], centre[1] - radius * 0.5), radius * 0.6, _state(rng), green)
    for _ in range(int(rng.integers(1, 4))):
        dx, dy = rng.uniform(-0.4, 0.4, 2) * radius
        at, size = _pixels(canvas, (centre[0] + float(dx), centre[1] + float(dy)), radius * between(rng, 0.4, 0.7))
        cv2.circle(canvas.image, at, max(round(size), 1), colour, -1, cv2.LINE_AA)


def _flag(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """Two or three stripes, level or upright."""
    count = int(rng.integers(2, 4))
    level = rng.random() < 0.6
    for n in range(count):
        a, b = 2 * n / count - 1, 2 * (n + 1) / count - 1
        stripe = np.array([[-1.0, a], [1.0, a], [1.0, b], [-1.0, b]]) * (1.0, 0.66)
        ink = (235, 235, 235) if n == 1 else _near(colour, 1.0 - 0.25 * n)
        _fill(canvas, centre, radius, stripe if level else stripe[:, ::-1] * (1.0, 0.66), ink)


def _animal(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A body, a head and legs or a tail; it may be a bird, a fish or a deer."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    body = _blob(rng) * (0.9, 0.5)
    _fill(canvas, centre, radius, body, colour)
    head = (centre[0] + side * radius * 0.7, centre[1] - radius * between(rng, 0.1, 0.5))
    _fill(canvas, head, radius * 0.35, _blob(rng), _near(colour, between(rng, 0.7, 1.2)))
    for x in rng.uniform(-0.7, 0.7, int(rng.integers(0, 5))).tolist():
        leg = np.array([[x, 0.2], [x + 0.12, 0.2], [x + 0.08, 1.0], [x, 1.0]])
        _fill(canvas, centre, radius, leg, colour)


def _tree(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A trunk and a crown, or a palm's leaves."""
    lean = between(rng, -0.2, 0.2)
    _fill(
        canvas,
        centre,
        radius,
        np.array([[-0.08, 0.0], [0.08, 0.0], [0.1 + lean, 1.0], [-0.1 + lean, 1.0]]),
        (90, 65, 40),
    )
    green = _near((60, 140, 70), between(rng, 0.6, 1.3)) if rng.random() < 0.7 else colour
    crown = (centre[0], centre[1] - radius * 0.4)
    _fill(canvas, crown, radius * 0.75, _star(rng) if rng.random() < 0.4 else _blob(rng), green)


def _star(rng: np.random.Generator) -> Outline:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, 1.0, between(rng, 0.35, 0.55))
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach], axis=1)


def _heart(rng: np.random.Generator) -> Outline:
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([np.sin(t) ** 3, -y / 16], axis=1)


def _state(rng: np.random.Generator) -> Outline:
    """Straight borders and a coast: few corners, far from a circle."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 11))))
    reach = rng.uniform(0.45, 1.0, len(angles))
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach * between(rng, 0.6, 1.0)], axis=1)


def _blob(rng: np.random.Generator) -> Outline:
    """Bumps around a middle, as of a bear, a flower or a tree."""
    t = np.linspace(0, 2 * np.pi, 30, endpoint=False)
    waves = [between(rng, 0, 0.25) * np.cos(n * t + between(rng, 0, 6)) for n in (2, 3, 5)]
    reach = np.clip(0.72 + np.sum(waves, axis=0), 0.2, 1.0)
    return np.stack([np.cos(t) * reach, np.sin(t) * reach], axis=1)


_SHAPES: tuple[Callable[[np.random.Generator], Outline], ...] = (_star, _heart, _state, _blob, _blob)
PICTURES: tuple[Callable[[Canvas, Place, float, Colour, np.random.Generator], None], ...] = (
    *(_shape, _shape, seal, seal, square, _fruit, _flag, _animal, _tree),
)
_SHIELD: Outline = np.array([[-0.8, -0.9], [0.8, -0.9], [0.8, 0.2], [0.45, 0.75], [0, 1], [-0.45, 0.75], [-0.8, 0.2]])


def _scribble(canvas: Canvas, centre: Place, radius: float, ink: Colour, rng: np.random.Generator) -> None:
    """Some short crooked lines: the lions, eagles and small print that no camera can tell apart."""
    for start in rng.uniform(-1, 1, (int(rng.integers(2, 6)), 2)):
        steps = np.cumsum(np.vstack([start, rng.normal(0, 0.4, (3, 2))]), axis=0).clip(-1, 1)
        cv2.polylines(canvas.image, [_scaled(canvas, centre, radius, steps)], False, ink, 1, cv2.LINE_AA, 4)


def _fill(canvas: Canvas, centre: Place, radius: float, outline: Outline, colour: Colour) -> None:
    cv2.fillPoly(canvas.image, [_scaled(canvas, centre, radius, outline)], colour, cv2.LINE_AA, 4)


def _scaled(canvas: Canvas, centre: Place, radius: float, outline: Outline) -> NDArray[np.int32]:
    """An outline at its place, px with four bits of fraction."""
    return np.asarray(np.rint((outline * radius + np.array(centre)) * (canvas.px_mm * 16)), dtype=np.int32)


def _pixels(canvas: Canvas, centre: Place, radius: float) -> tuple[tuple[int, int], float]:
    x, y, size = (v * canvas.px_mm for v in (*centre, radius))
    return (round(x), round(y)), size


def colour_of(rng: np.random.Generator) -> Colour:
    """One that seals and stickers have, mostly."""
    if rng.random() < 0.75:
        return one_of(rng, COLOURS)
    r, g, b = (int(v) for v in rng.integers(10, 246, 3))
    return r, g, b


def _near(colour: Colour, gain: float) -> Colour:
    r, g, b = (min(int(v * gain), 255) for v in colour)
    return r, g, b
