"""Which texts plates bear: those of the region that is told, or else of all that a reader was trained for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import log, prod

import numpy as np

from lprkit import plates
from lprkit.core.alphabet import Aliases
from lprkit.core.card import ModelCard
from lprkit.core.errors import LprError
from lprkit.core.types import Region
from lprkit.decode.beam import Found
from lprkit.decode.ctc import Classes
from lprkit.decode.grammar import Grammar

WEIGHT = 0.35
"""How far a text's `lift` counts beside log P(text | plate), in which the network has put what it knows of it already.

Chosen with `ODD` on 164 photographs and 85 crops of `train/` that no training saw, and 1,500 drawn plates
(docs/experiments.md)."""
TOLD = 0.5
"""The same of a region that is told. Chosen on 3,000 legal drawn plates of all regions and 3,000 of random syntax, each
told its own: 2,816 and 2,710 are read right, 2,810 and 2,716 with 0.35, and 2,817 and 2,691 with 0.7."""
ODD = 0.006
"""How likely a text of some length is to fit no pattern at all, and a picture to show no text."""
SIGNS = 34
"""A text may have any of so many signs at each place, or of those that the reader knows, if they are fewer."""


class Syntax:
    """How likely each text is: all regions alike, patterns after their weights, the tokens of a slot alike.

    Tokens that the reader writes as one are one. A text is held against those of its own length: how many signs a
    plate has the network sees better than any table tells it.
    """

    def __init__(
        self, regions: Sequence[Region], tokens: Sequence[str], alias: Aliases = (), weight: float = WEIGHT
    ) -> None:
        patterns = [pattern for region in regions for pattern in region.patterns]
        self._grammar = Grammar(patterns, tokens, alias)
        self._shares = [share for region in regions for share in _shares(region, len(regions), dict(alias))]
        self._signs = min(SIGNS, len(tokens))
        self._weight = weight

    def lift(self, classes: Classes) -> float:
        """The natural log of how much likelier the text is than one with any sign at each of its places."""
        legal = sum(self._shares[n] for n in _bits(self._grammar.fitting(classes)))
        return log(legal * self._signs ** len(classes) + ODD)

    def weighed(self, found: Sequence[Found]) -> list[Found]:
        """The same texts with log P(text | plate) as it is when the syntax counts too; together as likely as before."""
        if not found:
            return []
        before = np.array([one.log_p for one in found])
        after = before + self._weight * np.array([self.lift(one.classes) for one in found])
        after += np.logaddexp.reduce(before) - np.logaddexp.reduce(after)
        return [Found(one.classes, float(log_p)) for one, log_p in zip(found, after, strict=True)]


def syntax_of(card: ModelCard, told: Region | None = None) -> Syntax | None:
    """The syntax of the region that is told, or of those that a card names.

    None where it names none or one that is not here, and for readers of free texts.
    """
    if told:
        return _told(told, card.tokens, card.aliases)
    drawn = card.origin.get("config", {}).get("drawn", {})
    if drawn.get("preset") or not drawn.get("regions"):
        return None
    return _syntax(tuple(drawn["regions"]), card.tokens, card.aliases)


@lru_cache(maxsize=512)
def _told(region: Region, tokens: tuple[str, ...], alias: Aliases) -> Syntax:
    return Syntax([region], tokens, alias, TOLD)


@lru_cache(maxsize=16)
def _syntax(names: tuple[str, ...], tokens: tuple[str, ...], alias: Aliases) -> Syntax | None:
    try:
        return Syntax([plates.region(code) for code in plates.chosen(names)], tokens, alias)
    except LprError:  # a user's own region file that is gone
        return None


def _shares(region: Region, regions: int, alias: Mapping[str, str]) -> Iterator[float]:
    """P of any one text of each pattern."""
    whole = sum(pattern.weight for pattern in region.patterns) * regions
    for pattern in region.patterns:
        signs = [{alias.get(token, token) for token in slot.tokens} for slot in pattern.slots]
        yield pattern.weight / whole / prod(map(len, signs))


def _bits(number: int) -> Iterator[int]:
    while number:
        yield (number & -number).bit_length() - 1
        number &= number - 1
