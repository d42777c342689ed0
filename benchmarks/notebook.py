"""The baseline of benchmarks/synth.py: plates drawn in the way of the notebook beside Hailo's LPRNet.

Written anew from that notebook's published parameters. Fonts and pictures of empty plates are kept in memory, and the
effects are OpenCV's, where the notebook opens files and calls imgaug: the baseline is no slower than the notebook.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from lprkit.core.types import Image
from lprkit.synth import fonts

EMPTY = (700, 175)
"""Width and height of the pictures that letters are put on."""
FINISHED = (300, 75)
"""Width and height of a finished plate."""
GROUPS = {7: (2, 3, 2), 8: (3, 2, 3)}
"""Digits between the separators of Israeli plates."""


def plate_at(n: int) -> Image:
    """The n-th plate of the baseline, 75,300,3."""
    rng = np.random.default_rng([n, 5])
    return augmented(lettered(rng), rng)


def lettered(rng: np.random.Generator) -> Image:
    """A number, letter by letter on an empty plate, 75,300,3; half of them grey."""
    back = _empty(int(rng.integers(8)))
    if rng.random() < 0.5:
        back = _distorted(back, rng)
    canvas = Pillow.fromarray(back)
    brush = ImageDraw.Draw(canvas)
    size, ink = int(rng.integers(40, 61)), rng.integers(0, 50)
    x, y = int(rng.integers(35, 46)), int(rng.integers(8, 13))
    for sign in _number(rng):
        font = _font(size + int(rng.integers(-5, 6)))
        colour = tuple(int(v) for v in np.clip(ink + rng.integers(-50, 51, 3), 0, 255))
        dx, dy = (int(v) for v in rng.integers(-5, 6, 2))
        brush.text((x + dx, y + dy + 45), sign, fill=colour, font=font)
        x += round(font.getlength(sign)) + int(rng.integers(10, 26))
    small = np.asarray(canvas.resize(FINISHED, Pillow.Resampling.BICUBIC))
    if rng.random() < 0.5:
        small = np.asarray(cv2.cvtColor(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))
    return np.asarray(small, np.uint8)


def augmented(image: Image, rng: np.random.Generator) -> Image:
    """None to five of the effects in random order, then coarse pixels half of the time."""
    for at in rng.permutation(len(_EFFECTS))[: int(rng.integers(0, 6))]:
        image = _EFFECTS[at](image, rng)
    if rng.random() < 0.5:
        factor = float(rng.uniform(4, 5))
        small = cv2.resize(image, (round(FINISHED[0] / factor), round(FINISHED[1] / factor)))
        image = np.asarray(cv2.resize(small, FINISHED, interpolation=int(rng.integers(2))), np.uint8)
    return image


def _number(rng: np.random.Generator) -> str:
    groups = GROUPS[int(rng.integers(7, 9))]
    between = "-" if rng.random() < 0.85 else " "
    return between.join("".join(str(v) for v in rng.integers(0, 10, size)) for size in groups)


@functools.cache
def _empty(n: int) -> Image:
    """A picture of an empty yellow plate: uneven light, a darker edge, grain."""
    rng = np.random.default_rng([n, 6])
    light = cv2.resize(rng.normal(0, 15, (3, 6, 1)).astype(np.float32), EMPTY, interpolation=cv2.INTER_CUBIC)
    plate = np.array((235, 190, 40)) + light[:, :, None] + rng.normal(0, 6, (EMPTY[1], EMPTY[0], 3))
    image = np.ascontiguousarray(np.clip(plate, 0, 255).astype(np.uint8))
    cv2.rectangle(image, (0, 0), (EMPTY[0] - 1, EMPTY[1] - 1), (40, 35, 20), 4)
    return image


def _distorted(back: Image, rng: np.random.Generator) -> Image:
    """The empty plate under a coarse field of other yellows, made at 1000x221."""
    large = cv2.resize(back, (1000, 221))
    field = rng.normal((175, 140, 55), (10, 15, 40), (221 // 60 + 1, 1000 // 30 + 1, 3))
    over = cv2.resize(np.clip(field, 0, 255).astype(np.uint8), (1000, 221))
    return np.asarray(cv2.resize(cv2.addWeighted(large, 0.5, over, 0.5, 0), EMPTY), np.uint8)


@functools.cache
def _font(size: int) -> FreeTypeFont | ImageFont.ImageFont:
    """Some sans-serif font of this machine; Pillow's own where there is none."""
    found = fonts.find_fonts(fonts.font_folders())
    latin = [path for name, path in found.items() if name.startswith(("dejavu:", "liberation:", "nimbus:"))]
    return ImageFont.truetype(str(latin[0]), size) if latin else ImageFont.load_default(size)


def _blurred(image: Image, rng: np.random.Generator) -> Image:
    kind, odd = int(rng.integers(3)), 2 * int(rng.integers(1, 6)) + 1
    if kind == 0:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.05, 3.0))), np.uint8)
    if kind == 1:
        side = int(rng.integers(2, 8))
        return np.asarray(cv2.blur(image, (side, side)), np.uint8)
    return np.asarray(cv2.medianBlur(image, odd), np.uint8)


def _sharpened(image: Image, rng: np.random.Generator) -> Image:
    amount = float(rng.uniform(0, 1))
    kernel = np.full((3, 3), -amount, np.float32)
    kernel[1, 1] = 1 + 8 * amount
    return np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)


def _embossed(image: Image, rng: np.random.Generator) -> Image:
    amount = float(rng.uniform(0, 1))
    kernel = np.array([[-1, -1, 0], [-1, 1, 1], [0, 1, 1]], np.float32) * amount
    kernel[1, 1] = 1
    return np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)


def _contrasted(image: Image, rng: np.random.Generator) -> Image:
    return _bytes((image.astype(np.float32) - 127) * float(rng.uniform(0.75, 1.5)) + 127)


def _noisy(image: Image, rng: np.random.Generator) -> Image:
    channels = 3 if rng.random() < 0.5 else 1
    noise = rng.normal(0, float(rng.uniform(0, 0.03 * 255)), (*image.shape[:2], channels))
    return _bytes(image + noise)


def _darker(image: Image, rng: np.random.Generator) -> Image:
    return _bytes(image * float(rng.uniform(0.5, 0.7)))


def _lighter(image: Image, rng: np.random.Generator) -> Image:
    return _bytes(image + float(rng.uniform(-10, 10)))


def _dropped(image: Image, rng: np.random.Generator) -> Image:
    keep = (rng.random(image.shape[:2]) > rng.uniform(0.01, 0.1)).astype(np.uint8)
    return np.asarray(image * keep[:, :, None], np.uint8)


def _inverted(image: Image, rng: np.random.Generator) -> Image:
    return 255 - image if rng.random() < 0.05 else image


def _affine(image: Image, rng: np.random.Generator) -> Image:
    """Scale 0.99-1.01, shift 3 %, rotation and shear 10 degrees."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(rng.uniform(-10, 10)), float(rng.uniform(0.99, 1.01))
    )
    matrix[0, 1] += np.tan(np.radians(rng.uniform(-10, 10)))
    matrix[:, 2] += rng.uniform(-0.03, 0.03, 2) * (width, height)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height)), np.uint8)


def _perspective(image: Image, rng: np.random.Generator) -> Image:
    """Corners moved by 1-5 %, in place of imgaug's piecewise affine."""
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.normal(0, rng.uniform(0.01, 0.05), (4, 2)) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return np.asarray(cv2.warpPerspective(image, matrix, (width, height)), np.uint8)


def _bytes(values: NDArray[np.floating]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)


_EFFECTS: tuple[Callable[[Image, np.random.Generator], Image], ...] = (
    *(_blurred, _sharpened, _embossed, _contrasted, _noisy, _darker, _lighter, _dropped, _inverted),
    *(_affine, _perspective),
)
