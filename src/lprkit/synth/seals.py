"""What authorities stick on a plate or print between its groups: seals, stickers, emblems."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lprkit.core.types import Colour
from lprkit.synth.layout import Area, Layout
from lprkit.synth.marks import Canvas

Outline = NDArray[np.float64]
"""N, 2 corners of a shape around 0, 0, up to 1 away."""

COLOURS: tuple[Colour, ...] = (
    (230, 120, 30),
    (40, 90, 170),
    (235, 205, 40),
    (130, 90, 60),
    (220, 110, 150),
    (60, 140, 70),
)


def draw_seals(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> None:
    """Two round seals, one over the other, in the first gap of the number."""
    gap = next((spot for spot in layout.spots if spot.part == " "), None)
    if gap is None:
        return
    radius = min(gap.w * 0.52, gap.h * 0.25)
    for share, colour in zip((0.26, 0.76), (_colour(rng), (225, 225, 220)), strict=True):
        if rng.random() < 0.9:
            _seal(canvas, (gap.x + gap.w / 2, gap.y + gap.h * share), radius, colour, rng)


def draw_emblem(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> None:
    """A shape, a square sticker or a seal or two in one of the gaps of the number."""
    gaps = [spot for spot in layout.spots if spot.part in (" ", "·")]
    if not gaps:
        return
    gap = gaps[int(rng.integers(len(gaps)))]
    size = min(gap.w * float(rng.uniform(0.4, 0.58)), gap.h * 0.4)
    places = [float(rng.uniform(0.3, 0.7))] if rng.random() < 0.65 else [0.26, 0.74]
    draw = (_shape, _shape, _seal, _square)[int(rng.integers(4))]
    for share in places:
        draw(
            canvas, (gap.x + gap.w / 2, gap.y + gap.h * share), min(size, gap.h * 0.5 / len(places)), _colour(rng), rng
        )


def draw_sticker(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> None:
    """A coloured sticker in a corner, beside the number where it can."""
    plate, text = layout.print, layout.text
    width = (plate.right - plate.left) * float(rng.uniform(0.07, 0.13))
    right = rng.random() < 0.6
    top = rng.random() < 0.6
    room = (text.top - plate.top if top else plate.bottom - text.bottom) * 0.95
    height = min(width * float(rng.uniform(0.5, 0.9)), room)
    if height * canvas.px_mm < 3:
        return
    edge = (plate.right - plate.left) * float(rng.uniform(0.005, 0.06))
    x = plate.right - width - edge if right else plate.left + edge
    y = plate.top if top else plate.bottom - height
    colour = tuple(int(v) for v in rng.integers(20, 255, 3))
    a, b, c, d = canvas.box(Area(x, y, x + width, y + height))
    cv2.rectangle(canvas.image, (a, b), (c, d), colour, -1)
    cv2.rectangle(canvas.image, (a + 2, (b + d) // 2), (max(c - 2, a + 3), (b + d) // 2 + 1), (240, 240, 240), -1)


Place = tuple[float, float]


def _seal(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A round seal: an edge, and what looks like a coat of arms."""
    at, size = _pixels(canvas, centre, radius)
    cv2.circle(canvas.image, at, max(round(size), 1), colour, -1, cv2.LINE_AA)
    if size < 4:
        return
    edge = _near(colour, float(rng.uniform(0.4, 1.4)))
    cv2.circle(canvas.image, at, round(size * float(rng.uniform(0.62, 0.9))), edge, 1, cv2.LINE_AA)
    kind = rng.random()
    if kind < 0.3:
        cv2.circle(canvas.image, at, max(round(size * 0.25), 1), _near(colour, 0.75), -1, cv2.LINE_AA)
    else:
        shield = _SHIELD if kind < 0.7 else _blob(rng)
        _fill(canvas, centre, radius * 0.5, shield, _near(colour, float(rng.uniform(0.3, 1.5))))
        _scribble(canvas, centre, radius * 0.45, _near(colour, float(rng.uniform(0.2, 0.7))), rng)


def _square(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A square or upright inspection sticker with something on it."""
    tall = float(rng.uniform(1.0, 1.4))
    box = np.array([[-1, -tall], [1, -tall], [1, tall], [-1, tall]]) * 0.9
    _fill(canvas, centre, radius, box, colour)
    _fill(canvas, centre, radius * 0.8, box, _near(colour, float(rng.uniform(0.6, 1.6))))
    _scribble(canvas, centre, radius * 0.6, _near(colour, 0.3), rng)


def _shape(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A star, a heart, the outline of a state or of an animal, filled or as a line."""
    outline = _SHAPES[int(rng.integers(len(_SHAPES)))](rng)
    ink = colour if rng.random() < 0.6 else _near(colour, 0.4)
    if rng.random() < 0.75:
        _fill(canvas, centre, radius, outline, ink)
    else:
        points = _scaled(canvas, centre, radius, outline)
        cv2.polylines(canvas.image, [points], True, ink, 1, cv2.LINE_AA, 4)


def _star(rng: np.random.Generator) -> Outline:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, 1.0, float(rng.uniform(0.35, 0.55)))
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach], axis=1)


def _heart(rng: np.random.Generator) -> Outline:
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([np.sin(t) ** 3, -y / 16], axis=1)


def _state(rng: np.random.Generator) -> Outline:
    """Straight borders and a coast: few corners, far from a circle."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 11))))
    reach = rng.uniform(0.45, 1.0, len(angles))
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach * float(rng.uniform(0.6, 1.0))], axis=1)


def _blob(rng: np.random.Generator) -> Outline:
    """Bumps around a middle, as of a bear, a flower or a tree."""
    t = np.linspace(0, 2 * np.pi, 30, endpoint=False)
    waves = [float(rng.uniform(0, 0.25)) * np.cos(n * t + float(rng.uniform(0, 6))) for n in (2, 3, 5)]
    reach = np.clip(0.72 + np.sum(waves, axis=0), 0.2, 1.0)
    return np.stack([np.cos(t) * reach, np.sin(t) * reach], axis=1)


_SHAPES: tuple[Callable[[np.random.Generator], Outline], ...] = (_star, _heart, _state, _blob, _blob)
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


def _colour(rng: np.random.Generator) -> Colour:
    """One that seals and stickers have, mostly."""
    if rng.random() < 0.75:
        return COLOURS[int(rng.integers(len(COLOURS)))]
    r, g, b = (int(v) for v in rng.integers(10, 246, 3))
    return r, g, b


def _near(colour: Colour, gain: float) -> Colour:
    r, g, b = (min(int(v * gain), 255) for v in colour)
    return r, g, b
