"""Crops: only (seed, n) decides, corners are where the plate is, the text is the drawn one."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from lprkit import data, plates
from lprkit.cli.synth import synth
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.geometry import box_of
from lprkit.core.image import rectify, save
from lprkit.core.types import Plate, Sample
from lprkit.synth import backgrounds, crop, generate
from lprkit.synth.camera import CLEAN, View
from lprkit.synth.generate import CropPlan
from lprkit.synth.look import only

LATIN = ("de", "br", "us-ca")
PLAN = CropPlan(regions=LATIN, seed=7)


def same(a: Sample, b: Sample) -> bool:
    return a.plates == b.plates and a.source == b.source and np.array_equal(a.image, b.image)


def test_a_crop_depends_on_seed_and_number_only():
    first = [generate.crop_at(n, PLAN) for n in range(8)]
    again = [generate.crop_at(n, PLAN) for n in reversed(range(8))][::-1]
    assert all(map(same, first, again))
    assert not any(map(same, first, [generate.crop_at(n, replace(PLAN, seed=8)) for n in range(8)]))
    assert len({sample.plates[0].text for sample in first}) > 6


def test_workers_draw_the_same_crops_in_order():
    alone = list(generate.crops(PLAN, 70, start=5, workers=1))
    shared = list(generate.crops(PLAN, 70, start=5, workers=2))
    assert [sample.source for sample in shared] == [f"drawn:7:{n}" for n in range(5, 75)]
    assert all(map(same, alone, shared))


def test_stopping_early_ends_the_workers():
    stream = generate.crops(PLAN, 10_000, workers=2)
    assert next(stream).source == "drawn:7:0"
    stream.close()


def test_a_crop_is_one_whole_plate():
    for n in range(60):
        sample = generate.crop_at(n, PLAN)
        (plate,) = sample.plates
        assert sample.whole
        assert plate.region in LATIN
        assert plate.rows in (1, 2)
        assert plates.split(plates.region(plate.region), plate.text)
        height, width = sample.image.shape[:2]
        assert sample.image.dtype == np.uint8
        assert 6 <= height <= 400
        assert 8 <= width <= 400


@pytest.mark.parametrize("rectified", [0.0, 1.0])
def test_the_plate_lies_within_its_corners(rectified):
    """A clean yellow plate: the quad straightened is yellow up to its edges."""
    plan = CropPlan(regions=("il",), camera=CLEAN, look=only(), rectified=rectified)
    for n in range(12):
        sample = generate.crop_at(n, plan)
        quad = sample.plates[0].quad
        flat = rectify(sample.image, quad, 100, 40).astype(int)
        x, y, w, h = box_of(quad)
        inside = x > -1 and y > -1 and x + w < sample.image.shape[1] + 1 and y + h < sample.image.shape[0] + 1
        yellow = (flat[:, :, 0] - flat[:, :, 2]) > 60
        if inside and sample.plates[0].rows == 1:
            assert yellow[3:6, 3:-3].mean() > 0.9 or yellow[-6:-3, 3:-3].mean() > 0.9  # over and under the letters
        assert yellow.mean() > 0.4


def test_hardly_anything_of_the_plate_is_cut_off():
    rng = np.random.default_rng(0)
    for _ in range(300):
        cut = crop.rectified(View(0.5, 20.0, yaw=0.3), 200.0, 44.0, rng)
        out = np.maximum(0, np.maximum(-cut.corners, cut.corners - (cut.width, cut.height)))
        assert out[:, 0].max() <= 0.03 * 200 + 1
        assert out[:, 1].max() <= 0.08 * 44 + 1
        loose = crop.boxed(cut.corners, rng)
        assert loose.corners.min() >= -0.03 * 220


def test_some_upright_boxes_are_much_looser_than_others():
    corners = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 25.0], [0.0, 25.0]])

    def widths(loose: float) -> list[int]:
        return [crop.boxed(corners, np.random.default_rng(n), loose).width for n in range(200)]

    assert max(widths(0.0)) <= 146 < max(widths(1.0)) <= 216
    assert np.mean(widths(0.0)) < np.mean(widths(0.3)) < np.mean(widths(1.0))


def test_regions_come_as_often_as_their_weights_say():
    plan = CropPlan(regions=("de", "br"), weights=(3.0, 1.0))
    counts = Counter(generate.crop_at(n, plan).plates[0].region for n in range(200))
    assert 0.65 < counts["de"] / 200 < 0.85


def test_only_legal_serials_when_asked_for():
    plan = CropPlan(regions=("br",), legal=1.0)
    region = plates.region("br")
    for n in range(20):
        text = generate.crop_at(n, plan).plates[0].text
        assert plates.matches(region, plates.split(region, text)) is not None


@pytest.mark.parametrize("rows", [1, 2])
def test_only_plates_of_so_many_rows(rows: int):
    plan = CropPlan(regions=("kr", "il"), rows=rows)
    assert {generate.crop_at(n, plan).plates[0].rows for n in range(30)} == {rows}


def test_wrong_plans_are_told():
    with pytest.raises(ConfigError, match="expected 2 numbers"):
        generate.crop_at(0, CropPlan(regions=("de", "br"), weights=(1.0,)))
    with pytest.raises(ConfigError, match="atlantis"):
        generate.crop_at(0, CropPlan(regions=("atlantis",)))
    with pytest.raises(ConfigError, match="no plate of 3 rows"):
        generate.crop_at(0, CropPlan(regions=("de",), rows=3))


def test_surroundings_come_from_photographs(tmp_path: Path):
    red = np.zeros((90, 160, 3), np.uint8)
    red[:, :, 0] = 250
    save(tmp_path / "red.png", red)
    plan = CropPlan(regions=("de",), camera=CLEAN, backgrounds=(str(tmp_path),), rectified=0.0)
    corners = [generate.crop_at(n, plan).image[0, 0] for n in range(30)]
    assert sum(tuple(c) == (250, 0, 0) for c in corners) > 3
    assert backgrounds.photo_patch(300, 20, tmp_path / "red.png", np.random.default_rng(0)).shape == (300, 20, 3)
    with pytest.raises(DataError, match="no pictures"):
        backgrounds.find([str(tmp_path / "none")])


def test_crops_of_swapped_photographs(tmp_path: Path):
    street = np.full((240, 320, 3), 90, np.uint8)
    street[100:140, 80:240] = 230
    street[108:132, 90:230:10] = 20
    save(tmp_path / "street.png", street)
    quad = ((80.0, 100.0), (240.0, 100.0), (240.0, 140.0), (80.0, 140.0))
    photo = Sample((Plate("OLD", quad),), str(tmp_path / "street.png"))
    plan = CropPlan(regions=("de",), photos=(photo,), swapped=1.0)
    found = [generate.crop_at(n, plan) for n in range(10)]
    assert all(same(a, b) for a, b in zip(found, [generate.crop_at(n, plan) for n in range(10)], strict=True))
    assert {sample.plates[0].region for sample in found} == {"de"}
    assert all(sample.plates[0].text != "OLD" for sample in found)


def test_places_too_small_to_read_are_not_used(tmp_path: Path):
    save(tmp_path / "far.png", np.full((60, 60, 3), 90, np.uint8))
    photo = Sample((Plate("", ((10.0, 10.0), (20.0, 10.0), (20.0, 14.0), (10.0, 14.0))),), str(tmp_path / "far.png"))
    plan = CropPlan(regions=("de",), photos=(photo,), swapped=1.0)
    assert generate.crop_at(1, plan).image.shape[0] >= 8
    with pytest.raises(DataError, match="no plate with a known place"):
        generate.crop_at(1, replace(plan, photos=(replace(photo, plates=()),)))


def run(*words: str):
    app = typer.Typer()
    app.command()(synth)
    return CliRunner().invoke(app, words)


def test_the_command_writes_a_set_that_reads_back(tmp_path: Path):
    result = run("de", "br", "--count", "6", "--out", str(tmp_path / "set"), "--workers", "1", "--seed", "3")
    assert result.exit_code == 0, result.output
    assert "6 crops" in result.output
    found = list(data.read(f"plates-csv:{tmp_path / 'set'}"))
    plan = CropPlan(regions=("de", "br"), seed=3)
    assert [s.plates[0].text for s in found] == [generate.crop_at(n, plan).plates[0].text for n in range(6)]
    assert (tmp_path / "set" / "sheet.png").is_file()
    tally = json.loads((tmp_path / "set" / "statistics.json").read_text())
    assert tally["plates"] == 6
    assert sum(tally["characters"].values()) == sum(len(s.plates[0].text) for s in found)


def test_the_command_writes_scenes_as_json(tmp_path: Path):
    words = ("de", "--scene", "--count", "2", "--out", str(tmp_path / "set"), "--workers", "1", "--no-sheet", "--json")
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["count"] == 2
    assert not (tmp_path / "set" / "sheet.png").exists()
    assert len(list(data.read(f"plates-csv:{tmp_path / 'set'}"))) == 2


def test_the_command_refuses_what_it_cannot_draw(tmp_path: Path):
    assert "atlantis" in str(run("atlantis", "--out", str(tmp_path)).exception)
    assert "format" in str(run("de", "--format", "nothing", "--out", str(tmp_path)).exception)
