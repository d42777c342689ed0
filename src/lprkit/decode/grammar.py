"""A region's patterns as an automaton over classes: which prefixes can still become a legal text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lprkit.core.alphabet import Aliases
from lprkit.core.types import Pattern, Region


class Grammar:
    """The patterns that are still open after each prefix, as the bits of one integer: bit n is the n-th pattern.

    All patterns are walked at once; it costs one dictionary look-up and one `&` a token, however many there are.
    """

    def __init__(self, patterns: Sequence[Pattern], tokens: Sequence[str], alias: Aliases = ()) -> None:
        classes = {token: n for n, token in enumerate(tokens)}
        classes |= {name: classes[token] for name, token in alias if token in classes}
        longest = max((len(pattern.slots) for pattern in patterns), default=0)
        self.patterns = tuple(patterns)
        self._open: list[dict[int, int]] = [{} for _ in range(longest)]
        self._complete = [0] * (longest + 1)
        for n, pattern in enumerate(patterns):
            self._add(pattern, 1 << n, classes)

    def _add(self, pattern: Pattern, bit: int, classes: dict[str, int]) -> None:
        self._complete[len(pattern.slots)] |= bit
        for at, slot in enumerate(pattern.slots):
            here = self._open[at]
            for token in slot.tokens:
                if token in classes:  # a network that lacks the token cannot write it
                    here[classes[token]] = here.get(classes[token], 0) | bit

    @property
    def start(self) -> int:
        """Every pattern open."""
        return (1 << len(self.patterns)) - 1

    def after(self, still: int, depth: int, token: int) -> int:
        """The patterns still open when `token` is the one after `depth` others; 0: none."""
        return still & self._open[depth].get(token, 0) if depth < len(self._open) else 0

    def complete(self, still: int, depth: int) -> int:
        """The patterns that `depth` tokens fill."""
        return still & self._complete[depth] if depth < len(self._complete) else 0

    def fitting(self, classes: Sequence[int]) -> int:
        """The patterns that this text fits."""
        still = self.start
        for depth, token in enumerate(classes):
            still = self.after(still, depth, token)
        return self.complete(still, len(classes))

    def match(self, classes: Sequence[int], rows: int = 1) -> Pattern | None:
        """The first pattern that this text fits, one with as many rows if there is one."""
        full = self.fitting(classes)
        fitting = [pattern for n, pattern in enumerate(self.patterns) if full >> n & 1]
        return next((pattern for pattern in fitting if pattern.rows == rows), fitting[0] if fitting else None)


@lru_cache(maxsize=512)
def grammar_of(region: Region, tokens: tuple[str, ...], alias: Aliases = ()) -> Grammar:
    """The grammar of a region for a network that writes these tokens, and some as others."""
    return Grammar(region.patterns, tokens, alias)
