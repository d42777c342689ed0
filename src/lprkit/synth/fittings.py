"""What holds a plate: bolts, and a dealer's frame around it."""

from __future__ import annotations

import cv2
import numpy as np

from lprkit.core.chance import between, one_of
from lprkit.core.types import Colour, Style
from lprkit.synth import wear
from lprkit.synth.layout import Area, Layout
from lprkit.synth.marks import Canvas, Print, stamp


def draw_screws(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> None:
    """Bolts, dark, bright or in a plastic cap, where plates have holes: seldom so low that they touch a letter."""
    plate, text = layout.print, layout.text
    radius = between(rng, 0.018, 0.04) * (plate.bottom - plate.top) * (1.5 if rng.random() < 0.15 else 1.0)
    share = between(rng, 0.14, 0.28)
    xs = [plate.left + (plate.right - plate.left) * s for s in (share, 1 - share)]
    into = between(rng, 0.7, 1.05) if rng.random() < 0.25 else 0.5
    y_top, y_low = plate.top + (text.top - plate.top) * into, plate.bottom + (text.bottom - plate.bottom) * into
    rows = [y for y in (y_top, y_low) if rng.random() < 0.7]
    if rng.random() < 0.35:
        xs, rows = [(plate.left + text.left) / 2, (plate.right + text.right) / 2], [(plate.top + plate.bottom) / 2]
    colour = one_of(rng, _BOLTS)
    size = max(round(radius * canvas.px_mm), 1)
    slot = rng.random() < 0.4 and size > 2
    for x in xs:
        for y in rows:
            centre = (round(x * canvas.px_mm), round(y * canvas.px_mm))
            cv2.circle(canvas.image, centre, size, colour, -1, cv2.LINE_AA)
            if slot:
                cv2.circle(canvas.image, centre, size // 2, (90, 90, 90), -1, cv2.LINE_AA)


_BOLTS: tuple[Colour, ...] = (
    *((30, 30, 32), (150, 150, 150), (215, 215, 210), (190, 170, 60), (245, 200, 30), (120, 70, 40)),
)


def draw_frame(canvas: Canvas, layout: Layout, print_: Print, style: Style) -> None:
    """A dealer's frame: a strip below, often one above, thin ones at the sides; now and then a strip lies over the
    feet or the heads of the letters."""
    rng = print_.rng
    colour = one_of(rng, _FRAMES)
    colour = colour if rng.random() < 0.85 else wear.jitter(colour, rng, 6.0)
    ink = (240, 240, 240) if sum(colour) < 380 else (20, 20, 20)
    ink = ink if rng.random() < 0.7 else wear.jitter(ink, rng, 6.0)
    text = layout.text
    above, below = text.top, style.height_mm - text.bottom
    over = _OVER_LETTERS * (text.bottom - text.top) * float(rng.random()) if rng.random() < 0.25 else 0.0
    tops = rng.random() < 0.4
    low = below + over if over and not tops else between(rng, 0.2, 0.95) * below
    high = above + over if over and tops else between(rng, 0.2, 0.95) * above
    sides = between(rng, 0.0, 0.45) * min(above, below, text.left, style.width_mm - text.right)
    edge = max(sides, 0.0)
    opening = Area(edge, high if tops else edge, style.width_mm - edge, style.height_mm - low)
    left, top, right, bottom = canvas.box(opening)
    height, width = canvas.image.shape[:2]
    for x0, y0, x1, y1 in (
        (0, 0, width, top),
        (0, bottom, width, height),
        (0, 0, left, height),
        (right, 0, width, height),
    ):
        if x0 < x1 and y0 < y1:
            cv2.rectangle(canvas.image, (x0, y0), (x1 - 1, y1 - 1), colour, -1)
    if rng.random() < 0.4:  # a bevel that catches light
        light = wear.jitter((200, 200, 205), rng, 4.0)
        cv2.rectangle(canvas.image, (left, top), (right - 1, bottom - 1), light, 1)
    strips = [Area(0, opening.bottom, style.width_mm, style.height_mm)]
    strips += [Area(0, 0, style.width_mm, opening.top)] if tops else []
    for strip in strips:
        high = strip.bottom - strip.top
        if high * canvas.px_mm >= 5:
            inset = Area(
                style.width_mm * 0.15, strip.top + high * 0.15, style.width_mm * 0.85, strip.bottom - high * 0.15
            )
            stamp(canvas, print_.line(print_.words()), inset, ink)


_OVER_LETTERS = 0.07
"""How far a frame's strip may lie over the letters, as a share of their height: half a stroke, or E would be F."""
_FRAMES: tuple[Colour, ...] = (
    *((18, 18, 20), (18, 18, 20), (40, 42, 46), (200, 200, 205), (170, 172, 176)),
    *((150, 20, 25), (30, 50, 120), (235, 235, 235), (185, 150, 60)),
)
