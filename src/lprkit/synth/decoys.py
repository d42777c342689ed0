"""Things that a hasty detector takes for plates: signs, posters, windows, fences, letters, plates without a number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lprkit.core.geometry import Box
from lprkit.core.types import Image
from lprkit.synth import backgrounds, lettering
from lprkit.synth.paste import Corners, paste

Decoy = Callable[[Image, np.random.Generator], None]


def draw_decoy(image: Image, rng: np.random.Generator) -> None:
    """One of `DECOYS` somewhere in the picture, in place."""
    shares = np.cumsum([weight for weight, _ in DECOYS])
    _, draw = DECOYS[int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))]
    draw(image, rng)


def draw_unnumbered(image: Image, corners: Corners, rng: np.random.Generator) -> None:
    """What is where a plate should be: an empty holder, a blank plate, or the name of a dealer."""
    kind = rng.random()
    paper, ink = lettering.colours(rng)
    if kind < 0.35:
        board = np.empty((24, 110, 3), np.uint8)
        board[:] = lettering.colour(rng.uniform(5, 60) + rng.normal(0, 4, 3))
        _ribs(board, rng)
    elif kind < 0.6:
        board = np.empty((60, 280, 3), np.uint8)
        board[:] = (240, 240, 238) if rng.random() < 0.6 else paper
        _rim_and_band(board, rng)
    else:
        lines = [lettering.WORDS[int(rng.integers(len(lettering.WORDS)))] for _ in range(1 + (rng.random() < 0.3))]
        board = lettering.sign(lines, rng, paper, ink)
        if rng.random() < 0.5:
            _rim_and_band(board, rng)
    paste(image, board, corners, float(rng.uniform(0, 0.12)))


def _ribs(board: Image, rng: np.random.Generator) -> None:
    """The clips and ribs of an empty holder."""
    height, width = board.shape[:2]
    light = int(board[0, 0].mean() + rng.uniform(8, 40))
    for y in (2, height - 4):
        board[y : y + 2, 2 : width - 2] = light
    for x in rng.integers(4, width - 6, int(rng.integers(0, 5))):
        board[4 : height - 4, x : x + 2] = light


def _rim_and_band(board: Image, rng: np.random.Generator) -> None:
    """A plate's rim and, half of the time, its blue band."""
    import cv2

    height, width = board.shape[:2]
    if rng.random() < 0.5:
        board[:, : max(width // 12, 3)] = lettering.colour(np.array([20, 60, 150]) + rng.normal(0, 12, 3))
    cv2.rectangle(board, (1, 1), (width - 2, height - 2), lettering.colour(rng.uniform(0, 90, 3)), 2)


def _shop_sign(image: Image, rng: np.random.Generator) -> None:
    """One to three lines of words and numbers on a board."""
    lines = [lettering.words(rng) for _ in range(int(rng.choice((1, 2, 3), p=(0.65, 0.25, 0.1))))]
    paper, ink = lettering.colours(rng)
    paste(image, board := lettering.sign(lines, rng, paper, ink), _anywhere(image, board, rng), _rounding(rng))


def _road_sign(image: Image, rng: np.random.Generator) -> None:
    """A speed limit, a warning, the name of a place with a distance, the number of a road."""
    kind = rng.random()
    if kind < 0.4:
        board = _round_sign(rng)
        paste(image, board, _anywhere(image, board, rng, widest=0.15), 0.45)
        return
    if kind < 0.55:
        _warning(image, rng)
        return
    paper = ((20, 70, 160), (10, 110, 70), (240, 240, 238), (240, 190, 30), (130, 80, 40))[int(rng.integers(5))]
    ink = (240, 240, 240) if sum(paper) < 400 else (20, 20, 20)
    number = str(int(rng.integers(1, 400)))
    lines = (
        [f"{lettering.WORDS[int(rng.integers(len(lettering.WORDS)))]} {number}"],
        [f"{'AEMB'[int(rng.integers(4))]} {number}"],
        [number],
    )
    board = lettering.sign(lines[int(rng.integers(3))], rng, paper, ink)
    paste(image, board, _anywhere(image, board, rng), _rounding(rng))


def _round_sign(rng: np.random.Generator) -> Image:
    """A round sign, 64 x 64: a number, a bar or an arrow in a ring."""
    import cv2

    disc = np.full((64, 64, 3), 240, np.uint8)
    ring = (200, 20, 30) if rng.random() < 0.6 else (20, 60, 180)
    if rng.random() < 0.25:
        disc[:] = ring
        cv2.rectangle(disc, (12, 26), (52, 38), (240, 240, 240), -1)
        return disc
    cv2.circle(disc, (32, 32), 28, ring, int(rng.integers(4, 12)), cv2.LINE_AA)
    number = str(int(rng.integers(1, 13)) * 10)
    cv2.putText(disc, number, (32 - 9 * len(number), 42), cv2.FONT_HERSHEY_DUPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    return disc


def _warning(image: Image, rng: np.random.Generator) -> None:
    """A red triangle or a yellow square on its corner."""
    import cv2

    size = _size(image, rng, widest=0.12)
    turns = np.deg2rad([-90, 30, 150] if rng.random() < 0.6 else [-90, 0, 90, 180])
    centre = rng.random(2) * image.shape[1::-1]
    shape = np.stack([np.cos(turns), np.sin(turns)], axis=1) * size / 2
    for scale, ink in ((1.0, (200, 20, 30)), (0.75, (240, 240, 235) if rng.random() < 0.5 else (240, 190, 30))):
        cv2.fillConvexPoly(image, _fixed(shape * scale + centre), ink, cv2.LINE_AA, 4)


def _wall_lettering(image: Image, rng: np.random.Generator) -> None:
    """Letters painted or mounted on whatever is there."""
    mask = lettering.lettering(lettering.words(rng), rng)
    light = rng.random() < 0.5
    ink = lettering.colour(rng.uniform(150, 255, 3) if light else rng.uniform(0, 90, 3))
    lettering.print_on(image, mask, _anywhere(image, mask, rng), ink)


def _house_number(image: Image, rng: np.random.Generator) -> None:
    """One to four digits on a small enamel plate."""
    paper, ink = ((25, 50, 120), (245, 245, 245)) if rng.random() < 0.5 else lettering.colours(rng)
    board = lettering.sign([str(int(10 ** rng.uniform(0, 3.7)))], rng, paper, ink)
    paste(image, board, _anywhere(image, board, rng, widest=0.1), _rounding(rng))


def _poster(image: Image, rng: np.random.Generator) -> None:
    """A picture with a headline and lines of small print, upright or lying."""
    board = np.ascontiguousarray(backgrounds.painted(90, int(rng.integers(50, 180)), rng))
    for _ in range(int(rng.integers(1, 5))):
        mask = lettering.lettering(lettering.words(rng), rng)
        across, down = board.shape[1] * rng.uniform(0.4, 0.95), rng.uniform(6, 24)
        left, top = rng.uniform(0, board.shape[1] - across), rng.uniform(0, 90 - down)
        box = lettering.upright(Box(left, top, across, down))
        lettering.print_on(board, mask, box, lettering.colours(rng)[1])
    paste(image, board, _anywhere(image, board, rng), 0.0)


def _windows(image: Image, rng: np.random.Generator) -> None:
    """Rows of panes or bricks."""
    rows, columns = int(rng.integers(1, 6)), int(rng.integers(2, 10))
    board = np.empty((rows * 16, columns * int(rng.integers(8, 24)), 3), np.uint8)
    paper, ink = lettering.colours(rng)
    board[:] = paper
    width, thick = board.shape[1] / columns, int(rng.integers(2, 6))
    for row in range(rows):
        for column in range(columns):
            shade = lettering.colour(np.array(ink) + rng.normal(0, 15))
            board[row * 16 + thick : row * 16 + 16, int(column * width) + thick : int((column + 1) * width)] = shade
    paste(image, board, _anywhere(image, board, rng), 0.0)


def _bars(image: Image, rng: np.random.Generator) -> None:
    """A fence, a grille, a bar code, the stripes of a barrier: bars that may pass for letters."""
    width = int(rng.integers(60, 240))
    paper, ink = lettering.colours(rng) if rng.random() < 0.7 else ((240, 240, 240), (190, 25, 30))
    board = np.empty((int(rng.integers(16, 60)), width, 3), np.uint8)
    board[:] = paper
    step = float(rng.uniform(4, 16))
    even = rng.random() < 0.6
    x = step / 2
    while x < width:
        thick = step * (0.4 if even else float(rng.uniform(0.15, 0.8)))
        board[:, int(x) : int(x + max(thick, 1.0))] = ink
        x += step if even else step * float(rng.uniform(0.5, 2.0))
    corners = _anywhere(image, board, rng)
    corners[:2, 0] += rng.normal(0, 0.3) * (corners[3, 1] - corners[0, 1])
    paste(image, board, corners, 0.0)


def _display(image: Image, rng: np.random.Generator) -> None:
    """Bright dots on black: the destination of a bus, a clock, a price board."""
    import cv2

    mask = lettering.lettering(lettering.words(rng), rng)
    small = cv2.resize(mask, (max(4, mask.shape[1] // 4), 12), interpolation=cv2.INTER_AREA)
    dots = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    dots[::4], dots[:, ::4] = 0, 0
    dots = cv2.copyMakeBorder(dots, 8, 8, 10, 10, cv2.BORDER_CONSTANT, value=0)
    tint = np.array(((255, 150, 20), (255, 40, 30), (90, 255, 90), (230, 230, 255))[int(rng.integers(4))])
    board = (12 + dots[:, :, None] / 255 * (tint - 12)).astype(np.uint8)
    paste(image, board, _anywhere(image, board, rng), 0.0)


def _overlay(image: Image, rng: np.random.Generator) -> None:
    """What a camera or an agency writes into the picture: date and time, a channel, a name, at an edge."""
    n = rng.integers(0, 60, 6).tolist()
    stamp = f"20{10 + n[0] % 17}-{1 + n[1] % 12:02d}-{1 + n[2] % 28:02d} {n[3] % 24:02d}:{n[4]:02d}:{n[5]:02d}"
    text = (stamp, f"CAM {1 + n[0] % 16:02d}", f"CH{n[1] % 9}", "www.photos.com", f"{n[2]} km/h")[int(rng.integers(5))]
    mask = lettering.lettering(text, rng)
    height, width = image.shape[:2]
    down = height * float(rng.uniform(0.025, 0.06))
    across = min(down * mask.shape[1] / mask.shape[0], 0.8 * width)
    edge = 0.02 * height
    left = edge if rng.random() < 0.5 else width - across - edge
    top = edge if rng.random() < 0.5 else height - down - edge
    box = lettering.upright(Box(left, top, across, down))
    if rng.random() < 0.4:
        lettering.print_on(image, np.full_like(mask, 255), box, (10, 10, 10))
    lettering.print_on(image, mask, box, (250, 250, 250) if rng.random() < 0.8 else (250, 240, 60))


def _unnumbered(image: Image, rng: np.random.Generator) -> None:
    """A plate without a number on anything."""
    board = np.empty((60, int(rng.integers(90, 290)), 3), np.uint8)
    draw_unnumbered(image, _anywhere(image, board, rng, widest=0.25), rng)


def _lamp(image: Image, rng: np.random.Generator) -> None:
    """A bright patch with a soft or a hard edge: a lamp, a reflector, the sun in a window."""
    import cv2

    size = _size(image, rng, widest=0.15)
    centre = tuple((rng.random(2) * image.shape[1::-1] * 16).astype(int).tolist())
    axes = (round(size * 8), round(size * 8 * float(rng.uniform(0.2, 1.0))))
    tint = ((250, 250, 245), (255, 170, 60), (220, 40, 40))[int(rng.integers(3))]
    for scale, gain in ((1.0, 0.7), (0.7, 1.0)):
        shape = (round(axes[0] * scale), round(axes[1] * scale))
        cv2.ellipse(image, centre, shape, rng.normal(0, 10), 0, 360, [v * gain for v in tint], -1, cv2.LINE_AA, 4)


DECOYS: tuple[tuple[float, Decoy], ...] = (
    *((3.0, _shop_sign), (2.0, _road_sign), (2.0, _wall_lettering), (1.0, _house_number), (1.0, _poster)),
    *((1.0, _windows), (1.2, _bars), (0.6, _display), (0.6, _overlay), (1.5, _unnumbered), (0.6, _lamp)),
)
"""How often each is drawn, relative, and what draws it."""


def _size(image: Image, rng: np.random.Generator, widest: float) -> float:
    """A width from 14 px to a share of the picture's."""
    return float(np.exp(rng.uniform(np.log(14), np.log(max(widest * image.shape[1], 20)))))


def _anywhere(image: Image, flat: NDArray[np.uint8], rng: np.random.Generator, widest: float = 0.4) -> Corners:
    """Corners for a flat thing somewhere in the picture, a little askew."""
    across = _size(image, rng, widest)
    down = across * flat.shape[0] / flat.shape[1]
    box = lettering.upright(Box(0.0, 0.0, across, down))
    slant = np.array([[1.0, rng.normal(0, 0.08)], [0.0, 1.0]])
    place = rng.random(2) * (image.shape[1] - across, image.shape[0])
    return np.asarray(box @ slant + place + rng.normal(0, 0.03, (4, 2)) * down)


def _rounding(rng: np.random.Generator) -> float:
    return float(rng.uniform(0, 0.3))


def _fixed(points: Corners) -> NDArray[np.int32]:
    """Points for OpenCV with four bits of fraction."""
    return np.round(points * 16).astype(np.int32)
