"""What a camera does to a scene: pose, then the effects of `effects` and `codec`, in the order of physics.

`Camera` holds how often each effect happens. Strengths were set by eye beside photographs: about a third
of the pictures nearly clean, a fifth hard but readable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, cos, exp, log, radians, sin
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from lprkit.core.chance import between
from lprkit.core.types import Image
from lprkit.synth.codec import jpeg, resample, squeeze, video
from lprkit.synth.effects import (
    View,
    balance,
    bar,
    curve,
    defocus,
    dirt,
    dull,
    exposure,
    glare,
    grey,
    haze,
    infrared,
    inverted,
    light,
    motion,
    noise,
    shadow,
    sharpen,
    to_bytes,
)
from lprkit.synth.grain import Pixels

Effect = Callable[[Pixels, np.random.Generator, View], Pixels]

EFFECTS: tuple[tuple[str, Effect], ...] = (
    *(("dirt", dirt), ("bar", bar), ("light", light), ("shadow", shadow), ("glare", glare)),
    *(("infrared", infrared), ("inverted", inverted)),
    *(("haze", haze), ("defocus", defocus), ("motion", motion)),
    *(("exposure", exposure), ("noise", noise)),
    *(("balance", balance), ("curve", curve), ("sharpen", sharpen), ("dull", dull), ("grey", grey)),
    *(("jpeg", jpeg), ("video", video), ("resample", resample), ("squeeze", squeeze)),
)
"""In the order of physics: scene, lens, sensor, image processing, codec, resampling."""


@dataclass(frozen=True)
class Camera:
    """How often each effect happens (0 switches it off) and how far the others go."""

    easy: float = 0.3
    """Share of nearly clean pictures."""
    hard: float = 0.2
    """Share of pictures near the limit of what can be read."""
    text_px: tuple[float, float] = (8.0, 56.0)
    """Smallest and largest letter height on the sensor."""
    tilt: float = 45.0
    """Largest yaw in degrees of plates that are not seen from far aside; pitch reaches 0.6 and roll 0.5 of it. Most are
    tilted far less."""
    steep: float = 0.08
    """Share of plates seen from far aside: their yaw is `STEEP` of `tilt`."""
    loose: float = 0.15
    """Share of the upright boxes that are much looser than a good detector's."""
    dirt: float = 0.2
    bar: float = 0.06
    light: float = 0.5
    shadow: float = 0.15
    glare: float = 0.12
    infrared: float = 0.14
    inverted: float = 0.015
    haze: float = 0.3
    defocus: float = 0.6
    motion: float = 0.3
    exposure: float = 0.75
    noise: float = 0.75
    balance: float = 0.6
    curve: float = 0.5
    sharpen: float = 0.4
    dull: float = 0.25
    grey: float = 0.12
    jpeg: float = 0.8
    video: float = 0.2
    resample: float = 0.35
    squeeze: float = 0.3


_NONE = dict.fromkeys(("tilt", "steep", "loose", *(name for name, _ in EFFECTS)), 0.0)
CLEAN = Camera(easy=1.0, hard=0.0, text_px=(24.0, 48.0), **_NONE)
"""A straight view with nothing wrong: every effect off."""
GATE = Camera(easy=1.0, hard=0.0, text_px=(16.0, 56.0), tilt=15.0, steep=0.0, loose=0.0, squeeze=0.0)
"""A barrier's camera: near plates, nearly straight, every effect in its mildest form."""
CAMERAS: dict[str, Camera] = {"street": Camera(), "gate": GATE, "clean": CLEAN}
"""By name, hardest first."""
STEEP = (0.9, 1.5)
"""Least and largest yaw of plates seen from far aside, as shares of `Camera.tilt`."""
NARROWEST_PX, LETTER = 4.5, 0.55
"""Letters seen from far aside are no narrower, nobody could read them; the width of one as a share of its height."""


def view(camera: Camera, rng: np.random.Generator) -> View:
    """A random view; hard ones are farther away and more tilted."""
    kind = rng.random()
    if kind < camera.easy:
        level, nearest = between(rng, 0.0, 0.2), 1.6
    elif kind < 1 - camera.hard:
        level, nearest = between(rng, 0.2, 0.6), 1.25
    else:
        level, nearest = between(rng, 0.6, 1.0), 1.0
    low, high = camera.text_px
    text_px = exp(between(rng, log(min(low * nearest, high)), log(high)))
    yaw, pitch, roll = _angles(camera.tilt, level, rng)
    if camera.steep and rng.random() < camera.steep:
        yaw = copysign(radians(camera.tilt) * between(rng, *STEEP), yaw)
        text_px = max(text_px, min(NARROWEST_PX / (LETTER * cos(yaw)), high))
    return View(level, text_px, yaw, pitch, roll, depth=between(rng, 3.0, 14.0))


def _angles(tilt: float, level: float, rng: np.random.Generator) -> tuple[float, float, float]:
    limit = radians(tilt)
    yaw, pitch, roll = rng.normal(0.0, limit * (0.18 + 0.3 * level), 3).tolist()
    return _within(yaw, limit), _within(0.6 * pitch, limit), _within(0.5 * roll, limit)


def _within(angle: float, limit: float) -> float:
    return min(max(angle, -limit), limit)


def project(seen: View, aspect: float) -> NDArray[np.float64]:
    """Corners of a plate `aspect` wide and 1 high as the view shows it: 4,2, centred on 0."""
    half = aspect / 2
    flat = np.array([[-half, -0.5], [half, -0.5], [half, 0.5], [-half, 0.5]])
    cy, sy, cp, sp = cos(seen.yaw), sin(seen.yaw), cos(seen.pitch), sin(seen.pitch)
    cr, sr = cos(seen.roll), sin(seen.roll)
    # Where yaw, then pitch, then roll turn the plate's own x and y axes.
    along = (cr * cy - sr * sp * sy, sr * cy + cr * sp * sy, -cp * sy)
    down = (-sr * cp, cr * cp, sp)
    points = flat @ np.array([along, down])
    distance = seen.depth * max(aspect, 1.0)
    corners: NDArray[np.float64] = points[:, :2] * (distance / (distance + points[:, 2:]))
    return corners


def shoot(image: Image, camera: Camera, seen: View, rng: np.random.Generator) -> Image:
    """The picture as the camera delivers it, same size."""
    odds = 0.35 + 0.9 * seen.level  # what goes wrong, goes wrong together
    pixels = image.astype(np.float32)
    rolls = (rng.random(len(EFFECTS)) / odds).tolist()
    for (_, effect), roll, chance in zip(EFFECTS, rolls, _chances(camera), strict=True):
        if roll < chance:
            pixels = effect(pixels, rng, seen)
    return to_bytes(pixels)


_chances = attrgetter(*(name for name, _ in EFFECTS))
