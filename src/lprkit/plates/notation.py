"""The notation of serials in region files, "{city} (9:1|99:4) AA-999", as `region`'s docstring defines it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lprkit.core.errors import ConfigError
from lprkit.core.types import SEPARATORS, Pattern, Slot

BUILT_IN = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
"""Classes that exist without being defined."""
RESERVED = frozenset("".join(SEPARATORS) + "(){}|:'\"")

_GROUP = re.compile(r"\(([^()]*)\)")
_PART = re.compile(r"\{(?P<name>[^{}]+)\}|'(?P<token>[^']+)'|(?P<letter>[^(){}|:'\"])")
_VARIANTS = 500
"""More variants of one serial than this are a slip of the pen."""


@dataclass(frozen=True)
class PatternEntry:
    """One `[[patterns]]` as it stands in a file."""

    name: str
    serial: str
    weight: float = 1.0
    longest: int = 99
    """Variants with more tokens are left out."""
    styles: tuple[str, ...] = ()


def expand(entry: PatternEntry, classes: Mapping[str, Slot], where: str) -> list[Pattern]:
    """The patterns of one entry: one for each choice among its alternatives; their weights sum to its own."""
    where = f"{where}: pattern {entry.name!r}"
    groups = [_alternatives(piece, n % 2 == 1, where) for n, piece in enumerate(_GROUP.split(entry.serial))]
    choices = list(itertools.islice(itertools.product(*groups), _VARIANTS + 1))
    if len(choices) > _VARIANTS:
        raise ConfigError(f"{where}: {entry.serial!r} has over {_VARIANTS} variants. Split it or use fewer '|'.")
    variants = [(_parts("".join(text for text, _ in choice), classes, where), choice) for choice in choices]
    kept = [
        (parts, math.prod(weight for _, weight in choice))
        for parts, choice in variants
        if len(parts[0]) <= entry.longest
    ]
    if not kept:
        raise ConfigError(f"{where}: every variant of {entry.serial!r} has more than longest = {entry.longest} tokens.")
    total = sum(share for _, share in kept)
    return [
        Pattern(entry.name, slots, printed, entry.weight * share / total, entry.styles)
        for (slots, printed), share in kept
    ]


def _alternatives(piece: str, grouped: bool, where: str) -> list[tuple[str, float]]:
    if not grouped:
        return [(piece, 1.0)]
    pairs = (text.partition(":") for text in piece.split("|"))
    return [(text, _weight(number, where) if colon else 1.0) for text, colon, number in pairs]


def _weight(text: Any, where: str) -> float:
    try:
        weight = float(text)
    except (TypeError, ValueError):
        weight = math.nan
    if not 0 < weight < math.inf:
        raise ConfigError(f"{where}: the weight {text!r} is no number above 0.")
    return weight


def _parts(serial: str, classes: Mapping[str, Slot], where: str) -> tuple[tuple[Slot, ...], tuple[int | str, ...]]:
    slots: list[Slot] = []
    printed: list[int | str] = []
    at = 0
    while at < len(serial):
        match = _PART.match(serial, at)
        if match is None:
            raise ConfigError(f"{where}: {serial!r} cannot be read from {serial[at:]!r} on.")
        at = match.end()
        if match["letter"] in SEPARATORS:
            printed.append(match["letter"])
            continue
        printed.append(len(slots))
        slots.append(
            Slot((match["token"],)) if match["token"] else _slot(match["name"] or match["letter"], classes, where)
        )
    if _misplaced(printed):
        raise ConfigError(f"{where}: {serial!r} must start and end with a token and have one separator at a time.")
    return tuple(slots), tuple(printed)


def _slot(name: str, classes: Mapping[str, Slot], where: str) -> Slot:
    if name not in classes:
        cure = f"Define it under [classes], or write '{name}' in quotes for that very token."
        raise ConfigError(f"{where}: no class {name!r} (known: {', '.join(sorted(classes))}). {cure}")
    return classes[name]


def _misplaced(printed: list[int | str]) -> bool:
    """Whether a separator stands at an end or beside another one; " - " and the like are one gap, not three."""
    padded = ["", *printed, ""]
    return not printed or any(isinstance(a, str) and isinstance(b, str) for a, b in itertools.pairwise(padded))


def classes_from(raw: Mapping[str, Any], weights: Mapping[str, Any], where: str) -> dict[str, Slot]:
    """The slots that class names stand for, the built-in ones among them."""
    for name in weights:
        if name not in raw and name not in BUILT_IN:
            raise ConfigError(f"{where}: [weights.{name}] has no class {name!r} under [classes].")
    tokens = {name: _tokens(value, f"{where}: class {name!r}") for name, value in (BUILT_IN | dict(raw)).items()}
    for name in tokens:
        if RESERVED.intersection(name):
            raise ConfigError(f"{where}: class {name!r} has a letter that means something in a serial.")
    return {
        name: Slot(each, _shares(each, weights.get(name), f"{where}: [weights.{name}]"))
        for name, each in tokens.items()
    }


def _tokens(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, str | list) or not value or not all(isinstance(token, str) for token in value):
        raise ConfigError(f"{where}: expected a string of characters or a list of tokens, got {value!r}.")
    bad = sorted({token for token in value if not token or RESERVED.intersection(token)})
    twice = sorted({token for token in value if list(value).count(token) > 1})
    if bad or twice:
        raise ConfigError(f"{where}: {(bad or twice)[0]!r} is {'no token' if bad else 'listed twice'}.")
    return tuple(value)


def _shares(tokens: tuple[str, ...], raw: Any, where: str) -> tuple[float, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{where}: expected token = weight, got {raw!r}.")
    shares = dict.fromkeys(tokens, 1.0)
    for key, number in raw.items():
        for token in _named(key, tokens, where):
            shares[token] = _weight(number, where)
    return tuple(shares.values())


def _named(key: str, tokens: tuple[str, ...], where: str) -> Iterable[str]:
    named = (key,) if key in tokens else tuple(key)
    for token in named:
        if token not in tokens:
            raise ConfigError(f"{where}: {token!r} is not in the class.")
    return named
