"""Many mistakes on one picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from lprkit.core.types import Image
from lprkit.data.formats.annotation import written
from lprkit.data.text import tokens
from lprkit.evaluate.measure import Shown
from lprkit.evaluate.metrics import is_exact_merged

TILE = (200, 100)
"""Width and height of a tile, px; the foot of it holds two lines of text."""
FOOT = 36
PAPER, INK, WRONG, MERGED = (255, 255, 255), (30, 30, 30), (190, 20, 20), (170, 110, 0)


def contact_sheet(shown: Sequence[Shown], columns: int = 6) -> Image:
    """The pictures in a grid, under each its truth and what was read with its score; amber: only O/0 or I/1 differ."""
    from PIL import Image as PilImage
    from PIL import ImageDraw, ImageFont

    width, height = TILE
    count = max(1, -(-len(shown) // columns))
    sheet = PilImage.new("RGB", (columns * width, count * height), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for n, one in enumerate(shown):
        x, y = n % columns * width, n // columns * height
        picture = PilImage.fromarray(one.image)
        ratio = min((width - 8) / picture.width, (height - FOOT - 6) / picture.height)
        size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
        sheet.paste(picture.resize(size), (x + 4, y + 4))
        line = one.scored
        read = f"{latin(line.text)}  {line.score:.2f}" if line.found else "not found"
        draw.text((x + 4, y + height - FOOT), latin(line.truth), fill=INK, font=font)
        draw.text((x + 4, y + height - FOOT + 17), read, fill=MERGED if is_exact_merged(line) else WRONG, font=font)
    return np.asarray(sheet, dtype=np.uint8)


def latin(text: str) -> str:
    """The text in letters that every font has: <Anhui> for 皖, <BA> for 바."""
    return "".join(token if token.isascii() else _name(token) for token in tokens(written(text)))


def _name(letter: str) -> str:
    return f"<{unicodedata.name(letter[0], letter.encode('unicode_escape').decode()).split()[-1]}>"
