"""Crops with the parameters of the notebook that draws the training plates of Hailo's LPRNet.

From `lp_autogenerate.ipynb` of hailo-ai/hailo_model_zoo: 300x75 px; digits, each of its own size, colour and place; the
area of the number coarsely spotted in half of the crops; half of them grey. Theirs have seven or eight signs; the
free ones here have five to nine digits. The notebook wants photographs of empty plates, here they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import SEPARATORS, Band, Colour, Image, Plate, Sample, Style
from lprkit.synth import generate, marks, wear
from lprkit.synth.faces import GlyphFace, Shape
from lprkit.synth.glyphs import GlyphBook
from lprkit.synth.presets import PresetPlan
from lprkit.synth.strokes import Mask

WIDTH, HEIGHT = 300, 75
FONT_PX = (40, 60)
"""Size of the type: height of its line."""
WIDEST = 0.8
"""The type is made smaller until the number takes less of the width."""
LEFT_PX, TOP_PX = (35.0, 45.0), (8.0, 12.0)
PITCH = 1.05
"""Distance of the signs over their mean advance."""
INK = 100
"""Largest value of a channel of the ink."""
SIZE_OFF, INK_OFF, PLACE_OFF = 4, 49, 4
"""How far one sign's size (px), ink and place (px) may be from the others', either way."""
SPOTTED, GREY = 0.5, 0.5
SPOTS, SPOT_RGB, SPOT_OFF = (5, 14), (175, 140, 55), (10, 15, 40)
"""Rows and columns; mean, and how far each channel may be from it."""

GROUPS = ((2, 3, 2), (3, 2, 3))
"""Digits between the separators of Israeli numbers."""
USUAL: Mapping[str, float] = {"-": 0.85, " ": 0.15}
"""Separators of half of the Israeli numbers, with their odds."""
OTHERS: Mapping[str, float] = {" ": 1 / 3, "-": 1 / 3, ".": 1 / 3}
"""Those of the other half."""
FREE = (5, 9)
"""Fewest and most digits of a free number."""
FREE_BREAKS: Mapping[str, float] = {"-": 0.1, " ": 0.9 / 11}
"""How often each stands behind a digit of a free number."""

BANDED = 5 / 6
"""Share of plates with a blue band, as of the notebook's empty ones."""
PLAIN = Style("plain", 440.0, 110.0, (0, 0, 0), (244, 196, 20), (75.0,), 40.0)
BAND = Band("left", 48.0, (11, 58, 143), text="IL")
LINE_TOP, CAPITAL, BESIDE = 0.2, 0.72, 0.1
"""Shares of the type's size, as usual typefaces have them: room over a digit, its height, room beside it."""
ROOM: Mapping[str, float] = {" ": 0.28, ".": 0.28, "-": 0.36}
"""Likewise, the advance of separators."""
DIGITS = "0123456789"
"""In usual typefaces all of them have the same advance."""
DIGIT = Shape(aspect=0.62, stroke=0.14)


def crop_at(n: int, plan: PresetPlan) -> Sample:
    """The n-th crop; `legal` is the share of Israeli numbers, 2-3-2 and 3-2-3 digits."""
    rng = np.random.default_rng([plan.seed, n, 5])
    printed = _israeli(rng) if rng.random() < plan.legal else _free(rng)
    digits = [sign for sign in printed if sign not in SEPARATORS]
    book = generate.book(plan.glyphs, plan.without, plan.only)
    image = _empty(book, rng)
    _write(image, printed, book.pick(PLAIN, DIGITS, rng, "il"), rng)
    if rng.random() < GREY:
        image = np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    plate = Plate("".join(digits), quad_of(Box(0, 0, WIDTH, HEIGHT)), "il", rows=1)
    return Sample((plate,), f"drawn:{plan.seed}:{n}", image, whole=True)


def _israeli(rng: np.random.Generator) -> list[str]:
    odds = USUAL if rng.random() < 0.5 else OTHERS
    signs: list[str] = []
    for count in GROUPS[int(rng.integers(2))]:
        separator = str(rng.choice(list(odds), p=list(odds.values())))
        signs += [*([separator] if signs else []), *_digits(count, rng)]
    return signs


def _free(rng: np.random.Generator) -> list[str]:
    """Digits with separators anywhere between them."""
    none = 1 - sum(FREE_BREAKS.values())
    signs: list[str] = []
    for digit in _digits(int(rng.integers(FREE[0], FREE[1] + 1)), rng):
        separator = str(rng.choice(["", *FREE_BREAKS], p=[none, *FREE_BREAKS.values()]))
        signs += [*([separator] if signs and separator else []), digit]
    return signs


def _digits(count: int, rng: np.random.Generator) -> list[str]:
    return [str(digit) for digit in rng.integers(10, size=count)]


def _empty(book: GlyphBook, rng: np.random.Generator) -> Image:
    """A plate without a number."""
    light = rng.normal(0, 8, (2, 4, 1))
    paper = np.clip(np.array(wear.jitter(PLAIN.paper, rng, 1.0)) + light, 0, 255).astype(np.uint8)
    image = np.asarray(cv2.resize(paper, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)
    canvas, left = marks.Canvas(image, HEIGHT / PLAIN.height_mm), 0.04
    if rng.random() < BANDED:
        marks.draw_band(canvas, BAND, PLAIN, marks.Print(book, rng))
        left = BAND.size_mm / PLAIN.width_mm + 0.01
    marks.draw_border(canvas, wear.jitter((20, 20, 20), rng, 1.0), rng)
    if rng.random() < SPOTTED:
        spots = np.add(SPOT_RGB, rng.integers(np.negative(SPOT_OFF), SPOT_OFF, (*SPOTS, 3))).astype(np.uint8)
        top, bottom = round(HEIGHT * float(rng.uniform(0.08, 0.2))), round(HEIGHT * float(rng.uniform(0.77, 0.92)))
        area = image[top:bottom, round(WIDTH * left) : round(WIDTH * float(rng.uniform(0.945, 0.98)))]
        area[:] = cv2.resize(spots, area.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return image


def _write(image: Image, printed: list[str], face: GlyphFace, rng: np.random.Generator) -> None:
    """Puts the signs onto the plate, each a little different from the others."""
    widths = {sign: face.glyph(sign, DIGIT).width * CAPITAL for sign in DIGITS}
    room = max(widths.values()) + BESIDE
    advance = sum(ROOM.get(sign, room) for sign in printed)
    size = min(int(rng.integers(FONT_PX[0], FONT_PX[1] + 1)), int(WIDEST * WIDTH / advance))
    pitch = PITCH * advance * size / len(printed)
    left, top = rng.uniform(*LEFT_PX), rng.uniform(*TOP_PX) + LINE_TOP * size
    ink = rng.integers(0, INK + 1, 3)
    for i, sign in enumerate(printed):
        own = size + int(rng.integers(-SIZE_OFF, SIZE_OFF + 1))
        dx, dy = rng.integers(-PLACE_OFF, PLACE_OFF + 1, 2)
        r, g, b = (int(value) for value in np.clip(ink + rng.integers(-INK_OFF, INK_OFF + 1, 3), 0, 255))
        if sign != " ":
            beside = (room - widths[sign]) / 2 * own if sign in widths else 0
            _lay(image, _mask(sign, own, face), (round(left + beside + i * pitch + dx), round(top + dy)), (r, g, b))


def _mask(sign: str, size: int, face: GlyphFace) -> Mask:
    """A sign in type of this size, its top at that of a digit."""
    height = round(CAPITAL * size)
    if sign in ROOM:
        mask = np.zeros((height, round(ROOM[sign] * size)), np.uint8)
        thick, wide = max(round(0.09 * size), 2), mask.shape[1] - 1
        if sign == "-":
            middle = round(0.6 * height)
            mask[middle - thick // 2 : middle - thick // 2 + thick, 1:wide] = 255
        else:
            mask[-thick:, :thick] = 255
        return mask
    glyph = face.glyph(sign, DIGIT)
    return np.asarray(
        cv2.resize(glyph.mask, (max(round(glyph.width * height), 2), height), interpolation=cv2.INTER_AREA)
    )


def _lay(image: Image, mask: Mask, place: tuple[int, int], ink: Colour) -> None:
    """Lays ink onto the picture, in place; what would fall over its right edge is moved inside."""
    height, width = mask.shape
    x, y = min(place[0], WIDTH - width), min(place[1], HEIGHT - height)
    under = image[y : y + height, x : x + width]
    cover = mask[:, :, None].astype(np.float32) / 255
    under[:] = np.rint(under + cover * (np.array(ink, np.float32) - under)).astype(np.uint8)
