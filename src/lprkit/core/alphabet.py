"""What a reader can write: tokens, and which of them count as the same when scores are merged."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from lprkit.core.errors import DataError

LATIN = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LOOKALIKES: Mapping[str, str] = {"O": "0", "I": "1"}
"""O/0 and I/1: the pairs that published scores often count as one."""
Aliases: TypeAlias = tuple[tuple[str, str], ...]
"""Tokens that a network writes as another one, and that one: O as 0. `Alphabet.alias` in a form that can be a key."""


@dataclass(frozen=True)
class Alphabet:
    """Tokens in class order. The CTC blank is not one of them: its class is `blank`, the last."""

    tokens: tuple[str, ...]
    """One token may be several letters: "서울", "<police>"."""
    merge: Mapping[str, str] = field(default_factory=dict)
    """Tokens that count as another one when merged scores are asked for, such as O -> 0."""
    alias: Mapping[str, str] = field(default_factory=dict)
    """Tokens of texts that are read and written as one of `tokens`: the network does not tell them apart."""

    def __post_init__(self) -> None:
        twice = sorted(token for token, count in Counter(self.tokens).items() if count > 1 or not token)
        if twice or "" in self.tokens:
            raise DataError(
                f"An alphabet must list each token once and none empty; repeated or empty: {twice or ['']}."
            )
        astray = sorted(f"{a} -> {b}" for a, b in self.alias.items() if a in self.tokens or b not in self.tokens)
        if astray:
            raise DataError(f"An alias must lead from what is no token to one: {', '.join(astray)}.")

    @property
    def blank(self) -> int:
        """The class of the CTC blank: always the last."""
        return len(self.tokens)

    @property
    def classes(self) -> int:
        """How many classes a network over this alphabet has, blank included."""
        return len(self.tokens) + 1

    @cached_property
    def _index(self) -> dict[str, int]:
        index = {token: n for n, token in enumerate(self.tokens)}
        return index | {name: index[token] for name, token in self.alias.items()}

    @cached_property
    def _longest(self) -> int:
        return max((len(token) for token in self._index), default=1)

    def split(self, text: str) -> tuple[str, ...]:
        """The tokens of a text, each as long as the rest allows; a DataError names what is none."""
        size = len(text)
        fits = [0] * size + [1]  # at each place: the longest token after which the rest can be split as well
        for at in range(size - 1, -1, -1):
            for length in range(min(self._longest, size - at), 0, -1):
                if fits[at + length] and text[at : at + length] in self._index:
                    fits[at] = length
                    break
        if not fits[0]:
            raise DataError(
                f"{text!r} has {self._stranger(text)!r}, which is not in the alphabet of {len(self.tokens)} tokens."
            )
        tokens, at = [], 0
        while at < size:
            tokens.append(text[at : at + fits[at]])
            at += fits[at]
        return tuple(tokens)

    def _stranger(self, text: str) -> str:
        """The first sign that no way of splitting the text gets past."""
        reached = {0}
        for at in range(len(text)):
            if at in reached:
                lengths = range(1, min(self._longest, len(text) - at) + 1)
                reached.update(at + length for length in lengths if text[at : at + length] in self._index)
        return text[max(reached)]

    def encode(self, text: str) -> tuple[int, ...]:
        """The classes of a text's tokens."""
        return tuple(self._index[token] for token in self.split(text))

    def decode(self, classes: Sequence[int]) -> str:
        """The text that these classes spell."""
        return "".join(self.tokens[n] for n in classes)

    def written(self, text: str) -> str:
        """The text as a network over this alphabet writes it: a token that has an alias by that one.

        One with signs that are no tokens cannot be read right: each sign stands for itself.
        """
        try:
            parts = self.split(text)
        except DataError:
            parts = tuple(text)
        return "".join(self.alias.get(part, part) for part in parts)

    @property
    def concatenated(self) -> dict[str, list[str]]:
        """Token -> those that are written as it; empty where the network tells all apart."""
        kinds: dict[str, list[str]] = {}
        for name, token in sorted(self.alias.items()):
            kinds.setdefault(token, []).append(name)
        return kinds

    def merged(self, text: str) -> str:
        """The text with its look-alikes replaced, for scores that count them as one."""
        return "".join(self.merge.get(token, token) for token in (self.alias.get(t, t) for t in self.split(text)))


HIEROGLYPH = "<hieroglyph>"
"""The one token that stands for all that are no Latin letters and digits, when they are concatenated."""


def concatenated(alphabet: Alphabet, h_concat: bool = False, oi_concat: bool = False) -> Alphabet:
    """The alphabet with fewer classes: all but 0-9 and A-Z as one (`h_concat`), O as 0 and I as 1 (`oi_concat`).

    The names are those of OpenVINO's LPRNet, where the first makes one class of the provinces and <police>.
    """
    alias = {a: b for a, b in LOOKALIKES.items() if oi_concat and {a, b} <= set(alphabet.tokens)}
    if h_concat:
        alias |= {token: HIEROGLYPH for token in alphabet.tokens if token not in LATIN}
    kept = [token for token in alphabet.tokens if token not in alias]
    if HIEROGLYPH in alias.values():
        kept.append(HIEROGLYPH)
    merge = {a: b for a, b in alphabet.merge.items() if a in kept and b in kept}
    return Alphabet(tuple(kept), merge, alias)


def steps_needed(classes: Sequence[int]) -> int:
    """CTC steps that a label needs: its length, and one more between each two equal neighbours."""
    return len(classes) + sum(a == b for a, b in itertools.pairwise(classes))
