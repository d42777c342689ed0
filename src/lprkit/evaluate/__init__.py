"""Truth against readings: the figures, and the pictures of what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from lprkit.core.errors import DataError
from lprkit.core.lookup import resolve
from lprkit.core.types import Scored
from lprkit.evaluate.interval import Interval, wilson

__all__ = ["METRICS", "Interval", "Report", "report"]

METRICS: Mapping[str, str] = {
    "exact": "lprkit.evaluate.metrics:exact",
    "exact_merged": "lprkit.evaluate.metrics:exact_merged",
    "exact_per_plate": "lprkit.evaluate.metrics:exact_per_plate",
    "exact_merged_per_plate": "lprkit.evaluate.metrics:exact_merged_per_plate",
    "exact_without_province": "lprkit.evaluate.metrics:exact_without_province",
    "cer": "lprkit.evaluate.metrics:cer",
    "within_one": "lprkit.evaluate.metrics:within_one",
    "similarity": "lprkit.evaluate.metrics:similarity",
    "wrong_length": "lprkit.evaluate.metrics:wrong_length",
    "wrong_characters": "lprkit.evaluate.metrics:wrong_characters",
    "not_found": "lprkit.evaluate.metrics:not_found",
    "mean_score": "lprkit.evaluate.metrics:mean_score",
    "calibration_error": "lprkit.evaluate.metrics:calibration_error",
    "coverage_at_99": "lprkit.evaluate.metrics:coverage_at_99",
    "coverage_at_999": "lprkit.evaluate.metrics:coverage_at_999",
}
"""Name -> "module:object", a function from scored lines to a number each."""

SHARES = ("exact", "exact_merged", "within_one")
"""Metrics that are a share of the lines: these get an interval."""


@dataclass(frozen=True)
class Report:
    """Every metric over one set."""

    n: int
    """Lines."""
    plates: int
    """Different truths: a plate that was photographed often counts once."""
    values: Mapping[str, float]
    """By the name in METRICS; shares from 0 to 1."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    """95 % Wilson intervals of the shares."""

    @property
    def exact(self) -> float:
        """Share of the lines that are read without any mistake."""
        return self.values["exact"]

    @property
    def exact_merged(self) -> float:
        """The same where O counts as 0 and I as 1."""
        return self.values["exact_merged"]

    def as_dict(self) -> dict[str, object]:
        """n, plates, every metric, and NAME_95 = [low, high] for the shares."""
        shown: dict[str, object] = {"n": self.n, "plates": self.plates}
        for name, value in self.values.items():
            shown[name] = round(value, 4)
            if name in self.intervals:
                shown[f"{name}_95"] = [round(bound, 4) for bound in self.intervals[name]]
        return shown

    def to_json(self) -> str:
        """`as_dict` as one JSON object."""
        return json.dumps(self.as_dict())


def report(scored: Sequence[Scored]) -> Report:
    """Every metric over these lines; a DataError when there is none."""
    if not scored:
        raise DataError("There is no plate with a known text to measure on. Check the labels.")
    values = {name: _metric(name)(scored) for name in METRICS}
    intervals = {name: wilson(values[name] * len(scored), len(scored)) for name in SHARES}
    return Report(len(scored), len({line.truth for line in scored}), values, intervals)


def _metric(name: str) -> Callable[[Sequence[Scored]], float]:
    return cast("Callable[[Sequence[Scored]], float]", resolve(METRICS, name, "metric"))
