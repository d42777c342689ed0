"""What may choose between readers is counted, on labelled, held-out and drawn plates."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from coloured import crops, read_colours
from lprkit import data
from lprkit.core.types import Image, Reading

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
