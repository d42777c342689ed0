"""How long things take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lprkit.runtime import Runner


@dataclass(frozen=True)
class Timing:
    """Milliseconds a call over `calls` calls."""

    median_ms: float
    p95_ms: float
    calls: int


def timing(seconds: list[float]) -> Timing:
    """The middle and the slow end of measured seconds."""
    ms = np.asarray(seconds) * 1000
    return Timing(float(np.median(ms)), float(np.percentile(ms, 95)), len(ms))


def time_call(call: Callable[[], object], seconds: float = 2.0, least: int = 10) -> Timing:
    """How long one call takes, measured for about `seconds` after three calls that warm up."""
    for _ in range(3):
        call()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < least or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return timing(taken)


def time_model(runner: Runner, batch: int, seconds: float = 2.0) -> Timing:
    """How long a model takes for `batch` inputs, the network alone."""
    spec = runner.card.input
    noise = np.random.default_rng(0).standard_normal((batch, spec.depth, spec.height, spec.width), np.float32)
    return time_call(lambda: runner.run(noise), seconds)
