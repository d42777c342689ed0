"""Benchmarks rewrite their own part of a page and no other; crops are drawn 48 px high; plates are learnt by heart."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lprkit.synth.generate import CropPlan

ROOT = Path(__file__).parent.parent


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    names = ("synth", "performance", "notebook", "overfit", "published")
    yield importlib.import_module("synth")
    for name in names:
        sys.modules.pop(name, None)


def test_a_part_is_rewritten_and_nothing_else(module: ModuleType, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# Speed\n<!-- drawing -->\nold\n<!-- end -->\n<!-- training -->\nkept\n<!-- end -->\n")
    rate = module.Rate("crops", [100.0, 300.0, 200.0])
    module.write("drawing", module.table([rate], module.Rate("base", [50.0])), page)
    text = page.read_text()
    assert "| crops | 200 | 100–300 | 4× |" in text
    assert "old" not in text
    assert text.endswith("<!-- training -->\nkept\n<!-- end -->\n")
    with pytest.raises(ValueError, match="no part between <!-- drawn -->"):
        module.write("drawn", "", page)


def test_the_page_has_the_parts_that_benchmarks_write(module: ModuleType):
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert "<!-- drawing -->" in text
    assert "<!-- training -->" in text
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert "<!-- overfit -->" in text
    assert "<!-- trained -->" in text


def test_what_is_measured_is_48_px_high_and_depends_on_its_number_only(module: ModuleType):
    for make in (module.baseline_at, lambda n: module.finished_at(n, CropPlan(regions=("de",)))):
        first, again = make(3).image, make(3).image
        assert first.shape[0] == 48
        assert np.array_equal(first, again)
        assert not np.array_equal(first, make(4).image)


@pytest.fixture
def overfit(module: ModuleType) -> ModuleType:
    pytest.importorskip("lightning")
    return importlib.import_module("overfit")


def test_rows_of_other_networks_stay(overfit: ModuleType, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("<!-- overfit -->\n<!-- end -->\n")
    overfit.write([overfit.Learnt("b", 10, 1.0, 60), overfit.Learnt("c", 20, 2.0, 64)], page)
    overfit.write([overfit.Learnt("b", 1200, 3.0, 64), overfit.Learnt("a", 5, 4.0, 64)], page)
    rows = [line for line in page.read_text().splitlines() if line.startswith("|")]
    assert rows[2:] == ["| a | 5 | 80 | 4 | 64 |", "| b | 1,200 | 19,200 | 3 | 64 |", "| c | 20 | 320 | 2 | 64 |"]


SMALL = """name = "small"
model = "hailo-lprnet"
steps = 1
batch = 2
accelerator = "cpu"
validation = 2
[drawn]
count = 2
regions = ["il"]
first = 2
preset = "hailo-digits"
workers = 1
[network]
shrink = 32
"""


def test_a_model_is_measured_on_plates_like_those_of_its_training(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("torch")
    published, settings_of = importlib.import_module("published"), importlib.import_module("overfit").config.load
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    command = [sys.executable, "-X", "faulthandler", "-c", "from lprkit.cli.main import main; main()"]
    done = subprocess.run(
        [*command, "train", str(path), "--out", str(tmp_path / "run")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    settings = settings_of(published.Settings, path)
    again = published.replace(settings, seed=settings.seed + 1)  # what validated it
    monkeypatch.setattr("sys.argv", ["published.py", str(tmp_path / "run"), "--count", "5", "--report", str(tmp_path)])
    published.main()
    assert (tmp_path / "small shrink=32" / "index.html").is_file()
    one = published.opened(str(tmp_path / "run"))
    drawn = list(published.held_out(settings, 5))
    assert not any(np.array_equal(a.image, b.image) for a, b in zip(drawn, published.held_out(again, 5), strict=True))
    assert published.same(one, drawn) == "5 of 5"
    assert published.row_of(one, 0.5, published.read(one, "drawn", drawn), "").startswith(
        "| small shrink=32 | 1 steps of 2 | "
    )


def test_every_preset_can_drop_nothing(overfit: ModuleType):
    torch = importlib.import_module("torch")
    assert len(overfit.presets()) >= 8
    for name in overfit.presets():
        settings = overfit.by_heart(overfit.config.load(overfit.Settings, ROOT / "configs" / f"{name}.toml"))
        with torch.device("meta"):
            network = importlib.import_module("lprkit.models").build(settings.model, 11, settings.network)
        assert all(one.p == 0 for one in network.modules() if isinstance(one, torch.nn.Dropout)), name


def test_plates_are_learnt_by_heart(overfit: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(overfit, "PLATES", 8)
    monkeypatch.setattr(overfit, "BATCH", 4)
    settings = overfit.config.build(
        overfit.Settings,
        {
            "name": "small",
            "model": "reader",
            "steps": 1000,
            "batch": 4,
            "drawn": {"count": 8, "regions": ["il"]},
            "network": {"height": 24, "width": 96, "widths": [16, 24, 32, 32]},
            "accelerator": "cpu",
        },
        "settings",
    )
    learnt = overfit.memorised(settings, 300, tmp_path)
    assert learnt.exact == 8
    assert learnt.steps < 300
