"""`lprkit eval` and the accuracy page, over drawn pictures and models that are plain functions."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from lprkit import data
from lprkit.cli import eval as command
from lprkit.cli.main import main
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.geometry import Box, quad_of
from lprkit.core.lookup import known
from lprkit.core.types import Detection, Image, Plate, Reading, Sample
from lprkit.evaluate.collect import collect_measured
from lprkit.evaluate.measure import show_crops
from lprkit.evaluate.page import html
from lprkit.evaluate.sheet import contact_sheet, latin
from lprkit.pipeline.run import Pipeline
from lprkit.runtime import Runner

HERE = quad_of(Box(40, 20, 40, 20))
RED, BLUE, GREY = (200, 0, 0), (0, 0, 200), (90, 90, 90)


def read_colours(images: list[Image]) -> list[Reading]:
    """A reader of red and blue plates."""
    means = [image.mean(axis=(0, 1)) for image in images]
    return [Reading("RED1", 0.9) if red > blue else Reading("BLUE", 0.6) for red, _, blue in means]


def find_coloured(images: list[Image]) -> list[list[Detection]]:
    """A detector that knows where to look."""
    return [[Detection(HERE, "license_plate", 0.9)] if np.ptp(image[30, 60]) > 100 else [] for image in images]


def picture(ink: tuple[int, int, int], around: tuple[int, int, int] | None = None) -> Image:
    image = np.full((60, 120, 3), around or ink, np.uint8)
    image[20:40, 40:80] = ink
    return image


def crops() -> Iterator[Sample]:
    for n, (text, code) in enumerate([("RED1", "de"), ("REDI", "fr"), ("BLU", "de")]):
        ink = BLUE if text.startswith("BLU") else RED
        yield Sample((Plate(text, region=code),), f"drawn:0:{n}", picture(ink), whole=True)


def frames() -> Iterator[Sample]:
    yield Sample((Plate("RED1", HERE, "de"),), "drawn:0:0", picture(RED, GREY))
    yield Sample((Plate("BLUE", HERE, "de"),), "drawn:0:1", picture(BLUE, GREY))
    yield Sample((Plate("", quad_of(Box(0, 0, 20, 9)), "de"),), "drawn:0:2", picture(GREY))


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """`reader` and `detector` are the two functions above."""

    def load(model: str, runtime: str | None = None) -> Runner:
        known(runtime or "onnx", ["onnx"], "runtime")
        card = ModelCard(model, "detect" if model == "detector" else "read", InputSpec(24, 94), tokens=("A",))
        return Runner(card, lambda batch: batch, "onnx")

    monkeypatch.setattr(command, "load", load)
    monkeypatch.setattr(command, "reader_of", lambda runner, region: told(region))
    monkeypatch.setattr(command, "detector_of", lambda runner: find_coloured)


def told(region: str | None):
    """The reader, which reads only zeros when it is told a region."""
    return (lambda images: [Reading("000", 1.0) for _ in images]) if region else read_colours


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["eval", *words])
    return int(end.value.code or 0)


@pytest.mark.usefixtures("models")
def test_json_line_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("plates-csv", crops(), tmp_path / "a")
    data.write("csv", crops(), tmp_path / "b")
    specs = [f"plates-csv:{tmp_path / 'a'}", f"csv:{tmp_path / 'b'}"]
    assert run("reader", "--data", specs[0], "--data", specs[1], "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["set"] for line in lines] == specs
    for line in lines:
        assert (line["n"], line["exact"], line["exact_merged"]) == (3, 0.3333, 0.6667)
        assert line["within_one"] == 1 and line["cer"] == pytest.approx(2 / 11, abs=1e-4)
        assert line["exact_95"][0] < line["exact"] < line["exact_95"][1]
        assert {code: one["exact"] for code, one in line["by_country"].items()} == {"de": 0.5, "fr": 0}


@pytest.mark.usefixtures("models")
def test_region_is_passed_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("csv", crops(), tmp_path)
    run("reader", "--data", f"csv:{tmp_path}", "--json", "--region", "de")
    assert json.loads(capsys.readouterr().out)["exact"] == 0


@pytest.mark.usefixtures("models")
def test_table_and_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("csv", crops(), tmp_path / "set")
    assert run("reader", "--data", f"csv:{tmp_path / 'set'}", "--report", str(tmp_path / "report")) == 0
    assert "33.3" in capsys.readouterr().out
    written = json.loads((tmp_path / "report" / "report.json").read_text())
    assert written["model"] == "reader" and written["sets"][0]["n"] == 3
    page = (tmp_path / "report" / "index.html").read_text()
    assert page.count("<img") == 2 and "data:image/jpeg" in page
    assert "src=http" not in page and 'src="http' not in page and "<link" not in page and "<script" not in page
    assert (tmp_path / "report" / "failures.png").stat().st_size > 0


@pytest.mark.usefixtures("models")
def test_detector_gets_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("plates-csv", frames(), tmp_path)
    assert run("detector", "--data", f"plates-csv:{tmp_path}", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["frames"], line["plates"], line["recall"], line["precision"]) == (3, 3, 0.6667, 1)
    assert run("detector", "--data", f"plates-csv:{tmp_path}") == 0
    assert "66.7" in capsys.readouterr().out


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["reader", "--data", "somewhere"], "write FORMAT:PATH"),
        (["reader", "--data", "csw:x"], "Did you mean 'csv'"),
        (["reader", "--data", "csv:/absent.csv"], "absent.csv: cannot be read"),
        (["reader", "--data", "csv:x", "--runtime", "onyx"], "Did you mean 'onnx'"),
        (["detector", "--data", "csv:x", "--region", "de"], "--region and --report are for readers"),
    ],
)
def test_wrong_usage_is_one_line(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    told = capsys.readouterr().err.strip()
    assert hint in told and "\n" not in told


@pytest.mark.usefixtures("models")
def test_a_set_without_texts_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.csv").write_text("file,text,x,y,w,h,country\na.png,,,,,,\n")
    assert run("reader", "--data", f"plates-csv:{tmp_path}") == 2
    assert "no plate with a known text" in capsys.readouterr().err


def test_html_escapes_what_was_read() -> None:
    sample = Sample((Plate("A1"),), "<b>.png", picture(RED), whole=True)
    measured = collect_measured("a<b", show_crops([sample], lambda images: [Reading("<script>", 0.5)]))
    page = html("m&m", [measured])
    assert "<script" not in page and "&lt;script&gt;" in page and "m&amp;m" in page and "a&lt;b" in page


def test_contact_sheet_has_a_tile_for_each_mistake() -> None:
    measured = collect_measured("x", show_crops(crops(), lambda images: [Reading("", 0.5) for _ in images]))
    assert contact_sheet(measured.failures, columns=2).shape == (200, 400, 3)
    assert contact_sheet(()).ndim == 3
    assert latin("皖A바1") == "<Anhui>A<BA>1"


@pytest.fixture
def accuracy(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/accuracy.py, with the two functions as its models."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    module = importlib.import_module("accuracy")
    runner = SimpleNamespace(card=SimpleNamespace(input=None), runtime="onnx")
    pipeline = Pipeline(reader=read_colours, detector=find_coloured)
    monkeypatch.setattr(module, "opened", lambda options: module.Models(runner, pipeline, "two functions"))
    monkeypatch.setattr(module, "reader_of", lambda runner, region: told(region))
    return module


def test_accuracy_page(accuracy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.write("plates-csv", crops(), tmp_path / "dev" / "eu_openalpr_traindet_crops")
    data.write("plates-csv", frames(), tmp_path / "dev" / "us_openalpr_frames")
    photos = tmp_path / "dev" / "text_frames"
    data.write("plates-csv", [Sample((Plate("RED1"),), "", picture(RED, GREY), labelled=())], photos)
    data.write("plates-csv", [Sample((), "", picture(GREY))], tmp_path / "dev" / "neg_background")
    out, look = tmp_path / "accuracy.md", tmp_path / "look"
    words = ["--data", str(tmp_path / "dev"), "--out", str(out), "--failures", str(look)]
    monkeypatch.setattr(sys, "argv", ["accuracy.py", *words])
    accuracy.main()
    lines = out.read_text(encoding="utf-8").splitlines()
    assert line_of(lines, "eu_openalpr_traindet_crops")[1:3] == ["3", "33.3 (6.1-79.2)"]
    assert line_of(lines, "us_openalpr_frames")[-1] == "0.0 / 0.0"  # told the region it reads only zeros
    assert line_of(lines, "us_openalpr_frames", 1)[1:4] == ["3", "3", "66.7 (20.8-93.9)"]
    assert line_of(lines, "us_openalpr_frames", 2)[1:3] == ["2", "100.0 (34.2-100.0)"]
    assert line_of(lines, "text_frames")[1:3] == ["1", "100.0 (20.7-100.0)"]
    assert line_of(lines, "neg_background") == ["neg_background", "1", "0.0 (0.0-79.3)"]
    assert line_of(lines, "detection recall, us + eu + br frames")[2:] == ["66.7", "**no**"]
    assert {path.name for path in look.iterdir()} == {"eu_openalpr_traindet_crops-crops.png"}
    assert "RED1" not in out.read_text(encoding="utf-8")


def test_accuracy_of_one_set_leaves_the_page_alone(
    accuracy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data.write("plates-csv", crops(), tmp_path / "a_crops")
    data.write("plates-csv", crops(), tmp_path / "b_crops")
    out = tmp_path / "accuracy.md"
    words = ["--data", str(tmp_path), "--out", str(out), "--only", "b_crops"]
    monkeypatch.setattr(sys, "argv", ["accuracy.py", *words])
    accuracy.main()
    assert "| b_crops |" in (shown := capsys.readouterr().out) and "a_crops" not in shown
    assert not out.exists()


def test_photographs_stay_outside_the_repository(accuracy: ModuleType, root: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        accuracy.parsed(["--data", str(tmp_path), "--failures", str(root / "docs" / "look")])


def line_of(lines: list[str], name: str, nth: int = 0) -> list[str]:
    """The cells of the n-th table row of this name."""
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith(f"| {name} |")]
    return rows[nth]
