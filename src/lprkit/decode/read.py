"""A network's scores -> readings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lprkit.core.card import ModelCard
from lprkit.core.errors import ModelError
from lprkit.core.types import Candidate, Reading, Region
from lprkit.decode import calibrate
from lprkit.decode.beam import Found, beam
from lprkit.decode.ctc import Path, align, greedy, log_probability_each
from lprkit.decode.grammar import Grammar, grammar_of
from lprkit.decode.syntax import syntax_of

LEAST = 0.01
"""`others` holds texts of at least this P(text | plate)."""
_LEAST = float(np.log(LEAST))
_SURE = float(np.log1p(-LEAST))
"""log P of a text beside which no other one can reach `LEAST`."""
_OVERLAP = 0.3
"""Two rows of the feature map hold two rows of text when what they emit shares this part of the shorter one's width."""


def read(scores: NDArray[np.floating], card: ModelCard, region: Region | None = None, width: int = 10) -> list[Reading]:
    """What each plate says; scores are N, T, C natural-log probabilities with the blank last.

    `score` is the calibrated P(text | plate). Where a doubt is left, what plates of the reader's regions say counts too
    (`decode.syntax`), or, with a region, what plates of that one say: its patterns' texts are looked for beside all
    others, and a reading that fits none of them has no `region` and `pattern`. `char_scores` are the probabilities of
    the tokens at their surest steps on the best alignment. `others` are the next texts of P >= 0.01, scored like
    `score`.
    """
    _check(scores, card)
    writer = _Writer(card, region, grammar_of(region, card.tokens, card.aliases) if region else None, width)
    paths = greedy(scores)
    sure = log_probability_each(scores, [path.classes for path in paths])
    return [
        _reading(one, Found(path.classes, float(log_p)), path, writer)
        for one, path, log_p in zip(scores, paths, sure, strict=True)
    ]


@dataclass(frozen=True)
class _Writer:
    """What all plates of a call share."""

    card: ModelCard
    region: Region | None
    grammar: Grammar | None
    width: int


def _check(scores: NDArray[np.floating], card: ModelCard) -> None:
    classes = len(card.tokens) + 1
    if scores.ndim != 3 or scores.shape[2] != classes or scores.shape[1] % card.rows:
        raise ModelError(
            f"{card.name}: gave scores of shape {scores.shape}; its card says N, T, {classes}"
            f" with T in {card.rows} equal row(s). Export the model again."
        )
    if np.isnan(scores).any():
        raise ModelError(f"{card.name}: gave scores that are not numbers (NaN). Export it in a wider number format.")


def _reading(scores: NDArray[np.floating], plain: Found, path: Path, writer: _Writer) -> Reading:
    found = _found(scores, plain, writer)
    best = found[0]
    if best.classes != plain.classes:
        path = align(scores, best.classes)
    rows = _rows(path.steps, len(scores), writer.card.rows)
    reading = Reading(
        _text(best, writer.card),
        calibrate.apply(writer.card.calibration, best.log_p),
        path.peaks,
        rows=rows,
        others=tuple(
            Candidate(_text(other, writer.card), calibrate.apply(writer.card.calibration, other.log_p))
            for other in found[1:]
            if other.log_p >= _LEAST
        ),
    )
    return _with_pattern(reading, best, writer)


def _found(scores: NDArray[np.floating], plain: Found, writer: _Writer) -> list[Found]:
    """The best texts, best first: the greedy one alone where a search could add nothing."""
    fits = writer.grammar is None or writer.grammar.match(plain.classes) is not None
    if fits and plain.log_p > _SURE:
        return [plain]
    found = {plain.classes: plain}  # a narrow beam can lose the greedy text
    for grammar in dict.fromkeys((None, writer.grammar)):
        found |= {one.classes: one for one in beam(scores, writer.width, grammar)}
    syntax = syntax_of(writer.card, writer.region)
    texts = syntax.weighed(list(found.values())) if syntax else list(found.values())
    return sorted(texts, key=lambda one: (-one.log_p, one.classes))


def _with_pattern(reading: Reading, best: Found, writer: _Writer) -> Reading:
    pattern = writer.grammar.match(best.classes, reading.rows) if writer.grammar else None
    if pattern is None or writer.region is None:
        return reading
    return replace(reading, region=writer.region.code, pattern=pattern.name)


def _text(found: Found, card: ModelCard) -> str:
    return "".join(card.tokens[n] for n in found.classes)


def _rows(steps: Sequence[int], count: int, rows: int) -> int:
    """How many rows of text stand at these steps of a feature map with `rows` rows, read one after the other.

    A one-line plate may be emitted partly in one row of the map and partly in the next, left and right: its parts lie
    side by side, those of two printed rows lie over one another.
    """
    columns = count // rows
    spans = []
    for _, group in itertools.groupby(steps, key=lambda step: step // columns):
        places = [step % columns for step in group]
        spans.append((places[0], places[-1]))
    return 1 + sum(_overlap(a, b) >= _OVERLAP for a, b in itertools.pairwise(spans))


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    """The shared part of the shorter of two spans of columns, 0-1."""
    shared = min(a[1], b[1]) - max(a[0], b[0]) + 1
    return max(0, shared) / (min(a[1] - a[0], b[1] - b[0]) + 1)
