"""Whole frames: streets with cars, plates of any size on them, and things that only look like plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lprkit.core.geometry import Box, box_of, quad_from, quad_of
from lprkit.core.types import Image, Plate
from lprkit.synth import backgrounds, camera, decoys, street
from lprkit.synth.camera import Camera
from lprkit.synth.paste import Corners, paste
from lprkit.synth.swap import Printed, Printer

NARROWEST_PX = 12.0
TRIES = 8
"""Places tried for a plate before it is left out, because something is there already."""
DRAWN_PX = 110
"""Plates are drawn this high, or as high as they are in the frame."""


@dataclass(frozen=True)
class Scene:
    """A frame before the camera, and what is in it."""

    image: Image
    plates: tuple[Plate, ...]
    text_px: float
    """Usual letter height of its plates, within 8-40: what blur is measured against."""


@dataclass(frozen=True)
class Spot:
    """Where a plate goes."""

    corners: Corners
    height: float
    area: Box


def draw_scene(
    size: tuple[int, int], printer: Printer, rng: np.random.Generator, settings: Camera, under: Image | None = None
) -> Scene:
    """A frame of height, width `size` with 0-4 plates, drawn over a street or over the picture `under`."""
    image = street.draw_street(size, rng) if under is None else under.copy()
    for _ in range(int(rng.integers(0, 5))):
        decoys.draw_decoy(image, rng)
    found: list[Plate] = []
    taken: list[Box] = []
    heights: list[float] = []
    for _ in range(int(rng.choice(5, p=(0.1, 0.45, 0.25, 0.12, 0.08)))):
        printed = printer(None, DRAWN_PX)
        spot = _spot(size, printed, settings, taken, rng)
        if spot is not None:
            added = _place(image, spot, printed, taken, rng)
            found += added
            taken += [box_of(plate.quad) for plate in added if plate.quad is not None]
            heights.append(spot.height * printed.text_share)
    return Scene(image, tuple(found), float(np.clip(np.median(heights or [12.0]), 8.0, 40.0)))


def _spot(
    size: tuple[int, int], printed: Printed, settings: Camera, taken: Sequence[Box], rng: np.random.Generator
) -> Spot | None:
    """A place of any size for a plate, clear of what is there; None when none is found."""
    height, width = size
    flat = printed.drawn.image
    aspect = flat.shape[1] / flat.shape[0]
    widest = min(0.92 * width, 0.85 * height * aspect)
    for _ in range(TRIES):
        across = float(np.exp(rng.uniform(np.log(NARROWEST_PX * max(aspect / 2, 1.0)), np.log(widest))))
        if rng.random() < 0.6:  # most plates are neither tiny nor near
            across = float(np.exp(rng.uniform(np.log(28.0), np.log(0.35 * width))))
        shape = camera.project(camera.view(settings, rng), aspect) * (across / aspect)
        low, high = shape.min(axis=0), shape.max(axis=0)
        room = np.array([width, height]) - (high - low)
        if room.min() <= 0:
            continue
        corners = shape - low + room * (rng.random(), rng.beta(2.0, 1.5))
        area = box_of(quad_from(corners))
        if not any(_touch(area, other) for other in taken):
            return Spot(corners, across / aspect, area)
    return None


def _place(image: Image, spot: Spot, printed: Printed, taken: Sequence[Box], rng: np.random.Generator) -> list[Plate]:
    """Paints a car (or a post) and its plate; what was added."""
    style, drawn = printed.serial.style, printed.drawn
    car = street.car_around(spot.corners, style.width_mm, image.shape[:2], rng)
    has_car = rng.random() < 0.85 and not any(_touch(car.shown, other) for other in taken)
    if has_car:
        street.draw_car(image, car, rng)
    elif rng.random() < 0.5:
        street.draw_board(image, spot.corners, rng)
    if rng.random() < 0.35:
        backgrounds.frame(image, spot.corners, rng)
    paste(image, drawn.image, spot.corners, float(rng.uniform(0, 0.12)))
    plate = Plate(
        drawn.text,
        quad_from(spot.corners),
        printed.serial.region,
        style.kind,
        rows=drawn.rows,
        breaks=printed.serial.breaks,
    )
    return [plate, Plate(quad=quad_of(car.shown), label="car")] if has_car else [plate]


def _touch(a: Box, b: Box) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h
