"""Doubtful plates are looked at again, and all looks decide."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.card import InputSpec
from lprkit.core.geometry import Box, Quad, box_of, quad_of, turn
from lprkit.core.image import whole
from lprkit.core.types import Candidate, Image, Reading
from lprkit.runtime.looks import (
    DOUBTFUL,
    HOPELESS,
    INSIDE,
    LOOKS,
    TOGETHER,
    UNREAD,
    fused,
    look,
    looked_at,
    righted,
    seen,
    surest,
)

SPEC = InputSpec(32, 64)


def test_only_doubtful_plates_are_looked_at_again() -> None:
    calls = []

    def read(images: Sequence[Image]) -> list[Reading]:
        calls.append([image.shape for image in images])
        return [Reading("DARK", 0.5) if image.mean() < 128 else Reading("LIGHT", 0.95) for image in images]

    light, dark = np.full((20, 50, 3), 200, np.uint8), np.full((40, 90, 3), 50, np.uint8)
    readings = surest(read, SPEC)([light, dark])
    assert readings == [Reading("LIGHT", 0.95), Reading("DARK", 0.5)]
    assert calls == [[(20, 50, 3), (40, 90, 3)], [(40, 90, 3)] * len(LOOKS)]
    calls.clear()
    assert surest(read, SPEC)([light]) == [Reading("LIGHT", 0.95)]
    assert len(calls) == 1
    assert surest(read, SPEC)([]) == []


BOX = quad_of(Box(10.0, 10.0, 60.0, 30.0))
LONG = quad_of(Box(10.0, 10.0, 100.0, 25.0))
FOUND = turn(BOX, 2.0)


@pytest.mark.parametrize(
    ("score", "place", "looks"),
    [
        (DOUBTFUL, BOX, []),
        (UNREAD, BOX, [len(LOOKS)]),
        (UNREAD - 0.01, BOX, [len(LOOKS), len(INSIDE)]),
        (UNREAD - 0.01, LONG, [len(LOOKS), 2]),  # turned by 18 degrees no plate has room in it
        (UNREAD - 0.01, FOUND, [len(LOOKS)]),
        (HOPELESS - 0.01, BOX, [len(LOOKS), len(INSIDE)]),
        (HOPELESS - 0.01, FOUND, []),
    ],
)
def test_how_often_a_plate_is_looked_at(score: float, place: Quad, looks: list[int]) -> None:
    asked: list[int] = []

    def read(images: Sequence[Image]) -> list[Reading]:
        asked.append(len(images))
        return [Reading("FAINT", score)] * len(images)

    plate = np.zeros((30, 60, 3), np.uint8)
    (reading,) = look(read, [plate], [place], lambda n, quad: plate)
    assert reading == Reading("FAINT", pytest.approx(score)) and asked == [1, *looks]


def test_each_plate_gets_its_own_looks_however_many_are_in_doubt() -> None:
    """A plate of grey 10 n is read as GREYn; only GREY3 is sure at once."""
    count = 2 * TOGETHER + 3
    plates = [np.full((30, 60, 3), 10 * n, np.uint8) for n in range(count)]
    sizes: list[int] = []

    def read(images: Sequence[Image]) -> list[Reading]:
        sizes.append(len(images))
        return [Reading(f"GREY{image.mean() / 10:.0f}", 0.95 if image.mean() == 30 else 0.5) for image in images]

    readings = look(read, plates, [BOX] * count, lambda n, quad: plates[n])
    assert [reading.text for reading in readings] == [f"GREY{n}" for n in range(count)]
    assert sizes == [count, *([TOGETHER * len(LOOKS)] * 2), 2 * len(LOOKS)]


def test_a_turned_plate_is_found_in_its_upright_box() -> None:
    plate = turn(quad_of(Box(60.0, 60.0, 80.0, 20.0)), 12.0)
    frame = cv2.fillPoly(np.zeros((150, 200, 3), np.uint8), [np.round(plate).astype(np.int32)], (255, 255, 255))
    x, y, w, h = (round(side) for side in box_of(plate))

    def read(images: Sequence[Image]) -> list[Reading]:
        return [Reading("WHITE", 0.9) if image.mean() > 245 else Reading("MIXED", 0.1) for image in images]

    assert surest(read, SPEC)([frame[y : y + h, x : x + w]]) == [Reading("WHITE", 0.9)]


def test_one_sure_look_into_the_box_is_enough_and_a_short_text_is_none() -> None:
    unread = Reading("A8", 0.1)
    assert righted(unread, [Reading("", 0.99), Reading("AB", 0.99), Reading("AB1", 0.4)]) == unread
    looks = [Reading("AB12", 0.6), Reading("A812", 0.62), Reading("AB12", 0.3)]
    assert righted(unread, looks) == looks[0]
    assert righted(unread, []) == unread


def test_what_most_looks_believe_wins_over_one_that_is_surer() -> None:
    other = (Candidate("AB123", 0.3),)
    best = fused([Reading("A8123", 0.7, others=other), Reading("AB123", 0.6), Reading("AB123", 0.5)])
    assert best.text == "AB123"
    assert best.score == pytest.approx(((0.3 + 0.6 + 0.5) / 3 + 0.6) / 2)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0, DOUBTFUL)), min_size=1, max_size=5))
def test_the_score_is_that_of_no_look_alone(looks: list[tuple[str, float]]) -> None:
    readings = [Reading(text, score) for text, score in looks]
    best = fused(readings)
    own = [score for text, score in looks if text == best.text]
    assert sum(own) / len(looks) - 1e-9 <= best.score <= max(own) + 1e-9
    assert all(sum(own) >= sum(s for t, s in looks if t == text) - 1e-9 for text in "ABC")
    if len(set(looks)) == 1:
        assert best.score == pytest.approx(looks[0][1])


def test_a_look_grows_and_turns_the_picture_about_its_middle() -> None:
    image = np.zeros((40, 90, 3), np.uint8)
    image[:, 45:] = 255
    assert np.array_equal(seen(image, SPEC, whole(image)), image)
    assert seen(image[:10, :20], SPEC, whole(image[:10, :20])).shape == (32, 64, 3)
    wide = seen(image, SPEC, looked_at(whole(image), 0.5, 0.0))
    assert (wide[:, :44] == 0).all() and (wide[:, 46:] == 255).all()
    turned = seen(image, SPEC, looked_at(whole(image), 0.0, 10.0))
    assert turned[2, 47].max() < 128 < turned[-3, 42].min() or turned[2, 42].min() > 128 > turned[-3, 47].max()
