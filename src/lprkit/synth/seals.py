"""What authorities stick on a plate or print between its groups: seals, stickers, emblems."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lprkit.core.types import Colour, Style
from lprkit.synth.layout import Area, Layout
from lprkit.synth.marks import Canvas, Print, stamp

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


def draw_emblem(canvas: Canvas, layout: Layout, style: Style, print_: Print, american: bool) -> None:
    """A picture, a sticker or a seal or two beside the number or in one of its gaps; on US plates small letters too."""
    rng = print_.rng
    if layout.room is not None:
        room, text = layout.room, layout.text
        middle, half = (text.top + text.bottom) / 2, (text.bottom - text.top) / 2
        if american and rng.random() < 0.3:
            _small_letters(canvas, Area(room.left, middle - half, room.right, middle + half), print_, style.ink)
            return
        gap = Area(room.left, middle - half, room.right, middle + half)
    else:
        gaps = [spot for spot in layout.spots if spot.part in (" ", "·")]
        if not gaps:
            return
        spot = gaps[int(rng.integers(len(gaps)))]
        gap = Area(spot.x, spot.y, spot.x + spot.w, spot.y + spot.h)
    width, height = gap.right - gap.left, gap.bottom - gap.top
    size = min(width * float(rng.uniform(0.4, 0.58)), height * 0.45)
    places = [float(rng.uniform(0.3, 0.7))] if rng.random() < 0.65 else [0.26, 0.74]
    draw = _PICTURES[int(rng.integers(len(_PICTURES)))]
    for share in places:
        centre = ((gap.left + gap.right) / 2, gap.top + height * share)
        draw(canvas, centre, min(size, height * 0.5 / len(places)), _colour(rng), rng)


def draw_beside_rows(canvas: Canvas, layout: Layout, print_: Print) -> None:
    """Coats of arms, seals and small stickers in what the shorter of two rows leaves free on its sides."""
    rng = print_.rng
    middle = (min(spot.y for spot in layout.spots) + max(spot.y for spot in layout.spots)) / 2
    for upper in (True, False):
        row = [spot for spot in layout.spots if (spot.y < middle) == upper]
        low, height = min(spot.y for spot in row), max(spot.h for spot in row)
        left, right = min(spot.x for spot in row), max(spot.x + spot.w for spot in row)
        for start, end in ((layout.print.left, left), (right, layout.print.right)):
            free = end - start
            if free < 0.35 * height or rng.random() < 0.25:
                continue
            size = min(free, height) * float(rng.uniform(0.6, 0.9)) / 2
            x = float(rng.uniform(start + size, end - size))
            _beside(canvas, (x, low + height * float(rng.uniform(0.4, 0.6))), size, print_)


def _beside(canvas: Canvas, centre: Place, size: float, print_: Print) -> None:
    rng = print_.rng
    kind = rng.random()
    if kind < 0.4:
        _arms(canvas, centre, size, rng)
    elif kind < 0.6:
        _seal(canvas, centre, size, _colour(rng), rng)
    elif kind < 0.75:
        area = Area(centre[0] - 0.7 * size, centre[1] - size, centre[0] + 0.7 * size, centre[1] + size)
        _label(canvas, area, print_.one_of(_PLACES), print_)
    else:
        _PICTURES[int(rng.integers(len(_PICTURES)))](canvas, centre, size, _colour(rng), rng)


def _arms(canvas: Canvas, centre: Place, radius: float, rng: np.random.Generator) -> None:
    """A shield in two colours, parted or with a cross, and a beast or a charge on it."""
    first, second = _colour(rng), (235, 235, 230) if rng.random() < 0.6 else _colour(rng)
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


def _small_letters(canvas: Canvas, area: Area, print_: Print, ink: Colour) -> None:
    """Two or three letters over one another: the kind of a US plate, which is no part of its number."""
    rng = print_.rng
    letters = print_.one_of(_KINDS)
    step = (area.bottom - area.top) / len(letters)
    high = min(step * 0.9, (area.right - area.left) * 1.3)
    for n, letter in enumerate(letters):
        top = area.top + n * step + (step - high) / 2
        stamp(canvas, print_.line(letter), Area(area.left, top, area.right, top + high), ink)
    if rng.random() < 0.15:
        _square(canvas, ((area.left + area.right) / 2, area.top), high * 0.4, _colour(rng), rng)


_PLACES = ("75", "13", "69", "33", "06", "94", "2A", "08", "11", "98", "3", "6", "EV", "M", "CH", "TAXI")
"""What small bands and stickers beside a row say."""
_KINDS = ("TK", "DV", "FP", "PC", "AP", "TRK", "VET", "DIS", "NG", "RV", "SP", "BR", "MC", "CV", "LE", "HC", "UM", "OS")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_YEARS = (*(f"{year:02d}" for year in range(30)), "98", "99", "2008", "2012", "2016", "2019", "2021", "2024", "2026")
_COUNTIES = ("18", "25", "48", "7", "31", "KING", "Polk", "ORANGE", "DADE", "CLARK", "SJ", "JO", "Wake", "Dupage")


def draw_sticker(canvas: Canvas, layout: Layout, print_: Print) -> None:
    """Stickers of month, year or county in one or two corners, beside the number where they can be."""
    rng = print_.rng
    corners = [(x, y) for x in ("right", "left") for y in ("top", "bottom")]
    first = int(rng.choice(4, p=(0.36, 0.24, 0.24, 0.16)))
    chosen = [first, first ^ 2] if rng.random() < 0.35 else [first]
    shape = float(rng.uniform(0.07, 0.13)), float(rng.uniform(0.5, 0.9))
    edge = float(rng.uniform(0.005, 0.06))
    texts = [_MONTHS, _YEARS] if rng.random() < 0.75 else [_COUNTIES, _YEARS]
    for n, corner in enumerate(chosen):
        area = _corner(layout, corners[corner], shape, edge, float(rng.uniform(0.9, 1.12)))
        if (area.bottom - area.top) * canvas.px_mm >= 3:
            _label(canvas, area, print_.one_of(texts[n] if rng.random() < 0.8 else texts[n - 1]), print_)


def _corner(layout: Layout, corner: tuple[str, str], shape: tuple[float, float], edge: float, reach: float) -> Area:
    """A sticker's place: `shape` is its width as a share of the plate's, and its height as a share of its width."""
    plate, text = layout.print, layout.text
    length = plate.right - plate.left
    width = length * shape[0]
    room = (text.top - plate.top if corner[1] == "top" else plate.bottom - text.bottom) * reach
    height = min(width * shape[1], room)
    x = plate.right - width - edge * length if corner[0] == "right" else plate.left + edge * length
    y = plate.top if corner[1] == "top" else plate.bottom - height
    return Area(x, y, x + width, y + height)


def _label(canvas: Canvas, area: Area, text: str, print_: Print) -> None:
    """A coloured sticker that says something, or has a bar and a line of small print."""
    rng = print_.rng
    r, g, b = (int(v) for v in rng.integers(20, 255, 3))
    ink = (20, 20, 20) if r + g + b > 380 else (240, 240, 240)
    left, top, right, bottom = canvas.box(area)
    cv2.rectangle(canvas.image, (left, top), (right, bottom), (r, g, b), -1)
    if bottom - top < 6 or rng.random() < 0.3:
        middle = (top + bottom) // 2
        cv2.rectangle(canvas.image, (left + 2, middle), (max(right - 2, left + 3), middle + 1), (240, 240, 240), -1)
        return
    width, height = area.right - area.left, area.bottom - area.top
    inset = Area(area.left + width * 0.1, area.top + height * 0.1, area.right - width * 0.1, area.bottom - height * 0.1)
    stamp(canvas, print_.line(text), inset, ink)


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


def _fruit(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """Round things with leaves: oranges, peaches, flowers."""
    green = (50, int(rng.integers(90, 160)), 60)
    _fill(canvas, (centre[0], centre[1] - radius * 0.5), radius * 0.6, _state(rng), green)
    for _ in range(int(rng.integers(1, 4))):
        dx, dy = rng.uniform(-0.4, 0.4, 2) * radius
        at, size = _pixels(
            canvas, (centre[0] + float(dx), centre[1] + float(dy)), radius * float(rng.uniform(0.4, 0.7))
        )
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
    head = (centre[0] + side * radius * 0.7, centre[1] - radius * float(rng.uniform(0.1, 0.5)))
    _fill(canvas, head, radius * 0.35, _blob(rng), _near(colour, float(rng.uniform(0.7, 1.2))))
    for x in rng.uniform(-0.7, 0.7, int(rng.integers(0, 5))).tolist():
        leg = np.array([[x, 0.2], [x + 0.12, 0.2], [x + 0.08, 1.0], [x, 1.0]])
        _fill(canvas, centre, radius, leg, colour)


def _tree(canvas: Canvas, centre: Place, radius: float, colour: Colour, rng: np.random.Generator) -> None:
    """A trunk and a crown, or a palm's leaves."""
    lean = float(rng.uniform(-0.2, 0.2))
    _fill(
        canvas,
        centre,
        radius,
        np.array([[-0.08, 0.0], [0.08, 0.0], [0.1 + lean, 1.0], [-0.1 + lean, 1.0]]),
        (90, 65, 40),
    )
    green = _near((60, 140, 70), float(rng.uniform(0.6, 1.3))) if rng.random() < 0.7 else colour
    crown = (centre[0], centre[1] - radius * 0.4)
    _fill(canvas, crown, radius * 0.75, _star(rng) if rng.random() < 0.4 else _blob(rng), green)


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
_PICTURES: tuple[Callable[[Canvas, Place, float, Colour, np.random.Generator], None], ...] = (
    *(_shape, _shape, _seal, _seal, _square, _fruit, _flag, _animal, _tree),
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


def _colour(rng: np.random.Generator) -> Colour:
    """One that seals and stickers have, mostly."""
    if rng.random() < 0.75:
        return COLOURS[int(rng.integers(len(COLOURS)))]
    r, g, b = (int(v) for v in rng.integers(10, 246, 3))
    return r, g, b


def _near(colour: Colour, gain: float) -> Colour:
    r, g, b = (min(int(v * gain), 255) for v in colour)
    return r, g, b
