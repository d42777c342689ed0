"""Calibration: scores mean the share that is right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.card import Calibration
from lprkit.decode.calibrate import apply, expected_calibration_error, fit, logit


def drawn(slope: float, offset: float, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """log P of readings, and which are right when the truth is sigmoid(slope * logit + offset)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(1.5, 2.5, count)
    right = rng.random(count) < 1 / (1 + np.exp(-(slope * z + offset)))
    return -np.logaddexp(0, -z), right


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -1.0), (1.6, 0.7)])
def test_fit_finds_the_truth(slope: float, offset: float) -> None:
    found = fit(*drawn(slope, offset, 20_000))
    assert (found.slope, found.offset) == (pytest.approx(slope, abs=0.06), pytest.approx(offset, abs=0.1))


def test_fit_makes_scores_honest() -> None:
    log_p, right = drawn(0.5, -1.0, 20_000)
    unseen_p, unseen_right = drawn(0.5, -1.0, 20_000, seed=1)
    calibration = fit(log_p, right)
    before = expected_calibration_error(np.exp(unseen_p), unseen_right)
    after = expected_calibration_error([apply(calibration, one) for one in unseen_p], unseen_right)
    assert before > 0.15
    assert after < 0.025


@given(st.lists(st.tuples(st.floats(-900, 0), st.booleans()), max_size=30))
def test_fit_holds_for_any_readings(readings: list[tuple[float, bool]]) -> None:
    found = fit([p for p, _ in readings], [right for _, right in readings])
    assert 0 <= found.slope < 100
    assert abs(found.offset) < 100
    scores = [apply(found, p) for p in sorted(p for p, _ in readings)]
    assert scores == sorted(scores)


def test_without_readings_nothing_changes() -> None:
    assert fit([], []) == Calibration()


def test_impossible_readings_count_for_nothing() -> None:
    assert fit([-np.inf], [False]) == Calibration()


@given(st.floats(-600, 0))
def test_identity_gives_p_itself(log_p: float) -> None:
    assert apply(Calibration(), log_p) == pytest.approx(np.exp(log_p), abs=2e-6)


def test_the_ends() -> None:
    assert apply(Calibration(), -np.inf) == 0.0
    assert 0.999998 < apply(Calibration(), 0.0) < 1
    assert logit(np.log(0.5)) == pytest.approx(0.0)
    assert 0.0 <= apply(Calibration(3.0, -5.0), -700.0) < 1e-6


def test_error_is_the_gap_between_score_and_share() -> None:
    assert expected_calibration_error([], []) == 0.0
    assert expected_calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert expected_calibration_error([1.0, 1.0, 0.0, 0.0], [True, False, False, False]) == pytest.approx(0.25)
