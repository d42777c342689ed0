"""Frames: every plate listed where it is; swapped plates change a photograph only at their places."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lprkit import data
from lprkit.core.geometry import Box, box_of, iou, quad_of
from lprkit.core.image import rectify
from lprkit.core.types import Plate, Sample
from lprkit.synth import decoys, generate, lettering, night, street, swap, windscreen
from lprkit.synth.camera import CLEAN
from lprkit.synth.generate import ScenePlan
from lprkit.synth.look import only
from lprkit.train.frames import ENTRY, OBJECTS, window

PLAN = ScenePlan(regions=("de", "br", "vn"), seed=1, sizes=((320, 240),))


@pytest.fixture(scope="module")
def scenes() -> list[Sample]:
    return [generate.scene_at(n, PLAN) for n in range(60)]


def plates_of(sample: Sample) -> list[Plate]:
    return [plate for plate in sample.plates if plate.label == "license_plate"]


def test_a_scene_depends_on_seed_and_number_only():
    one, two = generate.scene_at(4, PLAN), generate.scene_at(4, PLAN)
    assert one.plates == two.plates
    assert np.array_equal(one.image, two.image)
    assert not np.array_equal(one.image, generate.scene_at(5, PLAN).image)


def test_workers_draw_the_same_scenes():
    alone, shared = generate.scenes(PLAN, 34, workers=1), generate.scenes(PLAN, 34, workers=2)
    for a, b in zip(alone, shared, strict=True):
        assert a.plates == b.plates
        assert np.array_equal(a.image, b.image)


def test_scenes_list_what_is_in_them(scenes: list[Sample]):
    counts = [len(plates_of(scene)) for scene in scenes]
    assert min(counts) == 0
    assert 2 <= max(counts) <= 4
    cars = [plate for scene in scenes for plate in scene.plates if plate.label == "car"]
    assert cars
    for scene in scenes:
        assert scene.labelled == ("license_plate", "car", "disabled_sticker")
        assert scene.image.shape == (240, 320, 3)
        assert not scene.whole
        for plate in scene.plates:
            x, y, w, h = box_of(plate.quad)
            assert -0.01 <= x <= x + w <= 320.01
            assert -0.01 <= y <= y + h <= 240.01
        for a in plates_of(scene):
            assert a.text
            assert a.region in PLAN.regions
            assert all(a is b or iou(box_of(a.quad), box_of(b.quad)) == 0 for b in plates_of(scene))


def test_plates_are_of_all_sizes(scenes: list[Sample]):
    widths = [box_of(plate.quad).w for scene in scenes for plate in plates_of(scene)]
    assert min(widths) < 20
    assert max(widths) > 150


def test_the_plate_is_where_its_corners_say():
    """Clean yellow plates: all that lies within the corners is yellow or ink."""
    plan = ScenePlan(regions=("il",), camera=CLEAN, look=only(), sizes=((320, 240),))
    seen = 0
    for n in range(20):
        scene = generate.scene_at(n, plan)
        for plate in plates_of(scene):
            if box_of(plate.quad).w < 40 or plate.kind != "private":
                continue
            flat = rectify(scene.image, plate.quad, 120, 40).astype(int)
            blue_free = (flat[4:-4, 4:-4, 0] - flat[4:-4, 4:-4, 2]) > 25
            assert blue_free.mean() > 0.5
            seen += 1
    assert seen > 5


@pytest.mark.parametrize("draw", [draw for _, draw in decoys.DECOYS])
def test_every_decoy_can_be_drawn_into_any_picture(draw: Callable[..., None]):
    changed = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        image = street.draw_street((61, 83), rng)
        before = image.copy()
        draw(image, rng)
        assert image.shape == (61, 83, 3)
        assert image.dtype == np.uint8
        changed += not np.array_equal(before, image)
    assert changed >= 4  # some lie outside


def test_lettering_prints_where_it_is_told():
    image = np.full((60, 120, 3), 200, np.uint8)
    corners = lettering.upright(Box(20, 10, 60, 30))
    lettering.print_on(image, np.full((30, 60), 255, np.uint8), corners, (10, 20, 30))
    assert (image[12:38, 22:78] == (10, 20, 30)).all()
    assert (image[:8] == 200).all()
    assert (image[:, 83:] == 200).all()


GLASS = np.array([[60.0, 20.0], [260.0, 20.0], [300.0, 110.0], [20.0, 110.0]])


def test_permits_of_disabled_drivers_lie_behind_the_glass():
    found = 0
    for seed in range(60):
        image = np.full((160, 320, 3), 90, np.uint8)
        for quad in windscreen.draw_windscreen(image, GLASS, np.random.default_rng(seed)):
            box = box_of(quad)
            assert 15 <= box.x <= box.x + box.w <= 305
            assert 15 <= box.y <= box.y + box.h <= 125
            inside = image[round(box.y) : round(box.y + box.h), round(box.x) : round(box.x + box.w)]
            assert (inside != 90).any(axis=2).mean() > 0.6
            found += 1
        assert (image[125:] == 90).all()
    assert 10 <= found <= 35


def test_a_permit_too_small_to_be_told_is_not_drawn():
    for seed in range(30):
        image = np.full((40, 40, 3), 90, np.uint8)
        assert not windscreen.draw_windscreen(image, GLASS / 8, np.random.default_rng(seed))


def test_scenes_have_permits_and_cars_without_a_plate(scenes: list[Sample]):
    counts = [[sum(p.label == label for p in scene.plates) for label in scene.labelled] for scene in scenes]
    plates, cars, permits = np.array(counts).T
    assert permits.sum() >= 3
    assert (cars > plates).any()
    for scene in scenes:
        for permit in (p for p in scene.plates if p.label == "disabled_sticker"):
            assert box_of(permit.quad).w >= windscreen.SMALLEST_PX * 0.8


@pytest.mark.parametrize("name", ["yolo", "yolo-corners", "voc", "coco", "plates-csv"])
def test_permits_are_kept_by_the_formats_of_detection_sets(name: str, scenes: list[Sample], tmp_path: Path):
    some = [next(s for s in scenes if any(p.label == "disabled_sticker" for p in s.plates)), scenes[0]]
    data.write(name, iter(some), tmp_path)
    again = list(data.read(f"{name}:{tmp_path}"))
    assert len(again) == 2
    for sample, back in zip(some, again, strict=True):
        assert set(back.labelled) == set(sample.labelled)
        wanted = sorted((p.label, *box_of(p.quad)) for p in sample.plates)
        found = sorted((p.label, *box_of(p.quad)) for p in back.plates)
        assert [label for label, *_ in found] == [label for label, *_ in wanted]
        assert np.allclose([box for _, *box in found], [box for _, *box in wanted], atol=1.01)


def test_a_detector_can_learn_permits(scenes: list[Sample]):
    labels = ("license_plate", "car", "disabled_sticker")
    shown = []
    for n, scene in enumerate(scenes):
        item = window(scene, labels, 192, np.random.default_rng(n))
        things, listed = item.label[: OBJECTS * ENTRY].reshape(OBJECTS, ENTRY), item.label[OBJECTS * ENTRY :]
        assert listed.tolist() == [1.0, 1.0, 1.0]
        shown += things[:, 0].tolist()
    assert shown.count(2.0) >= 2
    assert shown.count(0.0) > shown.count(2.0)


def test_at_night_plates_are_brighter_than_what_is_around_them():
    image = np.full((120, 160, 3), 180, np.uint8)
    corners = lettering.upright(Box(50, 40, 60, 20))
    for seed in range(10):
        dark = night.fall(image, [corners], [], np.random.default_rng(seed)).mean(axis=2)
        assert dark[45:55, 55:105].mean() > 1.2 * dark[:30].mean()
    lamps = [night.Lamp(20.0, 100.0, 12.0, (250, 250, 250))]
    lit = [night.fall(image, [], lamps, np.random.default_rng(seed)).mean(axis=2) for seed in range(10)]
    assert sum(one[96:104, 16:24].mean() > 1.5 * one[:20, 120:].mean() for one in lit) >= 6


def photo(dark: int = 30, light: int = 170) -> Sample:
    """A grey wall with texture, a plate and a car on it."""
    image = np.random.default_rng(0).normal(110, 6, (200, 300, 3)).clip(0, 255).astype(np.uint8)
    image[80:110, 100:220] = light
    image[87:103, 108:212:8] = dark
    image[87:103, 109:212:8] = dark
    old = Plate("OLD 1", quad_of(box_of(((100, 80), (220, 80), (220, 110), (100, 110)))), "de")
    car = Plate(quad=((50.0, 20.0), (260.0, 20.0), (260.0, 150.0), (50.0, 150.0)), label="car")
    return Sample((old, car), "photo.png", image, labelled=("license_plate", "car"))


def test_a_swap_changes_the_place_and_nothing_else():
    sample = photo()
    swapped = generate.swapped(sample, PLAN, np.random.default_rng(1))
    (plate,) = plates_of(swapped)
    assert plate.text
    assert plate.text != "OLD 1"
    assert swapped.plates[1] == sample.plates[1]
    assert swapped.source == sample.source
    x, y, w, h = (round(v) for v in box_of(plate.quad))
    changed = (swapped.image != sample.image).any(axis=2)
    assert changed[80:110, 100:220].mean() > 0.8
    changed[y - 2 : y + h + 2, x - 2 : x + w + 2] = False
    assert not changed.any()
    assert x <= 100
    assert y <= 80
    assert x + w >= 220
    assert y + h >= 110


def test_a_swap_takes_over_light_and_contrast():
    for dark, light in ((10, 60), (150, 230)):
        sample = photo(dark, light)
        swapped = generate.swapped(sample, replace(PLAN, look=only()), np.random.default_rng(2))
        flat = rectify(swapped.image, plates_of(swapped)[0].quad, 120, 30).mean(axis=2)
        assert abs(np.percentile(flat, 90) - light) < 45
        assert flat.max() - flat.min() > 30


def test_swaps_are_repeatable_and_leave_the_photograph_alone():
    sample = photo()
    before = sample.image.copy()
    one = generate.swapped(sample, PLAN, np.random.default_rng(5))
    two = generate.swapped(sample, PLAN, np.random.default_rng(5))
    assert one.plates == two.plates
    assert np.array_equal(one.image, two.image)
    assert np.array_equal(sample.image, before)


def test_grey_photographs_get_grey_plates():
    sample = photo()
    grey = np.repeat(sample.image[:, :, :1], 3, axis=2)
    plan = replace(PLAN, regions=("il",))
    swapped = generate.swapped(replace(sample, image=grey), plan, np.random.default_rng(3))
    area = swapped.image[80:110, 100:220].astype(int)
    assert np.ptp(area.mean(axis=(0, 1))) < 4


def test_a_place_at_the_edge_of_a_photograph():
    sample = photo()
    edge = Plate("", ((-20.0, 190.0), (60.0, 190.0), (60.0, 210.0), (-20.0, 210.0)))
    swapped = generate.swapped(replace(sample, plates=(edge,)), PLAN, np.random.default_rng(3))
    assert swapped.image.shape == sample.image.shape
    place = swap.place_of(replace(sample, plates=(edge,)), np.random.default_rng(0))
    assert place.image.size
