"""Two models over the same plates: where do they differ, and is that more than chance?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lprkit.core.alphabet import Alphabet
from lprkit.core.types import Image, Scored
from lprkit.evaluate.collect import KEEP, Collector, Measured
from lprkit.evaluate.measure import Shown
from lprkit.evaluate.metrics import is_exact
from lprkit.evaluate.patterns import Patterns

PLAIN = Alphabet(())
"""Of a model that tells all tokens apart."""


@dataclass(frozen=True)
class Difference:
    """A plate of which two models read different texts."""

    truth: str
    """As it is labelled; each model's line has it in that model's tokens."""
    first: Scored
    second: Scored
    picture: Image | None
    """None where KEEP others have theirs."""

    @property
    def right(self) -> str:
        """Which one is right: first, second or neither."""
        return "first" if is_exact(self.first) else "second" if is_exact(self.second) else "neither"

    def as_dict(self) -> dict[str, object]:
        """The plate, both readings and which is right."""
        return {
            "source": self.first.source,
            "truth": self.truth,
            "first": _text(self.first),
            "second": _text(self.second),
            "right": self.right,
        }


@dataclass(frozen=True)
class Compared:
    """Two models over one set."""

    first: Measured
    second: Measured
    differences: tuple[Difference, ...]

    @property
    def p_value(self) -> float:
        """How likely a split at least as uneven is, of the plates that only one reads right, were both as good."""
        return mcnemar(*(sum(one.right == which for one in self.differences) for which in ("first", "second")))

    def as_dict(self) -> dict[str, object]:
        """The set, how often only one is right, and every plate that differs."""
        rights = [one.right for one in self.differences]
        return {
            "set": self.first.name,
            "n": self.first.report.n,
            **self.first.held,
            **self._concatenated(),
            "only_first": rights.count("first"),
            "only_second": rights.count("second"),
            "neither": rights.count("neither"),
            "p_value": round(self.p_value, 4),
            "differences": [one.as_dict() for one in self.differences],
        }

    def _concatenated(self) -> dict[str, object]:
        kinds = {"first": self.first.concatenated, "second": self.second.concatenated}
        return {"concatenated": told} if (told := {which: one for which, one in kinds.items() if one}) else {}


def collect_compared(
    name: str,
    first: Iterable[Shown],
    second: Iterable[Shown],
    patterns: Patterns | None = None,
    alphabets: tuple[Alphabet, Alphabet] = (PLAIN, PLAIN),
) -> Compared:
    """The figures of both, which read the same plates in the same order, and the plates where they differ.

    Each is judged in the tokens of its own alphabet. Texts that differ by nothing but these are the same, unless only
    one of them is right.
    """
    one, other = (Collector(name, patterns, alphabet=alphabet) for alphabet in alphabets)
    differences: list[Difference] = []
    for a, b in zip(first, second, strict=True):
        assert a.scored.source == b.scored.source, (a.scored.source, b.scored.source)
        if one.add(a) and other.add(b) and _differ(one.lines[-1], other.lines[-1], alphabets):
            picture = a.image if len(differences) < KEEP else None
            differences.append(Difference(a.scored.truth, one.lines[-1], other.lines[-1], picture))
    return Compared(one.measured(), other.measured(), tuple(differences))


def mcnemar(only_first: int, only_second: int) -> float:
    """The two-sided exact test of McNemar (1947): a fair coin thrown as often falls so unevenly."""
    n, least = only_first + only_second, min(only_first, only_second)
    return min(1.0, float(2 * sum(math.comb(n, k) for k in range(least + 1)) / (1 << n)))


def _differ(first: Scored, second: Scored, alphabets: tuple[Alphabet, Alphabet]) -> bool:
    a, b = (alphabets[1].written(alphabets[0].written(_text(line))) for line in (first, second))
    return a != b or is_exact(first) != is_exact(second)


def _text(line: Scored) -> str:
    return line.text if line.found else ""
