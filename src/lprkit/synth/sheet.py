"""Many pictures on one, to look at."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lprkit.core.errors import DataError
from lprkit.core.types import Image
from lprkit.synth import fonts

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

_GAP_PX = 6
_LINE_PX, _FONT_PX = 14, 11


def contact_sheet(images: Sequence[Image], captions: Sequence[str] = (), columns: int = 8) -> Image:
    """The pictures in a grid on grey, each in the middle of its cell over its caption."""
    from PIL import Image as PilImage
    from PIL import ImageDraw

    if not images:
        raise DataError("There is no picture for the sheet. Give at least one.")
    columns = max(min(columns, len(images)), 1)
    rows = -(-len(images) // columns)
    cell_w = max(image.shape[1] for image in images) + _GAP_PX
    heights = [
        max(image.shape[0] for image in images[row * columns : (row + 1) * columns])
        + _GAP_PX + (_LINE_PX if captions else 0)
        for row in range(rows)
    ]  # fmt: skip
    sheet = PilImage.new("RGB", (cell_w * columns + _GAP_PX, sum(heights) + _GAP_PX), (96, 98, 102))
    pen = ImageDraw.Draw(sheet)
    for i, image in enumerate(images):
        row, column = divmod(i, columns)
        x = _GAP_PX + column * cell_w + (cell_w - _GAP_PX - image.shape[1]) // 2
        y = _GAP_PX + sum(heights[:row])
        sheet.paste(PilImage.fromarray(image), (x, y))
        if i < len(captions):
            pen.text((x, y + image.shape[0] + 1), captions[i], fill=(235, 235, 235), font=_font(captions[i]))
    return np.array(sheet)


def _font(caption: str) -> FreeTypeFont | ImageFont:
    """Pillow's own font, or where it lacks a sign, one of the machine's that has them all."""
    from PIL import ImageFont as PilFont

    strange = frozenset(sign for sign in caption if not sign.isascii())
    path = _covering(strange) if strange else None
    return PilFont.load_default(_FONT_PX) if path is None else PilFont.truetype(path, _FONT_PX)


@functools.lru_cache(maxsize=1024)
def _covering(signs: frozenset[str]) -> str | None:
    faces = map(str, fonts.find_fonts(fonts.font_folders()).values())
    return next((path for path in faces if all(fonts.font_covers(path, sign) for sign in signs)), None)
