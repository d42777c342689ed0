"""Things that a hasty detector takes for plates: shop signs, road signs, stickers, badges, banners."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from lprkit.core.types import Image
from lprkit.synth import backgrounds
from lprkit.synth.paste import paste

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

WORDS = (
    *("OPEN", "TAXI", "SALE", "EXIT", "STOP", "Coffee", "HOTEL", "PARKING", "Pizza", "24h", "BANK", "POLICE", "SCHOOL"),
    *("Baby on board", "www.shop.com", "0800 123 456", "No parking", "Toyota", "TDI", "GOLF", "4x4", "Quattro", "XL"),
    *("AMBULANCE", "Tel. 555-0199", "Bakery", "Speed 40", "BUS", "I love dogs", "HYBRID", "V6", "Rent a car", "BP"),
)


def draw_decoy(image: Image, rng: np.random.Generator) -> None:
    """One sign, sticker or road sign somewhere in the picture."""
    height, width = image.shape[:2]
    across = float(np.exp(rng.uniform(np.log(14), np.log(0.4 * width))))
    sign = _road_sign(rng) if rng.random() < 0.25 else _lettering(rng)
    down = across * sign.shape[0] / sign.shape[1]
    flat = np.array([[0.0, 0.0], [across, 0.0], [across, down], [0.0, down]])
    corners = flat + rng.random(2) * (width - across, height) + rng.normal(0, 0.04, (4, 2)) * down
    paste(image, sign, corners, 0.5 if sign.shape[0] == sign.shape[1] else float(rng.uniform(0, 0.3)))


def _lettering(rng: np.random.Generator) -> Image:
    """Words in a usual type on a plain or dark ground, with or without an edge."""
    from PIL import Image as PilImage
    from PIL import ImageDraw

    text = WORDS[int(rng.integers(len(WORDS)))]
    if rng.random() < 0.3:
        text += "\n" + WORDS[int(rng.integers(len(WORDS)))]
    pen = ImageDraw.Draw(PilImage.new("RGB", (1, 1)))
    box = pen.multiline_textbbox((0, 0), text, font=_font())
    margin = int(rng.integers(2, 30))
    size = (round(box[2] - box[0]) + 2 * margin, round(box[3] - box[1]) + 2 * margin)
    paper = np.clip(backgrounds.paint(rng), 0, 255)
    ink = rng.uniform(0, 90, 3) if paper.mean() > 128 else rng.uniform(150, 255, 3)
    sign = PilImage.new("RGB", size, tuple(int(v) for v in paper))
    pen = ImageDraw.Draw(sign)
    pen.multiline_text((margin - box[0], margin - box[1]), text, fill=tuple(int(v) for v in ink), font=_font())
    if rng.random() < 0.3:
        pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=tuple(int(v) for v in ink), width=3)
    return np.array(sign)


def _road_sign(rng: np.random.Generator) -> Image:
    """A speed limit or another round sign, 64 x 64."""
    import cv2

    sign = np.full((64, 64, 3), 240, np.uint8)
    ring = (200, 20, 30) if rng.random() < 0.6 else (20, 60, 180)
    cv2.circle(sign, (32, 32), 28, ring, int(rng.integers(4, 12)), cv2.LINE_AA)
    number = str(int(rng.integers(1, 13)) * 10)
    cv2.putText(sign, number, (32 - 9 * len(number), 42), cv2.FONT_HERSHEY_DUPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    return sign


@functools.cache
def _font() -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(40)
