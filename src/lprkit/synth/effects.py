"""The effects of light, lens, sensor and image processing.

Each is a function of (picture, rng, view) on float32 H,W,3 RGB in 0-255 and returns a picture of the same size.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from lprkit.core.chance import between
from lprkit.core.types import Image
from lprkit.synth.grain import Pixels, grain
from lprkit.synth.planes import added, even

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601."""


@dataclass(frozen=True)
class View:
    """How one camera sees one plate."""

    level: float
    """0 clean … 1 hardly readable: scales every effect's odds and strength."""
    text_px: float
    """Letter height on the sensor; blur is measured against it."""
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    """Radians."""
    depth: float = 8.0
    """Distance in plate widths; near ones show more perspective."""


def dirt(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Stains: a soft cloud of brown or grey laid over the picture."""
    import cv2

    height, width = pixels.shape[:2]
    coarse = rng.normal(0, 0.5, (7, max(2, round(7 * width / height)), 1)) - between(rng, 0.2, 0.6)
    colour = between(rng, 40, 150) * np.array([1.0, between(rng, 0.8, 1.0), between(rng, 0.6, 1.0)])
    cells = np.repeat(coarse.astype(np.float32), 3, axis=2)
    share = np.clip(cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)
    share *= np.float32(0.5 + 0.5 * seen.level)
    return np.asarray(pixels + share * (even(colour, width) - pixels), np.float32)


def bar(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """A thin thing in front of the plate: a bar, a rope, a wiper; narrower than a stroke is long."""
    import cv2

    height, width = pixels.shape[:2]
    thick = max(1, round(seen.text_px * between(rng, 0.03, 0.12)))
    ends = rng.uniform((-0.2, 0.0), (1.2, 1.0), (2, 2)) * (width, height)
    colour = [between(rng, 10, 200)] * 3
    (x0, y0), (x1, y1) = ends.round().astype(int).tolist()
    return np.asarray(cv2.line(pixels.copy(), (x0, y0), (x1, y1), colour, thick, cv2.LINE_AA), np.float32)


def light(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Light that falls off across the picture."""
    height, width = pixels.shape[:2]
    depth = between(rng, 0.1, 0.3 + 0.4 * seen.level)
    angle = between(rng, 0, 2 * np.pi)
    across = (np.arange(width, dtype=np.float32) / width - np.float32(0.5)) * np.float32(depth * np.cos(angle))
    down = (np.arange(height, dtype=np.float32) / height - np.float32(0.5)) * np.float32(depth * np.sin(angle))
    return pixels * added(across, 1 + down)


def shadow(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """One side of a slanted edge lies in the shadow."""
    height, width = pixels.shape[:2]
    angle = between(rng, 0, 2 * np.pi)
    across = np.arange(width, dtype=np.float32) - np.float32(between(rng, 0.1, 0.9) * width)
    down = np.arange(height, dtype=np.float32) - np.float32(between(rng, 0.1, 0.9) * height)
    softness = between(rng, 0.5, 4.0)
    dark = np.float32(between(rng, 0.35, 0.75))
    steep = (1 - dark) / np.float32(softness)
    side = added(across * np.float32(np.cos(angle)) * steep, down * np.float32(np.sin(angle)) * steep + (1 + dark) / 2)
    return pixels * np.clip(side, dark, 1)


def glare(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """A lamp's or the sun's reflection: a bright soft blob, seldom strong enough to hide a letter."""
    height, width = pixels.shape[:2]
    x, y = between(rng, 0, width), between(rng, -0.2, 1.2) * height
    spread = between(rng, 0.15, 0.6) * height
    across = np.exp(-(((np.arange(width) - x) / (spread * between(rng, 1, 3))) ** 2))
    down = np.exp(-(((np.arange(height) - y) / spread) ** 2))
    down *= between(rng, 40, 90 + 90 * seen.level)
    blob = down.astype(np.float32)[:, None] * np.repeat(across.astype(np.float32), 3)
    return np.asarray(pixels + blob.reshape(pixels.shape), np.float32)


def infrared(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """An IR lamp: one channel, bright reflective paper, grey or with the pink to purple cast of cheap sensors."""
    import cv2

    weights = rng.dirichlet((4.0, 4.0, 3.0)).astype(np.float32) / np.float32(255)
    one = cv2.pow(np.maximum(cv2.transform(pixels, weights[None]), 0), between(rng, 0.6, 1.3))
    kind = rng.random()
    if kind < 0.5:
        tint = np.ones(3)
    elif kind < 0.85:
        tint = np.array([1.0, between(rng, 0.3, 0.85), between(rng, 0.5, 0.95)])
    else:
        tint = rng.uniform(0.6, 1.0, 3)
    lift = between(rng, 0, 25 + 50 * seen.level) * np.array([1.0, between(rng, 0.3, 1.0), between(rng, 0.5, 1.0)])
    # One channel to three, and the lift added: 3,2.
    matrix = np.stack([tint * (255 - lift), lift], axis=1).astype(np.float32)
    return np.asarray(cv2.transform(one, matrix), np.float32)


def inverted(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Night picture of a plate lit from behind: dark paper, bright letters, no colour."""
    return grey((255 - pixels) * np.float32(between(rng, 0.5, 1.0)), rng, seen)


def haze(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Stray light, fog or a dirty lens: less contrast."""
    veil = np.float32(between(rng, 0.05, 0.15 + 0.3 * seen.level))
    colour = between(rng, 60, 230) + rng.normal(0, 10, 3)
    return pixels * (1 - veil) + even(veil * colour, pixels.shape[1])


def defocus(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Out of focus, at most a stroke's width."""
    sigma = max(0.3, seen.text_px * between(rng, 0.01, 0.025 + 0.05 * seen.level))
    return _blurred(pixels, sigma)


def motion(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """The car or the camera moved: a line kernel, mostly sideways."""
    import cv2

    length = max(1.5, seen.text_px * between(rng, 0.04, 0.08 + 0.16 * seen.level))
    angle = rng.normal(0.0, 0.35) if rng.random() < 0.7 else between(rng, 0, np.pi)
    size = 2 * int(np.ceil(length / 2)) + 1
    middle = (size - 1) / 2
    dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
    kernel = np.zeros((size, size), np.float32)
    ends = np.array([[middle - dx, middle - dy], [middle + dx, middle + dy]]) * 16  # four bits of fraction
    (x0, y0), (x1, y1) = ends.round().astype(int).tolist()
    cv2.line(kernel, (x0, y0), (x1, y1), 1.0, 1, cv2.LINE_AA, 4)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / max(float(kernel.sum()), 1e-6)), np.float32)


def exposure(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Too dark or too bright, clipped at full well."""
    stops = rng.normal(0.0, 0.25 + 0.6 * seen.level) - 0.12 - 0.3 * seen.level
    gain = 2 ** np.clip(stops, -1.9, 0.7)
    return np.asarray(np.minimum(pixels * np.float32(gain), np.float32(255)))


def noise(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Shot noise that grows with the light and read noise that does not, with or without colour."""
    strength = between(rng, 0.5, 2 + 10 * seen.level) * min(1.0, seen.text_px / 20)
    drawn = grain(pixels.shape[0], pixels.shape[1], rng, coloured=bool(rng.random() < 0.5))
    amount = pixels * np.float32(0.75 / 255 * strength**2)
    amount += np.float32(0.25 * strength**2)
    np.maximum(amount, 0, out=amount)
    np.sqrt(amount, out=amount)
    amount *= drawn
    return np.asarray(np.add(amount, pixels, out=amount), np.float32)


def balance(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """A wrong white balance and more or less colour."""
    import cv2

    gains = np.exp(rng.normal(0, 0.04 + 0.07 * seen.level, (3, 1)))
    colour = between(rng, 0.4, 1.3)
    matrix = gains * (colour * np.eye(3) + (1 - colour) * np.array(LUMA))
    return np.asarray(cv2.transform(pixels, matrix.astype(np.float32)), np.float32)


def curve(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """A tone curve: gamma, or a contrast stretch between the darkest and the brightest."""
    import cv2

    if rng.random() < 0.6:
        gamma = np.exp(rng.normal(0, 0.15 + 0.25 * seen.level))
        table = 255 * _GREYS ** np.float32(gamma)
        return np.asarray(cv2.LUT(to_bytes(pixels), table), np.float32)
    low, high, *_ = cv2.minMaxLoc(pixels.reshape(len(pixels), -1))
    wide = (pixels - low) * np.float32(255 / max(high - low, 24.0))
    return np.asarray(pixels + np.float32(between(rng, 0.3, 1.0)) * (wide - pixels), np.float32)


def sharpen(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Unsharp masking with its halos."""
    import cv2

    soft = _blurred(pixels, between(rng, 0.6, 1.6))
    amount = between(rng, 0.3, 1.8)
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0), np.float32)


def grey(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """A camera without colour."""
    import cv2

    return np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.float32)


def dull(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """A surveillance camera at night: its noise reduction smears, and its tone curve leaves little contrast."""
    smooth = _blurred(pixels, max(0.3, seen.text_px * between(rng, 0.015, 0.05)))
    level = np.float32(smooth.mean())
    return np.asarray(level + np.float32(between(rng, 0.25, 0.75)) * (smooth - level), np.float32)


_GREYS = np.arange(256, dtype=np.float32) / np.float32(255)


def _blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Out of focus by `sigma` px; OpenCV's own size of the kernel reaches 4 sigma far and takes longer."""
    import cv2

    size = 2 * ceil(2.7 * sigma) + 1
    return np.asarray(cv2.GaussianBlur(pixels, (size, size), sigma), np.float32)


def to_bytes(pixels: Pixels) -> Image:
    """Rounded and clipped to uint8."""
    import cv2

    return np.asarray(cv2.add(pixels, 0.0, dtype=cv2.CV_8U), np.uint8)  # rounds and saturates in one pass
