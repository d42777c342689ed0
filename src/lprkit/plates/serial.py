"""Serials of a region: legal ones, loose ones, and whether a text is one."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lprkit.core.alphabet import LATIN, Alphabet
from lprkit.core.chance import below, one_of
from lprkit.core.types import SEPARATORS, Pattern, Region, Serial, Slot, Style

_SHORTEST, _LONGEST = 3, 9
_RUN = 4
"""A loose serial changes between digits and letters after at most this many."""
_DOUBLES = 0.2
_GAPS = 0.6
"""How often something is printed between two runs of a loose serial."""
_OTHERS = 0.5
"""How often a row of a loose serial has tokens that are neither digits nor Latin letters, where there are such."""
_AHEAD = 0.8
"""How often these begin the row; a reader to which they come up anywhere sees them in every seal."""


def legal(region: Region, rng: np.random.Generator) -> Serial:
    """A serial that fits one of the region's patterns, drawn after their weights."""
    facts = _facts(region)
    pattern = region.patterns[_pick(facts.patterns, rng.random())]
    tokens = [_token(slot, u) for slot, u in zip(pattern.slots, rng.random(len(pattern.slots)), strict=True)]
    printed = tuple(part if isinstance(part, str) else tokens[part] for part in pattern.printed)
    return Serial(printed, facts.styles[pattern.styles].at(rng.random()), region.code, pattern.name)


def loose(region: Region, rng: np.random.Generator, oversample: bool = True) -> Serial:
    """A serial of random syntax in one of the region's styles: its tokens all alike, doubled ones often.

    Rare tokens come up as often as common ones, so a reader that sees these cannot guess from the syntax. Without
    `oversample` tokens are as common as in legal serials, and double by chance.
    """
    facts = _facts(region)
    style = facts.styles[()].at(rng.random())
    while True:
        lengths = _row_lengths(style, rng)
        rows = [_row(length, facts, rng) for length in lengths]
        rows = rows if oversample else [_as_common(row, region, rng) for row in rows]
        printed = tuple(part for row in rows for part in ("/", *row))[1:]
        serial = Serial(printed, style, region.code)
        if facts.plain or facts.alphabet.split(serial.text) == serial.tokens:  # 가, 나 might be read as 가나
            return serial


def matches(region: Region, tokens: Sequence[str]) -> Pattern | None:
    """The first pattern of the region that these tokens fit."""
    for pattern in region.patterns:
        if len(pattern.slots) == len(tokens) and all(map(_holds, pattern.slots, tokens)):
            return pattern
    return None


def split(region: Region, text: str) -> tuple[str, ...]:
    """The region's tokens that a text consists of; a DataError names what is none."""
    return _facts(region).alphabet.split(text)


@dataclass(frozen=True)
class _Choice:
    styles: tuple[Style, ...]
    sums: tuple[float, ...]

    @classmethod
    def of(cls, styles: tuple[Style, ...]) -> _Choice:
        return cls(styles, _sums(style.weight for style in styles))

    def at(self, u: float) -> Style:
        """The style at `u`, 0-1, of the weights."""
        return self.styles[_pick(self.sums, u)]


@dataclass(frozen=True)
class _Facts:
    """What is worked out once for a region."""

    patterns: tuple[float, ...]
    """Running sums of the patterns' weights."""
    styles: dict[tuple[str, ...], _Choice]
    """For each list of names that a pattern has; the empty one stands for all."""
    alphabet: Alphabet
    plain: bool
    """Whether every token is one sign, so that a text can be split in one way only."""
    kinds: tuple[tuple[str, ...], ...]
    """Digits and letters, those that the region has; where it has neither, its other tokens."""
    others: tuple[str, ...]
    """Tokens that are neither digits nor letters, where there are such beside them."""


@lru_cache(maxsize=512)
def _facts(region: Region) -> _Facts:
    styles = {style.name: style for style in region.styles}
    latin = [token for token in region.tokens if token in LATIN]
    others = tuple(token for token in region.tokens if token not in LATIN)
    digits, letters = (tuple(token for token in latin if token.isdigit() is wanted) for wanted in (True, False))
    kinds = tuple(kind for kind in (digits, letters) if kind)
    named = {pattern.styles: tuple(styles[name] for name in pattern.styles) for pattern in region.patterns}
    return _Facts(
        patterns=_sums(pattern.weight for pattern in region.patterns),
        styles={names: _Choice.of(some) for names, some in (named | {(): region.styles}).items()},
        alphabet=Alphabet(region.tokens),
        plain=all(len(token) == 1 for token in region.tokens),
        kinds=kinds or (others,),
        others=others if kinds else (),
    )


def _row_lengths(style: Style, rng: np.random.Generator) -> list[int]:
    """How many tokens stand in each row of the style, one more than its sizes give room for at most."""
    rows = len(style.row_heights_mm)
    bands = sum(band.size_mm for band in style.bands if band.side in ("left", "right"))
    room = min(_LONGEST, int((style.width_mm - bands) / (style.letter_width_mm + style.gap_mm)) + 1)
    least = max(_SHORTEST, rows)
    count = least + below(rng, min(_LONGEST, rows * room) + 1 - least)
    return one_of(rng, _ways(count, rows, room))


@lru_cache(maxsize=1024)
def _ways(count: int, rows: int, room: int) -> list[list[int]]:
    """All ways to share `count` tokens out to rows that have room for so many each."""
    cuts = itertools.combinations(range(1, count), rows - 1)
    ways = ([b - a for a, b in itertools.pairwise((0, *cut, count))] for cut in cuts)
    return [way for way in ways if max(way) <= room]


def _row(length: int, facts: _Facts, rng: np.random.Generator) -> list[str]:
    """Runs of digits or letters, sometimes one of other tokens, sometimes a separator between two of them."""
    runs = [_run(min(1 + below(rng, 2), length), facts.others, rng)] if _shows_others(facts, rng) else []
    ahead = bool(runs)
    while (left := length - sum(map(len, runs))) > 0:
        tokens = one_of(rng, facts.kinds)
        longest = _RUN if tokens[0] in LATIN else 2
        runs.append(_run(min(1 + below(rng, longest), left), tokens, rng))
    if ahead and rng.random() >= _AHEAD:
        runs.insert(1 + below(rng, len(runs)), runs.pop(0))
    row = runs[0]
    for run in runs[1:]:
        row = [*row, *([one_of(rng, SEPARATORS[:-1])] if rng.random() < _GAPS else []), *run]
    return row


def _shows_others(facts: _Facts, rng: np.random.Generator) -> bool:
    return bool(facts.others) and rng.random() < _OTHERS


def _run(length: int, tokens: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    places, doubles = rng.random((2, length)).tolist()
    run = [tokens[int(u * len(tokens))] for u in places]
    for n in range(1, length):
        if doubles[n] < _DOUBLES:
            run[n] = run[n - 1]
    return run


def _as_common(row: list[str], region: Region, rng: np.random.Generator) -> list[str]:
    """The row with each token drawn again among those of its kind, after how often legal serials have them."""
    common, drawn = _common(region), []
    for part in row:
        kind, sums = common.get(part, ((part,), (1.0,)))
        drawn.append(kind[_pick(sums, rng.random())])
    return drawn


@lru_cache(maxsize=512)
def _common(region: Region) -> dict[str, tuple[tuple[str, ...], tuple[float, ...]]]:
    """Token -> the tokens of its kind, and the running sums of how many of each a legal serial has."""
    counts = dict.fromkeys(region.tokens, 0.0)
    for pattern in region.patterns:
        for slot in pattern.slots:
            weights = slot.weights or (1.0,) * len(slot.tokens)
            total = sum(weights)
            for token, weight in zip(slot.tokens, weights, strict=True):
                counts[token] += pattern.weight * weight / total
    facts = _facts(region)
    kinds = {kind: _sums(counts[token] for token in kind) for kind in (*facts.kinds, facts.others)}
    return {token: (kind, sums) for kind, sums in kinds.items() for token in kind}


def _token(slot: Slot, u: float) -> str:
    """The token of a slot at `u`, 0-1, of its weights."""
    if not slot.weights:
        return slot.tokens[int(u * len(slot.tokens))]
    return slot.tokens[_pick(_sums(slot.weights), u)]


def _holds(slot: Slot, token: str) -> bool:
    return token in slot.tokens


def _sums(weights: Iterable[float]) -> tuple[float, ...]:
    return tuple(itertools.accumulate(weights))


def _pick(sums: tuple[float, ...], u: float) -> int:
    return min(bisect_right(sums, u * sums[-1]), len(sums) - 1)
