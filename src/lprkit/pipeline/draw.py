"""Sightings drawn onto their picture: an outline, and the text on a strip of its own."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from lprkit.core.geometry import box_of
from lprkit.core.types import Colour, Image, Sighting
from lprkit.synth.fonts import find_fonts, font_covers, font_folders

OUTLINE: Colour = (0, 230, 90)
STRIP: Colour = (10, 12, 16)
INK: Colour = (255, 255, 255)


def annotate(image: Image, sightings: Sequence[Sighting]) -> Image:
    """A copy of the picture with each plate outlined and what it says above it."""
    canvas = PilImage.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    width_px = max(2, round(max(image.shape[:2]) / 500))
    for one in sightings:
        pen.line([*one.detection.quad, one.detection.quad[0]], fill=OUTLINE, width=width_px, joint="curve")
    for one in sightings:
        _write(pen, one, image.shape[1])
    return np.asarray(canvas, dtype=np.uint8)


def _write(pen: ImageDraw.ImageDraw, one: Sighting, width: int) -> None:
    """The text on a dark strip above its plate, or below where there is no room above."""
    box = box_of(one.detection.quad)
    size = int(min(max(box.h * 0.7, 14), 64))
    font, text = face_for(one.reading.text or "?", size)
    label = f"{text}  {one.reading.score:.0%}"
    left, top, right, bottom = pen.textbbox((0, 0), label, font=font)
    pad = size // 4
    wide, high = right - left + 2 * pad, bottom - top + 2 * pad
    x = min(max(box.x, 0), max(width - wide, 0))
    y = box.y - high - 2 if box.y >= high + 2 else box.y + box.h + 2
    pen.rectangle((x, y, x + wide, y + high), fill=STRIP)
    pen.text((x + pad - left, y + pad - top), label, font=font, fill=INK)


def face_for(text: str, size: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    """A typeface that has all of the text, the machine's where Pillow's own lacks some; else "?" for the rest."""
    if text.isascii():
        return ImageFont.load_default(size), text
    path = _font_with("".join(sorted({sign for sign in text if not sign.isascii()})))
    if path is not None:
        return ImageFont.truetype(path, size), text
    return ImageFont.load_default(size), "".join(sign if sign.isascii() else "?" for sign in text)


@functools.lru_cache(maxsize=256)
def _font_with(signs: str) -> str | None:
    """The first font of the machine that has these signs and the digits."""
    for path in _fonts():
        if all(font_covers(path, sign) for sign in f"{signs}0%"):
            return path
    return None


@functools.lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """Every font of the machine, the plain upright ones first."""
    plain = find_fonts(font_folders())
    return tuple(str(path) for path in {**plain, **find_fonts(font_folders(), every=True)}.values())
