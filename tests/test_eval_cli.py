"""`lprkit eval`, over drawn pictures and models that are plain functions."""

import json
from pathlib import Path

import pytest

from coloured import RED, crops, find_coloured, frames, picture, read_colours
from lprkit import data
from lprkit.cli import eval as command
from lprkit.cli.main import main
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.lookup import known
from lprkit.core.types import Plate, Reading, Sample
from lprkit.evaluate.collect import collect_measured
from lprkit.evaluate.measure import show_crops
from lprkit.evaluate.page import html
from lprkit.evaluate.sheet import contact_sheet, latin
from lprkit.runtime import Runner


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """`reader` and `detector` are the two functions above."""

    def load(model: str, runtime: str | None = None) -> Runner:
        known(runtime or "onnx", ["onnx"], "runtime")
        finds = model == "detector"
        tokens = ("license_plate",) if finds else ("A",)
        options = {"alias": {"I": "1"}} if model == "concatenated" else {}
        tokens = (*"REDBLU01",) if options else tokens
        card = ModelCard(model, "detect" if finds else "read", InputSpec(24, 94), tokens=tokens, options=options)
        return Runner(card, lambda batch: batch, "onnx")

    monkeypatch.setattr(command, "load", load)
    monkeypatch.setattr(command, "once", lambda runner, region: told(region))
    monkeypatch.setattr(command, "judge_of", lambda runner: told("de" if runner.card.name == "other" else None))
    monkeypatch.setattr(command, "detector_of", lambda runner, threshold: find_coloured)


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
def test_figures_have_slices_letters_and_confidences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("plates-csv", frames("de"), tmp_path)
    assert run("reader", "--data", f"plates-csv:{tmp_path}", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["n"], line["exact"], line["confusions"]) == (2, 1, [])
    assert line["positions"] == [{"n": 2, "right": 1}] * 4
    assert line["reliability"] == [{"score": 0.6, "right": 1, "n": 1}, {"score": 0.9, "right": 1, "n": 1}]
    assert line["confidences"]["score"]["coverage_at_999"] == 1


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("words", [("reader", "--compare", "other"), ("--compare", "other", "reader")])
def test_compare_marks_the_plates_that_differ(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data.write("csv", crops(), tmp_path / "set")
    words = (*words, "--data", f"csv:{tmp_path / 'set'}")
    assert run(*words, "--json", "--report", str(tmp_path / "look")) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["first"], line["second"], line["n"]) == ("reader", "other", 3)
    assert (line["only_first"], line["only_second"], line["neither"], line["p_value"]) == (1, 0, 2, 1)
    assert [(one["truth"], one["first"], one["second"], one["right"]) for one in line["differences"]] == [
        ("RED1", "RED1", "000", "first"),
        ("REDI", "RED1", "000", "neither"),
        ("BLU", "BLUE", "000", "neither"),
    ]
    assert json.loads((tmp_path / "look" / "report.json").read_text())["sets"][0]["figures"]["second"]["exact"] == 0
    assert (tmp_path / "look" / "index.html").read_text().count("data:image/jpeg") == 3
    assert run(*words) == 0
    assert "truth, reader, other" in (shown := capsys.readouterr().out) and "right: reader" in shown


@pytest.mark.usefixtures("models")
def test_patterns_are_named_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No French plate says any of these texts."""
    data.write("csv", crops(), tmp_path / "set")
    words = ("reader", "--data", f"csv:{tmp_path / 'set'}", "--patterns", "fr")
    assert run(*words, "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert line["patterns"] == {"region": "fr", "on": "prediction", "left_out": 0}
    assert (line["exact"], line["not_found"]) == (0, 1)
    assert run(*words, "--patterns-on", "truth") == 2
    assert "no plate with a known text" in capsys.readouterr().err
    assert run(*words, "--compare", "other", "--json") == 0
    assert json.loads(capsys.readouterr().out)["patterns"] == line["patterns"]
    assert run(*words, "--compare", "other") == 0
    assert "Patterns of fr held against the readings" in capsys.readouterr().out
    assert run(*words, "--report", str(tmp_path / "look")) == 0
    assert "Patterns of fr held against the readings" in capsys.readouterr().out
    assert "Patterns of fr held against the readings" in (tmp_path / "look" / "index.html").read_text()


@pytest.mark.usefixtures("models")
def test_truths_are_written_in_the_classes_of_a_model_that_has_fewer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """REDI is RED1 to a network that has one class for both; a report says so everywhere."""
    data.write("csv", crops(), tmp_path / "set")
    words = ("concatenated", "--data", f"csv:{tmp_path / 'set'}")
    assert run(*words, "--json", "--report", str(tmp_path / "look")) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["exact"], line["exact_merged"], line["concatenated"]) == (0.6667, 0.6667, {"1": ["I"]})
    written = json.loads((tmp_path / "look" / "report.json").read_text())["sets"][0]
    assert (written["exact"], written["concatenated"]) == (0.6667, {"1": ["I"]})
    assert "in truths 1 stands for I" in (tmp_path / "look" / "index.html").read_text()
    assert run(*words) == 0
    assert "in truths 1 stands for I" in capsys.readouterr().out
    assert run(*words, "--patterns", "de", "--patterns-on", "truth") == 0
    assert "2 plates that fit none are left out" in capsys.readouterr().out  # REDI is one, though RED1 is none
    assert run(*words, "--patterns", "de") == 2
    assert "no reading of concatenated fits them" in capsys.readouterr().err


@pytest.mark.usefixtures("models")
def test_compared_models_are_judged_each_in_its_own_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("csv", crops(), tmp_path / "set")
    words = ("reader", "--compare", "concatenated", "--data", f"csv:{tmp_path / 'set'}")
    assert run(*words, "--json", "--report", str(tmp_path / "look")) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["only_first"], line["only_second"]) == (0, 1)
    assert line["concatenated"] == {"second": {"1": ["I"]}}
    assert [(one["truth"], one["right"]) for one in line["differences"]] == [("REDI", "second")]
    page = (tmp_path / "look" / "index.html").read_text()
    assert "concatenated has fewer classes: in truths 1 stands for I." in page and "<figcaption>REDI<br>" in page
    assert run(*words) == 0
    assert "concatenated has fewer classes: in truths 1 stands for I" in capsys.readouterr().out


@pytest.mark.usefixtures("models")
def test_detector_gets_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write("plates-csv", frames("de"), tmp_path)
    assert run("detector", "--data", f"plates-csv:{tmp_path}", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["frames"], line["plates"], line["recall"], line["precision"]) == (3, 3, 0.6667, 1)
    assert run("detector", "--data", f"plates-csv:{tmp_path}", "--report", str(tmp_path / "look")) == 0
    page = (tmp_path / "look" / "index.html").read_text()
    assert page.count("data:image/jpeg") == 1 and "nothing found" in page  # the third plate is missed
    assert json.loads((tmp_path / "look" / "report.json").read_text())["sets"][0]["recall"] == 0.6667
    assert line["mean_average_precision"] == line["average_precision"] == 0.6667
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
        (["reader", "--data", "csv:x", "--patterns", "de", "--patterns-on", "thruth"], "Did you mean 'truth'"),
        (["reader", "--data", "csv:x", "--compare", "detector"], "Compare two readers"),
        (["detector", "--data", "csv:x", "--region", "de"], "--compare and --patterns are for readers"),
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
    measured = collect_measured("a<b", show_crops([sample], lambda images, quads: [Reading("<script>", 0.5)]))
    page = html("m&m", [measured])
    assert "<script" not in page and "&lt;script&gt;" in page and "m&amp;m" in page and "a&lt;b" in page


def test_contact_sheet_has_a_tile_for_each_mistake() -> None:
    measured = collect_measured("x", show_crops(crops(), lambda images, quads: [Reading("", 0.5) for _ in images]))
    assert contact_sheet(measured.failures, columns=2).shape == (200, 400, 3)
    assert contact_sheet(()).ndim == 3
    assert latin("皖A바1") == "<Anhui>A<BA>1"
