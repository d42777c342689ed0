"""Many pictures on one, to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lprkit.core.errors import DataError
from lprkit.core.types import Image

_GAP_PX = 6
_LINE_PX = 14


def contact_sheet(images: Sequence[Image], captions: Sequence[str] = (), columns: int = 8) -> Image:
    """The pictures in a grid on grey, each in the middle of its cell over its caption."""
    from PIL import Image as PilImage
    from PIL import ImageDraw, ImageFont

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
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for i, image in enumerate(images):
        row, column = divmod(i, columns)
        x = _GAP_PX + column * cell_w + (cell_w - _GAP_PX - image.shape[1]) // 2
        y = _GAP_PX + sum(heights[:row])
        sheet.paste(PilImage.fromarray(image), (x, y))
        if i < len(captions):
            pen.text((_GAP_PX + column * cell_w, y + image.shape[0] + 1), captions[i], fill=(235, 235, 235), font=font)
    return np.array(sheet)
