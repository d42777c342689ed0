"""Changes made to crops while training: each does what it says, none makes a label untrue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lprkit import data  # noqa: E402
from lprkit.core import config  # noqa: E402
from lprkit.core.errors import ConfigError  # noqa: E402
from lprkit.core.image import load  # noqa: E402
from lprkit.core.types import Plate, Sample  # noqa: E402
from lprkit.train import augment, moves  # noqa: E402
from lprkit.train.changes import Augment  # noqa: E402
from lprkit.train.settings import Drawn, Settings  # noqa: E402
from test_cli import said  # noqa: E402

KINDS = tuple(Augment().kinds())
OFF = Augment(**dict.fromkeys(KINDS, 0.0))  # type: ignore[arg-type]
SHAPES = ((6, 1, 24, 40), (6, 3, 17, 33))


def only(kind: str, **strength: object) -> Augment:
    """The settings with one kind, made to every picture."""
    return replace(OFF, **{kind: 1.0, **strength})  # type: ignore[arg-type]


def changed(batch: torch.Tensor, how: Augment, seed: int = 5) -> torch.Tensor:
    return augment.plates(batch, how, torch.Generator().manual_seed(seed))


def pictures(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(1))


def test_every_kind_of_the_settings_is_made_and_in_their_order() -> None:
    assert (*moves.MATRICES, *augment.CHANGES) == KINDS


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("how", [OFF, Augment(keep_original=1.0)], ids=["off", "kept"])
def test_nothing_happens_when_all_is_off_or_kept(how: Augment, shape: tuple[int, ...]) -> None:
    batch = pictures(shape)
    assert torch.equal(changed(batch, how), batch)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [*KINDS, "default"])
def test_a_kind_changes_its_pictures_the_same_way_again_and_stays_in_range(kind: str, shape: tuple[int, ...]) -> None:
    batch = pictures(shape)
    how = Augment() if kind == "default" else only(kind)
    once = changed(batch, how)
    assert torch.equal(batch, pictures(shape))  # the caller's batch is not written into
    assert torch.equal(once, changed(batch, how))
    assert once.shape == batch.shape and once.dtype == batch.dtype
    assert float(once.min()) >= 0 and float(once.max()) <= 1 and bool(torch.isfinite(once).all())
    assert torch.equal(once, batch) == (kind == "grey" and shape[1] == 1)
    if kind not in ("average", "median", "grey", "invert"):  # nothing in these is drawn by default
        assert not torch.equal(once, changed(batch, how, seed=6))


@pytest.mark.parametrize(("how", "share"), [(replace(OFF, invert=0.3), 0.3), (Augment(keep_original=0.4), 0.6)])
def test_as_many_pictures_are_changed_as_the_chance_says(how: Augment, share: float) -> None:
    batch = pictures((2000, 1, 4, 8))
    different = (changed(batch, how) != batch).flatten(1).any(dim=1).float().mean()
    assert float(different) == pytest.approx(share, abs=0.04)


@given(
    kind=st.sampled_from(KINDS).filter(lambda kind: kind != "invert"),
    seed=st.integers(0, 2**32),
    shape=st.sampled_from(SHAPES),
)
def test_left_stays_left_and_above_stays_above(kind: str, seed: int, shape: tuple[int, ...]) -> None:
    """A mirrored plate would no longer say what its label says."""
    for axis in (2, 3):
        line = torch.linspace(0.2, 0.8, shape[axis])
        ramp = (line[:, None] if axis == 2 else line).expand(shape)
        after = changed(ramp, only(kind), seed)
        low, high = after.narrow(axis, 0, shape[axis] // 2), after.narrow(axis, shape[axis] // 2, shape[axis] // 2)
        assert bool((low.mean(dim=(1, 2, 3)) < high.mean(dim=(1, 2, 3))).all())


BATCH = pictures((4, 3, 24, 48))
EXACT = {
    "rotate": (only("rotate", rotate_degrees=(180, 180)), BATCH.flip(2, 3)),
    "shift": (only("shift", shift_share=(0.25, 0.25)), BATCH.roll((6, 12), (2, 3))),
    "average": (only("average"), torch.nn.functional.avg_pool2d(BATCH, 3, 1, 1)),
    "gaussian": (only("gaussian", gaussian_px=(0, 0)), BATCH),
    "cross": (only("cross", cross_sigma=0.0), BATCH),
    "sharpen": (only("sharpen", sharpen_share=(0, 0)), BATCH),
    "emboss": (only("emboss", emboss_strength=(0, 0)), BATCH),
    "elastic": (only("elastic", elastic_px=(0, 0)), BATCH),
    "piecewise": (only("piecewise", piecewise_share=(0, 0)), BATCH),
    "colour": (
        only("colour", colour_hue=(1 / 3, 1 / 3), colour_saturation=(1, 1), colour_value=(1, 1)),
        BATCH.roll(1, 1),
    ),
    "no colour": (
        only("colour", colour_hue=(0, 0), colour_saturation=(0, 0), colour_value=(1, 1)),
        BATCH.mean(dim=1, keepdim=True).expand(BATCH.shape),
    ),
    "grey": (only("grey"), torch.einsum("c,nchw->nhw", torch.tensor([0.299, 0.587, 0.114]), BATCH)[:, None]),
    "multiply": (only("multiply", multiply_times=(0.5, 0.5)), BATCH * 0.5),
    "brightness": (only("brightness", brightness_plus=(0.1, 0.1)), (BATCH + 0.1).clamp(max=1)),
    "contrast": (only("contrast", contrast_times=(0, 0)), BATCH.mean(dim=(1, 2, 3), keepdim=True)),
    "dropout": (only("dropout", dropout_share=(1, 1)), torch.zeros_like(BATCH)),
    "speckle": (only("speckle", speckle_share=(0, 0)), BATCH),
    "coarse": (only("coarse", coarse_share=(0, 0)), BATCH),
    "invert": (only("invert"), 1 - BATCH),
    "pixelise": (only("pixelise", pixelise_times=(1, 1)), BATCH),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_change_is_what_it_says(name: str) -> None:
    how, wanted = EXACT[name]
    inside = (..., slice(7, -1), slice(13, -1))  # away from edges that are repeated
    assert torch.allclose(changed(BATCH, how)[inside], wanted.expand(BATCH.shape)[inside], atol=1e-4)


def test_geometry_goes_the_way_it_says() -> None:
    upright = torch.zeros(1, 1, 41, 81)
    upright[..., 40] = 1.0
    upright = torch.nn.functional.avg_pool2d(upright, (1, 3), 1, (0, 1))

    def top_to_middle(how: Augment) -> float:
        after = changed(upright, how)[0, 0]
        return float(after[5].argmax() - after[20].argmax())

    assert top_to_middle(only("shear", shear_degrees=(45, 45))) == pytest.approx(15, abs=1)
    assert top_to_middle(only("rotate", rotate_degrees=(20, 20))) == pytest.approx(15 * 0.36, abs=1)
    corner = torch.zeros(1, 1, 40, 80)
    corner[..., :20, :40] = 1.0
    for how, width, height in (
        (only("crop", crop_share=(0.25, 0.25)), 40, 20),
        (only("scale", scale_times=(0.5, 0.5)), 40, 20),
        (only("shift", shift_share=(0.25, 0.25)), 60, 30),
    ):
        after = changed(corner, how)[0, 0] > 0.5
        assert (int(after[0].sum()), int(after[:, 0].sum())) == pytest.approx((width, height), abs=1)


def test_strengths_are_what_was_asked_for() -> None:
    flat = torch.full((60, 1, 40, 80), 0.5)
    noise = changed(flat, only("noise", noise_sigma=(0.05, 0.05))) - 0.5
    assert float(noise.std()) == pytest.approx(0.05, rel=0.02)
    for how in (only("dropout", dropout_share=(0.1, 0.1)), only("coarse", coarse_share=(0.1, 0.1))):
        assert float((changed(flat, how) == 0).float().mean()) == pytest.approx(0.1, abs=0.02)
    specks = changed(flat, only("speckle", speckle_share=(0.1, 0.1), speckle_times=(1, 1)))
    assert float((specks != flat).float().mean()) == pytest.approx(0.1, abs=0.01)
    assert float(specks[specks != flat].std()) == pytest.approx(12**-0.5, abs=0.01)  # any grey, all as often
    large = changed(flat, only("speckle", speckle_share=(0.5, 0.5), speckle_times=(4, 4)))
    assert torch.equal(large, large[:, :, ::4, ::4].repeat_interleave(4, 2).repeat_interleave(4, 3))
    covered = (changed(flat, only("cover", cover_width=(0.1, 0.1), cover_height=(0.2, 0.2))) != flat).flatten(1)
    assert 0 < float(covered.float().mean()) <= 0.02 and float(covered.float().mean(dim=1).max()) <= 0.022
    speck = flat.clone()
    speck[:, :, 20, 40] = 1.0
    assert torch.allclose(changed(speck, only("median", median_px=(3, 3))), flat, atol=2e-3)
    blocks = changed(pictures((8, 1, 24, 48)), only("pixelise", pixelise_times=(4, 4)))
    assert sum(len(block.unique()) <= 6 * 12 for block in blocks) in range(1, 8)  # the others are smooth
    ramp = torch.linspace(0, 1, 80).expand(50, 1, 40, 80)
    moved = (changed(ramp, only("elastic", elastic_px=(1, 1))) - ramp)[..., 13:-13, 13:-13] * 79
    assert float(moved.std()) == pytest.approx(1, rel=0.1)


def test_neighbours_are_mixed_as_far_as_was_asked() -> None:
    speck = torch.full((400, 1, 41, 81), 0.5)
    speck[..., 20, 40] += 0.02
    blurred = (changed(speck, only("gaussian", gaussian_px=(1.5, 1.5))) - 0.5)[0, 0].sum(dim=0) / 0.02
    assert float((blurred * (torch.arange(81) - 40).square()).sum()) == pytest.approx(1.5**2, rel=0.02)
    sharp = changed(speck, only("sharpen", sharpen_share=(0.5, 0.5)))[0, 0]
    assert (float(sharp[20, 40]), float(sharp[19, 41])) == pytest.approx((0.5 + 5 * 0.02, 0.5 - 0.01), abs=1e-4)
    ramp = torch.linspace(0.3, 0.7, 81).expand(1, 1, 41, 81)
    relief = changed(ramp, only("emboss", emboss_share=(0.5, 0.5), emboss_strength=(1.0, 1.0)))[..., 1:-1, 1:-1]
    assert torch.allclose(relief, ramp[..., 1:-1, 1:-1] + 0.5 * 4 * 0.4 / 80, atol=1e-4)
    crossed = changed(speck, only("cross", cross_sigma=0.5))[..., 20, 40]
    assert float(crossed.std()) == pytest.approx(4 * 0.02 * 0.5, rel=0.1)


def test_pixels_move_as_far_as_was_asked() -> None:
    ramp = torch.linspace(0, 1, 64).expand(600, 1, 40, 64)  # one of the 4x4 points lies at 13, 21
    px = {
        "piecewise": (only("piecewise", piecewise_share=(0.02, 0.02)), 0.02 * 64),
        "affine": (only("affine", affine_sigma=(0, 0, 0.05, 0, 0, 0), affine_limit=1.0), 0.05 * 32),
    }
    for how, wanted in px.values():
        moved = (changed(ramp, how) - ramp)[..., 13, 21] * 63
        assert float(moved.std()) == pytest.approx(wanted, rel=0.1)
    limited = changed(ramp, only("affine", affine_sigma=(0, 0, 0.05, 0, 0, 0), affine_limit=0.05)) - ramp
    assert float(limited[..., 13, 21].abs().max()) * 63 == pytest.approx(0.05 * 32, abs=0.02)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"invert": 1.5}, r"augment\.invert: 1\.5 is out of range\. Give 0 to 1"),
        ({"keep_original": -0.1}, r"augment\.keep_original: -0\.1 is out of range"),
        ({"rotate_degrees": (5.0, -5.0)}, "wrong way round"),
        ({"scale_times": (0.0, 1.0)}, r"augment\.scale_times: .* Give 0\.1 to 10"),
        ({"noise_sigma": (0.0, float("nan"))}, "out of range"),
        ({"median_px": (0, 3)}, "Give 1 to 15"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Augment(**wrong)  # type: ignore[arg-type]


def test_settings_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    how = Augment(keep_original=0.3, rotate=0.5, rotate_degrees=(-5, 5), median_px=(3, 7), coarse_cells=(9, 3))
    settings = Settings("a", "reader", 1, 2, Drawn(1, ("il",)), augment=how)
    (tmp_path / "a.toml").write_text(config.to_toml(settings))
    assert config.load(Settings, tmp_path / "a.toml") == settings
    assert config.load(Settings, tmp_path / "a.toml", ["augment.rotate=0"]).augment == replace(how, rotate=0.0)


def test_frames_of_a_detector_are_changed_the_same_way_again_and_stay_in_range() -> None:
    once, again, other = (augment.frames(BATCH.clone(), torch.Generator().manual_seed(seed)) for seed in (5, 5, 6))
    assert torch.equal(once, again) and not torch.equal(once, other)
    assert once.shape == BATCH.shape and float(once.min()) >= 0 and float(once.max()) <= 1


def test_a_detector_has_no_changes_to_choose(tmp_path: Path) -> None:
    from lprkit.train import detecting

    settings = Settings("a", "detector", 1, 1, Drawn(1, ("il",)), augment=Augment(rotate=0.5))
    with pytest.raises(ConfigError, match=r"Leave the section \[augment\] out"):
        detecting.task(settings, tmp_path)


def test_the_preview_shows_every_kind_beside_the_original(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quad = ((4.0, 6.0), (60.0, 4.0), (60.0, 20.0), (4.0, 22.0))
    image = np.random.default_rng(0).integers(0, 255, (32, 64, 3)).astype(np.uint8)
    frame = Sample((Plate("A1", quad), Plate("", quad, label="car")), "0", image)
    data.write("plates-csv", [frame, replace(frame, source="1")], tmp_path / "set")
    source, out = f"plates-csv:{tmp_path / 'set'}", tmp_path / "sheet.png"
    words = ("data", "preview", source, "--out", str(out), "--augment", str(root / "configs" / "reader.toml"))
    assert said(capsys, *words)[:2] == (0, f"2 samples in {out}.\n")
    shown = load(out)
    cell = shown.shape[0] / (2 + len(KINDS))
    assert 48 < cell < 80 and 2 * 128 < shown.shape[1] < 3 * 128
    assert not np.array_equal(shown[: int(cell)], shown[int(cell) : 2 * int(cell)])
    code, _, told = said(capsys, *words, "--set", "augment.invert=3")
    assert code == 2 and "augment.invert: 3.0 is out of range. Give 0 to 1." in told
    code, _, told = said(capsys, *words, "--set", 'model="detector"')
    assert code == 2 and "is a detector" in told


PUBLISHED = {
    "hailo-lprnet": {*KINDS} - {"affine", "cross", "colour", "cover", "speckle"},
    "lprnet-24x94": {"affine"},
    "lprnet-gap8": {"affine"},
    "lprnet-korean": set(),
    "lprnet-pooled": set(),
    "lprnet-pooled-stn": set(),
    "tao-resnet10": {"rotate", "gaussian", "invert"},
    "tao-resnet18": {"rotate", "gaussian", "invert"},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_presets_change_what_the_published_systems_change(name: str, root: Path) -> None:
    ours, how = (
        config.load(Settings, root / "configs" / place / f"{name}.toml").augment for place in ("", "published")
    )
    assert {kind for kind, chance in ours.kinds().items() if chance} == PUBLISHED[name]
    assert {kind for kind, chance in how.kinds().items() if chance} == PUBLISHED[name]
    assert how.keep_original == (0.3 if "tao" in name else 0.0)
    assert float(changed(pictures((8, 3, 24, 94)), how).mean()) > 0
