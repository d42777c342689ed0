"""Histograms as a picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lprkit.core.types import Image
from lprkit.data.formats.annotation import TOKENS

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = (640, 220)
"""Width and height of one histogram, px."""
EDGE, FOOT, HEAD = 12, 40, 24
MOST = 60
"""Bars; neighbours are put together when there are more."""
LETTER_PX = 7
PAPER, INK, BAR = (255, 255, 255), (40, 40, 40), (60, 110, 170)


def histograms(bars: Mapping[str, Mapping[str, int]], columns: int = 2) -> Image:
    """Every histogram under its name, in a grid; the number over the tallest bar is its count."""
    from PIL import Image as PilImage
    from PIL import ImageDraw, ImageFont

    width, height = SIZE
    rows = max(1, -(-len(bars) // columns))
    sheet = PilImage.new("RGB", (width * columns, height * rows), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    pen.font = font
    for n, (name, counts) in enumerate(bars.items()):
        _draw(pen, (n % columns * width, n // columns * height), name, _gathered(counts))
    return np.asarray(sheet, dtype=np.uint8)


def latin(letter: str) -> str:
    """The letter in signs that Pillow's own font has: Anhui for 皖, BA for 바, A' for Ä."""
    if letter.isascii():
        return letter.strip("<>") or letter
    if letter in TOKENS:
        return TOKENS[letter].strip("<>")
    name, accent, _ = unicodedata.name(letter[0], "?").partition(" WITH ")
    return name.split()[-1] + ("'" if accent else "")


def _draw(pen: ImageDraw, corner: tuple[int, int], name: str, bars: Sequence[tuple[str, int]]) -> None:
    x, y = corner
    width, height = SIZE
    top = max((count for _, count in bars), default=1)
    pen.text((x + EDGE, y + 4), f"{name}   (most: {top:,})", fill=INK)
    room, each = height - HEAD - FOOT, (width - 2 * EDGE) / max(1, len(bars))
    foot = y + HEAD + room
    every = -(-36 // max(1, int(each))) if any(len(label) > 2 for label, _ in bars) else 1
    longest = max(1, int(2 * every * each) // LETTER_PX)  # labels stand in two rows by turns
    for n, (label, count) in enumerate(bars):
        left = x + EDGE + n * each
        pen.rectangle((left + 1, foot - room * count / top, left + max(2, each - 1), foot), fill=BAR)
        if n % every == 0:
            pen.text((left + 1, foot + 4 + 12 * (n // every % 2)), latin(label)[:longest], fill=INK)
    pen.line((x + EDGE, foot, x + width - EDGE, foot), fill=INK)


def _gathered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """At most MOST bars: neighbours put together under the first one's label."""
    pairs = list(counts.items())
    size = -(-len(pairs) // MOST) or 1
    chunks = (pairs[n : n + size] for n in range(0, len(pairs), size))
    return [(chunk[0][0], sum(count for _, count in chunk)) for chunk in chunks]
