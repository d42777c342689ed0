"""All lines of one set, its figures, and its worst mistakes with their pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lprkit.core.types import Scored
from lprkit.evaluate import Report, report
from lprkit.evaluate.measure import Shown
from lprkit.evaluate.metrics import is_exact

KEEP = 200
"""Mistakes of which the picture is kept."""


@dataclass(frozen=True)
class Measured:
    """What came out for one set."""

    name: str
    report: Report
    by_country: Mapping[str, Report] = field(default_factory=dict)
    """Empty when there is only one; "" holds the plates whose country is unknown."""
    failures: tuple[Shown, ...] = ()
    """The most confident mistakes first, at most KEEP."""

    def as_dict(self) -> dict[str, object]:
        """The set's name and figures, and those of its countries."""
        figures = {"set": self.name, **self.report.as_dict()}
        if self.by_country:
            figures["by_country"] = {code or "unknown": one.as_dict() for code, one in self.by_country.items()}
        return figures


def collect_measured(name: str, shown: Iterable[Shown], is_right: Callable[[Scored], bool] = is_exact) -> Measured:
    """The figures over all these lines; pictures are kept of those that are not right."""
    lines: list[Scored] = []
    failures: list[Shown] = []
    for one in shown:
        lines.append(one.scored)
        if not is_right(one.scored):
            failures.append(one)
        if len(failures) > 2 * KEEP:
            failures = _worst(failures)
    return Measured(name, report(lines), _by_country(lines), tuple(_worst(failures)))


def _worst(failures: Sequence[Shown]) -> list[Shown]:
    return sorted(failures, key=lambda one: -one.scored.score)[:KEEP]


def _by_country(lines: Sequence[Scored]) -> dict[str, Report]:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for line in lines:
        groups[line.country].append(line)
    return {code: report(groups[code]) for code in sorted(groups)} if len(groups) > 1 else {}
