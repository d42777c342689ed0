"""Which letters are taken for which, and at which places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lprkit.core.types import Scored
from lprkit.data.text import plain, tokens

Pair = tuple[str, str]
"""A letter of the truth and what was read for it; "" on the left: too many, on the right: missing."""


@dataclass(frozen=True)
class Position:
    """One place of the true texts, counted from the left."""

    n: int
    """Texts that are as long."""
    right: int

    @property
    def share(self) -> float:
        """Part of the letters there that were read right."""
        return self.right / self.n


def confusions(scored: Iterable[Scored]) -> Counter[Pair]:
    """How often each letter was taken for another one, over the plates that were found."""
    return Counter(pair for line in scored if line.found for pair in _pairs(line) if pair[0] != pair[1])


def positions(scored: Iterable[Scored]) -> list[Position]:
    """The places of the texts of the plates that were found, first to last."""
    total: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for line in scored:
        if line.found:
            kept = [pair for pair in _pairs(line) if pair[0]]
            total.update(range(len(kept)))
            right.update(place for place, (truth, read) in enumerate(kept) if truth == read)
    return [Position(total[place], right[place]) for place in sorted(total)]


def aligned(truth: Sequence[str], read: Sequence[str]) -> list[Pair]:
    """The letters side by side, in the fewest edits; a replaced letter rather than one missing and one too many."""
    costs = [list(range(len(read) + 1))]
    for n, letter in enumerate(truth, 1):
        above, row = costs[-1], [n]
        for m, other in enumerate(read, 1):
            row.append(min(above[m] + 1, row[-1] + 1, above[m - 1] + (letter != other)))
        costs.append(row)
    pairs: list[Pair] = []
    n, m = len(truth), len(read)
    while n or m:
        if n and m and costs[n][m] == costs[n - 1][m - 1] + (truth[n - 1] != read[m - 1]):
            n, m = n - 1, m - 1
            pairs.append((truth[n], read[m]))
        elif n and costs[n][m] == costs[n - 1][m] + 1:
            n -= 1
            pairs.append((truth[n], ""))
        else:
            m -= 1
            pairs.append(("", read[m]))
    return pairs[::-1]


def _pairs(line: Scored) -> list[Pair]:
    return aligned(tokens(plain(line.truth)), tokens(plain(line.text)))
