"""What may choose between readers, and what is told of a picture, is counted on plates that may choose."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from coloured import crops, read_colours
from lprkit import data
from lprkit.core.types import Detection, Image, Plate, Reading, Sample, Sighting

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
    monkeypatch.setattr(choose, "LABELLED", f"plates-csv:{labelled}")
    monkeypatch.setattr(
        choose, "open_reader", lambda name: SimpleNamespace(card=SimpleNamespace(input=None, name=name))
    )
    monkeypatch.setattr(choose, "reader_of", lambda runner: read_colours if runner.card.name == "colours" else blind)
    monkeypatch.setattr(sys, "argv", ["choose.py", "colours", "blind", "--config", str(path), "--drawn", "4"])
    choose.main()
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "colours; Open Images 2 of 3; held out 2 of 3; drawn 0 of 4",  # REDI is RED1 where I counts as 1
        "blind; Open Images 0 of 3; held out 0 of 3; drawn 0 of 4",
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
