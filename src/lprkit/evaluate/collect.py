"""All lines (or frames) of one set, its figures, and its worst mistakes with their pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from lprkit.core.alphabet import Alphabet
from lprkit.core.types import Label, Scored
from lprkit.data.text import plain
from lprkit.evaluate import Report, report
from lprkit.evaluate.confidence import confidences, reliability
from lprkit.evaluate.confusion import confusions, positions
from lprkit.evaluate.detection import DetectionReport, Framed, match, report_detection
from lprkit.evaluate.measure import Shown, ShownFrame
from lprkit.evaluate.metrics import is_exact
from lprkit.evaluate.patterns import Patterns
from lprkit.evaluate.slices import UNKNOWN, order

KEEP = 200
"""Mistakes of which the picture is kept."""

TOLD = 30
"""Confused pairs of letters that the figures list."""

Slices = Mapping[str, Mapping[str, Report]]
"""Kind of slice -> its name -> the figures."""


@dataclass(frozen=True)
class Measured:
    """What came out for one set."""

    name: str
    report: Report
    slices: Slices = field(default_factory=dict)
    """By country, rows, height and blur; a kind of which there is only one is left out."""
    failures: tuple[Shown, ...] = ()
    """The most confident mistakes first, at most KEEP."""
    lines: tuple[Scored, ...] = ()
    patterns: Patterns | None = None
    """What was held against the patterns of a region, if anything was."""
    left_out: int = 0
    """Plates that these patterns left out."""
    alphabet: Alphabet | None = None
    """The model's, in whose tokens the truths are written."""

    @property
    def held(self) -> dict[str, object]:
        """The patterns that were held against it, as a report names them; empty without any."""
        return {"patterns": {**self.patterns.as_dict(), "left_out": self.left_out}} if self.patterns else {}

    @property
    def concatenated(self) -> dict[str, list[str]]:
        """Token -> what it also stands for in the truths; empty where the model tells all tokens apart."""
        return self.alphabet.concatenated if self.alphabet else {}

    def as_dict(self) -> dict[str, object]:
        """The set's name and figures, those of its slices, and the tables of letters, places and confidences."""
        figures: dict[str, object] = {"set": self.name, **self.report.as_dict()}
        figures |= self.held | ({"concatenated": self.concatenated} if self.concatenated else {})
        for kind, groups in self.slices.items():
            figures[f"by_{kind}"] = {name: one.as_dict() for name, one in groups.items()}
        pairs = confusions(self.lines).most_common(TOLD)
        figures["confusions"] = [{"truth": truth, "read": read, "n": n} for (truth, read), n in pairs]
        figures["positions"] = [{"n": place.n, "right": round(place.share, 4)} for place in positions(self.lines)]
        figures["reliability"] = [_rounded(asdict(one)) for one in reliability(self.lines)]
        figures["confidences"] = {name: _rounded(asdict(one)) for name, one in confidences(self.lines).items()}
        return figures


class Collector:
    """Takes the lines of one set one by one; of the pictures it holds only those of the worst mistakes."""

    def __init__(
        self,
        name: str,
        patterns: Patterns | None = None,
        is_right: Callable[[Scored], bool] = is_exact,
        alphabet: Alphabet | None = None,
    ) -> None:
        self.name, self.patterns, self.is_right, self.alphabet = name, patterns, is_right, alphabet
        self.lines: list[Scored] = []
        self.failures: list[Shown] = []
        self.left_out = 0

    def add(self, one: Shown) -> bool:
        """Takes a line; False when the patterns leave it out."""
        line = self.patterns.held(one.scored) if self.patterns else one.scored
        if line is None:
            self.left_out += 1
            return False
        if self.alphabet and self.alphabet.alias:
            line = replace(line, truth=self.alphabet.written(plain(line.truth)))
        self.lines.append(line)
        if not self.is_right(line):
            self.failures.append(replace(one, scored=line))
        if len(self.failures) > 2 * KEEP:
            self.failures = _worst(self.failures)
        return True

    def measured(self) -> Measured:
        """The figures over all lines so far; a DataError when there is none."""
        failures = tuple(_worst(self.failures))
        return Measured(
            self.name,
            report(self.lines),
            _sliced(self.lines),
            failures,
            tuple(self.lines),
            self.patterns,
            self.left_out,
            self.alphabet,
        )


def collect_measured(
    name: str,
    shown: Iterable[Shown],
    is_right: Callable[[Scored], bool] = is_exact,
    patterns: Patterns | None = None,
    alphabet: Alphabet | None = None,
) -> Measured:
    """The figures over all these lines; pictures are kept of those that are not right.

    Patterns are asked of the truth as it is labelled; then it is written in the tokens of the alphabet.
    """
    collector = Collector(name, patterns, is_right, alphabet)
    for one in shown:
        collector.add(one)
    return collector.measured()


@dataclass(frozen=True)
class Found:
    """What a detector found in one set."""

    name: str
    reports: Mapping[Label, DetectionReport]
    """By label, of those that some frame of the set lists."""
    failures: tuple[ShownFrame, ...] = ()
    """Frames with a miss or a false alarm, at most KEEP."""

    def as_dict(self) -> dict[str, object]:
        """The figures of plates, the mean average precision over labels, and of each label where there are several."""
        areas = [one.average_precision for one in self.reports.values() if one.average_precision is not None]
        plates = self.reports.get("license_plate", report_detection([]))
        figures: dict[str, object] = {"set": self.name, **plates.as_dict()}
        figures["mean_average_precision"] = round(sum(areas) / len(areas), 4) if areas else None
        if len(self.reports) > 1:
            figures["by_label"] = {label: one.as_dict() for label, one in self.reports.items()}
        return figures


def collect_found(name: str, shown: Iterable[ShownFrame], least: float) -> Found:
    """The figures over all these frames; recall, precision and failures are of what scored at least `least`."""
    groups: dict[Label, list[Framed]] = defaultdict(list)
    failures: list[ShownFrame] = []
    for one in shown:
        groups[one.framed.label].append(one.framed)
        found = [thing for thing in one.framed.found if thing.score >= least]
        right = len(match(one.framed.truth, found))
        if len(failures) < KEEP and not right == len(found) == len(one.framed.truth):
            failures.append(one)
    reports = {label: report_detection(some, least=least) for label, some in groups.items()}
    return Found(name, reports, tuple(failures))


def _worst(failures: Sequence[Shown]) -> list[Shown]:
    return sorted(failures, key=lambda one: -one.scored.score)[:KEEP]


def _sliced(lines: Sequence[Scored]) -> Slices:
    groups: dict[str, dict[str, list[Scored]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        for kind, name in {"country": line.country or UNKNOWN, **line.slices}.items():
            groups[kind][name].append(line)
    return {
        kind: {name: report(some[name]) for name in sorted(some, key=order)}
        for kind, some in groups.items()
        if len(some) > 1
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}
