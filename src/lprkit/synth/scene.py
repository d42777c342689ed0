"""Whole frames: streets by day and by night with cars, plates of any size on them, permits of disabled drivers behind
windscreens, and things that only look like plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from lprkit.core.geometry import Box, box_of, quad_from, quad_of
from lprkit.core.types import Image, Label, Plate
from lprkit.synth import backgrounds, camera, decoys, night, street, windscreen
from lprkit.synth.camera import Camera
from lprkit.synth.night import Lamp
from lprkit.synth.paste import Corners, paste
from lprkit.synth.swap import Printed, Printer

LABELLED: tuple[Label, ...] = get_args(Label)
"""All of these that a frame shows are listed."""
NARROWEST_PX = 12.0
TRIES = 8
"""Places tried for a plate before it is left out, because something is there already."""
DARK = 0.15
"""Share of the frames that are taken at night, unless the camera's infrared is switched off."""
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
    scenery = _Scenery(street.draw_street(size, rng) if under is None else under.copy())
    for _ in range(int(rng.integers(0, 8))):
        decoys.draw_decoy(scenery.image, rng)
    for _ in range(int(rng.choice(3, p=(0.65, 0.27, 0.08)))):
        _add_unnumbered(scenery, rng)
    heights: list[float] = []
    for _ in range(int(rng.choice(5, p=(0.1, 0.45, 0.25, 0.12, 0.08)))):
        printed = printer(None, DRAWN_PX)
        spot = _spot(size, printed, settings, scenery.taken, rng)
        if spot is not None:
            _add_plate(scenery, spot, printed, rng)
            heights.append(spot.height * printed.text_share)
    image = scenery.image
    if rng.random() < DARK * (settings.infrared > 0):
        plates = [np.array(thing.quad) for thing in scenery.things if thing.label == "license_plate"]
        image = night.fall(image, plates, scenery.lamps, rng)
    return Scene(image, tuple(scenery.things), float(np.clip(np.median(heights or [12.0]), 8.0, 40.0)))


@dataclass
class _Scenery:
    """A frame being drawn."""

    image: Image
    things: list[Plate] = field(default_factory=list)
    """What is labelled."""
    taken: list[Box] = field(default_factory=list)
    """What nothing else may hide."""
    lamps: list[Lamp] = field(default_factory=list)

    def add(self, thing: Plate) -> None:
        assert thing.quad is not None
        self.things.append(thing)
        self.taken.append(box_of(thing.quad))


def _spot(
    size: tuple[int, int], printed: Printed, settings: Camera, taken: Sequence[Box], rng: np.random.Generator
) -> Spot | None:
    """A place of any size for a plate, clear of what is there; None when none is found."""
    height, width = size
    flat = printed.drawn.image
    aspect = flat.shape[1] / flat.shape[0]
    widest = min(0.98 * width, 0.95 * height * aspect)
    for _ in range(TRIES):
        across = float(np.exp(rng.uniform(np.log(NARROWEST_PX), np.log(widest))))
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


def _add_plate(scenery: _Scenery, spot: Spot, printed: Printed, rng: np.random.Generator) -> None:
    """A plate and its car (or a board behind it)."""
    style, drawn, image = printed.serial.style, printed.drawn, scenery.image
    car = street.car_around(spot.corners, style.width_mm, image.shape[:2], rng)
    if rng.random() < 0.85 and not any(_touch(car.shown, other) for other in scenery.taken):
        _add_car(scenery, car, rng)
    elif rng.random() < 0.5:
        street.draw_board(image, spot.corners, rng)
    if rng.random() < 0.35:
        backgrounds.frame(image, spot.corners, rng)
    paste(image, drawn.image, spot.corners, float(rng.uniform(0, 0.12)))
    serial = printed.serial
    plate = Plate(drawn.text, quad_from(spot.corners), serial.region, style.kind, rows=drawn.rows, breaks=serial.breaks)
    scenery.add(plate)


def _add_unnumbered(scenery: _Scenery, rng: np.random.Generator) -> None:
    """A car that has no plate: bare, an empty holder, or a dealer's name there."""
    height, width = scenery.image.shape[:2]
    corners = street.plate_spot((height, width), rng)
    car = street.car_around(corners, 520.0, (height, width), rng)
    if any(_touch(car.shown, other) for other in scenery.taken):
        return
    _add_car(scenery, car, rng)
    if rng.random() < 0.75:
        decoys.draw_unnumbered(scenery.image, corners, rng)


def _add_car(scenery: _Scenery, car: street.Car, rng: np.random.Generator) -> None:
    """A car, what is behind its windscreen, and its lamps."""
    parts = street.draw_car(scenery.image, car, rng)
    for quad in windscreen.draw_windscreen(scenery.image, parts.glass, rng):
        scenery.add(Plate(quad=quad, label="disabled_sticker"))
    scenery.add(Plate(quad=quad_of(car.shown), label="car"))
    scenery.lamps += [Lamp(x, y, parts.lamp_px, parts.lamp) for x, y in parts.lamps.tolist()]


def _touch(a: Box, b: Box) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h
