"""The camera stage: what each effect does, and that it can be switched off."""

import dataclasses

import numpy as np
import pytest

from lprkit.synth import camera
from lprkit.synth.camera import CLEAN, EFFECTS, Camera, View
from lprkit.synth.codec import squeeze
from lprkit.synth.effects import to_bytes
from lprkit.synth.grain import grain
from lprkit.synth.paste import paste, size_of

SEEN = View(level=0.5, text_px=20.0)


def card(height: int = 40, width: int = 120) -> np.ndarray:
    """Dark bars on light paper, in colour."""
    image = np.full((height, width, 3), (220, 215, 200), np.uint8)
    image[8:-8, 8::12] = (30, 20, 60)
    image[8:-8, 9::12] = (30, 20, 60)
    return image


@pytest.mark.parametrize(("name", "effect"), EFFECTS)
def test_every_effect_keeps_the_size_and_is_repeatable(name, effect):
    pixels = card().astype(np.float32)
    before = pixels.copy()
    results = [effect(pixels, np.random.default_rng(3), SEEN) for _ in range(2)]
    assert results[0].shape == pixels.shape
    assert results[0].dtype == np.float32
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(pixels, before), "an effect must not change its input"
    assert not np.array_equal(results[0], pixels), name


@pytest.mark.parametrize(("name", "effect"), EFFECTS)
def test_every_effect_has_its_own_switch(name, effect):
    alone = dataclasses.replace(CLEAN, easy=0.0, hard=1.0, **{name: 1.0})
    rng = np.random.default_rng(0)
    assert any(not np.array_equal(camera.shoot(card(), alone, SEEN, rng), card()) for _ in range(10))


@pytest.mark.parametrize("size", [(2, 2), (4, 9), (37, 151), (700, 900)])
def test_every_effect_takes_any_size(size):
    image = card(*size) if min(size) > 20 else np.full((*size, 3), 90, np.uint8)
    worst = Camera(**{name: 1.0 for name, _ in EFFECTS})
    assert camera.shoot(image, worst, View(1.0, 8.0), np.random.default_rng(1)).shape == image.shape


def test_off_is_clean():
    rng = np.random.default_rng(0)
    for _ in range(20):
        seen = camera.view(CLEAN, rng)
        assert (seen.yaw, seen.pitch, seen.roll) == (0, 0, 0)
        assert np.array_equal(camera.shoot(card(), CLEAN, seen, rng), card())


def test_shares_of_difficulty_are_kept():
    rng = np.random.default_rng(0)
    levels = np.array([camera.view(Camera(easy=0.3, hard=0.2), rng).level for _ in range(4000)])
    assert np.mean(levels < 0.2) == pytest.approx(0.3, abs=0.03)
    assert np.mean(levels > 0.6) == pytest.approx(0.2, abs=0.03)


def test_tilt_and_letter_height_stay_within_their_limits():
    rng = np.random.default_rng(0)
    views = [camera.view(Camera(tilt=30.0, steep=0.0, text_px=(10.0, 20.0)), rng) for _ in range(500)]
    assert max(abs(v.yaw) for v in views) <= np.radians(30)
    assert min(v.text_px for v in views) >= 10
    assert max(v.text_px for v in views) <= 20


def test_plates_seen_from_far_aside_keep_letters_that_can_be_read():
    rng = np.random.default_rng(0)
    views = [camera.view(Camera(tilt=45.0, steep=1.0, text_px=(8.0, 56.0)), rng) for _ in range(500)]
    assert all(np.radians(40) < abs(v.yaw) < np.radians(68) for v in views)
    assert {np.sign(v.yaw) for v in views} == {-1, 1}
    assert all(
        camera.LETTER * v.text_px * np.cos(v.yaw) > camera.NARROWEST_PX - 1e-6 and v.text_px <= 56 for v in views
    )


def test_a_straight_view_shows_the_plate_as_it_is():
    corners = camera.project(View(0.0, 20.0), 4.0)
    assert np.allclose(corners, [[-2, -0.5], [2, -0.5], [2, 0.5], [-2, 0.5]])


def test_yaw_makes_a_plate_narrower_and_one_side_lower():
    corners = camera.project(View(0.0, 20.0, yaw=0.7, depth=4.0), 4.0)
    width, _ = size_of(corners)
    left, right = np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1])
    assert width < 3.4
    assert abs(left - right) > 0.05


def test_infrared_and_grey_leave_one_channel():
    for name in ("grey", "inverted"):
        effect = dict(EFFECTS)[name]
        image = to_bytes(effect(card().astype(np.float32), np.random.default_rng(0), SEEN))
        assert np.ptp(image.astype(int), axis=2).max() == 0


def test_noise_is_normal_and_depends_on_the_rng():
    one, two = grain(64, 64, np.random.default_rng(1)), grain(64, 64, np.random.default_rng(2))
    assert not np.array_equal(one, two)
    assert one.std() == pytest.approx(1.0, abs=0.05)
    assert grain(900, 1000, np.random.default_rng(1)).shape == (900, 1000, 3)


def test_squeezed_pictures_lose_of_their_width_alone():
    spots = np.random.default_rng(0).uniform(0, 255, (96, 96, 3)).astype(np.float32)
    for seed in range(20):
        image = squeeze(spots, np.random.default_rng(seed), View(0.5, 40.0))
        across, down = (np.abs(np.diff(image, axis=axis)).mean() for axis in (1, 0))
        assert across < 0.8 * down


def test_small_letters_are_squeezed_no_further_than_their_strokes_can_be_told_apart():
    line = np.tile(np.repeat([0.0, 255.0], 10), 10).astype(np.float32)  # strokes of 10 px: a fifth of a letter of 50
    stripes = np.repeat(np.broadcast_to(line, (40, 200))[:, :, None], 3, axis=2)
    for seed in range(40):
        image = squeeze(stripes, np.random.default_rng(seed), View(0.5, 10.0))  # halved at most: each has 5 px left
        assert np.corrcoef(image[20, :, 0], line)[0, 1] > 0.8


def test_dull_pictures_keep_their_mean_and_lose_contrast():
    pixels = card().astype(np.float32)
    for seed in range(20):
        image = dict(EFFECTS)["dull"](pixels, np.random.default_rng(seed), SEEN)
        assert image.mean() == pytest.approx(pixels.mean(), rel=0.01)
        assert 0.1 < image.std() / pixels.std() < 0.75


def test_pasting_covers_the_corners_exactly():
    canvas = np.zeros((60, 100, 3), np.uint8)
    corners = np.array([[20.0, 10.0], [80.0, 10.0], [80.0, 40.0], [20.0, 40.0]])
    paste(canvas, np.full((90, 180, 3), 200, np.uint8), corners)
    assert (canvas[10:40, 20:80] == 200).all()
    outside = canvas.copy()
    outside[10:40, 20:80] = 0
    assert outside.max() == 0


def test_pasting_keeps_edges_smooth_and_outside_alone():
    canvas = np.full((60, 100, 3), 50, np.uint8)
    paste(canvas, np.full((90, 180, 3), 200, np.uint8), np.array([[-30.0, 12.5], [70, 5], [75, 40], [-25, 44]]), 0.1)
    assert canvas.min() >= 49
    assert canvas.max() <= 200
    assert len(np.unique(canvas)) > 4
    before = canvas.copy()
    paste(canvas, np.full((9, 18, 3), 200, np.uint8), np.array([[200.0, 10], [220, 10], [220, 20], [200, 20]]))
    assert np.array_equal(canvas, before)
