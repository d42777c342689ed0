"""What is printed on a plate besides its number: border, lines, bands, captions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, pi, sin

import cv2
import numpy as np

from lprkit.core.chance import below, between, one_of
from lprkit.core.types import Band, Colour, Image, Style
from lprkit.synth import fonts, hands, strokes
from lprkit.synth.faces import FontSource, covers_all
from lprkit.synth.glyphs import GlyphBook
from lprkit.synth.layout import Area, Layout
from lprkit.synth.strokes import Mask

_PRINTERS = ("dejavu", "liberation", "lato", "roboto", "nimbus", "opensans", "notosans", "freesans", "arial")


@dataclass(frozen=True)
class Canvas:
    """A plate being drawn, and its scale."""

    image: Image
    px_mm: float

    def box(self, area: Area) -> tuple[int, int, int, int]:
        """An area as left, top, right, bottom px inside the picture."""
        height, width = self.image.shape[:2]
        left, top, right, bottom = (max(round(edge * self.px_mm), 0) for edge in area)
        return min(left, width), min(top, height), min(right, width), min(bottom, height)


def band_area(band: Band, style: Style) -> Area:
    """Where a band lies, mm."""
    width, height, size = style.width_mm, style.height_mm, band.size_mm
    return {
        "left": Area(0, 0, size, height * band.share),
        "right": Area(width - size, 0, width, height * band.share),
        "top": Area(0, 0, width * band.share, size),
        "bottom": Area(0, height - size, width * band.share, height),
    }[band.side]


def draw_band(canvas: Canvas, band: Band, style: Style, print_: Print) -> None:
    """A coloured strip with its stars and letters."""
    area = band_area(band, style)
    left, top, right, bottom = canvas.box(area)
    if right - left < 2 or bottom - top < 2:
        return
    if band.paper != style.paper:  # else the paper as it was drawn goes on, or a lighter strip would show
        cv2.rectangle(canvas.image, (left, top), (right - 1, bottom - 1), band.paper, -1)
    width, height = area.right - area.left, area.bottom - area.top
    upright = height > width
    if band.stars:
        span = width if upright else height
        centre = (area.left + width / 2, area.top + (height * 0.3 if upright else height / 2))
        _ring(canvas, centre, span * 0.33)
    if band.text:
        stamp(canvas, print_.line(band.text), _band_letters(area, band), band.ink)


def _band_letters(area: Area, band: Band) -> Area:
    """Where the letters of a band stand: about half as high as it is wide at most, or a lone "I" would become a bar.

    Regulation (EC) 2411/98 asks for 20 mm in a band of 40 to 50 mm.
    """
    width, height = area.right - area.left, area.bottom - area.top
    if height <= width:
        return Area(
            area.left + width * 0.14, area.top + height * 0.12, area.right - width * 0.14, area.bottom - height * 0.12
        )
    middle = area.top + height * (0.77 if band.stars else 0.535)
    half = min(width * 0.55, height * 0.3) / 2
    return Area(area.left + width * 0.14, middle - half, area.right - width * 0.14, middle + half)


def draw_border(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """A line around the plate, a little inside its edge."""
    height, width = canvas.image.shape[:2]
    inset = round(between(rng, 0.005, 0.03) * height)
    thick = max(round(between(rng, 0.012, 0.035) * height), 1)
    radius = max(round(between(rng, 0.03, 0.12) * height), 1)
    left, top, right, bottom = inset, inset, width - 1 - inset, height - 1 - inset
    for x, y, angle in (
        (left + radius, top + radius, 180),
        (right - radius, top + radius, 270),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
    ):
        cv2.ellipse(canvas.image, (x, y), (radius, radius), angle, 0, 90, colour, thick, cv2.LINE_AA)
    cv2.line(canvas.image, (left + radius, top), (right - radius, top), colour, thick)
    cv2.line(canvas.image, (left + radius, bottom), (right - radius, bottom), colour, thick)
    cv2.line(canvas.image, (left, top + radius), (left, bottom - radius), colour, thick)
    cv2.line(canvas.image, (right, top + radius), (right, bottom - radius), colour, thick)


def draw_captions(canvas: Canvas, layout: Layout, style: Style, print_: Print, ink: Colour) -> None:
    """One of the style's captions over the number, sometimes another under it, where there is room."""
    rng = print_.rng
    print_area, text = layout.print, layout.text
    rooms = {
        "top": Area(print_area.left, print_area.top, print_area.right, text.top),
        "bottom": Area(print_area.left, text.bottom, print_area.right, print_area.bottom),
    }
    places = ["top", "bottom"] if rng.random() < 0.85 else ["bottom", "top"]
    lines = [one_of(rng, style.caption)]
    if rng.random() < 0.45:
        lines.append(print_.words())
    for place, line in zip(places, lines, strict=False):
        room = rooms[place]
        height = min((room.bottom - room.top) * between(rng, 0.55, 0.85), style.height_mm * between(rng, 0.08, 0.22))
        if height * canvas.px_mm < 3:
            continue
        middle, half = (room.top + room.bottom) / 2, (room.right - room.left) * between(rng, 0.2, 0.45)
        centre = (room.left + room.right) / 2
        stamp(
            canvas, print_.line(line), Area(centre - half, middle - height / 2, centre + half, middle + height / 2), ink
        )


def draw_lines(canvas: Canvas, layout: Layout, style: Style, colour: Colour) -> None:
    """The lines of a style between the groups of its number: before the last, or between all groups and rows."""
    area = layout.print
    thick = max(round(style.height_mm * 0.018 * canvas.px_mm), 1)
    gaps = [spot for spot in layout.spots if spot.part == " "]
    rows = [area.top, *((a + b) / 2 for a, b in _between_rows(layout)), area.bottom]
    if style.lines == "all":
        for y in rows[1:-1]:
            left, at, right, _ = canvas.box(Area(area.left, y, area.right, y))
            cv2.line(canvas.image, (left, at), (right, at), colour, thick)
    for gap in gaps if style.lines == "all" else gaps[-1:]:
        middle = gap.y + gap.h / 2
        above, below = max(y for y in rows if y < middle), min(y for y in rows if y > middle)
        at, top, _, bottom = canvas.box(Area(gap.x + gap.w / 2, above, gap.x + gap.w / 2, below))
        cv2.line(canvas.image, (at, top), (at, bottom), colour, thick)


def _between_rows(layout: Layout) -> list[tuple[float, float]]:
    """Foot of each row and top of the next, mm."""
    signs = [spot for spot in layout.spots if spot.glyph is not None]
    starts = [b for a, b in pairwise(signs) if b.y > a.y + a.h / 2]
    return [(max(s.y + s.h for s in signs if s.y < start.y - start.h / 4), start.y) for start in starts]


class Print:
    """The typeface of a plate's small print, and the random words it may say."""

    def __init__(self, book: GlyphBook, rng: np.random.Generator) -> None:
        self.rng = rng
        self._book = book
        paths = _printer_paths(book)
        self._path = one_of(rng, paths) if paths else ""

    def line(self, text: str) -> Mask:
        """The text as a mask."""
        wide = any(map(fonts.is_wide, text))
        return _line(_path_with(self._book, text) or self._path if wide else self._path, text)

    def words(self) -> str:
        """Words that mean nothing."""
        return self.one_of(_pool())

    def one_of(self, texts: tuple[str, ...]) -> str:
        """One of these, all alike."""
        return texts[int(self.rng.integers(len(texts)))]


def stamp(canvas: Canvas, mask: Mask, area: Area, ink: Colour) -> None:
    """A mask drawn as large as it fits in the middle of an area."""
    left, top, right, bottom = canvas.box(area)
    room_w, room_h = right - left, bottom - top
    scale = min(room_w / mask.shape[1], room_h / mask.shape[0])
    width, height = int(mask.shape[1] * scale), int(mask.shape[0] * scale)
    if width < 2 or height < 2:
        return
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    x, y = left + (room_w - width) // 2, top + (room_h - height) // 2
    lay(canvas.image[y : y + height, x : x + width], small, ink)


def lay(under: Image, cover: Mask, ink: Colour) -> None:
    """Ink over a picture, in place, as far as the mask covers it."""
    covers = cv2.merge([cover] * 3)
    clear = cv2.multiply(under, cv2.bitwise_not(covers), scale=1 / 255)
    inks = np.rint(_SHARES * np.array(ink, dtype=np.float32)).astype(np.uint8)
    under[:] = cv2.add(clear, cv2.LUT(covers, inks))


_SHARES = np.arange(256, dtype=np.float32).reshape(1, 256, 1) / np.float32(255)


def _ring(canvas: Canvas, centre: tuple[float, float], radius: float) -> None:
    """Twelve yellow stars in a ring, as dots."""
    size = max(radius * 0.16 * canvas.px_mm, 0.7)
    for hour in range(12):
        x = (centre[0] + radius * cos(hour * pi / 6)) * canvas.px_mm * 16
        y = (centre[1] + radius * sin(hour * pi / 6)) * canvas.px_mm * 16
        cv2.circle(canvas.image, (round(x), round(y)), round(size * 16), (245, 210, 40), -1, cv2.LINE_AA, 4)


def _printer_paths(book: GlyphBook) -> tuple[str, ...]:
    """Fonts for small print."""
    key = id(book)
    if key not in _PATHS or _PATHS[key][0] is not book:
        found = (s.path for s in book.sources if isinstance(s, FontSource) and s.name.startswith(_PRINTERS))
        _PATHS[key] = (book, tuple(found)[::3])
    return _PATHS[key][1]


_PATHS: dict[int, tuple[GlyphBook, tuple[str, ...]]] = {}


@lru_cache(maxsize=256)
def _path_with(book: GlyphBook, text: str) -> str:
    """A font that has all signs of a text; empty where there is none."""
    signs = set(text) - {" "}
    return next((s.path for s in book.sources if isinstance(s, FontSource) and covers_all(s, signs)), "")


@lru_cache(maxsize=8192)
def _line(path: str, text: str) -> Mask:
    """A line of small print; in strokes where there is no font, signs that strokes lack left out."""
    if path and all(sign == " " or fonts.font_covers(path, sign) for sign in text):
        return fonts.text_mask(path, text)
    hand = hands.hand("din")
    space = np.zeros((strokes.CANON_PX, 14), dtype=np.uint8)
    parts: list[Mask] = [space]
    for sign in text.upper():
        parts += [strokes.draw_sign(sign, hand) if sign in strokes.SIGNS else np.hstack([space, space]), space]
    return np.asarray(
        cv2.resize(np.hstack(parts), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


@lru_cache(maxsize=1)
def _pool() -> tuple[str, ...]:
    """Made-up names of dealers and slogans, always the same."""
    rng = np.random.default_rng(7)
    syllables = [c + v for c in "bcdfghklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "er", "or")]
    names = []
    for _ in range(60):
        words = ["".join(rng.choice(syllables, rng.integers(2, 4))) for _ in range(rng.integers(1, 4))]
        name = " ".join(words)
        names.append([name.upper(), name.title(), f"www.{words[0]}.com"][below(rng, 3)])
    return tuple(names)
