"""What time does to a plate: pressed edges catch light, ink fades and flakes, dirt settles."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lprkit.core.chance import below, between
from lprkit.core.types import Colour, Image
from lprkit.synth.strokes import Mask

PIECES = 20
"""Pieces of flaked ink over the height of a plate."""


def jitter(colour: Colour, rng: np.random.Generator, amount: float) -> Colour:
    """The colour, a little lighter or darker and off its hue."""
    darker, lighter, *drift = rng.standard_normal(5).tolist()
    gain, lift = 1.0 - 0.08 * abs(darker) * amount, 12 * abs(lighter) * amount
    moved = (c * gain + lift * (1 - c / 255) + 5 * d * amount for c, d in zip(colour, drift, strict=True))
    r, g, b = (int(min(max(value, 0.0), 255.0)) for value in moved)
    return r, g, b


def fade(ink: Colour, paper: Colour, rng: np.random.Generator) -> Colour:
    """Ink on its way to the colour of the paper."""
    share = float(rng.beta(1.2, 4.0)) * 0.6
    r, g, b = (round(i + (p - i) * share) for i, p in zip(ink, paper, strict=True))
    return r, g, b


def flake(mask: Mask, rng: np.random.Generator) -> Mask:
    """Ink that came off in spots: at most a third, in pieces smaller than a stroke is wide."""
    height, width = mask.shape
    noise = rng.integers(0, 256, (PIECES, max(PIECES * width // height, 2)), dtype=np.uint8)
    fine = cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)
    cut = between(rng, 15, 50)
    keep = cv2.convertScaleAbs(cv2.subtract(fine, cut), alpha=6.0)
    return np.asarray(cv2.multiply(mask, keep, scale=1 / 255), dtype=np.uint8)


def emboss(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
    """Light on one side of the pressed letters, shadow on the other."""
    height, width = mask.shape
    x, y = below(rng, 3), 2 * below(rng, 2)
    strength = between(rng, 0.15, 0.5)
    shifted = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)[y : y + height, x : x + width]
    light = cv2.subtract(shifted, mask)
    shadow = cv2.subtract(mask, shifted)
    up, down = (cv2.convertScaleAbs(part, alpha=strength * share) for part, share in ((light, 0.6), (shadow, 0.8)))
    if rng.random() < 0.5:
        up, down = down, up
    return np.asarray(cv2.subtract(cv2.add(image, cv2.merge([up] * 3)), cv2.merge([down] * 3)), dtype=np.uint8)


def soil(image: Image, rng: np.random.Generator) -> Image:
    """Dirt in soft blobs, brown to grey, heavier towards the bottom."""
    height, width = image.shape[:2]
    rows, columns = int(rng.integers(3, 12)), int(rng.integers(6, 30))
    noise = rng.random((rows, columns), dtype=np.float32)
    noise = np.maximum(noise - between(rng, 0.3, 0.7), 0.0) * np.linspace(0.6, 1.2, rows, dtype=np.float32)[:, None]
    cover = noise * (between(rng, 0.3, 1.1) * 255)
    tint = 1.0 - np.array([0.75, 0.85, 1.0]) * between(rng, 0.6, 1.0)
    small = np.minimum(cover[:, :, None] * (1 - tint), 170).astype(np.uint8)
    veil = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.subtract(image, cv2.multiply(veil, image, scale=1 / 255)), dtype=np.uint8)


def shine(image: Image, rng: np.random.Generator) -> Image:
    """A lamp beside the camera: reflective paper (or ink) throws its light back, and what is bright spreads."""
    size = 2 * round(image.shape[0] * between(rng, 0.015, 0.05)) + 1
    glow = cv2.blur(image, (size, size))
    return np.asarray(
        cv2.addWeighted(image, between(rng, 0.85, 1.3), glow, between(rng, 0.15, 0.6), 0.0), dtype=np.uint8
    )


def pattern(paper: Colour, size: tuple[int, int], rng: np.random.Generator) -> Image:
    """Paper with a soft picture in it, never far from its own brightness; `size` is height, width."""
    rows, columns = int(rng.integers(2, 5)), int(rng.integers(3, 9))
    strength = between(rng, 6, 34) * (0.4 + 0.6 * sum(paper) / 765)
    blobs: NDArray[np.float64] = np.array(paper) + rng.normal(0, strength, (rows, columns, 3))
    if rng.random() < 0.5:  # a sky: the same across, other colours from top to bottom
        blobs = np.array(paper) + np.repeat(rng.normal(0, strength, (rows, 1, 3)), columns, axis=1)
    toward = 0.0 if sum(paper) < 380 else 20.0
    small = np.clip(blobs + toward, 0, 255).astype(np.uint8)
    image = np.asarray(cv2.resize(small, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    if rng.random() < 0.45:
        _scenery(image, paper, rng)
    return image


def _scenery(image: Image, paper: Colour, rng: np.random.Generator) -> None:
    """Hills along the foot, a sun, stripes or a large shape, pale enough to be written over."""
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        tint = np.clip(np.array(paper) + rng.normal(0, 26, 3) + rng.normal(0, 10), 0, 255).tolist()
        kind = rng.random()
        if kind < 0.35:
            xs = np.linspace(0, width, int(rng.integers(4, 12)))
            ys = height * (between(rng, 0.3, 0.9) + rng.normal(0, 0.08, len(xs)))
            ridge = np.vstack([np.stack([xs, ys], axis=1), [[width, height], [0, height]]])
            cv2.fillPoly(image, [ridge.astype(np.int32)], tint, cv2.LINE_AA)
        elif kind < 0.65:
            centre = (int(between(rng, 0, width)), int(between(rng, 0, height)))
            cv2.circle(image, centre, round(height * between(rng, 0.12, 0.5)), tint, -1, cv2.LINE_AA)
        elif kind < 0.8:
            top = int(between(rng, 0, height))
            cv2.rectangle(image, (0, top), (width, top + round(height * between(rng, 0.03, 0.2))), tint, -1)
        else:
            around = rng.uniform(0.2, 1.0, (8, 1)) * height * 0.5
            turns = np.linspace(0, 2 * np.pi, 8, endpoint=False)
            shape = np.stack([np.cos(turns), np.sin(turns)], axis=1) * around + rng.random(2) * (width, height)
            cv2.fillPoly(image, [shape.astype(np.int32)], tint, cv2.LINE_AA)
