"""From the probability that a network gives to the share of readings that are right (Platt 1999)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lprkit.core.card import Calibration

_SUREST = -1e-6
"""log P above this is rounding: float32 scores of 64 steps are no finer."""
_PRIOR = 1.0
"""How hard a fit is held to slope 1, offset 0, in readings: with few of them it must not leave the identity."""
_IDENTITY = np.array([1.0, 0.0])


def fit(log_p: ArrayLike, correct: ArrayLike) -> Calibration:
    """The calibration under which these readings, each by its log P(text | image) and right or wrong, are likeliest."""
    x, y = logit(log_p), np.asarray(correct, dtype=np.float64)
    assert x.ndim == 1 and x.shape == y.shape, (x.shape, y.shape)
    design = np.stack([x[np.isfinite(x)], np.ones(np.isfinite(x).sum())])  # 2, N
    at = _IDENTITY
    for _ in range(50):
        step = _newton(design, y[np.isfinite(x)], at)
        if np.abs(step).max() < 1e-9:
            break
        at = at + step
    return Calibration(slope=max(0.0, float(at[0])), offset=float(at[1]))


def apply(calibration: Calibration, log_p: float) -> float:
    """The calibrated probability, 0-1, that a text of this log P(text | image) is right."""
    if log_p == -np.inf:
        return 0.0
    return float(_sigmoid(calibration.slope * logit(log_p) + calibration.offset))


def logit(log_p: ArrayLike) -> NDArray[np.float64]:
    """log(P / (1 - P)) of log P."""
    bounded = np.minimum(np.asarray(log_p, dtype=np.float64), _SUREST)
    return np.asarray(bounded - np.log(-np.expm1(bounded)))


def expected_calibration_error(scores: ArrayLike, correct: ArrayLike, bins: int = 15) -> float:
    """The mean distance between score and share right over `bins` equal ranges of the score (Guo et al. 2017)."""
    p, y = np.asarray(scores, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if not p.size:
        return 0.0
    place = np.minimum((p * bins).astype(int), bins - 1)
    return float(np.abs(np.bincount(place, p - y, bins)).sum() / p.size)


def _newton(design: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Newton step from `at`, halved until it goes down."""
    p = _sigmoid(at @ design)
    gradient = design @ (p - y) + _PRIOR * (at - _IDENTITY)
    step = -np.linalg.solve((design * p * (1 - p)) @ design.T + _PRIOR * np.eye(2), gradient)
    here = _loss(design, y, at)
    for _ in range(30):
        if _loss(design, y, at + step) <= here:
            return np.asarray(step)
        step = step / 2
    return np.zeros(2)


def _loss(design: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]) -> float:
    z = at @ design
    return float((np.logaddexp(0.0, z) - y * z).sum() + _PRIOR / 2 * ((at - _IDENTITY) ** 2).sum())


def _sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 + 0.5 * np.tanh(z / 2))  # of any z without overflow
