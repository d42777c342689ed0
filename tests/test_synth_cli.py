"""`lprkit synth`: sets in shards, the same whatever the workers, whole after any interruption."""

import functools
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from lprkit import data, plates
from lprkit.cli.synth import synth
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.image import pixels
from lprkit.core.types import Plate, Sample
from lprkit.data import shards
from lprkit.data.check import Rules, examine
from lprkit.data.fill import WORK, Order, begin, fill
from lprkit.synth import generate
from lprkit.synth.camera import CLEAN
from lprkit.synth.generate import CropPlan
from lprkit.synth.tally import Tally

PLAN = CropPlan(("il",), seed=3, legal=1.0, camera=CLEAN)
COUNT, SIZE = 10, 4
CROP_FORMATS = [n for n in data.FORMATS if data.find(n).write and {"crops", "text"}.issubset(data.find(n).keeps)]
KEPT = ("plates-csv", "tao", "lmdb", "webdataset")
"""Formats of which every byte is compared."""


def crop(n: int) -> Sample:
    return generate.crop_at(n, PLAN)


def order(folder: Path, form: str = "plates-csv", **changes: object) -> Order:
    return replace(Order(crop, COUNT, form, folder, SIZE), **changes)


def made(one: Order, workers: int = 1) -> Tally:
    return fill(one, begin(one, {"seed": 3}), workers, lambda _: None)


def interrupted(one: Order, stop: int) -> None:
    """Makes as much as comes before this sample."""

    def make(n: int) -> Sample:
        if n == stop:
            raise KeyboardInterrupt
        return crop(n)

    with pytest.raises(KeyboardInterrupt):
        made(replace(one, make=make))


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run(*words: str) -> str:
    app = typer.Typer()
    app.command()(synth)
    result = CliRunner().invoke(app, [*words, "--workers", "1"])
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [crop(n).plates[0].text for n in range(COUNT)]


@pytest.mark.parametrize("form", CROP_FORMATS)
def test_shards_of_every_format_are_read_as_one_set(form: str, texts: list[str], tmp_path: Path) -> None:
    made(order(tmp_path, form))
    names = [path.name for path in shards.parts(tmp_path)]
    assert names == [f"shard-0000{n}{data.find(form).suffix}" for n in range(3)]
    found = [sample.plates[0].text for sample in data.read(f"{form}:{tmp_path}")]
    assert found == texts or (form == "filename" and sorted(found) == sorted(texts))
    assert len(list(data.read(f"{form}:{shards.parts(tmp_path)[-1]}"))) == COUNT % SIZE


@pytest.mark.parametrize("form", KEPT)
def test_a_drawn_set_passes_the_check(form: str, tmp_path: Path) -> None:
    made(order(tmp_path, form, make=functools.partial(generate.crop_at, plan=CropPlan(("de",), legal=1.0))))
    verdicts = list(examine(data.entries(f"{form}:{tmp_path}"), Rules(region_of=lambda _: plates.region("de"))))
    assert len(verdicts) == COUNT
    assert [problem for verdict in verdicts for problem in verdict.problems] == []


@pytest.mark.parametrize("form", KEPT)
def test_an_interrupted_set_goes_on_to_the_same_bytes(form: str, tmp_path: Path) -> None:
    whole = order(tmp_path / "whole", form)
    made(whole)
    for stop in (0, 5, 8, 9):
        broken = order(tmp_path / f"stopped {stop}", form)
        interrupted(broken, stop)
        assert begin(broken, {"seed": 3}) == list(range(stop // SIZE, 3))
        made(broken)
        assert tree(broken.folder) == tree(whole.folder)


def test_the_workers_make_no_difference(tmp_path: Path) -> None:
    tallies = [made(order(tmp_path / str(workers), "webdataset"), workers) for workers in (1, 2)]
    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    assert tallies[0] == tallies[1]


def test_a_missing_shard_is_made_again(tmp_path: Path) -> None:
    one = order(tmp_path, "webdataset")
    made(one)
    before = tree(tmp_path)
    one.path(1).unlink()
    assert begin(one, {"seed": 3}) == [1]
    made(one)
    one.tally(2).unlink()
    assert begin(one, {"seed": 3}) == [2]
    made(one)
    assert tree(tmp_path) == before


def test_another_set_is_not_put_into_the_folder(tmp_path: Path) -> None:
    one = order(tmp_path / "set")
    begin(one, {"seed": 2})  # nothing is finished yet, so another seed may follow
    interrupted(one, SIZE)
    with pytest.raises(ConfigError, match=r"set: was begun with seed = 3, not 4\. Go on with the same options"):
        begin(one, {"seed": 4})
    with pytest.raises(ConfigError, match=r"was begun with plan\.legal = null, not 1\."):
        begin(one, {"seed": 3, "plan": {"legal": 1}})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "photo.jpg").write_bytes(b"")
    for place in (tmp_path / "other", tmp_path / "other" / "photo.jpg"):
        with pytest.raises(ConfigError, match="is there already"):
            begin(order(place), {})
    assert [p.name for p in (tmp_path / "other").iterdir()] == ["photo.jpg"]


def test_an_error_in_a_worker_is_told_and_ends_the_others(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="text"):
        made(order(tmp_path, make=bad), workers=2)


def bad(n: int) -> Sample:
    raise DataError("text")


def test_tao_gets_one_list_of_characters(tmp_path: Path) -> None:
    made(order(tmp_path, "tao"))
    lists = [set((path / "characters_list.txt").read_text().split()) for path in (tmp_path, *shards.parts(tmp_path))]
    assert lists[0] == set.union(*lists[1:])


def test_shards_are_read_in_their_order(tmp_path: Path) -> None:
    for name in ("shard-00001", "shard-100000", "shard-00000", "shard-x", "sheet.png", "shard-0"):
        (tmp_path / name).mkdir()
    assert [path.name for path in shards.parts(tmp_path)] == ["shard-00000", "shard-00001", "shard-100000"]
    assert shards.parts(tmp_path / "shard-x") == [tmp_path / "shard-x"]
    assert shards.parts(tmp_path / "none") == [tmp_path / "none"]


PLATES = st.builds(
    Plate,
    text=st.text("AB12皖", max_size=5),
    quad=st.none() | st.integers(1, 99).map(lambda n: ((0.0, 0.0), (n, 0.0), (n, 9.4), (0.0, 9.4))),
    region=st.sampled_from([None, "de", "cn"]),
    label=st.sampled_from(["license_plate", "car"]),
    rows=st.sampled_from([None, 1, 2]),
)


@given(plates=st.lists(PLATES, max_size=20), cut=st.integers(0, 20))
def test_tallies_of_shards_add_up_to_that_of_the_set(plates: list[Plate], cut: int) -> None:
    whole, first, second = Tally(), Tally(), Tally()
    samples = [Sample((plate,), "") for plate in plates]
    assert list(whole.watch(samples)) == samples
    list(first.watch(samples[:cut]))
    list(second.watch(samples[cut:]))
    for part in (first, second):
        assert Tally.from_dict(json.loads(json.dumps(part.as_dict()))) == part
    first.include(second)
    assert first == whole
    assert first.summary() == whole.summary()
    widths = sorted(p.quad[1][0] for p in plates if p.quad and p.label == "license_plate")
    spread = whole.summary()["plate_width_px"]
    assert (spread.get("min"), spread.get("max")) == ((widths[0], widths[-1]) if widths else (None, None))
    assert not widths or spread["median"] == widths[(len(widths) - 1) // 2]


def test_the_command_leaves_shards_a_sheet_and_statistics(tmp_path: Path) -> None:
    out = tmp_path / "set"
    words = ("de", "--count", "5", "--shard", "2", "--out", str(out), "--format", "webdataset")
    assert "5 crops in" in run(*words)
    assert {p.name for p in out.iterdir()} == {
        *(f"shard-0000{n}.tar" for n in range(3)), "sheet.png", "statistics.json", "synth.json", WORK,
    }  # fmt: skip
    before = tree(out)
    said = json.loads(run(*words, "--json").splitlines()[-1])
    assert (said["count"], said["shards"], said["drawn"]) == (5, 3, 0)
    assert tree(out) == before
    assert json.loads((out / "statistics.json").read_text())["samples"] == 5
    with pytest.raises(ConfigError, match=r"was begun with plan\.seed = 0, not 1"):
        run(*words, "--seed", "1")


def test_a_region_of_ones_own_is_drawn_and_labelled(tmp_path: Path, root: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_bytes((root / "src/lprkit/plates/regions/il.toml").read_bytes())
    run(str(own), "--count", "3", "--out", str(tmp_path / "set"))
    assert {sample.plates[0].region for sample in data.read(f"plates-csv:{tmp_path / 'set'}")} == {"mine"}


def test_presets_are_drawn(tmp_path: Path) -> None:
    run("--preset", "hailo-digits", "--count", "4", "--out", str(tmp_path / "set"))
    found = list(data.read(f"plates-csv:{tmp_path / 'set'}"))
    assert len(found) == 4 and all(sample.plates[0].text.isdigit() for sample in found)


WRONG = {
    "unknown preset": (("--preset", "hailo"), "No preset named 'hailo'. Known: hailo-digits."),
    "preset and region": (("de", "--preset", "hailo-digits"), "leave out regions"),
    "preset and camera": (("--preset", "hailo-digits", "--camera", "gate"), "leave out regions"),
    "unknown camera": (
        ("de", "--camera", "gat"),
        "No camera named 'gat'. Did you mean 'gate'? Known: clean, gate, street.",
    ),
    "no such typeface": (("de", "--without", "papyrus"), "--without papyrus: no typeface's name begins so. Families:"),
    "format without frames": (("de", "--scene", "--format", "csv"), "'csv' holds no frames. Those that do: coco"),
    "format without crops": (("de", "--format", "yolo"), "'yolo' holds no crops. Those that do: annotation"),
    "format that is only read": (("de", "--format", "ccpd"), "can be read but not written"),
    "no such region file": (("none.toml",), "none.toml: cannot be read"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_before_anything_is_written(name: str, tmp_path: Path) -> None:
    words, expected = WRONG[name]
    with pytest.raises(ConfigError) as told:
        run(*words, "--count", "2", "--out", str(tmp_path / "set"))
    assert expected in str(told.value)
    assert not (tmp_path / "set").exists()


def test_typefaces_can_be_left_out_and_drawn_alone(tmp_path: Path) -> None:
    whole = Counter(source.name for source in generate.book((), ()).sources)
    parts = [generate.book((), ("strokes:din",)), generate.book((), (), ("strokes:din",))]
    assert whole == Counter(source.name for part in parts for source in part.sources)
    assert {source.name.rpartition("-")[0] for source in parts[1].sources} == {"strokes:din"}
    same = ("de", "--count", "3", "--out")
    run(*same, str(tmp_path / "all"))
    run(*same, str(tmp_path / "few"), "--only", "strokes:din", "--only", "strokes:fe")
    sheets = {(folder / "sheet.png").read_bytes() for folder in tmp_path.iterdir()}
    assert len(sheets) == 2


def test_the_camera_and_the_syntax_can_be_chosen(tmp_path: Path) -> None:
    def lowest(*options: str) -> int:
        out = str(tmp_path / "".join(options))
        run("de", "--count", "24", "--out", out, *options)
        return min(pixels(sample).shape[0] for sample in data.read(f"plates-csv:{out}"))

    assert lowest("--camera", "gate") > lowest("--camera", "street")
    run("de", "--count", "24", "--out", str(tmp_path / "usual"), "--no-oversample", "--legal", "0")
    assert (tmp_path / "usual" / "sheet.png").read_bytes() != (tmp_path / "--camerastreet" / "sheet.png").read_bytes()


@pytest.mark.slow
def test_a_killed_command_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """Killed without a chance to clean up, workers and all."""
    words = ["de", "--count", "400", "--shard", "40", "--workers", "2", "--format", "webdataset", "--out"]
    command = [sys.executable, "-c", "from lprkit.cli.main import main; main()", "synth", *words]
    with subprocess.Popen([*command, str(tmp_path / "killed")]) as process:
        while len(shards.parts(tmp_path / "killed")) < 3 and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    assert 3 <= len(shards.parts(tmp_path / "killed")) < 10
    for name in ("killed", "whole"):
        subprocess.run([*command, str(tmp_path / name)], check=True)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")
    assert len(list(data.read(f"webdataset:{tmp_path / 'killed'}"))) == 400
