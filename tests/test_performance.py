"""The page of speed: a benchmark rewrites its own part and no other; what the drawing benchmark times is 48 px high."""

import importlib
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
    names = ("synth", "performance", "notebook")
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


def test_what_is_measured_is_48_px_high_and_depends_on_its_number_only(module: ModuleType):
    for make in (module.baseline_at, lambda n: module.finished_at(n, CropPlan(regions=("de",)))):
        first, again = make(3).image, make(3).image
        assert first.shape[0] == 48
        assert np.array_equal(first, again)
        assert not np.array_equal(first, make(4).image)
