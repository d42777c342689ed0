"""`lprkit data …` from end to end on small drawn sets."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lprkit import data
from lprkit.core.geometry import Box, quad_of
from lprkit.core.image import load, pixels
from lprkit.core.types import Plate, Sample
from lprkit.data import cut
from lprkit.data.charts import histograms, latin
from lprkit.data.split import plan, shares_of
from lprkit.data.stats import Spread, Stats
from test_check import drawn
from test_cli import said

TEXTS = ["BX123", "MA77", "HH1", "BX123"]


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    """Four crops of three plates."""
    samples = [Sample((Plate(t, region="de"),), f"{n}", drawn(n), whole=True) for n, t in enumerate(TEXTS)]
    data.write("csv", samples, tmp_path / "my crops")
    return tmp_path / "my crops"


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """Two frames with three plates, one of them without a text."""
    slanted = ((10.0, 12.0), (52.5, 8.0), (53.0, 22.25), (10.5, 26.0))
    first = Sample((Plate("BX123", slanted, "de"), Plate("", quad_of(Box(1, 40, 30, 10)))), "0", drawn(0, 64, 80))
    second = Sample((Plate("MA77", quad_of(Box(5, 5, 40, 10)), "de"),), "1", drawn(1, 64, 80))
    data.write("plates-csv", [first, second], tmp_path / "frames")
    return tmp_path / "frames"


def run(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    """What `lprkit data` printed on both streams; its exit code must be `code`."""
    found, out, err = said(capsys, "data", *map(str, words))
    assert found == code, out + err
    return out + err


def texts(spec: str) -> list[str]:
    return [plate.text for sample in data.read(spec) for plate in sample.plates if plate.text]


CROPS_TO = [name for name in data.FORMATS if data.find(name).write and "crops" in data.find(name).keeps]


@pytest.mark.parametrize("name", CROPS_TO)
def test_convert_there_and_back(name: str, crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, back = f"{name}:{tmp_path / 'there'}", f"csv:{tmp_path / 'back'}"
    assert "4 count" in run(capsys, "convert", f"csv:{crops}", there)
    if name == "paths":  # keeps no texts
        assert "has no text, which this format needs" in run(capsys, "convert", there, back, code=2)
        return
    run(capsys, "convert", there, back)
    assert Counter(texts(back)) == Counter(TEXTS)
    shapes = {pixels(sample).shape for sample in data.read(back)}
    assert shapes == {(24, 94, 3)}


@pytest.mark.parametrize(("how", "size"), [("box", (18, 43)), ("corners", (14, 43))])
def test_convert_cuts_plates_out_of_frames(
    how: str, size: tuple[int, int], frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = f"csv:{tmp_path / 'out'}"
    assert "Cut the plates out first" in run(capsys, "convert", f"plates-csv:{frames}", out, code=2)
    wide = f"csv:{tmp_path / 'wide'}"
    run(capsys, "convert", f"plates-csv:{frames}", wide, "--crop", how, "--margin", "0.1")
    first, second = data.read(wide)
    assert (first.plates[0], second.plates[0]) == (Plate("BX123", region="de"), Plate("MA77", region="de"))
    out = f"csv:{tmp_path / 'tight'}"
    run(capsys, "convert", f"plates-csv:{frames}", out, "--crop", how)
    first, second = data.read(out)
    assert pixels(first).shape[:2] == size
    assert pixels(second).shape[:2] == (10, 40)
    frame = load(frames / "images" / "000001.jpg")
    if how == "box":
        assert np.array_equal(pixels(second), frame[5:15, 5:45])  # untouched


def test_a_box_half_outside_is_cut_at_the_edge() -> None:
    sample = Sample((Plate("A1", quad_of(Box(-10, -5, 30, 20))),), "0", drawn(0, 60, 80))
    (crop,) = cut.Cut("box").apply([sample])
    assert pixels(crop).shape == (15, 20, 3)
    far = Sample((Plate("A1", quad_of(Box(200, 200, 30, 20))),), "0", drawn(0, 60, 80))
    assert [pixels(one).size > 0 for one in cut.Cut("box").apply([far])] == [True]


def test_convert_leaves_broken_lines_out_when_asked(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = crops / "annotations.csv"
    table.write_text(table.read_text() + "crops/9.png,,\n")
    before = table.read_bytes()
    assert f"{table} line 6" in run(capsys, "convert", f"csv:{crops}", f"tao:{tmp_path / 'a'}", code=2)
    shown = run(capsys, "convert", f"csv:{crops}", f"tao:{tmp_path / 'b'}", "--skip-bad", code=1)
    assert f"left out: {table} line 6: plate_text is empty." in shown and "4 count, 1 skipped" in shown
    assert table.read_bytes() == before


def test_nothing_that_is_there_is_overwritten(crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is the set that is read" in run(capsys, "convert", f"csv:{crops}", f"tao:{crops}", code=2)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("")
    assert "is there already" in run(capsys, "convert", f"csv:{crops}", f"tao:{tmp_path / 'there'}", code=2)
    assert (tmp_path / "there" / "file").exists()
    run(capsys, "convert", f"csv:{crops}", f"paddle:{tmp_path / 'one.txt'}")
    two = f"paddle:{tmp_path / 'two.txt'}"  # its pictures would take the names of those of one.txt
    assert f"{tmp_path / 'crops'}: is there already" in run(capsys, "convert", f"csv:{crops}", two, code=2)
    run(capsys, "convert", f"csv:{crops}", two, "--keep-paths")


def test_what_fails_leaves_nothing_behind(crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = crops / "annotations.csv"
    table.write_text(table.read_text() + "crops/9.png,\n")
    run(capsys, "convert", f"csv:{crops}", f"tao:{tmp_path / 'a'}", code=2)
    run(capsys, "convert", f"csv:{crops}", f"csv:{tmp_path / 'b' / 'list.csv'}", code=2)
    run(capsys, "merge", f"csv:{crops}", "--out", f"lmdb:{tmp_path / 'c'}", code=2)
    run(capsys, "split", f"csv:{crops}", f"csv:{tmp_path / 'd'}", code=2)
    run(capsys, "check", "csv:absent", "--fix", f"csv:{tmp_path / 'e'}", code=2)
    assert [path for name in "abcde" for path in (tmp_path / name).rglob("*")] == []
    assert len(list((crops / "crops").iterdir())) == 4


def test_skip_bad_leaves_missing_pictures_out(crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (crops / "crops" / "000002.png").unlink()
    (crops / "crops" / "000003.png").write_text("no picture")
    assert "000002.png: cannot be read" in run(capsys, "convert", f"csv:{crops}", f"csv:{tmp_path / 'a'}", code=2)
    shown = run(capsys, "convert", f"csv:{crops}", f"csv:{tmp_path / 'a'}", "--skip-bad", code=1)
    assert f"{crops / 'annotations.csv'} line 4: " in shown and "2 count, 2 skipped" in shown
    assert texts(f"csv:{tmp_path / 'a'}") == TEXTS[:2]
    run(capsys, "convert", f"csv:{crops}", f"paths:{tmp_path / 'list.txt'}", "--skip-bad", "--keep-paths")


def test_convert_takes_a_random_subset(crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "3")):
        words = ("convert", f"csv:{crops}", f"paths:{tmp_path / name}.txt", "--count", "2", "--seed", seed)
        assert "2 count" in run(capsys, *words, "--keep-paths")
    lists = [(tmp_path / f"{name}.txt").read_text() for name in "abc"]
    assert lists[0] == lists[1] != lists[2] and len(set(lists[0].split("\n"))) == 3


def test_convert_says_what_cannot_be_cut(frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--crop", "box", "--json")
    shown = json.loads(run(capsys, "convert", f"plates-csv:{frames}", f"csv:{tmp_path / 'a'}", *words))
    assert (shown["count"], shown["without text or place"]) == (2, 1)
    shown = json.loads(run(capsys, "convert", f"plates-csv:{frames}", f"paths:{tmp_path / 'b'}", *words))
    assert (shown["count"], shown["without text or place"]) == (3, 0)  # this format needs no text
    run(capsys, "convert", f"plates-csv:{frames}", f"yolo:{tmp_path / 'c'}")
    assert "has nothing that" in run(
        capsys, "convert", f"yolo:{tmp_path / 'c'}", f"tao:{tmp_path / 'd'}", *words, code=2
    )


def test_pictures_are_copied_bit_for_bit(frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = f"plates-csv:{frames}"
    for name in ("yolo", "yolo-corners", "voc", "coco", "webdataset", "plates-csv"):
        run(capsys, "convert", spec, f"{name}:{tmp_path / name}")
        if name != "webdataset":
            spec = f"{name}:{tmp_path / name}"
    last = sorted((tmp_path / "plates-csv" / "images").iterdir())
    assert [path.read_bytes() for path in last] == [p.read_bytes() for p in sorted((frames / "images").iterdir())]


def test_sets_that_label_other_classes_are_merged_by_one(
    frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    car = Plate(quad=quad_of(Box(1, 1, 70, 50)), label="car")
    sample = Sample(
        (car, Plate("HH1", quad_of(Box(5, 5, 40, 10)))), "0", drawn(3, 64, 80), labelled=("license_plate", "car")
    )
    data.write("plates-csv", [sample], tmp_path / "cars")
    both = (f"plates-csv:{frames}", f"plates-csv:{tmp_path / 'cars'}")
    for name in ("plates-csv", "coco", "yolo"):
        out = f"{name}:{tmp_path / name}"
        assert "(--only license_plate)" in run(capsys, "merge", *both, "--out", out, code=2)
        assert "3 count" in run(capsys, "merge", *both, "--out", out, "--only", "license_plate")
        assert {one.labelled for one in data.read(out)} == {("license_plate",)}


def test_names_that_are_no_text_are_told(crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = tmp_path / os.fsdecode(b"odd/AB\xff1.png")
    name.parent.mkdir()
    try:
        name.write_bytes((crops / "crops" / "000000.png").read_bytes())
    except OSError:
        pytest.skip("this file system only takes UTF-8")
    for source in ("filename", "paths"):
        for out in ("annotation", "csv", "tao"):
            assert "AB\\udcff1.png" in run(
                capsys, "convert", f"{source}:{name.parent}", f"{out}:{tmp_path / out}", code=2
            )
    assert "AB\\udcff1.png" in run(capsys, "list", f"paths:{name.parent}")
    assert "not UTF-8" in run(capsys, "check", f"filename:{name.parent}", code=1)
    shown = run(capsys, "convert", f"paths:{name.parent}", f"paths:{tmp_path / 'list.txt'}", "--keep-paths", code=2)
    assert "a list cannot hold this name" in shown
    run(capsys, "convert", f"paths:{name.parent}", f"paths:{tmp_path / 'copied'}")


def test_check_prints_file_and_line_and_writes_clean_copies(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "4 entries, all is well" in run(capsys, "check", f"csv:{crops}", "--region", "de")
    table = crops / "annotations.csv"
    table.write_text(table.read_text().replace("MA77", "MA7O7").replace("HH1", "999") + "crops/9.png,\n")
    shown = run(capsys, "check", f"csv:{crops}", "--region", "de", code=1)
    assert [line.split()[0] for line in shown.splitlines()] == ["illegal", "illegal", "label", "3"]
    assert f"{table} line 3" in shown and "3 of 5 entries have problems: illegal 2, label 1" in shown
    run(capsys, "check", f"csv:{crops}", "--region", "own", "--skip-bad", f"csv:{tmp_path / 'a'}", code=1)
    assert texts(f"csv:{tmp_path / 'a'}") == ["BX123", "BX123"]
    run(capsys, "check", f"csv:{crops}", "--region", "own", "--fix", f"csv:{tmp_path / 'b'}", code=1)
    assert texts(f"csv:{tmp_path / 'b'}") == ["BX123", "MA707", "BX123"]
    run(capsys, "check", f"csv:{tmp_path / 'b'}", "--region", "de")


def test_check_is_json_and_finds_duplicates_across_sets(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "convert", f"csv:{crops}", f"filename:{tmp_path / 'copy'}")
    words = ("check", f"csv:{crops}", f"filename:{tmp_path / 'copy'}", "--json")
    code, out, err = said(capsys, "data", *words)
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and "4 of 8" in err
    assert [one["kind"] for one in found] == ["duplicate"] * 4
    assert all(str(tmp_path / "copy") in one["where"] and str(crops) in one["message"] for one in found)
    run(capsys, *words, "--no-duplicates")


def test_check_knows_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnx")
    from tiny_models import write_detector, write_reader

    model, folder = write_reader(tmp_path / "reader.onnx"), tmp_path / "set"
    samples = [Sample((Plate(text),), "", drawn(n), whole=True) for n, text in enumerate(("AB01", "AZ01"))]
    data.write("csv", samples, folder)
    shown = run(capsys, "check", f"csv:{folder}", "--alphabet-of", model, code=1)
    assert "'AZ01' has 'Z', which the model does not know" in shown and "1 of 2" in shown
    shown = run(capsys, "check", f"csv:{folder}", "--alphabet-of", model, "--steps", "3", code=1)
    assert "'AB01' needs 4 steps, and there are 3" in shown
    found = write_detector(tmp_path / "detector.onnx")
    assert "is a detector" in run(capsys, "check", f"csv:{folder}", "--alphabet-of", found, code=2)


def tracked(count: int, seed: int = 0) -> list[Sample]:
    rng = np.random.default_rng(seed)
    return [
        Sample((Plate(f"A{rng.integers(count // 2)}"),), f"s{n % 7}/{n}", whole=True, track=f"t{n // 3}")
        for n in range(count)
    ]


@pytest.mark.parametrize("by", ["text", "track", "source"])
@pytest.mark.parametrize("ratio", ["99/1", "1/1", "80/10/10"])
def test_split_divides_no_group(by: str, ratio: str) -> None:
    samples = tracked(300)
    if by != "text":  # texts alone join everything: each is in many tracks and folders
        samples = [Sample((Plate(f"{s.track}X"),), s.source, whole=True, track=s.track) for s in samples]
    if by == "source":
        samples = [Sample((Plate(f"{n}"),), s.source, whole=True) for n, s in enumerate(samples)]
    shares = shares_of(ratio)
    made = plan(samples, by, shares, np.random.default_rng(1))  # type: ignore[arg-type]
    parts = [made.part(sample) for sample in samples]
    keys = {"text": lambda s: s.plates[0].text, "track": lambda s: s.track, "source": lambda s: s.source[:2]}[by]
    assert len({(keys(sample), part) for sample, part in zip(samples, parts, strict=True)}) == len(
        {keys(sample) for sample in samples}
    )
    assert len({(s.plates[0].text, part) for s, part in zip(samples, parts, strict=True)}) == len(
        {s.plates[0].text for s in samples}
    )
    counts = Counter(parts)
    assert sum(counts.values()) == 300 and dict(counts) == {name: n for name, n in made.counts.items() if n}
    if by == "text":
        assert all(abs(counts[name] - share * 300) <= 3 for name, share in shares.items())


def test_split_writes_parts_without_common_texts(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    run(capsys, "split", f"csv:{crops}", f"csv:{out}", "--ratio", "50/50", "--keep-paths")
    train, val = texts(f"csv:{out / 'train'}"), texts(f"csv:{out / 'val'}")
    assert len(train) == len(val) == 2 and set(train).isdisjoint(val)
    assert all(Path(sample.source).is_relative_to(crops) for sample in data.read(f"csv:{out / 'train'}"))
    assert "is no ratio" in run(capsys, "split", f"csv:{crops}", f"csv:{tmp_path / 'b'}", "--ratio", "9", code=2)
    words = ("split", f"csv:{crops}", f"csv:{tmp_path / 'b'}", "--by", "source")
    assert "By source the set has 1 groups and cannot be divided into 2" in run(capsys, *words, code=2)
    assert "2 train, 1 val, 1 test" in run(capsys, *words[:-2], "--ratio", "98/1/1")  # no part stays empty
    words = ("split", f"csv:{crops}", f"csv:{tmp_path / 'c'}", "--by", "track")
    assert "No sample of the set has a track" in run(capsys, *words, code=2)


def test_merge_puts_sets_together(
    crops: Path, frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cuts = tmp_path / "cuts"
    run(capsys, "convert", f"plates-csv:{frames}", f"paddle:{cuts}", "--crop", "corners")
    out = f"annotation:{tmp_path / 'all.txt'}"
    run(capsys, "merge", f"csv:{crops}", f"paddle:{cuts}", "--out", out, "--keep-paths", "--shuffle", "--seed", "4")
    assert Counter(texts(out)) == Counter([*TEXTS, "BX123", "MA77"])
    assert texts(out) != [*TEXTS, "BX123", "MA77"]
    assert all(Path(sample.source).is_file() for sample in data.read(out))


def test_relocate_changes_how_paths_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.txt"
    old.write_text("/data/old/a b.png AB1\n/data/older/c.png AB2\nhere/d.png AB3\n")
    new = tmp_path / "new.txt"
    words = ("relocate", f"annotation:{old}")
    shown = run(capsys, *words, f"annotation:{new}", "--from", "/data/old", "--to", "/mnt/x y", "--json")
    assert json.loads(shown) == {"out": f"annotation:{new}", "count": 3, "moved": 1}
    assert new.read_text() == "/mnt/x y/a b.png AB1\n/data/older/c.png AB2\nhere/d.png AB3\n"
    last = tmp_path / "last.txt"
    run(capsys, *words, f"annotation:{last}", "--from", "here", "--to", "there")
    assert last.read_text().splitlines()[2] == "there/d.png AB3"
    shown = run(capsys, *words, f"annotation:{tmp_path / 'no.txt'}", "--from", "/no", "--to", "/x", code=2)
    assert "no picture's path begins with /no" in shown and not (tmp_path / "no.txt").exists()
    assert "is no list of pictures" in run(
        capsys, *words, f"tao:{tmp_path / 'no'}", "--from", "/no", "--to", "/x", code=2
    )


def test_list_prints_paths_and_texts(crops: Path, frames: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "list", f"csv:{crops}").splitlines()
    assert lines[0] == f"{crops / 'crops' / '000000.png'}\tBX123" and len(lines) == 4
    assert run(capsys, "list", f"paths:{crops / 'crops'}").splitlines()[0] == str(crops / "crops" / "000000.png")
    record = json.loads(run(capsys, "list", f"plates-csv:{frames}", "--json").splitlines()[1])
    assert record["plates"][0]["quad"][0] == [5.0, 5.0] and record["whole"] is False


def test_stats_counts_and_draws(crops: Path, frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    png = tmp_path / "stats.png"
    words = ("stats", f"csv:{crops}", f"plates-csv:{frames}", "--png", png)
    shown = json.loads(run(capsys, *words, "--json"))
    assert (shown["samples"], shown["frames"], shown["plates"], shown["unlabelled"]) == (6, 2, 7, 1)
    assert shown["texts"] == 3 and shown["characters"]["1"] == 4 and shown["lengths"] == {"5": 3, "4": 2, "3": 1}
    assert shown["height_px"]["min"] == 10 and shown["width_px"]["max"] == 94
    assert shown["blur"]["min"] > 0 and shown["aspect"]["max"] == 4
    assert load(png).shape[1] == 1280
    assert "characters" in run(capsys, *words[:3], "--no-pictures")
    run(capsys, *words[:3], "--vocabulary", tmp_path / "characters_list.txt")
    assert (tmp_path / "characters_list.txt").read_text().split() == sorted(set("BX123MA77HH1"))


def test_spread_is_exact_and_bounded() -> None:
    spread = Spread(10)
    for value in (1.0, 2.0, 12.0):
        spread.add(value)
    assert spread.as_dict() == {"min": 1.0, "mean": 5.0, "max": 12.0} and spread.steps == {0: 2, 1: 1}
    spread.add(45.0)
    assert spread.bars() == {"0": 2, "10": 1, "20": 0, "30": 0, "40": 1}  # no step is left out
    spread.add(12_001.0)
    assert len(spread.bars()) <= 60 and sum(spread.bars().values()) == spread.count == 5
    assert Spread().as_dict() == Spread().bars() == {} and Stats().histograms() == {}


def test_histograms_hold_any_letters_and_many_bars() -> None:
    assert [latin(letter) for letter in ("A", "Ä", "皖", "<police>", "바")] == ["A", "A'", "Anhui", "police", "BA"]
    image = histograms({"characters": {"皖": 3, "서울": 1}, "lengths": {str(n): n for n in range(500)}, "empty": {}})
    assert image.shape == (440, 1280, 3) and (image != 255).any()


def test_preview_draws_some_samples(
    crops: Path, frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for spec in (f"csv:{crops}", f"plates-csv:{frames}"):
        out = tmp_path / f"{spec.partition(':')[0]}.png"
        assert "2 samples" in run(capsys, "preview", spec, "--count", "2", "--out", out)
        assert load(out).size
    (crops / "crops" / "000000.png").unlink()
    assert "4 samples" in run(capsys, "preview", f"csv:{crops}", "--out", tmp_path / "grey.png")


def test_every_command_has_help_on_every_option() -> None:
    import typer

    from lprkit.cli.data import app

    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    names = ["check", "convert", "list", "merge", "preview", "relocate", "split", "stats"]
    assert sorted(group.commands) == names
    assert [(n, p.name) for n, c in group.commands.items() for p in c.params if not getattr(p, "help", None)] == []
    assert all(command.help for command in group.commands.values())


def test_the_real_training_sets_pass_through(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared_data / "train" / "vn_mrzaizai2k_frames"
    run(capsys, "convert", f"plates-csv:{source}", f"coco:{tmp_path / 'coco'}", "--json")
    shown = json.loads(run(capsys, "stats", f"coco:{tmp_path / 'coco'}", "--json", "--no-pictures"))
    assert shown["plates"] == sum(len(sample.plates) for sample in data.read(f"plates-csv:{source}"))


def test_a_long_list_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    script = (
        "import sys, resource; from lprkit import data\n"
        "n = sum(1 for _ in data.read('annotation:' + sys.argv[1]))\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    pytest.importorskip("resource")
    peaks = []
    for count in (1_000, 50_000):
        path = tmp_path / f"{count}.txt"
        path.write_text("".join(f"my crops/{n:07d}.png AB{n}\n" for n in range(count)))
        done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
        found, peak = map(int, done.stdout.split())
        assert found == count
        peaks.append(peak)
    assert peaks[1] < peaks[0] * 1.1
