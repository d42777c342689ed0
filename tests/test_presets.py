"""Presets: deterministic, exactly labelled, with the parameters of their originals."""

import re
from collections import Counter

import numpy as np
import pytest

from lprkit import plates
from lprkit.core.card import InputSpec
from lprkit.core.errors import ConfigError
from lprkit.core.types import SEPARATORS
from lprkit.synth import generate, hailo_digits, presets
from lprkit.synth.generate import CropPlan
from lprkit.synth.presets import PRESETS, PresetPlan

ISRAELI = re.compile(r"\d{2}[-. ]\d{3}[-. ]\d{2}|\d{3}[-. ]\d{2}[-. ]\d{3}")
FREE = re.compile(r"(\d[- ]?){4,8}\d")


@pytest.mark.parametrize("name", PRESETS)
def test_a_crop_depends_on_seed_and_number_only(name: str) -> None:
    plan = PresetPlan(name, seed=7)
    first = [presets.crop_at(n, plan) for n in range(6)]
    again = [presets.crop_at(n, plan) for n in reversed(range(6))][::-1]
    other = [presets.crop_at(n, PresetPlan(name, seed=8)) for n in range(6)]
    assert all(a.plates == b.plates and np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a.image, b.image) for a, b in zip(first, other, strict=True))
    assert all(one.whole and one.image.dtype == np.uint8 and one.plates[0].text for one in first)


def test_an_unknown_preset_is_told() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'hailo-digits'"):
        presets.crop_at(0, PresetPlan("hailo-digit"))


def test_hailo_digits_are_300x75_and_half_of_them_grey() -> None:
    found = [presets.crop_at(n, PresetPlan("hailo-digits")) for n in range(40)]
    assert {one.image.shape for one in found} == {(75, 300, 3)}
    grey = sum(np.ptp(one.image, axis=2).max() == 0 for one in found)
    assert 10 <= grey <= 30
    assert {len(one.plates[0].text) for one in found} == {5, 6, 7, 8, 9}
    assert all(one.plates[0].text.isdigit() for one in found)


def test_narrow_digits_take_as_much_room_as_wide_ones() -> None:
    book = generate.book((), ())
    face = book.pick(hailo_digits.PLAIN, hailo_digits.DIGITS, np.random.default_rng(0), "il")

    def middle(digit: str) -> float:
        """Of the ink of six of them, px."""
        image = np.full((hailo_digits.HEIGHT, hailo_digits.WIDTH, 3), 255, np.uint8)
        hailo_digits._write(image, [digit] * 6, face, np.random.default_rng(1))
        return float(np.flatnonzero((image < 255).any(axis=(0, 2)))[[0, -1]].mean())

    assert middle("1") == pytest.approx(middle("0"), abs=2 * hailo_digits.PLACE_OFF)


def test_legal_ones_are_grouped_as_in_israel() -> None:
    for n in range(12):
        text = presets.crop_at(n, PresetPlan("hailo-digits", legal=1.0)).plates[0].text
        assert len(text) in (7, 8)
    rng = np.random.default_rng(0)
    assert all(ISRAELI.fullmatch("".join(hailo_digits._israeli(rng))) for _ in range(200))
    assert all(FREE.fullmatch("".join(hailo_digits._free(rng))) for _ in range(200))


def test_separators_come_as_often_as_in_the_notebook() -> None:
    rng = np.random.default_rng(0)
    signs = [sign for _ in range(1500) for sign in hailo_digits._israeli(rng) if sign in SEPARATORS]
    shares = {sign: count / len(signs) for sign, count in Counter(signs).items()}
    # Half of the numbers have 85 % dashes and 15 % spaces, the other half a third of each.
    assert shares == pytest.approx({"-": 0.592, " ": 0.242, ".": 0.167}, abs=0.03)
    free = [hailo_digits._free(rng) for _ in range(1500)]
    breaks = sum(sign in SEPARATORS for one in free for sign in one)
    digits = sum(len(one) for one in free) - breaks
    assert breaks / (digits - len(free)) == pytest.approx(0.1 + 0.9 / 11, abs=0.02)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 8)])
def test_training_draws_as_many_as_its_settings_say(share: float, expected: int) -> None:
    reading = pytest.importorskip("lprkit.train.reading")
    recipe = reading.CropRecipe(
        CropPlan(("il",), seed=3),
        InputSpec(75, 300),
        plates.alphabet(("il",)),
        reading.Room(19, 10),
        preset="hailo-digits",
        preset_share=share,
    )
    plan = PresetPlan("hailo-digits", seed=3)
    pairs = [
        (recipe.draw(n), recipe.item(one.image, one.plates[0])) for n in range(8) for one in [presets.crop_at(n, plan)]
    ]
    assert sum(np.array_equal(a.picture, b.picture) and np.array_equal(a.label, b.label) for a, b in pairs) == expected
