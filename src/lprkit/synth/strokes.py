"""A typeface of our own: every sign as lines and rounded corners in a unit box, drawn as thick or thin as asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import dist

import cv2
import numpy as np
from numpy.typing import NDArray

from lprkit.synth import curves
from lprkit.synth.curves import Point
from lprkit.synth.hands import Hand, cut

Mask = NDArray[np.uint8]
"""H, W coverage of ink, 0-255."""

CANON_PX = 64
"""Height at which glyph masks are made and cached; plates are drawn smaller."""

_OVER = 3  # drawn this much larger, then shrunk: clean edges
_SHIFT = 4  # fractional bits of OpenCV's drawing coordinates

SIGNS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜÅČĆŠŽĐ")
"""Every Latin sign that a region's plates show."""

_WIDTHS = {"I": 0.0, "1": 0.55, "J": 0.88, "M": 1.2, "W": 1.32, "L": 0.9, "F": 0.94, "E": 0.94, "N": 1.05, "Q": 1.03}
_CLOSED = frozenset("0689BDOPQR")
_MARKED = {"Ä": "A", "Ö": "O", "Ü": "U", "Å": "A", "Č": "C", "Ć": "C", "Š": "S", "Ž": "Z"}
_ROOM = 0.24
"""Share of the height that a mark over a letter takes, its distance from the letter included."""


def draw_sign(sign: str, by: Hand) -> Mask:
    """The mask of one sign, CANON_PX high and as wide as the sign is."""
    height, by = CANON_PX * _OVER, cut(sign, by)
    thick = min(by.stroke, 0.28 * by.aspect) * height  # heavier would fill the bowls of narrow letters
    thick *= 0.88 if sign in _MARKED or (by.even and sign in "MW") else 1.0  # these have less room, and fill up too
    width = max(_share(sign, by) * by.aspect * height, thick * 1.02)
    canvas = np.zeros((height, round(width)), dtype=np.uint8)
    top = _ROOM * height if sign in _MARKED else 0.0
    inner = max(width - thick, 0.0), height - thick - top
    drawn_by = replace(by, stroke=thick / height)
    for path in _paths(_MARKED.get(sign, sign), by):
        _stroke(canvas, path, inner, (thick / 2, thick / 2 + top), drawn_by)
    if sign in _MARKED:
        _mark(canvas, sign, thick)
    if by.stencil and sign in _CLOSED:
        middle, half = canvas.shape[1] // 2, max(round(thick * 0.2), 2)
        canvas[:, middle - half : middle + half] = 0
    return _shrink(_lean(canvas, by.slant))


def _share(sign: str, by: Hand) -> float:
    """How wide a sign is, relative to H."""
    if sign == "I":
        return 0.55 if "I" in by.variants else 0.0
    if sign == "1" and "1" not in by.variants:
        return 0.0 if "I" in by.variants else 0.5
    if by.even and sign != "1":
        return 1.0
    return _WIDTHS.get(_MARKED.get(sign, sign), 1.0)


def _paths(sign: str, by: Hand) -> list[str]:
    """The lines of a sign: points of a unit box, y down; ~ marks a rounded corner."""
    forms = SECOND if sign in by.variants and sign in SECOND else _FORMS
    hook = min(by.hook, by.bowl - by.stroke - 0.03) if sign in "69" else by.hook  # further round, they would be an 8
    places = {"m": by.waist, "h": hook, "k": 1 - hook, "b": by.bowl, "c": 1 - by.bowl, "g": by.bar, "y": by.fork}
    places |= {"t": by.tail, "u": by.tail + 0.12}
    return [re.sub("[a-z]", lambda found: f"{places[found[0]]:.3f}", path) for path in forms[sign]]


_FORMS: dict[str, tuple[str, ...]] = {
    "0": ("0,.5 0,0~ 1,0~ 1,1~ 0,1~ 0,.5",),
    "1": ("0,.25 1,0 1,1",),
    "2": ("0,h 0,0~ 1,0~ 1,.46~ 0,1 1,1",),
    "3": ("0,h 0,0~ .96,0~ .96,m~ .4,m", ".4,m 1,m~ 1,1~ 0,1~ 0,k"),
    "4": (".76,1 .76,0 0,.7 1,.7",),
    "5": ("1,0 .06,0 0,.45 .1,.40 1,.40~ 1,1~ 0,1~ 0,k",),
    "6": ("1,h 1,0~ 0,0~ 0,1~ 1,1~ 1,b~ 0,b~ 0,.7",),
    "7": ("0,0 1,0 .35,1",),
    "8": (".5,0 .95,0~ .95,m~ .05,m~ .05,0~ .5,0", ".5,m 1,m~ 1,1~ 0,1~ 0,m~ .5,m"),
    "9": ("0,k 0,1~ 1,1~ 1,0~ 0,0~ 0,c~ 1,c~ 1,.3",),
    "A": ("0,1.04 .5,-.04 1,1.04", ".15,.70 .85,.70"),
    "B": ("0,1 0,0 .95,0~ .95,m~ 0,m", "0,m 1,m~ 1,1~ 0,1"),
    "C": ("1,h 1,0~ 0,0~ 0,1~ 1,1~ 1,k",),
    "D": ("0,.5 0,0 1,0~ 1,1~ 0,1 0,.5",),
    "E": ("1,0 0,0 0,1 1,1", "0,m .86,m"),
    "F": ("1,0 0,0 0,1", "0,.49 .86,.49"),
    "G": ("1,h 1,0~ 0,0~ 0,1~ 1,1~ 1,.54 g,.54",),
    "H": ("0,0 0,1", "1,0 1,1", "0,m 1,m"),
    "I": (".5,0 .5,1",),
    "J": ("1,0 1,1~ 0,1~ 0,.70",),
    "K": ("0,0 0,1", "1.02,-.03 0,.62", ".36,.39 1.02,1.04"),
    "L": ("0,0 0,1 1,1",),
    "M": ("0,1 0,0", ".02,0 .5,.66 .98,0", "1,0 1,1"),
    "N": ("0,1 0,0", ".02,0 .98,1", "1,1 1,0"),
    "O": ("0,.5 0,0~ 1,0~ 1,1~ 0,1~ 0,.5",),
    "P": ("0,1 0,0 1,0~ 1,.55~ 0,.55",),
    "Q": ("0,.5 0,0~ 1,0~ 1,1~ 0,1~ 0,.5", "t,u 1,1.02"),
    "R": ("0,1 0,0 1,0~ 1,.53~ 0,.53", ".45,.53 1,1.03"),
    "S": ("1,h 1,0~ 0,0~ 0,m~ 1,m~ 1,1~ 0,1~ 0,k",),
    "T": ("0,0 1,0", ".5,0 .5,1"),
    "U": ("0,0 0,1~ 1,1~ 1,0",),
    "V": ("0,-.04 .5,1.04 1,-.04",),
    "W": ("0,-.04 .25,1.02 .5,.1 .75,1.02 1,-.04",),
    "X": ("0,-.03 1,1.03", "1,-.03 0,1.03"),
    "Y": ("0,-.03 .5,y 1,-.03", ".5,y .5,1"),
    "Z": ("0,0 1,0 0,1 1,1",),
    "Đ": (".18,.5 .18,0 1,0~ 1,1~ .18,1 .18,.5", "0,m .5,m"),
}

SECOND: dict[str, tuple[str, ...]] = {
    "0": (*_FORMS["0"], ".2,.8 .8,.2"),
    "1": ("0,.27 .5,0 .5,1", "0,1 1,1"),
    "3": ("0,0 1,0 .45,.41 1,.41~ 1,1~ 0,1~ 0,.77",),
    "4": (".2,0 0,.69 1,.69", ".74,.36 .74,1"),
    "6": (".78,-.02 0,.55~ 0,1~ 1,1~ 1,.40~ 0,.40~ 0,.68",),
    "7": ("0,0 1,0 .38,.5~ .38,1",),
    "9": (".22,1.02 1,.45~ 1,0~ 0,0~ 0,.60~ 1,.60~ 1,.32",),
    "I": (".5,0 .5,1", "0,0 1,0", "0,1 1,1"),
    "A": ("0,1.02 .4,0 .6,0 1,1.02", ".15,.70 .85,.70"),
    "D": ("0,0 1,0~ 1,1~ 0,1", ".17,0 .17,1"),
    "J": (".3,0 1,0 1,1~ 0,1~ 0,.72",),
    "Q": (_FORMS["0"][0], ".5,.62 .5,.72 1,1.02"),
    "M": ("0,1 0,0", ".02,0 .5,.98 .98,0", "1,0 1,1"),
    "V": ("0,-.02 .4,1 .6,1 1,-.02",),
    "W": ("0,-.04 .25,1.02 .5,.42 .75,1.02 1,-.04",),
}
"""Second forms: slashed 0, footed 1, flat-topped 3, open 4, straight-backed 6 and 9, bent 7, spurred D, blunt V …"""


def _stroke(canvas: Mask, path: str, inner: Point, origin: Point, by: Hand) -> None:
    """Draws one line of a sign on the canvas."""
    places, curved = curves.parsed(path)
    points = [(x * inner[0] + origin[0], y * inner[1] + origin[1]) for x, y in places]
    line = curves.rounded(points, curved, (by.radius * inner[0] / 2, by.tall, by.square))
    thick = by.stroke * canvas.shape[0]
    cv2.polylines(canvas, [_fixed(line)], False, 255, max(round(thick), 1), cv2.LINE_8, _SHIFT)
    if not by.round_ends:
        for first, second in pairwise(points):
            _bar(canvas, first, second, thick / 2, line)


def _fixed(points: Sequence[Point]) -> NDArray[np.int32]:
    """Points as OpenCV takes them, with _SHIFT bits of fraction."""
    return np.asarray(np.rint(np.array(points) * 2**_SHIFT), np.int32)


def _bar(canvas: Mask, first: Point, second: Point, half: float, line: list[Point]) -> None:
    """A straight piece with square ends, so that corners and line ends are sharp; rounded corners stay as they are."""
    length = dist(first, second) or 1.0
    x, y = (second[0] - first[0]) / length, (second[1] - first[1]) / length
    ways = [(px - first[0], py - first[1]) for px, py in line]
    places = [dx * x + dy * y for dx, dy in ways if abs(dy * x - dx * y) < 0.5]
    places = [place for place in places if -0.5 <= place <= length + 0.5]
    if len(places) < 2:
        return
    low, high = min(places), max(places)
    low -= half if low < 0.5 else 0.0
    high += half if high > length - 0.5 else 0.0
    (ax, ay), (bx, by) = (curves.along(first, second, at / length) for at in (low, high))
    right, down = -y * half, x * half
    corners = [(ax + right, ay + down), (bx + right, by + down), (bx - right, by - down), (ax - right, ay - down)]
    cv2.fillConvexPoly(canvas, _fixed(corners), 255, cv2.LINE_8, _SHIFT)


def _mark(canvas: Mask, sign: str, thick: float) -> None:
    """The mark over a letter: two dots, or lines thinner than the letter's."""
    height, width = canvas.shape
    if sign not in _MARKS:
        size = round(thick)
        for centre in (width * 0.28, width * 0.72):
            left = round(centre - size / 2)
            canvas[0:size, max(left, 0) : left + size] = 255
        return
    mark = _MARKS[sign]
    line = thick * mark.line
    room = min(mark.width * height, width) - line, mark.height * height - line
    origin = (width - room[0]) / 2, line / 2
    _stroke(canvas, mark.path, room, origin, Hand(line / height, radius=1.0, tall=1.0))


@dataclass(frozen=True)
class _Mark:
    """A mark made of one line; sizes as shares of the height, its line as a share of the letter's."""

    path: str
    width: float
    height: float
    line: float


_MARKS: dict[str, _Mark] = {
    "Å": _Mark("0,.5 0,0~ 1,0~ 1,1~ 0,1~ 0,.5", 0.21, 0.21, 0.5),
    "Ć": _Mark("1,0 0,1", 0.2, 0.17, 0.8),
    **dict.fromkeys("ČŠŽ", _Mark("0,0 .5,1 1,0", 0.34, 0.17, 0.7)),
}


def _lean(canvas: Mask, slant: float) -> Mask:
    """The canvas sheared to the right by `slant` of its height."""
    if abs(slant) < 0.01:
        return canvas
    height, width = canvas.shape
    extra = abs(slant) * height
    matrix = np.array([[1, -slant, max(slant, 0.0) * height], [0, 1, 0]], dtype=np.float64)
    return np.asarray(cv2.warpAffine(canvas, matrix, (round(width + extra), height)), dtype=np.uint8)


def _shrink(canvas: Mask) -> Mask:
    """The canvas at CANON_PX height."""
    width = max(round(canvas.shape[1] / _OVER), 3)
    return np.asarray(cv2.resize(canvas, (width, CANON_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)
