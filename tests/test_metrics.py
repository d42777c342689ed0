"""Figures that can be worked out by hand, and what must hold for any lines."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, quad_of
from lprkit.core.lookup import resolve
from lprkit.core.types import Detection, Plate, Reading, Sample, Scored, Sighting
from lprkit.evaluate import METRICS, report
from lprkit.evaluate.collect import collect_measured
from lprkit.evaluate.detection import Framed, average_precision, match, report_detection
from lprkit.evaluate.interval import wilson
from lprkit.evaluate.measure import any_reading, detect, end_to_end, false_alarms, read_crops, show_crops
from lprkit.evaluate.metrics import edits, merged

LINES = [
    Scored("AB12", "AB12", 0.9),
    Scored("AB12", "A812", 0.8),  # one wrong letter
    Scored("0I23", "O123", 0.7),  # right when O/0 and I/1 count as one
    Scored("XY789", "XY7", 0.6),  # two missing
    Scored("ZZ1", "", found=False),
]

LETTERS = st.text(alphabet="AB01IO", max_size=6)
SCORED = st.builds(Scored, LETTERS, LETTERS, st.floats(0, 1), st.booleans())

IMAGE = np.zeros((60, 100, 3), np.uint8)
HERE, THERE = quad_of(Box(10, 10, 30, 10)), quad_of(Box(60, 30, 20, 20))


def test_figures_by_hand() -> None:
    figures = report(LINES)
    assert (figures.n, figures.plates) == (5, 4)
    expected = {
        "exact": 1 / 5,
        "exact_merged": 2 / 5,
        "exact_per_plate": (0.5 + 0 + 0 + 0) / 4,
        "exact_merged_per_plate": (0.5 + 1 + 0 + 0) / 4,
        "exact_without_province": 1 / 5,
        "cer": (0 + 1 + 2 + 2 + 3) / (4 + 4 + 4 + 5 + 3),
        "within_one": 2 / 5,
        "similarity": (1 + 3 / 4 + 2 / 4 + 3 / 5 + 0) / 5,
        "wrong_length": 1 / 5,
        "wrong_characters": 2 / 5,
        "not_found": 1 / 5,
        "mean_score": 3.0 / 4,
        "calibration_error": (0.1 + 0.8 + 0.7 + 0.6) / 4,
        "coverage_at_99": 1 / 5,
        "coverage_at_999": 1 / 5,
    }
    assert dict(figures.values) == pytest.approx(expected)
    assert (figures.exact, figures.exact_merged) == (pytest.approx(0.2), pytest.approx(0.4))


def test_report_as_json() -> None:
    raw = json.loads(report(LINES).to_json())
    assert set(raw) >= {"n", "plates", *METRICS, "exact_95", "exact_merged_95", "within_one_95"}
    assert raw["exact_95"][0] < raw["exact"] < raw["exact_95"][1]


def test_no_lines_are_told() -> None:
    with pytest.raises(DataError, match="no plate with a known text"):
        report([])


def test_texts_are_compared_without_case_and_separators() -> None:
    assert report([Scored("AB·12 cd", "ab-12CD")]).exact == 1
    assert merged("io-皖") == "10皖"


@pytest.mark.parametrize("name", METRICS)
@given(lines=st.lists(SCORED, min_size=1, max_size=8))
def test_every_metric_is_a_number_of_lines_in_any_order(name: str, lines: list[Scored]) -> None:
    metric = resolve(METRICS, name, "metric")
    assert callable(metric)
    value = metric(lines)
    assert math.isfinite(value) and value >= 0
    assert value == pytest.approx(metric(lines[::-1]))
    assert name == "cer" or value <= 1 + 1e-9


@given(lines=st.lists(SCORED, min_size=1, max_size=8))
def test_strict_is_never_above_merged_nor_the_parts_above_the_whole(lines: list[Scored]) -> None:
    values = report(lines).values
    assert values["exact"] <= values["exact_merged"]
    assert values["exact"] <= values["within_one"]
    parts = values["exact"] + values["wrong_length"] + values["wrong_characters"] + values["not_found"]
    assert parts == pytest.approx(1)


@given(LETTERS, LETTERS, LETTERS)
def test_edits_are_a_distance(a: str, b: str, c: str) -> None:
    assert edits(a, a) == 0
    assert edits(a, b) == edits(b, a) <= max(len(a), len(b))
    assert (edits(a, b) == 0) == (a == b)
    assert edits(a, c) <= edits(a, b) + edits(b, c)


@pytest.mark.parametrize(
    ("truth", "read", "right"),
    [
        ("皖A12345", "沪A12345", True),
        ("<Anhui>A12345", "<police>A12345", True),
        ("서울12가3456", "부산12가3456", True),
        ("12가3456", "12나3456", False),
        ("皖A12345", "皖A12346", False),
        ("AB123", "CB123", False),
    ],
)
def test_any_province_counts(truth: str, read: str, right: bool) -> None:
    assert report([Scored(truth, read)]).values["exact_without_province"] == right


def test_coverage_takes_equal_scores_together() -> None:
    right, wrong = Scored("A", "A", 0.9), Scored("A", "B", 0.9)
    assert report([right, wrong]).values["coverage_at_99"] == 0
    assert report([right] * 199 + [wrong]).values["coverage_at_99"] == 1


def test_coverage_never_accepts_a_plate_in_which_nothing_is_read() -> None:
    lines = [Scored("A", "", 0.99), *[Scored("A", "A", 0.9)] * 9]
    assert report(lines).values["coverage_at_99"] == 0.9


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (84, 100, 0.7558, 0.8990)],
)
def test_wilson_interval(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0, 1)


def test_one_detection_finds_one_plate_best_scored_first() -> None:
    good, better = found_at(HERE, 0.6), found_at(quad_of(Box(11, 10, 30, 10)), 0.9)
    assert match([HERE, THERE], [good, better]) == {0: 1}
    figures = report_detection([Framed((HERE, THERE), (good, better)), Framed((), ()), Framed((), (good,))])
    assert (figures.frames, figures.plates, figures.detections) == (3, 2, 3)
    assert (figures.recall, figures.precision) == (1 / 2, 1 / 3)
    assert figures.mean_iou == pytest.approx(290 / 310)
    assert figures.frames_with_alarm == 2
    assert figures.recall_70 == 1 / 2
    assert figures.average_precision == pytest.approx(1 / 2)


def test_average_precision_by_hand() -> None:
    """Right 0.9, wrong 0.8, right 0.3 of three plates: (1 + 2/3 + 0) / 3; at the threshold only the first two count."""
    corner = quad_of(Box(0, 40, 20, 10))
    things = (found_at(HERE, 0.9), found_at(corner, 0.8), found_at(THERE, 0.3))
    frames = [Framed((HERE, THERE), things), Framed((HERE,), ())]
    figures = report_detection(frames, least=0.5)
    assert figures.average_precision == pytest.approx((1 + 2 / 3) / 3)
    assert (figures.recall, figures.precision, figures.detections) == (1 / 3, 1 / 2, 2)
    loose = report_detection([Framed((HERE,), (found_at(quad_of(Box(10, 10, 30, 6)), 0.9),))])
    assert (loose.average_precision, loose.average_precision_70) == (1, 0)
    assert (loose.recall, loose.recall_70) == (1, 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=12), st.integers(0, 5))
def test_average_precision_is_a_share_and_all_right_is_1(judged: list[tuple[float, bool]], missed: int) -> None:
    frames = [Framed((HERE,) if right else (), (found_at(HERE, score),)) for score, right in judged]
    frames += [Framed((HERE,), ())] * missed
    value = average_precision(frames)
    rights = sum(right for _, right in judged)
    if rights + missed == 0:
        assert value is None
    else:
        assert value is not None and 0 <= value <= rights / (rights + missed) + 1e-9
        assert value == 1 or missed or len(judged) > rights


def test_detection_without_plates_or_detections_has_no_share() -> None:
    figures = report_detection([Framed((), ())])
    assert figures.recall is None and figures.precision is None and figures.mean_iou is None
    assert json.loads(json.dumps(figures.as_dict()))["recall"] is None


def test_crops_are_read_whole_and_frames_by_their_true_boxes() -> None:
    shapes = []

    def reader(images: list[np.ndarray]) -> list[Reading]:
        shapes.extend(image.shape for image in images)
        return [Reading("AB12", 0.5)] * len(images)

    samples = [
        Sample((Plate("AB12", region="de"),), "crop", IMAGE, whole=True),
        Sample((Plate("", HERE), Plate("CD34", THERE), Plate("CD34"), Plate(quad=HERE, label="car")), "frame", IMAGE),
    ]
    lines = list(read_crops(samples, reader))
    assert [(line.truth, line.text, line.source, line.country) for line in lines] == [
        ("AB12", "AB12", "crop", "de"),
        ("CD34", "AB12", "frame", ""),
    ]
    assert shapes == [(60, 100, 3), (22, 21, 3)]  # 20 px, 3 % and 6 % of them added on every side


def test_detection_looks_only_at_frames_whose_plates_are_all_known() -> None:
    samples = [
        Sample((Plate(quad=HERE),), "frame", IMAGE),
        Sample((Plate("AB12"),), "unplaced", IMAGE, labelled=()),
        Sample((Plate("AB12"),), "crop", IMAGE, whole=True),
    ]
    things = [found_at(HERE, 0.9), Detection(THERE, "car", 0.8)]
    (frame,) = detect(samples, lambda images: [things for _ in images])
    assert frame == Framed((HERE,), (things[0],), "frame")
    both = Sample((Plate(quad=HERE), Plate(quad=THERE, label="car")), "", IMAGE, labelled=("license_plate", "car"))
    found = detect([both, samples[0]], lambda images: [things for _ in images], ("license_plate", "car"))
    assert [(one.label, one.truth) for one in found] == [
        ("license_plate", (HERE,)),
        ("car", (THERE,)),
        ("license_plate", (HERE,)),
    ]


def test_end_to_end_needs_the_text_at_its_place() -> None:
    samples = [Sample((Plate("AB12", HERE), Plate("CD34", THERE), Plate("", HERE)), "frame", IMAGE)]
    lines = [shown.scored for shown in end_to_end(samples, lambda image: [seen(HERE, "AB12"), seen(HERE, "CD34", 0.2)])]
    assert [(line.truth, line.text, line.found) for line in lines] == [("AB12", "AB12", True), ("CD34", "", False)]


def test_a_plate_without_a_place_is_compared_with_the_nearest_reading() -> None:
    samples = [Sample((Plate("AB10"),), "photo", IMAGE, labelled=())]
    (shown,) = any_reading(samples, lambda image: [seen(HERE, "XY99"), seen(THERE, "AB1O")])
    assert shown.scored.text == "AB1O"
    (shown,) = any_reading(samples, lambda image: [])
    assert not shown.scored.found


def test_every_reading_of_an_empty_frame_is_an_alarm() -> None:
    samples = [Sample((), "road", IMAGE), Sample((Plate("AB12", HERE),), "frame", IMAGE)]
    (alarm,) = false_alarms(samples, lambda image: [seen(HERE, "X"), seen(THERE, "Y", 0.9)])
    assert (alarm.scored.truth, alarm.scored.text) == ("", "Y")
    quiet = [shown.scored for shown in false_alarms(samples, lambda image: [])]
    assert report(quiet).exact == 1


def test_collected_figures_and_the_most_confident_mistakes() -> None:
    samples = [
        Sample((Plate("A1", region=code),), f"{n}", IMAGE, whole=True) for n, code in enumerate(["de", "fr", "de"])
    ]
    readings = [Reading("A1", 0.9), Reading("A2", 0.3), Reading("A3", 0.8)]
    measured = collect_measured("mine", show_crops(samples, lambda images, quads: readings))
    assert measured.report.exact == pytest.approx(1 / 3)
    assert {code: one.exact for code, one in measured.slices["country"].items()} == {"de": 0.5, "fr": 0}
    assert [shown.scored.text for shown in measured.failures] == ["A3", "A2"]


def found_at(quad: object, score: float) -> Detection:
    return Detection(quad, "license_plate", score)


def seen(quad: object, text: str, score: float = 0.5) -> Sighting:
    return Sighting(0, 0.0, found_at(quad, score), Reading(text, score))
