"""Prefix beam search over CTC scores, of any text or only of a grammar's."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heapreplace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lprkit.decode.ctc import Classes, log_probabilities
from lprkit.decode.grammar import Grammar

PRUNE = 1e-4
"""Tokens less likely than this share of the likeliest at their step are passed over."""
_TINY = 1e-100


class Found(NamedTuple):
    """A text with its exact log P(text | plate)."""

    classes: Classes
    log_p: float


def beam(
    scores: NDArray[np.floating], width: int = 10, grammar: Grammar | None = None, prune: float = PRUNE
) -> list[Found]:
    """The likeliest texts of one plate, at most `width`, best first; scores are T, C natural-log probabilities.

    With a grammar only its texts, and none where no prefix in the beam became one. Prefixes are ranked by their summed
    alignments (Graves 2012, section 7.5.3), the texts by their exact probability.
    """
    prefixes = [_Prefix(None, -1, grammar.start if grammar else 0)]
    prefixes[0].blank = 1.0
    for number, step in enumerate(_steps(scores, prune)):
        prefixes = _kept(_advance(prefixes, step, number, width, grammar), width)
    texts = [p.classes() for p in prefixes if grammar is None or grammar.complete(p.still, p.depth)]
    if not texts:
        return []
    found = map(Found, texts, log_probabilities(scores, texts).tolist())
    return sorted(found, key=lambda one: (-one.log_p, one.classes))


class _Step(NamedTuple):
    blank: float
    tokens: dict[int, float]
    """Probabilities by class, relative to the likeliest, from high to low."""


class _Prefix:
    """A text so far: a node of the tree of all prefixes, with the probability of ending in a blank and in its token."""

    __slots__ = ("blank", "depth", "last", "next", "number", "parent", "still", "token", "was_blank", "was_token")

    def __init__(self, parent: _Prefix | None, last: int, still: int) -> None:
        self.parent, self.last, self.still = parent, last, still
        self.depth: int = parent.depth + 1 if parent else 0
        self.next: dict[int, _Prefix] = {}
        self.number = -1
        self.blank = self.token = self.was_blank = self.was_token = 0.0

    def before(self, token: int) -> float:
        """How likely it was before the step of which this token can be a new one: the same twice needs a blank."""
        return self.was_blank if token == self.last else self.was_blank + self.was_token

    def classes(self) -> Classes:
        """The tokens from the first to this one."""
        tokens: list[int] = []
        node = self
        while node.parent is not None:
            tokens.append(node.last)
            node = node.parent
        return tuple(reversed(tokens))


def _steps(scores: NDArray[np.floating], prune: float) -> Iterator[_Step]:
    """The steps that can change a prefix: of a row of sure blanks only one."""
    if not len(scores):
        return
    relative = scores - scores.max(axis=1, keepdims=True)
    seen = relative >= (np.log(prune) if prune > 0 else -np.inf)
    shares = np.where(seen, np.exp(relative, dtype=np.float64), 0.0)
    places, classes = np.nonzero(seen[:, :-1])
    order = np.lexsort((-shares[places, classes], places))
    places, classes = places[order], classes[order]
    tokens = list(zip(classes.tolist(), shares[places, classes].tolist(), strict=True))
    ends = np.searchsorted(places, np.arange(len(scores)), side="right").tolist()
    quiet = False
    for blank, start, end in zip(shares[:, -1].tolist(), [0, *ends], ends, strict=False):
        if start < end or not quiet:
            yield _Step(blank, dict(tokens[start:end]))
        quiet = start == end


def _advance(prefixes: list[_Prefix], step: _Step, number: int, width: int, grammar: Grammar | None) -> list[_Prefix]:
    """The prefixes after one more step, and the new ones that can be among the best `width`."""
    blank, tokens = step
    for p in prefixes:
        p.was_blank, p.was_token, p.number = p.blank, p.token, number
        p.blank = (p.blank + p.token) * blank
        p.token *= tokens.get(p.last, 0.0)
    for p in prefixes:
        if p.parent is not None and p.parent.number == number:
            p.token += tokens.get(p.last, 0.0) * p.parent.before(p.last)
    return prefixes + _new(prefixes, tokens, number, width, grammar)


def _new(
    prefixes: list[_Prefix], tokens: dict[int, float], number: int, width: int, grammar: Grammar | None
) -> list[_Prefix]:
    """The prefixes of one more token; each has no other source than the one that it grows from."""
    best = [0.0] * (width - len(prefixes)) + [_mass(p) for p in prefixes]  # a new one must exceed the least of them
    heapify(best)
    grown = []
    for p in prefixes:
        whole = p.was_blank + p.was_token
        for token, share in tokens.items():
            if share * whole <= best[0]:
                break  # nor are the tokens behind it likelier
            gain = share * p.before(token)
            child = p.next.get(token)
            if gain <= best[0] or (child is not None and child.number == number):
                continue
            child = child or _grow(p, token, grammar)
            if child is not None:
                child.number, child.blank, child.token = number, 0.0, gain
                grown.append(child)
                heapreplace(best, gain)
    return grown


def _grow(prefix: _Prefix, token: int, grammar: Grammar | None) -> _Prefix | None:
    """The prefix with one token more; None where the grammar has no such text."""
    still = grammar.after(prefix.still, prefix.depth, token) if grammar else 0
    if grammar and not still:
        return None
    child = prefix.next[token] = _Prefix(prefix, token, still)
    return child


def _kept(prefixes: list[_Prefix], width: int) -> list[_Prefix]:
    """The likeliest `width` prefixes, best first."""
    best = sorted(prefixes, key=_mass, reverse=True)[:width]
    top = _mass(best[0])
    if 0 < top < _TINY:
        for p in best:
            p.blank, p.token = p.blank / top, p.token / top
    return [p for p in best if p.blank or p.token] or best[:1]


def _mass(prefix: _Prefix) -> float:
    return prefix.blank + prefix.token
