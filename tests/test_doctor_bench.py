"""`lprkit doctor` and `lprkit bench`."""

import json

import pytest

import tiny_models
from lprkit.cli.main import main
from lprkit.core.types import Detection, Reading
from lprkit.pipeline.bench import STAGES, time_pipeline
from lprkit.pipeline.checks import checks
from lprkit.pipeline.run import Pipeline
from lprkit.pipeline.sample import SIZE_PX, drawn_frame
from lprkit.runtime import RUNTIMES, is_installed


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return tiny_models.write_reader(folder / "r.onnx"), tiny_models.write_detector(folder / "d.onnx")


def run(*words):
    """The exit code of a command line."""
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    return caught.value.code or 0


def test_the_drawn_frame_is_the_same_every_time():
    one, two = drawn_frame(), drawn_frame()
    assert one.image is not None and one.image.shape == (*SIZE_PX, 3)
    assert (one.image == two.image).all() and one.plates == two.plates
    (plate,) = one.plates
    assert plate.text and plate.quad


def test_an_installation_that_reads_right_is_well():
    (truth,) = drawn_frame().plates

    def detector(images):
        return [[Detection(truth.quad, "license_plate", 1.0)] for _ in images]

    def reader(plates):
        return [Reading(truth.text, 1.0) for _ in plates]

    found = {check.name: check for check in checks(reader, detector)}
    for name in filter(is_installed, RUNTIMES):
        assert found[f"reading with {name}"].ok, found
    assert found["numpy"].ok and found["lprkit"].ok
    wrong = {check.name: check for check in checks(lambda plates: [Reading("XY", 1.0)] * len(plates), detector)}
    assert not wrong["reading with onnx"].ok and "XY read" in wrong["reading with onnx"].detail


def test_the_doctor_says_what_does_not_work(models, capsys):
    """The tiny models know nothing of real plates."""
    assert run("doctor", "--reader", models[0], "--detector", models[1]) == 1
    out = capsys.readouterr().out.splitlines()
    assert any(line.startswith("NOT OK") and "nothing read" in line for line in out)
    assert out[-1].endswith("do not work")
    assert run("doctor", "--reader", "gone.onnx") == 1
    assert "gone.onnx: there is no such model file" in capsys.readouterr().out


def test_models_are_timed_for_each_batch(models, capsys):
    words = ["bench", *models, "--runtime", "onnx", "--batch", "1,2", "--seconds", "0.01"]
    assert run(*words, "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["model"], row["batch"]) for row in rows] == [(str(model), n) for model in models for n in (1, 2)]
    assert all(0 < row["median_ms"] <= row["p95_ms"] and row["runtime"] == "onnx" for row in rows)
    assert run(*words) == 0
    assert "median ms" in capsys.readouterr().out


@pytest.mark.parametrize("batch", ["0", "a", "1,,2", ""])
def test_a_batch_that_is_no_number_is_refused(models, batch, capsys):
    assert run("bench", models[0], "--batch", batch) == 2
    assert "write numbers above 0" in capsys.readouterr().err


def test_the_stages_of_a_frame_are_timed(models):
    rows = list(time_pipeline(Pipeline(None, "onnx", *models), "onnx", tiny_models.frame("AB01"), seconds=0.0))
    assert [row.stage for row in rows] == list(STAGES)
    assert all(row.timing.calls == 10 and row.model == "320x192" for row in rows)
    *parts, whole = (row.timing.median_ms for row in rows)
    assert max(parts) <= whole
