"""New plates painted over the plates of a photograph: real surroundings, known corners and text."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lprkit.core.errors import DataError
from lprkit.core.geometry import Quad, grow, quad_from
from lprkit.core.image import load, pixels, rectify
from lprkit.core.types import Image, Plate, Sample, Serial
from lprkit.synth.draw import Drawn
from lprkit.synth.grain import grain
from lprkit.synth.paste import Corners, paste, size_of

COVER = 0.03
"""A new plate is this much larger than the old one on every side, to hide it."""
TALLEST_PX = 96
"""Plates cut from photographs are made no taller than this."""
SHARPEST = 0.8
"""What `_softness` would find in a picture without any blur, px."""
LEAST_CONTRAST = 45.0
"""Grey levels between ink and paper that a new plate has at least."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Printed:
    """A flat plate and its serial."""

    serial: Serial
    drawn: Drawn

    @property
    def text_share(self) -> float:
        """Height of the smallest letters as a share of the plate's."""
        return min(self.serial.style.row_heights_mm) / self.serial.style.height_mm


Printer = Callable[[float | None, int], Printed]
"""Draws a plate of about this width over height (None: any), this many px high."""


@dataclass(frozen=True)
class Light:
    """What a photograph's light does to colours."""

    tint: NDArray[np.float32]
    """RGB gains, 1 on average."""
    mono: bool
    """No colour but the tint: a grey or infrared picture."""


@dataclass(frozen=True)
class Place:
    """A plate of a photograph with its surroundings."""

    image: Image
    corners: Corners
    light: Light


def swap(sample: Sample, printer: Printer, rng: np.random.Generator) -> Sample:
    """The photograph with a new plate on each known place; what is no plate stays as it is listed."""
    image = pixels(sample).copy()
    light = _light(image)
    plates = []
    for plate in sample.plates:
        if plate.label == "license_plate" and plate.quad is not None:
            plates.append(paint(image, np.array(plate.quad), printer, light, rng)[0])
        else:
            plates.append(plate)
    return replace(sample, plates=tuple(plates), image=image)


def paint(image: Image, old: Corners, printer: Printer, light: Light, rng: np.random.Generator) -> tuple[Plate, float]:
    """Paints a new plate over the corners of an old one, in place; the plate and its letter height in px."""
    width, height = size_of(old)
    printed = printer(width / max(height, 1.0), round(1.2 * height))
    flat = printed.drawn.image
    corners = _covering(old, flat.shape[1] / flat.shape[0])
    width, height = size_of(corners)
    flat = _matched(_small(flat, width, height), _straight(image, old), light, rng)
    paste(image, flat, corners, rounding=0.06)
    serial, drawn = printed.serial, printed.drawn
    plate = Plate(
        drawn.text, quad_from(corners), serial.region, serial.style.kind, rows=drawn.rows, breaks=serial.breaks
    )
    return plate, height * printed.text_share


def place_of(sample: Sample, rng: np.random.Generator) -> Place:
    """One of the plates of a photograph that have a place; a DataError when none has."""
    quads = [plate.quad for plate in sample.plates if plate.label == "license_plate" and plate.quad is not None]
    if not quads:
        raise DataError(f"{sample.source}: has no plate with a known place. Leave it out of the plan's photos.")
    quad = quads[int(rng.integers(len(quads)))]
    return _cut_out(sample.source, quad) if sample.image is None else _around(sample.image, quad)


@functools.lru_cache(maxsize=2048)
def _cut_out(source: str, quad: Quad) -> Place:
    return _around(load(source), quad)


def _around(photo: Image, quad: Quad) -> Place:
    """The plate with half its size on every side, made smaller where it is large."""
    import cv2

    corners = np.array(quad)
    low, high = corners.min(axis=0), corners.max(axis=0)
    spare = 0.5 * (high - low) + 4
    height, width = photo.shape[:2]
    left, top = np.clip(low - spare, 0, (width - 2, height - 2)).astype(int)
    right, bottom = np.ceil(np.clip(high + spare, (left + 2, top + 2), (width, height))).astype(int)
    image = photo[top:bottom, left:right]
    corners = corners - (left, top)
    factor = min(1.0, TALLEST_PX / max(size_of(corners)[1], 1.0))
    size = (max(2, round(image.shape[1] * factor)), max(2, round(image.shape[0] * factor)))
    ratio = np.array(size) / (image.shape[1], image.shape[0])
    small = np.array(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    small.setflags(write=False)
    return Place(small, corners * ratio, _light(photo))


def _light(image: Image) -> Light:
    step = max(1, max(image.shape[:2]) // 128)
    thumb = image[::step, ::step].reshape(-1, 3).astype(np.float32) + 1
    mean = thumb.mean(axis=0) + 16  # in the dark a cast is uncertain
    tint = (mean / mean.mean()) ** np.float32(0.8)
    even = thumb / tint
    mono = bool(np.abs(even - even.mean(axis=1, keepdims=True)).mean() < 5.0)
    return Light(tint, mono)


def _covering(old: Corners, aspect: float) -> Corners:
    """The old corners grown a little, then along one direction until their shape is that of the new plate."""
    width, height = size_of(old)
    ratio = aspect * height / max(width, 1.0)
    across, down = max(0.0, min(ratio, 1.8) - 1) / 2, max(0.0, min(1 / ratio, 1.8) - 1) / 2
    return np.array(grow(quad_from(old), COVER + across, 2 * COVER + down))


def _small(flat: Image, width: float, height: float) -> Image:
    """The plate at the size that it has in the photograph."""
    import cv2

    size = (max(4, round(width)), max(3, round(height)))
    shrinks = size[1] < flat.shape[0]
    return np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8)


def _straight(image: Image, old: Corners) -> Image:
    """The old plate, straightened at its own size within reason."""
    width, height = size_of(old)
    return rectify(image, quad_from(old), round(float(np.clip(width, 8, 400))), round(float(np.clip(height, 4, 200))))


def _matched(flat: Image, old: Image, light: Light, rng: np.random.Generator) -> Image:
    """The plate with the contrast, colour cast, sharpness and grain of the one that it replaces."""
    import cv2

    values = flat.astype(np.float32)
    luma, before = values @ LUMA, old.astype(np.float32) @ LUMA
    low, high = np.percentile(before, (4, 96))
    new_low, new_high = np.percentile(luma, (2, 90))
    high = max(high, low + LEAST_CONTRAST)
    gain = (high - low) / max(new_high - new_low, 1.0) * rng.uniform(0.85, 1.1)
    if light.mono:
        values = np.repeat(luma[:, :, None], 3, axis=2)
    values = (low + (values - new_low) * np.float32(gain)) * light.tint
    blur = min(_softness(before), 0.04 * flat.shape[0])
    values = cv2.GaussianBlur(values, (0, 0), blur) if blur > 0.3 else values
    values = values + grain(flat.shape[0], flat.shape[1], rng) * np.float32(_graininess(before))
    return np.clip(np.asarray(values) + 0.5, 0, 255).astype(np.uint8)


def _softness(luma: NDArray[np.float32]) -> float:
    """Blur of a plate's letters in px, from how steep its steepest edges are."""
    import cv2

    steep = float(np.percentile(np.abs(np.asarray(cv2.Sobel(luma, cv2.CV_32F, 1, 0))) / 8, 98))
    contrast = float(np.ptp(np.percentile(luma, (4, 96))))
    # The slope of an edge blurred by s is contrast / (s * sqrt(2 pi)).
    blur = contrast / max(2.5 * steep, 1.0)
    return float(np.sqrt(max(0.0, blur**2 - SHARPEST**2)))


def _graininess(luma: NDArray[np.float32]) -> float:
    """Deviation of the noise, from the quieter half of the second differences."""
    second = luma[:, 2:] - 2 * luma[:, 1:-1] + luma[:, :-2]
    return min(float(np.median(np.abs(second))) / 1.65, 8.0)  # 0.6745 * sqrt(6)
