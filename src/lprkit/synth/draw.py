"""A serial drawn as a flat plate, seen from straight ahead in even light; the camera does the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lprkit.core.chance import between
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, quad_of
from lprkit.core.types import Band, Colour, Image, Serial, Style
from lprkit.synth import fittings, marks, seals, strokes, wear
from lprkit.synth.faces import thicken
from lprkit.synth.glyphs import GlyphBook
from lprkit.synth.layout import SEALED, Area, Layout, arrange
from lprkit.synth.look import Look
from lprkit.synth.strokes import Mask

LETTER_PX = 44
"""Height of the smallest row of a plate that is drawn at its usual size."""
_BESIDE_ROW = 0.46
"""What a band beside the upper row alone covers of the plate's height."""
_LOOK = Look()


@dataclass(frozen=True)
class Drawn:
    """A flat plate, edge to edge."""

    image: Image
    quad: Quad
    """Corners of the plate in the picture: those of the picture itself."""
    text: str
    rows: int
    ink: Mask
    """H, W coverage of the number's ink: what infrared and embossing follow."""
    face: str
    """Names of the typefaces."""


def draw(
    serial: Serial, book: GlyphBook, rng: np.random.Generator, height_px: int | None = None, look: Look = _LOOK
) -> Drawn:
    """The plate of a serial, `height_px` high (None: as high as its letters need), everything else by `rng`."""
    style = serial.style
    _check(serial)
    look = Look(**{**vars(look), **_PLAIN}) if look.plain and rng.random() < look.plain else look
    face = book.pick(style, serial.tokens, rng, serial.region)
    bands = style.bands if rng.random() < look.band else ()
    if serial.rows == 2 and rng.random() < look.short_band:
        bands = tuple(replace(band, share=_BESIDE_ROW) if band.side in ("left", "right") else band for band in bands)
    edge = style.height_mm * (0.03 if not look.place_jitter else between(rng, 0.01, 0.045))
    upper = _print_area(style, bands, edge)
    lower = _print_area(style, [band for band in bands if band.share == 1.0], edge)
    layout = arrange(serial, face, upper, lower, look, rng)
    px_mm = (height_px or _usual_height(style, rng)) / style.height_mm
    size = round(style.height_mm * px_mm), round(style.width_mm * px_mm)
    number = _ink(layout, size, px_mm, look, rng)
    paper, ink = _colours(style, look, rng)
    canvas = marks.Canvas(_paper(serial, paper, size, look, rng), px_mm)
    printer = marks.Print(book, rng)
    for band in bands:
        marks.draw_band(canvas, band, style, printer)
    _under(canvas, layout, style, ink, look, printer)
    worn = wear.flake(number, rng) if rng.random() < look.worn else number
    left, top, right, bottom = canvas.box(layout.text)
    area = slice(max(top - 2, 0), bottom + 2), slice(max(left - 2, 0), right + 2)  # all ink is in here
    image = canvas.image
    marks.lay(image[area], worn[area], ink)
    if rng.random() < look.emboss:
        image[area] = wear.emboss(image[area], number[area], rng)
    _over(canvas, layout, serial, look, printer)
    if rng.random() < look.dirt:
        image = wear.soil(image, rng)
    if rng.random() < look.shine:
        image = wear.shine(image, rng)
    return Drawn(image, quad_of(Box(0, 0, size[1], size[0])), serial.text, serial.rows, number, face.name)


_PLAIN = {"pattern": 0.0, "border": 0.0, "caption": 0.0, "band": 0.0, "seals": 0.0, "stickers": 0.0, "screws": 0.0,
          "frame": 0.0, "emboss": 0.0, "faded": 0.0, "worn": 0.0, "dirt": 0.0, "shine": 0.0}  # fmt: skip


def _check(serial: Serial) -> None:
    """Refuses a style that no plate can have."""
    style = serial.style
    if min(style.width_mm, style.height_mm, style.letter_width_mm, *(style.row_heights_mm or (1.0,))) <= 0:
        raise DataError(f"Style {style.name!r} of {serial.region}: sizes in mm must be above 0.")


def _usual_height(style: Style, rng: np.random.Generator) -> int:
    """A height at which the smallest letters are about LETTER_PX high, within what later stages can use."""
    smallest = min(style.row_heights_mm) if style.row_heights_mm else style.height_mm * 0.6
    wanted = LETTER_PX * style.height_mm / smallest * between(rng, 0.9, 1.1)
    return round(min(max(wanted, 64.0), 112.0 if len(style.row_heights_mm) < 2 else 170.0))


def _print_area(style: Style, bands: Sequence[Band], edge: float) -> Area:
    """What edge and bands leave of the plate, mm."""
    left, top, right, bottom = edge, edge, style.width_mm - edge, style.height_mm - edge
    for band in bands:
        if band.under:
            continue
        area = marks.band_area(band, style)
        left = max(left, area.right + edge) if band.side == "left" else left
        right = min(right, area.left - edge) if band.side == "right" else right
        top = max(top, area.bottom) if band.side == "top" else top
        bottom = min(bottom, area.top) if band.side == "bottom" else bottom
    return Area(left, top, right, bottom)


def _ink(layout: Layout, size: tuple[int, int], px_mm: float, look: Look, rng: np.random.Generator) -> Mask:
    """The number's ink on an empty plate."""
    ink = np.zeros(size, dtype=np.uint8)
    for spot in layout.spots:
        left, top = round(spot.x * px_mm), round(spot.y * px_mm)
        width, height = max(round(spot.w * px_mm), 2), max(round(spot.h * px_mm), 2)
        if spot.glyph is not None:
            way = cv2.INTER_AREA if height < 28 else cv2.INTER_LINEAR  # linear is quicker, and good to half the size
            small = cv2.resize(spot.glyph.mask, (width, height), interpolation=way)
            _lay(ink, thicken(small, spot.glyph.heavier * height), left, top)
        elif rng.random() < look.lost_separator:
            continue
        elif spot.part == "-":
            thick = max(round(layout.stroke_mm * px_mm * 0.85), 1)
            middle = top + (height - thick) // 2
            cv2.rectangle(ink, (left, middle), (left + width - 1, middle + thick - 1), 255, -1)
        elif spot.part in "·.":
            radius = max(layout.stroke_mm * px_mm * 0.55, 0.8)
            centre = (spot.x + spot.w / 2) * px_mm, top + (height / 2 if spot.part == "·" else height - radius)
            at = round(centre[0] * 16), round(centre[1] * 16)
            cv2.circle(ink, at, round(radius * 16), 255, -1, cv2.LINE_AA, 4)
    return ink


def _lay(ink: Mask, small: Mask, left: int, top: int) -> None:
    """Adds a sign to the ink; what would fall over the plate's edge is cut."""
    height, width = ink.shape
    a, b = max(left, 0), max(top, 0)
    c, d = min(left + small.shape[1], width), min(top + small.shape[0], height)
    if a < c and b < d:
        place = ink[b:d, a:c]
        np.maximum(place, small[b - top : d - top, a - left : c - left], out=place)


def _colours(style: Style, look: Look, rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Paper and ink of this one plate."""
    paper, ink = style.paper, style.ink
    if look.colour_jitter:
        paper, ink = wear.jitter(paper, rng, look.colour_jitter), wear.jitter(ink, rng, look.colour_jitter)
    if rng.random() < look.faded:
        ink = wear.fade(ink, paper, rng)
    return paper, ink


def _paper(serial: Serial, paper: Colour, size: tuple[int, int], look: Look, rng: np.random.Generator) -> Image:
    """An empty plate: one colour, fading to another, or with a soft picture."""
    often = 5.0 if serial.region.startswith("us") else 1.0
    if rng.random() < look.pattern * often:
        return wear.pattern(paper, size, rng)
    if serial.style.paper_end is not None:
        end = serial.style.paper_end
        column = np.array([[paper], [end]], dtype=np.uint8)
        return np.asarray(cv2.resize(column, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    image = np.empty((*size, 3), dtype=np.uint8)
    cv2.rectangle(image, (0, 0), (size[1], size[0]), paper, -1)
    return image


def _under(canvas: marks.Canvas, layout: Layout, style: Style, ink: Colour, look: Look, printer: marks.Print) -> None:
    """What is printed before the number."""
    rng = printer.rng
    if rng.random() < (look.border if style.border is not None else look.border * 0.1):
        marks.draw_border(canvas, style.border or ink, rng)
    if style.lines != "none" and rng.random() < look.border:
        marks.draw_lines(canvas, layout, style, style.border or ink)
    if style.caption and rng.random() < look.caption:
        marks.draw_captions(canvas, layout, style, printer, ink if rng.random() < 0.7 else wear.jitter(ink, rng, 4.0))


def _over(canvas: marks.Canvas, layout: Layout, serial: Serial, look: Look, printer: marks.Print) -> None:
    """What is stuck or screwed on the finished plate."""
    rng = printer.rng
    american = serial.region.startswith("us") or serial.style.name.startswith("us")
    if serial.region in SEALED:
        if rng.random() < look.seals:
            seals.draw_seals(canvas, layout, rng)
    elif strokes.SIGNS.issuperset(serial.text) and (
        layout.room is not None or rng.random() < look.seals * (1.2 if serial.style.emblem else 0.35)
    ):
        seals.draw_emblem(canvas, layout, serial.style, printer, american)
    if serial.rows == 2 and strokes.SIGNS.issuperset(serial.text) and rng.random() < look.seals * 0.6:
        seals.draw_beside_rows(canvas, layout, printer)
    if rng.random() < look.stickers * (4.0 if american else 1.0):
        seals.draw_sticker(canvas, layout, printer)
    if rng.random() < look.screws:
        fittings.draw_screws(canvas, layout, rng)
    if rng.random() < look.frame * (3.0 if american else 1.0):
        fittings.draw_frame(canvas, layout, printer, serial.style)
