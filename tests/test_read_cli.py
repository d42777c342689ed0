"""`lprkit read` and what every command does with errors."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import tiny_models
from lprkit.cli import main as command_line
from lprkit.cli.main import main
from lprkit.pipeline.run import Least
from lprkit.pipeline.sources import expand
from tiny_models import bars, frame

PLATE_KEYS = {"text", "score", "char_scores", "quad", "detection_score", "region", "kind", "colour", "rows"}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The options that name the tiny models."""
    folder = tmp_path_factory.mktemp("models")
    reader, detector = tiny_models.write_reader(folder / "r.onnx"), tiny_models.write_detector(folder / "d.onnx")
    return ["--reader", str(reader), "--detector", str(detector), "--runtime", "onnx"]


@pytest.fixture
def photos(tmp_path):
    """A folder with a picture of one plate, one of none, and one in a folder below."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(frame("AB01")).save(folder / "a.png")
    Image.fromarray(np.full((60, 80, 3), 20, np.uint8)).save(folder / "b.jpg")
    Image.fromarray(frame("2101")).save(folder / "more" / "a.png")
    (folder / "notes.txt").write_text("not a picture")
    return folder


def run(*words):
    """The exit code of a command line."""
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    return caught.value.code or 0


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_json_has_a_line_for_each_picture(models, photos, capsys):
    assert run("read", photos, "--json", *models) == 0
    out, err = capsys.readouterr()
    first, second, third = records(out)
    assert err == ""
    assert (first["source"], first["width"], first["height"]) == (str(photos / "a.png"), 320, 192)
    assert set(first) == {"source", "width", "height", "plates", "ms"} and first["ms"] > 0
    (plate,) = first["plates"]
    assert set(plate) == PLATE_KEYS
    assert plate["text"] == "AB01" and 0.9 < plate["score"] <= 1 and len(plate["char_scores"]) == 4
    assert np.shape(plate["quad"]) == (4, 2) and plate["quad"][0] == [116.0, 82.0]
    assert plate["detection_score"] == pytest.approx(0.982 / 2, abs=1e-3)  # seen in the first of two looks
    assert (plate["region"], plate["kind"], plate["colour"], plate["rows"]) == (None, None, None, 1)
    assert second["plates"] == []
    assert third["plates"][0]["text"] == "2101"


def test_lines_are_aligned_without_a_terminal(models, photos, capsys):
    assert run("read", photos / "a.png", photos / "b.jpg", *models) == 0
    one, none = capsys.readouterr().out.splitlines()
    assert one.split()[0] == "AB01" and one.endswith(str(photos / "a.png"))
    assert none.split()[0] == "-" and one.index(str(photos)) == none.index(str(photos))


def test_a_terminal_gets_a_table(models, photos, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert run("read", photos / "a.png", *models) == 0
    out = capsys.readouterr().out
    assert "picture" in out and "plate" in out and "AB01" in out


def test_crop_takes_the_picture_as_the_plate(models, tmp_path, capsys):
    Image.fromarray(bars("C_C2", 256, 64)).save(tmp_path / "plate.png")
    assert run("read", "--crop", tmp_path / "plate.png", "--json", *models) == 0
    (record,) = records(capsys.readouterr().out)
    (plate,) = record["plates"]
    assert plate["text"] == "CC2" and plate["quad"] == [[0, 0], [256, 0], [256, 64], [0, 64]]


def test_pictures_that_may_be_plates_are_told_of_crop(models, photos, capsys):
    hint = "Low pictures in which nothing was found: 1. Plates already cut out need --crop.\n"
    for words, told in (((), hint), (("--json",), ""), (("--crop",), "")):
        assert run("read", photos, *words, *models) == 0
        assert capsys.readouterr().err == told, words
    Image.fromarray(np.full((200, 80, 3), 20, np.uint8)).save(photos / "b.jpg")
    assert run("read", photos, *models) == 0 and capsys.readouterr().err == ""


def test_crops_and_drawings_are_kept(models, photos, tmp_path):
    crops, drawn = tmp_path / "crops", tmp_path / "drawn"
    assert run("read", photos, "--save-crops", crops, "--draw", drawn, *models) == 0
    assert sorted(path.name for path in crops.iterdir()) == ["a-2_1.png", "a_1.png"]
    assert sorted(path.name for path in drawn.iterdir()) == ["a-2.jpg", "a.jpg", "b.jpg"]
    with Image.open(crops / "a_1.png") as crop, Image.open(drawn / "a.jpg") as picture:
        assert 96 <= crop.width <= 110 and picture.size == (320, 192)


def test_a_region_must_exist(models, photos, capsys):
    assert run("read", photos, "--region", "atlantis", *models) == 2
    assert "No region named 'atlantis'" in capsys.readouterr().err


def test_standard_input_is_a_picture(models, capsys, monkeypatch):
    content = io.BytesIO()
    Image.fromarray(frame("C012")).save(content, "PNG")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.getvalue())))
    assert run("read", "-", "--json", *models) == 0
    (record,) = records(capsys.readouterr().out)
    assert record["source"] == "-" and record["plates"][0]["text"] == "C012"


def test_folders_globs_and_lists_are_expanded(photos, tmp_path):
    a, b, c = (str(photos / name) for name in ("a.png", "b.jpg", "more/a.png"))
    assert expand([str(photos)]) == [a, b, c]
    assert expand([str(photos / "*.png"), b]) == [a, b]
    assert expand([str(photos / "**" / "*.png")]) == [a, c]
    many = tmp_path / "list.txt"
    many.write_text(f"# two\n{b}\n\n{photos}/more\n", encoding="utf-8")
    assert expand([f"@{many}"]) == [b, c]
    assert expand(["gone.jpg", str(tmp_path / "*.gif")]) == ["gone.jpg", str(tmp_path / "*.gif")]


def test_a_list_that_is_missing_is_wrong_usage(models, capsys):
    assert run("read", "@gone.txt", *models) == 2
    assert capsys.readouterr().err.startswith("gone.txt: is not a list of pictures that can be read")


def test_a_missing_model_is_one_line(photos, capsys):
    assert run("read", photos, "--reader", "gone.onnx") == 2
    assert capsys.readouterr().err.splitlines() == ["gone.onnx: there is no such model file. Check the path."]


def test_debug_shows_where_an_error_comes_from(photos):
    from lprkit.core.errors import ModelError

    with pytest.raises(ModelError):
        main(["read", str(photos), "--reader", "gone.onnx", "--debug"])


def test_wrong_usage_is_exit_code_2(capsys):
    assert run("read") == 2
    assert run("read", "x.jpg", "--no-such-option") == 2
    assert run("raed") == 2
    assert "raed" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_one_line(models, photos, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run("read", photos / "a.png", "--draw", tmp_path / "file" / "x", *models) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 0)])
def test_interruptions_are_quiet(monkeypatch, capfd, error, code):
    def stop(words):
        raise error

    monkeypatch.setattr(command_line, "application", stop)
    script = "from lprkit.cli import main as m\ndef stop(w): raise %s()\nm.application = stop\nm.main(['list'])"
    done = subprocess.run(
        [sys.executable, "-c", script % type(error).__name__], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_a_closed_pipe_ends_it_quietly(models, photos):
    script = "import sys; from lprkit.cli.main import main; main(sys.argv[1:])"
    words = ["read", *[str(photos / "a.png")] * 400, "--json", *models]
    first = subprocess.Popen(
        [sys.executable, "-c", script, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    )
    assert first.stdout is not None and first.stderr is not None
    assert json.loads(first.stdout.readline())["plates"][0]["text"] == "AB01"
    first.stdout.close()
    assert first.stderr.read() == b""
    first.stderr.close()
    assert first.wait(60) in (0, 1)


@pytest.mark.parametrize("what", ["weights", "models", "formats", "runtimes", "exporters", "regions"])
def test_lists_are_json_too(what, capsys):
    assert run("list", what, "--json") == 0
    rows = records(capsys.readouterr().out)
    assert all(row["list"] == what for row in rows)
    assert what == "weights" or rows
    assert run("list", what) == 0
    assert what in capsys.readouterr().out.splitlines()[0]


def test_the_whole_list_and_a_wrong_one(capsys):
    assert run("list", "regionz") == 2
    assert "Did you mean 'regions'?" in capsys.readouterr().err
    assert run("list") == 0


def test_the_version_is_told(capsys):
    import lprkit

    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == lprkit.__version__


def test_the_help_says_from_which_score_on_readings_are_told(capsys):
    assert run("read", "--help") == 0
    assert f"{Least().score:g}, with --crop 0" in " ".join(capsys.readouterr().out.replace("│", " ").split())
