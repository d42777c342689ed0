"""Letters that are confused, ways of being sure, slices, patterns, and two models over the same plates."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit import plates
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Plate, Reading, Sample, Scored
from lprkit.decode.confidence import CONFIDENCES, published
from lprkit.decode.ctc import greedy, log_probability
from lprkit.evaluate.collect import collect_measured
from lprkit.evaluate.compare import collect_compared, mcnemar
from lprkit.evaluate.confidence import confidences, reliability
from lprkit.evaluate.confusion import aligned, confusions, positions
from lprkit.evaluate.drawing import reliability_svg
from lprkit.evaluate.judge import Judged, judge_of
from lprkit.evaluate.measure import Shown, cutting, show_crops
from lprkit.evaluate.metrics import edits
from lprkit.evaluate.patterns import Patterns
from lprkit.evaluate.slices import order, slices_of
from lprkit.runtime import Runner

LETTERS = st.text(alphabet="AB01", max_size=6)
IMAGE = np.zeros((60, 100, 3), np.uint8)


@given(LETTERS, LETTERS)
def test_aligned_letters_are_both_texts_in_the_fewest_edits(truth: str, read: str) -> None:
    pairs = aligned(truth, read)
    assert "".join(a for a, _ in pairs) == truth
    assert "".join(b for _, b in pairs) == read
    assert sum(a != b for a, b in pairs) == edits(truth, read)


def test_confusions_and_positions_by_hand() -> None:
    lines = [Scored("AB12", "A812"), Scored("AB12", "AB1"), Scored("B1", "B12"), Scored("AB12", "", found=False)]
    assert confusions(lines) == Counter({("B", "8"): 1, ("2", ""): 1, ("", "2"): 1})
    assert [(place.n, place.right) for place in positions(lines)] == [(3, 3), (3, 2), (2, 2), (2, 1)]
    assert confusions([Scored("<police>1", "<army>1")]) == Counter({("<police>", "<army>"): 1})


def scores_of(*steps: tuple[float, float, float]) -> np.ndarray:
    """Scores of A, B and blank, from probabilities."""
    return np.log(np.array(steps, np.float32))


def test_published_confidences_by_hand() -> None:
    """Greedy A, A (the same run), blank, B: the letters' probabilities are those of the first steps, 0.6 and 0.7."""
    scores = scores_of((0.6, 0.1, 0.3), (0.9, 0.05, 0.05), (0.1, 0.1, 0.8), (0.1, 0.7, 0.2))
    found = published(scores)
    assert set(found) == set(CONFIDENCES)
    assert found["mean"] == pytest.approx(0.65)
    assert found["product"] == pytest.approx(0.42)
    assert found["path"] == pytest.approx(0.6 * 0.9 * 0.8 * 0.7)
    assert found["exact"] == pytest.approx(np.exp(log_probability(scores, (0, 1))))
    nothing = published(scores_of((0.1, 0.1, 0.8), (0.1, 0.1, 0.8)))
    assert (nothing["mean"], nothing["product"]) == (0, 0)
    assert nothing["path"] == nothing["exact"] == pytest.approx(0.64)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_confidences_of_any_scores_are_shares_in_their_order(seed: int, steps: int) -> None:
    raw = np.random.default_rng(seed).normal(0, 2, (steps, 4))
    scores = (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)
    found = published(scores)
    assert all(0 <= value <= 1 for value in found.values())
    assert found["product"] <= found["mean"] + 1e-9
    assert found["path"] <= found["exact"] + 1e-6  # one alignment is never more than all
    assert found["exact"] == pytest.approx(np.exp(log_probability(scores, greedy(scores[None])[0].classes)), abs=1e-6)


def test_judged_readings_reach_the_figures() -> None:
    card = ModelCard("tiny", "read", InputSpec(8, 8), ("A", "B"))
    scores = scores_of((0.6, 0.1, 0.3), (0.1, 0.1, 0.8), (0.1, 0.7, 0.2))
    reader = judge_of(Runner(card, lambda batch: np.stack([scores] * len(batch)), "onnx"))
    (reading,) = reader([IMAGE])
    assert isinstance(reading, Judged) and reading.text == "AB"
    sample = Sample((Plate("AB"),), "crop", IMAGE, whole=True)
    (shown,) = show_crops([sample], cutting(reader))
    assert shown.scored.confidences == reading.confidences
    worth = confidences([shown.scored])
    assert list(worth) == ["score", *CONFIDENCES]
    assert worth["mean"].calibration_error == pytest.approx(0.35)


def test_reliability_by_hand() -> None:
    lines = [Scored("A", "A", 0.95), Scored("A", "B", 0.93), Scored("A", "A", 0.31), Scored("A", "", 0.0, found=False)]
    low, high = reliability(lines)
    assert (low.score, low.right, low.n) == (0.31, 1, 1)
    assert (high.score, high.right, high.n) == (pytest.approx(0.94), 0.5, 2)
    assert reliability_svg([low, high]).count("<circle") == 2
    assert "<svg" in reliability_svg([])


@pytest.mark.parametrize(
    ("height", "name"), [(8, "<16 px"), (16, "16-23 px"), (31, "24-31 px"), (63, "48-63 px"), (64, "≥64 px")]
)
def test_slices_by_height_of_crop_and_box(height: int, name: str) -> None:
    crop = np.zeros((height, 50, 3), np.uint8)
    assert slices_of(crop, Plate("A"))["height"] == name
    assert slices_of(IMAGE, Plate("A", quad_of(Box(5, 0, 20, height))))["height"] == name or height > len(IMAGE)


def test_slices_by_rows_and_blur() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 80, 3), dtype=np.uint8)
    sharp, flat = slices_of(noise, Plate("A", rows=2)), slices_of(IMAGE, Plate("A"))
    assert (sharp["rows"], flat["rows"]) == ("2", "unknown")
    assert (sharp["blur"], flat["blur"]) == ("sharpness ≥2000", "sharpness <100")
    assert slices_of(IMAGE, Plate("A", quad_of(Box(200, 200, 9, 9))))["blur"] == "sharpness <100"  # outside
    names = ["≥64 px", "16-23 px", "<16 px", "48-63 px"]
    assert sorted(names, key=order) == ["<16 px", "16-23 px", "48-63 px", "≥64 px"]


def shown(truth: str, text: str, **more: object) -> Shown:
    return Shown(Scored(truth, text, 0.5, source=truth, **more), IMAGE)


def test_slices_are_told_where_there_are_several() -> None:
    lines = [shown("A", "A", slices={"rows": "1"}), shown("B", "A", slices={"rows": "2"}, country="de")]
    measured = collect_measured("x", lines)
    assert {kind: {name: one.exact for name, one in some.items()} for kind, some in measured.slices.items()} == {
        "country": {"de": 0, "unknown": 1},
        "rows": {"1": 1, "2": 0},
    }
    assert set(measured.as_dict()) >= {"by_country", "by_rows"}
    assert collect_measured("x", lines[:1]).slices == {}


def test_patterns_on_the_truth_leave_plates_out_and_on_readings_refuse_them() -> None:
    """Seven or eight digits are an Israeli plate."""
    lines = [shown("1234567", "1234567"), shown("AB12", "1234567"), shown("7654321", "765432I")]
    region = plates.region("il")
    on_truth = collect_measured("x", lines, patterns=Patterns(region, "truth"))
    assert (on_truth.report.n, on_truth.left_out, on_truth.report.exact) == (2, 1, 0.5)
    on_readings = collect_measured("x", lines, patterns=Patterns(region))
    assert (on_readings.report.n, on_readings.left_out) == (3, 0)
    assert on_readings.report.values["not_found"] == pytest.approx(1 / 3)
    assert on_readings.as_dict()["patterns"] == {"region": "il", "on": "prediction", "left_out": 0}


def test_two_models_over_the_same_plates() -> None:
    truths = ["A1", "B2", "C3", "D4"]
    first = [shown(truth, text) for truth, text in zip(truths, ["A1", "B2", "X", "D4"], strict=True)]
    second = [shown(truth, text) for truth, text in zip(truths, ["A1", "B7", "Y", "D4"], strict=True)]
    compared = collect_compared("x", first, second)
    assert [(one.first.truth, one.right) for one in compared.differences] == [("B2", "first"), ("C3", "neither")]
    assert (compared.first.report.exact, compared.second.report.exact) == (0.75, 0.5)
    assert compared.p_value == 1


@pytest.mark.parametrize(("first", "second", "p"), [(0, 0, 1.0), (0, 5, 2 / 32), (3, 3, 1.0), (1, 8, 20 / 512)])
def test_mcnemar_by_hand(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == mcnemar(second, first) == pytest.approx(p)


def test_a_reading_without_confidences_has_ours_alone() -> None:
    (line,) = show_crops([Sample((Plate("A"),), "", IMAGE, whole=True)], lambda images, quads: [Reading("A", 0.5)])
    assert list(confidences([line.scored])) == ["score"]
