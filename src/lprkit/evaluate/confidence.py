"""Do scores mean what they say, and which way of saying how sure a reading is tells right from wrong best?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lprkit.core.types import Scored
from lprkit.evaluate.metrics import (
    BINS,
    bin_of,
    calibration_error,
    coverage_at_99,
    coverage_at_999,
    is_exact,
    mean_score,
)

OURS = "score"
"""The name that the calibrated score goes by, beside those of `decode.confidence`."""


@dataclass(frozen=True)
class Bin:
    """The readings whose scores lie in one range."""

    score: float
    """Their mean score, 0-1."""
    right: float
    """Share of them that is right."""
    n: int


@dataclass(frozen=True)
class Confidence:
    """What one way of being sure is worth."""

    mean: float
    calibration_error: float
    coverage_at_99: float
    coverage_at_999: float


def reliability(scored: Sequence[Scored]) -> list[Bin]:
    """The bins of the score that hold any reading, lowest first."""
    bins: list[list[Scored]] = [[] for _ in range(BINS)]
    for line in scored:
        if line.found:
            bins[bin_of(line.score)].append(line)
    return [Bin(mean_score(lines), sum(map(is_exact, lines)) / len(lines), len(lines)) for lines in bins if lines]


def confidences(scored: Sequence[Scored]) -> Mapping[str, Confidence]:
    """Ours, and the published ones where the lines have them."""
    names = scored[0].confidences if scored else {}
    ways = {OURS: scored, **{name: [_by(line, name) for line in scored] for name in names}}
    return {name: _worth(lines) for name, lines in ways.items()}


def _by(line: Scored, name: str) -> Scored:
    return replace(line, score=line.confidences[name])


def _worth(lines: Sequence[Scored]) -> Confidence:
    return Confidence(mean_score(lines), calibration_error(lines), coverage_at_99(lines), coverage_at_999(lines))
