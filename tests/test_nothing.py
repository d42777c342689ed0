"""Crops without a plate."""

from __future__ import annotations

import numpy as np
import pytest

from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Plate, Sample
from lprkit.synth import generate, nothing
from lprkit.synth.camera import Camera
from lprkit.synth.generate import CropPlan


@pytest.mark.parametrize("seed", range(12))
def test_a_crop_without_a_plate_is_a_picture_of_a_usual_size(seed: int) -> None:
    image = nothing.no_plate(Camera(), np.random.default_rng(seed))
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert 7 <= image.shape[0] <= 320
    assert 20 <= image.shape[1] <= 420


def test_a_plan_shows_its_share_of_nothing_and_says_so() -> None:
    plan = CropPlan(("de",), nothing=0.5)
    samples = [generate.crop_at(n, plan) for n in range(60)]
    empty = [sample for sample in samples if not sample.plates]
    assert 15 <= len(empty) <= 45
    assert all(sample.plates[0].text for sample in samples if sample.plates)


def _photo(boxes: list[Box]) -> Sample:
    image = np.random.default_rng(0).integers(0, 255, (120, 200, 3)).astype(np.uint8)
    for box in boxes:
        image[int(box.y) : int(box.y + box.h), int(box.x) : int(box.x + box.w), 0] = 0
        image[int(box.y) : int(box.y + box.h), int(box.x) : int(box.x + box.w), 2] = 255
    return Sample(tuple(Plate("A1", quad_of(box)) for box in boxes), "photo", image)


@pytest.mark.parametrize("seed", range(20))
def test_a_place_beside_the_plates_of_a_photograph_shows_none_of_them(seed: int) -> None:
    photo = _photo([Box(20, 20, 60, 20), Box(120, 80, 50, 30)])
    found = nothing.beside_plates(photo, np.random.default_rng(seed))
    if found is not None:
        plate = (found[2:-2, 2:-2, 0] == 0) & (found[2:-2, 2:-2, 2] == 255)
        assert plate.mean() < 0.01


def test_no_place_is_found_where_a_plate_is_everywhere() -> None:
    photo = _photo([Box(0, 0, 200, 120)])
    assert nothing.beside_plates(photo, np.random.default_rng(1)) is None


def test_a_plan_with_photographs_shows_nothing_from_them_too() -> None:
    plan = CropPlan(("de",), nothing=1.0, photos=(_photo([Box(20, 20, 60, 20)]),))
    assert all(generate.crop_at(n, plan).image is not None for n in range(8))
