"""The accuracy page, over drawn pictures and models that are plain functions; README's table is the page's."""

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from coloured import GREY, RED, crops, find_coloured, frames, picture, read_colours
from lprkit import data
from lprkit.core.errors import ModelError
from lprkit.core.types import Plate, Reading, Sample
from lprkit.evaluate.measure import cutting
from lprkit.pipeline.run import Pipeline

README = "# mine\n<!-- accuracy -->\nold\n<!-- end -->\nthe rest\n"


def placed_reader(runner: SimpleNamespace, region: str | None = None):
    """The reader; told France it reads only zeros, and Germany it cannot read; the small one reads nothing."""
    if region == "de":
        raise ModelError("no signs for it")
    if runner.card.name == "small":
        return lambda images, quads: [Reading("", 0.1) for _ in images]
    return (lambda images, quads: [Reading("000", 1.0) for _ in images]) if region else cutting(read_colours)


@pytest.fixture
def accuracy(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/accuracy.py, with functions as its models."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    module = importlib.import_module("accuracy")
    readers = {name: SimpleNamespace(card=SimpleNamespace(name=name, input=None)) for name in ("reader", "small")}
    pipeline = Pipeline(reader=read_colours, detector=find_coloured)
    monkeypatch.setattr(module, "opened", lambda options: module.Models(readers, pipeline, "three functions"))
    monkeypatch.setattr(module, "placed_reader", placed_reader)
    monkeypatch.setattr(module, "speed_of", lambda runner: module.Speed(2.5, 1.0))
    return module


def test_accuracy_page(accuracy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.write("plates-csv", crops(), tmp_path / "dev" / "eu_openalpr_traindet_crops")
    data.write("plates-csv", frames("fr"), tmp_path / "dev" / "vn_greenparking_frames")
    data.write("plates-csv", frames("fr"), tmp_path / "dev" / "us_openalpr_frames")
    photos = tmp_path / "dev" / "text_frames"
    data.write("plates-csv", [Sample((Plate("RED1"),), "", picture(RED, GREY), labelled=())], photos)
    data.write("plates-csv", [Sample((), "", picture(GREY))], tmp_path / "dev" / "neg_background")
    out, look, readme = tmp_path / "accuracy.md", tmp_path / "look", tmp_path / "README.md"
    readme.write_text(README, encoding="utf-8")
    words = ["--data", str(tmp_path / "dev"), "--out", str(out), "--failures", str(look), "--readme", str(readme)]
    monkeypatch.setattr(sys, "argv", ["accuracy.py", *words])
    accuracy.main()
    text = out.read_text(encoding="utf-8")
    lines = text.splitlines()
    europe = line_of(lines, "eu_openalpr_traindet_crops")
    assert europe[1:5] == ["reader", "2.5", "3", "33.3 (6.1-79.2)"]
    assert europe[-1] == "0.0 / 0.0 (1)"  # told France it reads only zeros; for German plates it has no signs
    assert line_of(lines, "eu_openalpr_traindet_crops", 1)[1:5] == ["small", "2.5", "3", "0.0 (0.0-56.1)"]
    assert line_of(lines, "us_openalpr_frames")[-1] == "– / 0.0 (2)"  # written by the old rule: only merged counts
    assert line_of(lines, "vn_greenparking_frames", 2)[1:] == ["2", "100.0", "100.0", "100.0", "25.0"]  # scores
    assert line_of(lines, "together")[1:] == ["5", "60.0", "0.0", "0.0", "18.0"]  # (0.9 * 3 - 2 + 0.6 * 2 - 1) / 5
    assert line_of(lines, "us_openalpr_frames", 2)[1:4] == ["3", "3", "66.7 (20.8-93.9) [66.7]"]
    assert line_of(lines, "us_openalpr_frames", 3)[1:3] == ["2", "100.0 (34.2-100.0)"]
    assert line_of(lines, "text_frames")[1:3] == ["1", "100.0 (20.7-100.0)"]
    assert line_of(lines, "neg_background") == ["neg_background", "1", "0.0 (0.0-79.3)"]
    assert line_of(lines, "detection recall, us + eu + br frames")[1:] == ["≥ 85.0", "66.7", "**no**"]
    assert line_of(lines, "frames without a plate that have a reading")[1:] == ["≤ 1.0", "0.0", "yes"]
    assert line_of(lines, "cn_sirius crops, strict")[1:] == ["≥ 85.0", "not measured"]
    assert {path.name for path in look.iterdir()} == {
        "eu_openalpr_traindet_crops-crops.png",
        "eu_openalpr_traindet_crops-told.png",
        "us_openalpr_frames-told.png",
        "vn_greenparking_frames-told.png",
    }
    assert "RED1" not in text
    written = readme.read_text(encoding="utf-8")
    assert written.startswith("# mine\n<!-- accuracy -->\n| plates |") and written.endswith("<!-- end -->\nthe rest\n")
    short = line_of(written.splitlines(), "Europe, crops of one line")
    assert short[1:] == ["3", "33.3 / 66.7", "0.0 / 0.0"]  # told the country of one plate alone: not shown
    short = line_of(written.splitlines(), "Vietnam, motorbikes, two lines")
    assert short[1:] == ["2", "100.0 / 100.0", "0.0 / 0.0", "0.0 / 0.0"]


def test_accuracy_of_one_set_leaves_the_pages_alone(
    accuracy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data.write("plates-csv", crops(), tmp_path / "a_crops")
    data.write("plates-csv", crops(), tmp_path / "b_crops")
    out = tmp_path / "accuracy.md"
    words = ["--data", str(tmp_path), "--out", str(out), "--readme", str(out), "--only", "b_crops"]
    monkeypatch.setattr(sys, "argv", ["accuracy.py", *words])
    accuracy.main()
    assert "| b_crops |" in (shown := capsys.readouterr().out) and "a_crops" not in shown
    assert not out.exists()


def test_photographs_stay_outside_the_repository(accuracy: ModuleType, root: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        accuracy.parsed(["--data", str(tmp_path), "--failures", str(root / "docs" / "look")])


def test_readme_has_the_table_of_the_page(accuracy: ModuleType, root: Path) -> None:
    pages = [(root / name).read_text(encoding="utf-8") for name in ("README.md", "docs/accuracy.md")]
    readme, page = (accuracy.part_of(text, "page") for text in pages)
    assert readme == page, "run: make accuracy"
    assert "| plates |" in readme


def test_a_page_without_the_markers_is_told(accuracy: ModuleType) -> None:
    with pytest.raises(ValueError, match="has no part between"):
        accuracy.part_of("# mine\n", "README.md")


def line_of(lines: list[str], name: str, nth: int = 0) -> list[str]:
    """The cells of the n-th table row of this name."""
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith(f"| {name} |")]
    return rows[nth]
