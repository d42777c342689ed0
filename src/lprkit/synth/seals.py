"""What authorities stick on a plate or print between its groups: seals, stickers, emblems."""

from __future__ import annotations

from bisect import bisect

import cv2
import numpy as np

from lprkit.core.chance import between, one_of
from lprkit.core.types import Colour, Style
from lprkit.synth.layout import Area, Layout
from lprkit.synth.marks import Canvas, Print, stamp
from lprkit.synth.pictures import PICTURES, Place, arms, colour_of, seal, square


def draw_seals(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> None:
    """Two round seals, one over the other, in the first gap of the number."""
    gap = next((spot for spot in layout.spots if spot.part == " "), None)
    if gap is None:
        return
    radius = min(gap.w * 0.52, gap.h * 0.25)
    for share, colour in zip((0.26, 0.76), (colour_of(rng), (225, 225, 220)), strict=True):
        if rng.random() < 0.9:
            seal(canvas, (gap.x + gap.w / 2, gap.y + gap.h * share), radius, colour, rng)


def draw_emblem(canvas: Canvas, layout: Layout, style: Style, print_: Print, american: bool) -> None:
    """A picture, a sticker or a seal or two beside the number or in one of its gaps; on US plates small letters too."""
    rng = print_.rng
    if layout.room is not None:
        room, text = layout.room, layout.text
        middle, half = (text.top + text.bottom) / 2, (text.bottom - text.top) / 2
        if american and rng.random() < 0.5:
            _small_letters(canvas, Area(room.left, middle - half, room.right, middle + half), print_, style.ink)
            return
        gap = Area(room.left, middle - half, room.right, middle + half)
    else:
        gaps = [spot for spot in layout.spots if spot.part in (" ", "·")]
        if not gaps:
            return
        spot = one_of(rng, gaps)
        gap = Area(spot.x, spot.y, spot.x + spot.w, spot.y + spot.h)
    width, height = gap.right - gap.left, gap.bottom - gap.top
    size = min(width * between(rng, 0.3, 0.58), height * 0.45)
    places = [between(rng, 0.3, 0.7)] if rng.random() < 0.65 else [0.26, 0.74]
    draw = one_of(rng, PICTURES)
    for share in places:
        centre = ((gap.left + gap.right) / 2, gap.top + height * share)
        draw(canvas, centre, min(size, height * 0.5 / len(places)), colour_of(rng), rng)


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
            size = min(free, height) * between(rng, 0.6, 0.9) / 2
            x = between(rng, start + size, end - size)
            _beside(canvas, (x, low + height * between(rng, 0.4, 0.6)), size, print_)


def _beside(canvas: Canvas, centre: Place, size: float, print_: Print) -> None:
    rng = print_.rng
    kind = rng.random()
    if kind < 0.4:
        arms(canvas, centre, size, rng)
    elif kind < 0.6:
        seal(canvas, centre, size, colour_of(rng), rng)
    elif kind < 0.75:
        area = Area(centre[0] - 0.7 * size, centre[1] - size, centre[0] + 0.7 * size, centre[1] + size)
        _label(canvas, area, print_.one_of(_PLACES), print_)
    else:
        one_of(rng, PICTURES)(canvas, centre, size, colour_of(rng), rng)


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
        square(canvas, ((area.left + area.right) / 2, area.top), high * 0.4, colour_of(rng), rng)


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
    first = bisect((0.36, 0.6, 0.84), rng.random())
    chosen = [first, first ^ 2] if rng.random() < 0.35 else [first]
    shape = between(rng, 0.07, 0.13), between(rng, 0.5, 0.9)
    edge = between(rng, 0.005, 0.06)
    texts = [_MONTHS, _YEARS] if rng.random() < 0.75 else [_COUNTIES, _YEARS]
    for n, corner in enumerate(chosen):
        area = _corner(layout, corners[corner], shape, edge, between(rng, 0.9, 1.12))
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
