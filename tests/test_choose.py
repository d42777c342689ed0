"""What may choose between readers, and what is told of a picture, is counted on plates that may choose."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from coloured import crops, frames, read_colours
from lprkit import data
from lprkit.core.card import InputSpec
from lprkit.core.types import Detection, Image, Plate, Reading, Sample, Sighting
from lprkit.evaluate.measure import cutting

SETTINGS = """name = "mine"
model = "reader"
steps = 1
batch = 2
seed = 1
[drawn]
count = 2
regions = ["de"]
[real]
data = ["plates-csv:{labelled}"]
share = 0.5
held_out = 1.0
"""


def test_choose(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    choose = importlib.import_module("choose")
    labelled = tmp_path / "labelled"
    data.write("plates-csv", crops(), labelled)
    path = tmp_path / "mine.toml"
    path.write_text(SETTINGS.format(labelled=labelled), encoding="utf-8")
    data.write("plates-csv", frames("de"), tmp_path / "street")
    red, blue, _ = (Path(sample.source).name for sample in data.read(f"plates-csv:{tmp_path / 'street'}"))
    by_eye = tmp_path / "by_eye.csv"
    lines = [f"street,{red},40,20,{choose.digest(red, 'REDI')}", f"street,{blue},40,20,{choose.digest(blue, 'BLVE')}"]
    by_eye.write_text("\n".join(["set,file,x,y,sha256", *lines]), encoding="utf-8")
    monkeypatch.setattr(choose, "BY_EYE", by_eye)
    monkeypatch.setattr(choose, "TRAIN", str(tmp_path))
    spec = InputSpec(48, 128)
    monkeypatch.setattr(
        choose, "open_reader", lambda name: SimpleNamespace(card=SimpleNamespace(input=spec, name=name))
    )
    readers = {"colours": cutting(read_colours), "blind": cutting(blind)}
    monkeypatch.setattr(choose, "placed_reader", lambda runner: readers[runner.card.name])
    monkeypatch.setattr(sys, "argv", ["choose.py", "colours", "blind", "--config", str(path), "--drawn", "4"])
    choose.main()
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "colours; photographs 1 of 2; held out 2 of 3; drawn 0 of 4",  # REDI is RED1 where I counts as 1
        "blind; photographs 0 of 2; held out 0 of 3; drawn 0 of 4",
    ]


def blind(images: list[Image]) -> list[Reading]:
    """A reader that reads nothing."""
    return [Reading("", 0.1) for _ in images]


def test_told(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    told = importlib.import_module("told")
    quad = ((10, 10), (60, 10), (60, 30), (10, 30))
    street = Sample((Plate("REDI", quad), Plate("", ((0, 0), (90, 0), (90, 60), (0, 60)), label="car")), "drawn:1:1")
    sightings = {
        ("RED1", 10): (True, True),
        ("BLUE", 12): (True, False),
        ("STOP", 70): (False, False),
    }
    for (text, left), (plate, right) in sightings.items():
        found = Detection(((left, 10), (left + 50, 10), (left + 50, 30), (left, 30)), "license_plate", 0.6)
        one = told.judged(Sighting(0, 0.0, found, Reading(text, 0.9)), street)
        assert (one.detection, one.plate, one.right) == (0.6, plate, right), text
    monkeypatch.setattr(sys, "argv", ["told.py", "--streets", "1", "--config", str(root / "configs" / "detector.toml")])
    told.main()
    rows = [row for row in capsys.readouterr().out.splitlines() if " readings, " in row]
    assert len(rows) == sum(len(question.steps) for question in told.QUESTIONS)
