"""Where each sign of a number stands on its plate, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lprkit.core.chance import between
from lprkit.core.errors import DataError
from lprkit.core.types import SEPARATORS, Serial, Style
from lprkit.synth.faces import Glyph, GlyphFace, Shape
from lprkit.synth.look import Look

SEALED = ("de",)
"""Regions whose plates carry round seals in their first gap."""


class Spot(NamedTuple):
    """One sign or separator and its box on the plate, mm."""

    part: str
    glyph: Glyph | None
    """None: a separator, drawn as a bar or dot (or left free)."""
    x: float
    y: float
    w: float
    h: float


class Area(NamedTuple):
    """A rectangle on the plate, mm."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Layout:
    """Every sign of a plate in place."""

    spots: tuple[Spot, ...]
    print: Area
    """What bands and border leave to the number and the captions."""
    text: Area
    """The box around the number."""
    stroke_mm: float
    room: Area | None = None
    """A place beside the number that was left free for a picture or small letters."""


def arrange(serial: Serial, face: GlyphFace, area: Area, lower: Area, look: Look, rng: np.random.Generator) -> Layout:
    """The signs of a serial, set in rows within `area`; rows below the first may be as wide as `lower`."""
    style, whole = serial.style, area
    rows = split_rows(serial.printed)
    heights = _row_heights(style, len(rows), area)
    fixed = bool(rng.random() < look.fixed_pitch ** (0.15 if serial.region[:2] in _IN_CELLS else 1.0))
    low, high = _TOP_ROWS.get(serial.region[:2], (0.1, 0.9))
    flat = between(rng, low, high)
    sealed = serial.region in SEALED or (style.emblem and " " in serial.printed)
    roomy = sealed or bool(rng.random() < look.seals * _ROOMY)
    room = None
    if roomy and not sealed and len(rows) == 1 and (" " not in serial.printed or rng.random() < 0.5):
        room, area = _room_beside(area, max(heights), rng)
    spots: list[Spot] = []
    tops = _row_tops(heights, area, style, look, rng)
    for parts, height, top in zip(rows, heights, tops, strict=True):
        width = style.letter_width_mm * (height / max(heights)) ** flat
        letters = _Letters(style, face, width, height, fixed, len(rows) == 2 and top == tops[0])
        row = _set_row(parts, letters)
        row = _with_room_for_seals(row, style) if roomy and room is None else row
        spots += _fit(row, area if top == tops[0] else lower, top, look, rng)
    text = Area(
        min(s.x for s in spots),
        min(s.y for s in spots),
        max(s.x + s.w for s in spots),
        max(s.y + s.h for s in spots),
    )
    return Layout(tuple(spots), whole, text, style.stroke_mm * max(heights) / max(style.row_heights_mm), room)


_IN_CELLS = ("cn", "de")
"""Countries whose letters nearly always stand in cells of one width."""
_ROOMY = 0.25
"""How often, where emblems may be drawn, a first gap is as wide as those for German seals, or one side is left free."""
_OFF_CENTRE = 0.35
"""How often the number of a plate with captions stands anywhere between upper and lower edge."""
_TOP_ROWS = {"cn": (-0.5, -0.1)}
"""How far the letters of a lower row are narrower too, as a power of its height; in China they are wider instead."""


def _room_beside(area: Area, letter_mm: float, rng: np.random.Generator) -> tuple[Area, Area]:
    """A place for a picture at the left or right of the number, and what that leaves."""
    width = min(letter_mm * between(rng, 0.3, 0.9), (area.right - area.left) * 0.18)
    if rng.random() < 0.6:
        return area._replace(right=area.left + width), area._replace(left=area.left + width)
    return area._replace(left=area.right - width), area._replace(right=area.right - width)


def split_rows(printed: tuple[str, ...]) -> list[list[str]]:
    """What is printed, row by row, without separators at the ends of rows."""
    rows: list[list[str]] = [[]]
    for part in printed:
        if part == "/":
            rows.append([])
        elif rows[-1] or part not in SEPARATORS:
            rows[-1].append(part)
    rows = [row[: -1 if row and row[-1] in SEPARATORS else None] for row in rows]
    rows = [row for row in rows if row]
    if not rows:
        raise DataError(f"The serial {printed!r} has no tokens to draw. Give at least one.")
    return rows


def _row_heights(style: Style, count: int, area: Area) -> list[float]:
    """Letter height of each row, made to fit when a style has fewer rows than the serial."""
    given = list(style.row_heights_mm) or [style.height_mm * 0.6]
    heights = given[:count] if len(given) >= count else [given[-1]] * count
    room = (area.bottom - area.top) * (0.96 if count == 1 else 0.92)
    shrink = min(1.0, room / sum(heights))
    return [height * shrink for height in heights]


def _row_tops(heights: list[float], area: Area, style: Style, look: Look, rng: np.random.Generator) -> list[float]:
    """Top of each row: what is free is shared out above, between and below; captions may take it from one side."""
    free = area.bottom - area.top - sum(heights)
    gap = free / (len(heights) + 1) * (between(rng, 0.7, 1.2) if look.place_jitter else 1.0)
    gap = min(gap, free / max(len(heights) - 1, 1) * 0.8)
    outside = free - gap * (len(heights) - 1)
    above = 0.5 + style.lower_mm / max(outside, 1.0) + 0.05 * look.place_jitter * min(max(rng.normal(), -2.0), 2.0)
    if style.caption and rng.random() < _OFF_CENTRE * look.place_jitter:
        above = between(rng, 0.0, 1.0)
    top = area.top + outside * min(max(above, 0.05), 0.95)
    tops = []
    for height in heights:
        tops.append(top)
        top += height + gap
    return tops


@dataclass(frozen=True)
class _Letters:
    """How one row is lettered."""

    style: Style
    face: GlyphFace
    width_mm: float
    height_mm: float
    fixed: bool
    upper: bool


def _set_row(parts: list[str], letters: _Letters) -> list[Spot]:
    """The parts of a row one after the other from x = 0, at their own widths and gaps."""
    gap, width_mm, height = letters.style.gap_mm, letters.width_mm, letters.height_mm
    shape = Shape(width_mm / height, letters.style.stroke_mm / max(letters.style.row_heights_mm))
    crowded = len(parts) > 4
    spots: list[Spot] = []
    x = 0.0
    for i, part in enumerate(parts):
        if part in SEPARATORS:
            width = gap * 2.2 if part == " " else width_mm * (0.34 if part == "-" else 0.22)
            spots.append(Spot(part, None, x, 0.0, width, height))
        else:
            glyph = letters.face.glyph(part, shape, crowded and len(part) > 1, letters.upper)
            own = glyph.width * height
            width = max(own, width_mm) if letters.fixed else own
            spots.append(Spot(part, glyph, x + (width - own) / 2, 0.0, own, height))
        beside_space = part == " " or (i + 1 < len(parts) and parts[i + 1] == " ")
        x += width + (gap * 0.5 if beside_space else gap)
    return spots


def _with_room_for_seals(row: list[Spot], style: Style) -> list[Spot]:
    """A row whose first space is as wide as the seals on it, 45 mm on a plate of 110 mm, or as an emblem."""
    first = next((i for i, spot in enumerate(row) if spot.part == " "), None)
    if first is None:
        return row
    extra = max(style.height_mm * (0.24 if style.emblem else 0.36) - row[first].w, 0.0)
    widened = row[first]._replace(w=row[first].w + extra)
    return [*row[:first], widened, *(spot._replace(x=spot.x + extra) for spot in row[first + 1 :])]


def _fit(row: list[Spot], area: Area, top: float, look: Look, rng: np.random.Generator) -> list[Spot]:
    """A row squeezed or spread into the area's width, and moved to its place."""
    length = row[-1].x + row[-1].w
    room = (area.right - area.left) * float(0.96 if not look.place_jitter else between(rng, 0.9, 0.98))
    scale = min(1.0, room / length)
    spread = 1.0
    if look.place_jitter and scale == 1.0:
        spread = min(max(rng.normal(1.03, 0.06), 0.94), 1.3, room / length)
    left = area.left + (area.right - area.left - length * scale * spread) / 2
    left += (room - length * scale * spread) * 0.12 * look.place_jitter * min(max(rng.normal(), -2.0), 2.0)
    shifts = (rng.normal(0.0, 0.006 * look.place_jitter, (len(row), 2)) * row[0].h).tolist()
    placed = []
    for spot, (dx, dy) in zip(row, shifts, strict=True):
        middle = (spot.x + spot.w / 2) * scale * spread
        x = left + middle - spot.w * scale / 2 + dx
        placed.append(Spot(spot.part, spot.glyph, x, top + dy, spot.w * scale, spot.h))
    return placed
