"""One function a metric, from scored lines (at least one) to a number.

Texts are compared as `data.text.plain` writes them: upper case, no spaces, dashes and dots. The metric of record is
`exact`, strict equality of the whole text; a plate that was not found counts as wrong everywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from lprkit.core.alphabet import LOOKALIKES
from lprkit.core.types import Scored
from lprkit.data.text import plain, tokens

PROVINCE = re.compile("^(<[^<>]*>|[\u3400-\u9fff]|[\uac00-\ud7a3]{2}(?=[0-9]))")
"""The sign for a province at the head of a text: <Anhui>, 皖, 서울 (two syllables before the digits)."""

BINS = 10
"""Of equal width, for the calibration error."""


def exact(scored: Sequence[Scored]) -> float:
    """Share of lines whose text is right, every letter of it."""
    return _mean([is_exact(line) for line in scored])


def exact_merged(scored: Sequence[Scored]) -> float:
    """The same where O counts as 0 and I as 1."""
    return _mean([is_exact_merged(line) for line in scored])


def exact_per_plate(scored: Sequence[Scored]) -> float:
    """`exact` averaged within each plate first: one that was photographed often counts once."""
    return _per_plate(scored, is_exact)


def exact_merged_per_plate(scored: Sequence[Scored]) -> float:
    """`exact_merged` averaged within each plate first."""
    return _per_plate(scored, is_exact_merged)


def exact_without_province(scored: Sequence[Scored]) -> float:
    """Share of lines that are right where the province at their head may be anything."""
    return _mean([line.found and without_province(line.text) == without_province(line.truth) for line in scored])


def cer(scored: Sequence[Scored]) -> float:
    """Character error rate: edits over all lines per letter of truth."""
    return sum(mistakes(line) for line in scored) / max(1, sum(len(tokens(plain(line.truth))) for line in scored))


def within_one(scored: Sequence[Scored]) -> float:
    """Share of lines at most one letter wrong, missing or too many."""
    return _mean([line.found and mistakes(line) <= 1 for line in scored])


def similarity(scored: Sequence[Scored]) -> float:
    """Mean of 1 - edits / length of the longer text."""
    return _mean([1 - mistakes(line) / max(1, len(_read(line)), len(tokens(plain(line.truth)))) for line in scored])


def wrong_length(scored: Sequence[Scored]) -> float:
    """Share of lines that were found and have too few or too many letters."""
    return _mean([line.found and len(_read(line)) != len(tokens(plain(line.truth))) for line in scored])


def wrong_characters(scored: Sequence[Scored]) -> float:
    """Share of lines of the right length with a wrong letter."""
    return max(0.0, 1 - exact(scored) - wrong_length(scored) - not_found(scored))


def not_found(scored: Sequence[Scored]) -> float:
    """Share of plates where nothing was detected."""
    return _mean([not line.found for line in scored])


def mean_score(scored: Sequence[Scored]) -> float:
    """Mean score of what was found."""
    return _mean([line.score for line in scored if line.found])


def calibration_error(scored: Sequence[Scored]) -> float:
    """Expected calibration error of what was found: |mean score - share right| over BINS equal ranges of the score."""
    bins: dict[int, list[Scored]] = defaultdict(list)
    for line in scored:
        if line.found:
            bins[bin_of(line.score)].append(line)
    gaps = [abs(sum(line.score - is_exact(line) for line in lines)) for lines in bins.values()]
    return sum(gaps) / max(1, sum(len(lines) for lines in bins.values()))


def bin_of(score: float) -> int:
    """Which of the BINS ranges a score is in."""
    return min(BINS - 1, int(score * BINS))


def coverage_at_99(scored: Sequence[Scored]) -> float:
    """Largest share of lines that a score threshold accepts while at least 99 % of them are right.

    A line in which nothing is read is never accepted, however sure that is.
    """
    return _coverage(scored, 0.99)


def coverage_at_999(scored: Sequence[Scored]) -> float:
    """The same for 99.9 %."""
    return _coverage(scored, 0.999)


def _coverage(scored: Sequence[Scored], precision: float) -> float:
    best = right = 0
    found = sorted((line for line in scored if line.found and line.text), key=lambda line: -line.score)
    for n, line in enumerate(found, 1):
        right += is_exact(line)
        is_last_of_score = n == len(found) or found[n].score < line.score
        if is_last_of_score and right >= precision * n:
            best = n
    return best / len(scored)


def is_exact(line: Scored) -> bool:
    """Whether the text is right."""
    return line.found and plain(line.text) == plain(line.truth)


def is_exact_merged(line: Scored) -> bool:
    """Whether the text is right where O counts as 0 and I as 1."""
    return line.found and merged(line.text) == merged(line.truth)


def merged(text: str) -> str:
    """The plain text with O as 0 and I as 1."""
    return "".join(LOOKALIKES.get(token, token) for token in tokens(plain(text)))


def without_province(text: str) -> str:
    """The plain text without the sign for a province at its head."""
    return PROVINCE.sub("", plain(text))


def mistakes(line: Scored) -> int:
    """Edits between what was read and the truth, in letters."""
    return edits(_read(line), tokens(plain(line.truth)))


def edits(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein distance: the fewest letters to put in, take out or replace."""
    row = list(range(len(b) + 1))
    for n, letter in enumerate(a, 1):
        above, row[0] = row[0], n
        for m, other in enumerate(b, 1):
            above, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, above + (letter != other))
    return row[-1]


def _read(line: Scored) -> tuple[str, ...]:
    return tokens(plain(line.text)) if line.found else ()


def _per_plate(scored: Sequence[Scored], is_right: Callable[[Scored], bool]) -> float:
    plates: dict[str, list[bool]] = defaultdict(list)
    for line in scored:
        plates[plain(line.truth)].append(is_right(line))
    return _mean([_mean(lines) for lines in plates.values()])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
