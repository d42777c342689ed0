"""Lines, frames and what stands beside the number."""

from dataclasses import replace

import numpy as np
import pytest

from lprkit.core.types import Serial, Style
from lprkit.synth import glyphs, look
from lprkit.synth.draw import Drawn, draw

BOOK = glyphs.find(system=False)
ONE = Style("one", 520, 110, (10, 10, 10), (240, 240, 240), (75.0,), 42.0, stroke_mm=10, border=(200, 30, 30))
TWO = replace(ONE, name="two", width_mm=280, height_mm=200, row_heights_mm=(70.0, 70.0), letter_width_mm=36.0)
AMERICAN = replace(ONE, name="us", width_mm=305, height_mm=152, row_heights_mm=(70.0,), letter_width_mm=30.0)


def drawn(text: str, style: Style, seed: int, **chances: float) -> Drawn:
    return draw(Serial(tuple(text), style, "xx"), BOOK, np.random.default_rng(seed), 110, look.only(**chances))


def red(plate: Drawn) -> np.ndarray:
    """Where the border's colour is, 5 % of the plate's height away from its edge."""
    image = plate.image[6:-6, 6:-6].astype(int)
    return (image[:, :, 0] > 150) & (image[:, :, 2] < 90)


@pytest.mark.parametrize(("lines", "upright"), [("none", 0), ("last", 1), ("all", 2)])
def test_lines_stand_before_the_last_group_or_between_all(lines: str, upright: int) -> None:
    style = replace(ONE, lines=lines)
    for seed in range(5):
        full = red(drawn("12 AB 34", style, seed, border=1.0)).mean(axis=0) > 0.8
        assert np.count_nonzero(np.diff(np.r_[0, full.astype(int)]) == 1) == upright


def test_lines_between_all_groups_stand_between_rows_too() -> None:
    style = replace(TWO, lines="all")
    for seed in range(5):
        mask = red(drawn("12 A/34 B", style, seed, border=1.0))
        assert np.count_nonzero(np.diff(np.r_[0, (mask.mean(axis=1) > 0.8).astype(int)]) == 1) == 1
        assert not (mask.mean(axis=0) > 0.99).all()


def test_some_plates_have_a_picture_or_small_letters_beside_the_number() -> None:
    plain = [drawn("ABC1234", AMERICAN, seed) for seed in range(40)]
    rich = [drawn("ABC1234", AMERICAN, seed, seals=1.0) for seed in range(40)]
    assert all(a.text == b.text == "ABC1234" for a, b in zip(plain, rich, strict=True))
    beside = [(plate.image != 240).any(axis=2) & (plate.ink == 0) for plate in rich]
    assert 4 <= sum(mask.mean() > 0.01 for mask in beside) <= 25


def test_stickers_differ() -> None:
    pictures = {drawn("ABC1234", AMERICAN, seed, stickers=1.0).image.tobytes() for seed in range(12)}
    assert len(pictures) == 12


def test_a_lamp_makes_paper_brighter_and_strokes_paler() -> None:
    style = replace(ONE, paper=(190, 190, 190))
    for seed in range(8):
        lit, flat = drawn("ABC1234", style, seed, shine=1.0), drawn("ABC1234", style, seed)
        assert lit.image[3:8].mean() > 0.95 * flat.image[3:8].mean()
        assert lit.image[flat.ink > 250].mean() > flat.image[flat.ink > 250].mean()
