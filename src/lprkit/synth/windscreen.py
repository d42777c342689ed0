"""What is stuck behind windscreens: permits of disabled drivers, and stickers and papers that look like them.

Permits after public notices: Korea's disc (yellow for a disabled driver, white for a carer, since 2017) and the square
before it, the card of Council Recommendation 98/376/EC, the placard that hangs from the mirror of American cars
(23 CFR 1235). No picture of a real one was used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lprkit.core.geometry import Quad, quad_from
from lprkit.core.types import Colour, Image
from lprkit.synth import lettering
from lprkit.synth.paste import Corners, paste, size_of

SMALLEST_PX = 8.0
"""A permit narrower than this in the frame is not drawn: nothing could be told of it."""
BLUE: Colour = (25, 75, 165)
WHITE: Colour = (245, 245, 243)


@dataclass(frozen=True)
class Permit:
    """A flat permit, how wide it is as a share of the glass, and how round."""

    image: Image
    share: float
    rounding: float


def draw_windscreen(image: Image, glass: Corners, rng: np.random.Generator) -> list[Quad]:
    """Puts stickers behind the glass (4,2 px, clockwise from top-left), then light upon it; where the permits are."""
    found: list[Quad] = []
    spots = _spots(rng)
    if rng.random() < 0.35:
        permit = _permit(rng)
        quad = _stick(image, glass, permit, spots.pop(), rng)
        found += [quad] if quad is not None else []
    for _ in range(int(rng.choice(3, p=(0.6, 0.3, 0.1)))):
        _stick(image, glass, _other(rng), spots.pop(), rng)
    if rng.random() < 0.5:
        _reflection(image, glass, rng)
    return found


def _spots(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Places on the glass apart from each other, across and down, 0-1."""
    across = (0.1, 0.3, 0.5, 0.7, 0.9)
    places = [(x + float(rng.uniform(-0.04, 0.04)), float(rng.choice((0.84, 0.8, 0.2)))) for x in across]
    return [places[n] for n in rng.permutation(len(places))]


def _stick(
    image: Image, glass: Corners, permit: Permit, spot: tuple[float, float], rng: np.random.Generator
) -> Quad | None:
    """The permit at a place of the glass, seen through it; None when it is too small or not all in the picture."""
    top, right, bottom, left = glass
    across = size_of(glass)[0] * permit.share
    if across < SMALLEST_PX:
        return None
    u, v = spot
    centre = (1 - v) * ((1 - u) * top + u * right) + v * ((1 - u) * left + u * bottom)
    along = (right - top) / max(float(np.linalg.norm(right - top)), 1.0)
    down = np.array([-along[1], along[0]]) * permit.image.shape[0] / permit.image.shape[1]
    half = np.array([-along - down, along - down, along + down, down - along]) * across / 2
    corners = centre + half + rng.normal(0, 0.015, (4, 2)) * across
    height, width = image.shape[:2]
    if corners.min() < 0 or (corners.max(axis=0) > (width, height)).any():
        return None
    x, y = (int(value) for value in centre)
    seen = float(rng.uniform(0.6, 0.97))
    flat = permit.image * seen + image[min(y, height - 1), min(x, width - 1)] * (1 - seen)
    paste(image, flat.astype(np.uint8), corners, permit.rounding)
    return quad_from(corners)


def _permit(rng: np.random.Generator) -> Permit:
    """One of the permits that the world knows."""
    share = float(rng.uniform(0.075, 0.12))
    kind = rng.random()
    if kind < 0.45:
        return Permit(_disc(rng), share, 0.45)
    if kind < 0.6:
        return Permit(_square(rng), share, float(rng.uniform(0, 0.15)))
    if kind < 0.8:
        return Permit(_card(rng), share * 1.3, 0.02)
    return Permit(_placard(rng), share * 0.9, 0.06)


def _disc(rng: np.random.Generator) -> Image:
    """64 x 64: yellow or white, a rim, the wheelchair over a number."""
    import cv2

    paper = (246, 205, 50) if rng.random() < 0.6 else WHITE
    rim = BLUE if rng.random() < 0.6 else (30, 30, 30)
    disc = _board(64, 64, paper)
    cv2.circle(disc, (32, 32), 30, rim, int(rng.integers(2, 6)), cv2.LINE_AA)
    _wheelchair(disc, (32, 25), 30, rim if rng.random() < 0.7 else (20, 20, 20))
    _number(disc, (14, 43, 36, 9), (20, 20, 20), rng)
    return disc


def _square(rng: np.random.Generator) -> Image:
    """64 x 64: a white wheelchair on blue, or blue on white or yellow, with or without a number."""
    paper = BLUE if rng.random() < 0.6 else ((246, 205, 50) if rng.random() < 0.5 else WHITE)
    ink = WHITE if paper == BLUE else BLUE
    board = _board(64, 64, paper)
    if rng.random() < 0.5:
        _wheelchair(board, (32, 32), 54, ink)
    else:
        _wheelchair(board, (32, 25), 40, ink)
        _number(board, (8, 48, 48, 12), ink, rng)
    return board


def _card(rng: np.random.Generator) -> Image:
    """68 x 96, the European card: blue, the wheelchair at the left, lines and a ring of stars at the right."""
    import cv2

    card = _board(68, 96, (70, 130, 200) if rng.random() < 0.7 else (150, 190, 225))
    cv2.rectangle(card, (4, 12), (44, 56), BLUE, -1)
    _wheelchair(card, (24, 34), 38, WHITE)
    for turn in np.arange(12) * (np.pi / 6):
        cv2.circle(card, (round(72 + 10 * np.cos(turn)), round(24 + 10 * np.sin(turn))), 1, (245, 210, 40), -1)
    for y in range(42, 60, 6):
        cv2.line(card, (52, y), (int(rng.integers(66, 92)), y), WHITE, 1)
    _number(card, (30, 1, 40, 9), WHITE, rng)
    return card


def _placard(rng: np.random.Generator) -> Image:
    """120 x 60, to hang from a mirror: the wheelchair on blue or red over a number, a hook's opening at the top."""
    import cv2

    paper = BLUE if rng.random() < 0.75 else (190, 30, 40)
    placard = _board(120, 60, paper)
    cv2.ellipse(placard, (30, 12), (13, 8), 0, 0, 360, (40, 45, 50), -1, cv2.LINE_AA)
    _wheelchair(placard, (30, 50), 46, WHITE)
    placard[80:] = WHITE if rng.random() < 0.7 else paper
    ink = (20, 20, 20) if placard[-1, 0, 0] > 200 else WHITE
    _number(placard, (6, 84, 48, 12), ink, rng)
    for y in (102, 109):
        cv2.line(placard, (8, y), (int(rng.integers(30, 54)), y), ink, 1)
    return placard


def _other(rng: np.random.Generator) -> Permit:
    """A sticker, a ticket or a paper that is no permit of a disabled driver."""
    import cv2

    share = float(rng.uniform(0.04, 0.14))
    paper, ink = lettering.colours(rng)
    if rng.random() < 0.4:
        disc = _board(64, 64, paper)
        cv2.circle(disc, (32, 32), 27, ink, int(rng.integers(2, 9)), cv2.LINE_AA)
        _number(disc, (14, 22, 36, 20), ink, rng)
        return Permit(disc, share, 0.45)
    lines = [lettering.words(rng) for _ in range(int(rng.integers(1, 4)))]
    return Permit(lettering.sign(lines, rng, paper, ink), share, float(rng.uniform(0, 0.15)))


def _board(height: int, width: int, paper: Colour) -> Image:
    board = np.empty((height, width, 3), np.uint8)
    board[:] = paper
    return board


def _wheelchair(board: Image, centre: tuple[int, int], size: int, ink: Colour) -> None:
    """The symbol of access (ISO 7001 PI PF 006): a person in a wheelchair, seen from the side."""
    import cv2

    def at(x: float, y: float) -> tuple[int, int]:
        return round((centre[0] + (x - 0.5) * size) * 16), round((centre[1] + (y - 0.5) * size) * 16)

    thick = max(1, round(size * 0.09))
    cv2.circle(board, at(0.42, 0.1), round(size * 0.09 * 16), ink, -1, cv2.LINE_AA, 4)
    lines = (
        ((0.43, 0.22), (0.46, 0.55), (0.68, 0.55), (0.8, 0.86), (0.92, 0.82)),
        ((0.45, 0.36), (0.66, 0.36)),
    )
    for line in lines:
        points = np.array([at(x, y) for x, y in line], np.int32)
        cv2.polylines(board, [points], False, ink, thick, cv2.LINE_AA, 4)
    axes = (round(size * 0.25 * 16), round(size * 0.25 * 16))
    cv2.ellipse(board, at(0.46, 0.7), axes, 0, 20, 255, ink, thick, cv2.LINE_AA, 4)


def _number(board: Image, place: tuple[int, int, int, int], ink: Colour, rng: np.random.Generator) -> None:
    """Four to seven digits in a box x, y, width, height."""
    import cv2

    x, y, width, height = place
    digits = "".join(map(str, rng.integers(0, 10, int(rng.integers(4, 8)))))
    mask = cv2.resize(lettering.lettering(digits, rng), (width, height), interpolation=cv2.INTER_AREA)
    part = board[y : y + height, x : x + width]
    part[mask > 110] = ink


def _reflection(image: Image, glass: Corners, rng: np.random.Generator) -> None:
    """A stripe of sky or wall across the glass."""

    u = np.sort(rng.uniform(0, 1, 2))
    lean = rng.uniform(-0.2, 0.2)
    a, b, c, d = glass
    corners = np.array(
        [
            a + (b - a) * u[0],
            a + (b - a) * u[1],
            d + (c - d) * np.clip(u[1] + lean, 0, 1),
            d + (c - d) * np.clip(u[0] + lean, 0, 1),
        ]
    )
    mask = np.full((8, 8), int(rng.uniform(15, 110)), np.uint8)
    lettering.print_on(image, mask, corners, lettering.colour(rng.uniform(120, 255) + rng.normal(0, 10, 3)))
