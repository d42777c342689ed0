"""Pictures inside an HTML page: the reliability diagram, and plates with what was read."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np

from lprkit.core.types import Image, Scored
from lprkit.evaluate.confidence import Bin
from lprkit.evaluate.measure import ShownFrame
from lprkit.evaluate.metrics import is_exact

SIDE, EDGE = 220, 34
"""Side of the diagram, and room for the letters at its axes, px."""
LARGEST, FRAME = (416, 224), (640, 640)
"""Of a plate and of a frame in the page, px."""
TRUE, FOUND = (0, 200, 90), (230, 40, 40)
"""Colours of outlines in a frame."""


def reliability_svg(bins: Sequence[Bin]) -> str:
    """Share right over score: on the line a score means what it says; the larger a dot the more readings."""
    most = max((one.n for one in bins), default=1)
    dots = "".join(
        f'<circle cx="{EDGE + one.score * SIDE:.1f}" cy="{(1 - one.right) * SIDE + 8:.1f}"'
        f' r="{3 + 9 * (one.n / most) ** 0.5:.1f}" fill="#2860a8" fill-opacity=".65">'
        f"<title>{one.n} readings: score {one.score:.3f}, right {one.right:.3f}</title></circle>"
        for one in bins
    )
    return (
        f'<svg width="{SIDE + EDGE + 16}" height="{SIDE + EDGE + 8}" role="img" aria-label="reliability">'
        f'<rect x="{EDGE}" y="8" width="{SIDE}" height="{SIDE}" fill="#f6f6f6" stroke="#999"/>'
        f'<line x1="{EDGE}" y1="{SIDE + 8}" x2="{SIDE + EDGE}" y2="8" stroke="#999" stroke-dasharray="4"/>{dots}'
        f'<text x="{EDGE + SIDE / 2 - 16}" y="{SIDE + EDGE}">score</text><text x="2" y="18">right</text>'
        f'<text x="{EDGE}" y="{SIDE + 22}">0</text><text x="{EDGE + SIDE - 6}" y="{SIDE + 22}">1</text></svg>'
    )


def tile(image: Image, truth: str, *lines: Scored) -> str:
    """A plate with its truth, and under it what each model read with its score."""
    read = "".join(
        f'<br><span class="{"right" if is_exact(line) else "wrong"}">'
        f"{f'{escape(line.text)} {line.score:.2f}' if line.found else 'not found'}</span>"
        for line in lines
    )
    return (
        f'<figure title="{escape(lines[0].source)}"><img alt="" src="data:image/jpeg;base64,{_jpeg(image)}">'
        f"<figcaption>{escape(truth)}{read}</figcaption></figure>"
    )


def frame_tile(shown: ShownFrame, least: float) -> str:
    """A frame with its true outlines and those found, with their scores."""
    import cv2

    canvas = shown.image.copy()
    width_px = max(2, round(max(canvas.shape[:2]) / 300))
    found = [thing for thing in shown.framed.found if thing.score >= least]
    for colour, quads in ((TRUE, shown.framed.truth), (FOUND, [thing.quad for thing in found])):
        cv2.polylines(canvas, [np.asarray(quad).round().astype(np.int32) for quad in quads], True, colour, width_px)
    scores = ", ".join(f"{thing.score:.2f}" for thing in found) or "nothing found"
    return (
        f'<figure class=frame title="{escape(shown.framed.source)}">'
        f'<img alt="" src="data:image/jpeg;base64,{_jpeg(canvas, FRAME)}">'
        f"<figcaption>{escape(shown.framed.label)}: {scores}</figcaption></figure>"
    )


def _jpeg(image: Image, largest: tuple[int, int] = LARGEST) -> str:
    from PIL import Image as PilImage

    picture = PilImage.fromarray(image)
    picture.thumbnail(largest)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode()
