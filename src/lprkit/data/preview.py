"""Some samples of a set on one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lprkit.core.errors import DataError
from lprkit.core.image import pixels
from lprkit.core.types import Image, Sample
from lprkit.data.charts import latin
from lprkit.data.text import tokens
from lprkit.synth.sheet import contact_sheet

CROP_PX, FRAME_PX = (200, 64), (400, 300)
"""A crop or a frame is made to fit into this width and height."""
COLOURS = {"license_plate": (255, 60, 60), "car": (80, 160, 255), "disabled_sticker": (255, 200, 40)}


def sheet(samples: Sequence[Sample]) -> Image:
    """The pictures in a grid with their texts, what they show outlined; grey where there is none."""
    shown = [_picture(sample) for sample in samples]
    frames = any(not sample.whole for sample in samples)
    return contact_sheet(shown, [_caption(sample) for sample in samples], columns=4 if frames else 8)


def _picture(sample: Sample) -> Image:
    import cv2

    try:
        image = pixels(sample)
    except DataError:
        image = np.full((48, 96, 3), 160, np.uint8)
    width, height = CROP_PX if sample.whole else FRAME_PX
    times = min(width / image.shape[1], height / image.shape[0])
    size = (max(1, round(image.shape[1] * times)), max(1, round(image.shape[0] * times)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for plate in sample.plates:
        if plate.quad is not None:
            corners = np.round(np.asarray(plate.quad) * times).astype(np.int32)
            cv2.polylines(small, [corners], True, COLOURS[plate.label], 1, cv2.LINE_AA)
    return small


def _caption(sample: Sample) -> str:
    texts = [plate.text for plate in sample.plates if plate.label == "license_plate"]
    return " ".join("".join(map(_letter, tokens(text))) or "-" for text in texts)


def _letter(token: str) -> str:
    return token if token.isascii() else f"<{latin(token)}>"
