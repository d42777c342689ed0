"""Words of streets, in many typefaces, and how they get onto walls, vans and signs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Colour, Image
from lprkit.synth import backgrounds, hands, strokes
from lprkit.synth.paste import Corners, size_of
from lprkit.synth.strokes import Mask

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

WORDS = (
    *("OPEN", "TAXI", "SALE", "EXIT", "STOP", "Coffee", "HOTEL", "PARKING", "Pizza", "24h", "BANK", "POLICE", "SCHOOL"),
    *(
        "Baby on board",
        "www.shop.com",
        "No parking",
        "Toyota",
        "TDI",
        "GOLF",
        "4x4",
        "Quattro",
        "XL",
        "ONE WAY",
        "24/7",
    ),
    *(
        "AMBULANCE",
        "Bakery",
        "Speed 40",
        "BUS",
        "I love dogs",
        "HYBRID",
        "V6",
        "Rent a car",
        "BP",
        "FIRE EXIT",
        "TOILET",
    ),
    *("Pharmacy", "APOTHEKE", "FARMACIA", "SUPERMERCADO", "Friseur", "KEBAB", "Optik", "CINEMA", "NO ENTRY", "CENTRO"),
    *("Plumbing", "Logistics", "EXPRESS", "Cargo", "HOW AM I DRIVING?", "LONG VEHICLE", "Elektro", "Gebr. Maler"),
)
MODELS = (
    "320i",
    "C220",
    "A4",
    "GTI",
    "TDI",
    "V6",
    "XC90",
    "2.0T",
    "4MATIC",
    "Hybrid",
    "quattro",
    "LX",
    "GLS 350",
    "EV",
    "CRV",
)
_FAMILIES = ("din", "highway", "square", "narrow", "embossed", "fe")


def words(rng: np.random.Generator) -> str:
    """What signs and vans say: words, numbers of telephones, streets and buses, prices, times."""
    kind = rng.random()
    if kind < 0.5:
        return WORDS[int(rng.integers(len(WORDS)))]
    n = [int(v) for v in rng.integers(0, 10, 12)]
    digits = "".join(map(str, n))
    forms = (
        f"0{digits[:3]} {digits[3:6]} {digits[6:9]}", f"({digits[:3]}) {digits[3:6]}-{digits[6:10]}",
        f"+{n[0] + 1}{n[1]} {digits[2:11]}", f"Tel. {digits[:6]}", digits[: 1 + n[0] // 3], f"No. {digits[:2]}",
        f"{n[0]}{n[1]}.{n[2]}0", f"{n[0]} km", f"{WORDS[n[3]]} {digits[:2]}", f"{'ABEM'[n[0] % 4]}{digits[:2]}",
        f"Est. 19{digits[:2]}", f"{n[0]}{n[1]}%", f"{1 + n[0]}:{n[1] % 6}{n[2]}", f"P{n[0]}", f"Gate {n[1]}",
    )  # fmt: skip
    return forms[int(rng.integers(len(forms)))]


def lettering(text: str, rng: np.random.Generator) -> Mask:
    """A line of text as a mask some 50 px high, narrow or wide, thin or bold, at times in the strokes of plates."""
    import cv2

    if rng.random() < 0.35 and all(sign in strokes.SIGNS or sign == " " for sign in text.upper()):
        mask = _in_strokes(text.upper(), f"{_FAMILIES[int(rng.integers(len(_FAMILIES)))]}-{int(rng.integers(6))}")
    else:
        mask = _in_type(text)
    if rng.random() < 0.4:
        mask = np.asarray(cv2.dilate(mask, np.ones((3, 3 + 2 * int(rng.integers(2))), np.uint8)), np.uint8)
    width = max(4, round(mask.shape[1] * float(rng.uniform(0.6, 1.25))))
    return np.asarray(cv2.resize(mask, (width, mask.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)


def print_on(image: Image, mask: Mask, corners: Corners, ink: Colour) -> None:
    """Lays the ink of a mask onto a picture between four corners, in place; what it does not cover shows through."""
    import cv2

    height, width = image.shape[:2]
    low, high = np.floor(corners.min(axis=0)).astype(int) - 1, np.ceil(corners.max(axis=0)).astype(int) + 1
    left, top, right, bottom = max(low[0], 0), max(low[1], 0), min(high[0], width), min(high[1], height)
    if left >= right or top >= bottom:
        return
    across, down = size_of(corners)
    size = min(mask.shape[1], max(2, round(across))), min(mask.shape[0], max(2, round(down)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    source = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, (corners - (left, top)).astype(np.float32) - 0.5)
    cover = cv2.merge([cv2.warpPerspective(small, matrix, (int(right - left), int(bottom - top)))] * 3)
    under = image[top:bottom, left:right]
    colour = np.empty_like(under)
    colour[:] = ink
    kept = cv2.multiply(under, cv2.bitwise_not(cover), scale=1 / 255)
    under[:] = cv2.add(kept, cv2.multiply(colour, cover, scale=1 / 255))


def sign(lines: list[str], rng: np.random.Generator, paper: Colour, ink: Colour) -> Image:
    """Lines of text on a board in two colours, with or without a rim."""
    import cv2

    masks = [lettering(line, rng) for line in lines]
    margin, gap = int(rng.integers(3, 30)), int(rng.integers(4, 14))
    width = max(mask.shape[1] for mask in masks) + 2 * margin
    height = sum(mask.shape[0] for mask in masks) + gap * (len(masks) - 1) + 2 * margin
    board = np.empty((height, width, 3), np.uint8)
    board[:] = paper
    top = margin
    centred = rng.random() < 0.6
    for mask in masks:
        left = (width - mask.shape[1]) // 2 if centred else margin
        print_on(board, mask, upright(Box(left, top, mask.shape[1], mask.shape[0])), ink)
        top += mask.shape[0] + gap
    if rng.random() < 0.35:
        cv2.rectangle(board, (1, 1), (width - 2, height - 2), ink, int(rng.integers(1, 5)))
    return board


def upright(box: Box) -> Corners:
    """The corners of a box."""
    return np.array(quad_of(box), np.float64)


def colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Paper and ink that can be told apart, each any colour."""
    paper = np.clip(backgrounds.paint(rng), 0, 255)
    ink = rng.uniform(0, 90, 3) if paper.mean() > 128 else rng.uniform(150, 255, 3)
    return colour(paper), colour(ink)


def colour(values: ArrayLike) -> Colour:
    """RGB within 0-255."""
    r, g, b = (int(v) for v in np.clip(np.asarray(values, np.float64), 0, 255))
    return r, g, b


@functools.lru_cache(maxsize=512)
def _in_type(text: str) -> Mask:
    from PIL import Image as PilImage
    from PIL import ImageDraw

    font = _font()
    left, top, right, bottom = (round(v) for v in font.getbbox(text))
    canvas = PilImage.new("L", (max(right - left, 2), max(bottom - top, 2)))
    ImageDraw.Draw(canvas).text((-left, -top), text, fill=255, font=font)
    return np.array(canvas)


@functools.lru_cache(maxsize=512)
def _in_strokes(text: str, hand: str) -> Mask:
    space = np.zeros((strokes.CANON_PX, 9), np.uint8)
    parts = [space]
    for each in text:
        parts += [
            _sign_in_strokes(each, hand) if each in strokes.SIGNS else np.hstack([space] * 3),
            space,
        ]
    return np.hstack(parts)


@functools.lru_cache(maxsize=2048)
def _sign_in_strokes(sign: str, hand: str) -> Mask:
    return strokes.draw_sign(sign, hands.hand(hand))


@functools.cache
def _font() -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(48)
