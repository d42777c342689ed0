"""Regions: what the plates of a country or state may say and look like, one TOML file each under `regions/`.

    name = "Nowhere"

    [classes]                               # what a place of a serial may hold
    A = "ABCDEFGHJKLMNPRSTVWXYZ"            # one-letter name: a string, every character is a token
    city = ["서울", "부산"]                  # longer name: a list of tokens, each printed as one sign or block
    [weights.A]                             # how often a token is drawn; 1 where nothing is said
    "QX" = 0.1                              # a token, or several one-letter ones

    [[patterns]]
    name = "standard"
    serial = "{city} (9:1|99:4) AA-999"     # see below
    weight = 5.0                            # how often the pattern is drawn, relative
    longest = 8                             # longer ones of its variants are left out
    styles = ["white*"]                     # names or wildcards; left out: every style with as many rows

    [[styles]]                              # the fields of core.types.Style; colours as "#rrggbb"
    name = "white"
    like = "other"                          # starts from a style that stands above it, all but its weight
    [[styles.bands]]                        # the fields of core.types.Band

    [merge]                                 # tokens that count as one when merged scores are asked for
    O = "0"

A serial is read from left to right:

    9  A  ...     a token of the class of that name; `9` (0-9) and `A` (A-Z) exist unless the file defines them
    {city}        a token of a class with a longer name
    'E'           this very token
    space - · .   printed there, no part of the text
    /             the next row begins
    (a|bb:3|)     one of these, with weights (1 where none is given); an alternative may be empty

Alternatives become one Pattern each, all with the pattern's name. A code of several Latin letters, such as a German
district, is several one-letter places: a reader spells it.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lprkit.core import config
from lprkit.core.alphabet import LATIN, LOOKALIKES, Alphabet
from lprkit.core.errors import ConfigError
from lprkit.core.lookup import known
from lprkit.core.types import Pattern, Region, Style
from lprkit.plates.notation import PatternEntry, classes_from, expand

FOLDER = Path(__file__).parent / "regions"
_COLOURS = ("ink", "paper", "paper_end", "border")


def region(code: str) -> Region:
    """The region of that code (`codes` lists them), or of a TOML file given by its path.

    A file's code is its name. Once read, it is found by that too, unless a region of the package has the same.
    """
    if code.endswith(".toml"):
        found = _from_file(Path(code))
        _OWN[found.code] = found
        return found
    if code in _OWN and code not in codes():
        return _OWN[code]
    return _from_file(FOLDER / f"{known(code, codes(), 'region')}.toml")


_OWN: dict[str, Region] = {}
"""Regions from files outside the package by code, the file read last where two have one name."""


@cache
def _from_file(path: Path) -> Region:
    return read(path)


@cache
def codes() -> tuple[str, ...]:
    """The codes of all regions in the package, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def chosen(names: Sequence[str] = (), weights: Sequence[float] = ()) -> dict[str, float]:
    """Code -> weight of the regions that names stand for; none: all, alike.

    A name may have wildcards: "us-*" is every state that is not named by itself, and they share its weight.
    """
    names = tuple(names) or codes()
    if weights and (len(weights) != len(names) or min(weights) < 0 or sum(weights) <= 0):
        raise ConfigError(f"weights: expected {len(names)} numbers of 0 or more, one a region, got {tuple(weights)}.")
    found: dict[str, float] = {}
    for name, weight in zip(names, weights or (1.0,) * len(names), strict=True):
        if not any(sign in name for sign in "*?["):
            found[region(name).code] = weight
            continue
        members = [code for code in fnmatch.filter(codes(), name) if code not in names]
        if not members:
            raise ConfigError(f"{name!r}: no region has such a code. `lprkit list regions` has them all.")
        shared = weight / len(members) if weights else weight
        found |= {code: shared for code in members if code not in found}
    return found


def alphabet(names: Iterable[str]) -> Alphabet:
    """Every token of these regions (codes, or names with wildcards): 0-9, A-Z, then the others sorted."""
    regions = [region(code) for code in chosen(tuple(names))]
    tokens = {token for each in regions for token in each.tokens}
    ordered = (*(t for t in LATIN if t in tokens), *sorted(tokens.difference(LATIN)))
    merge = {a: b for a, b in LOOKALIKES.items() if a in tokens}
    return Alphabet(ordered, merge | {a: b for each in regions for a, b in each.merge.items()})


def read(path: Path) -> Region:
    """The region that a TOML file describes; a ConfigError says in one line what is wrong in it."""
    where = str(path)
    file = config.build(_File, config.read_toml(path), where)
    classes = classes_from(file.classes, file.weights, where)
    styles = _styles(file.styles, where)
    patterns = [
        pattern
        for raw in file.patterns
        for pattern in _in_styles(expand(_entry(raw, where), classes, where), styles, where)
    ]
    if not patterns:
        raise ConfigError(f"{where}: a region needs at least one [[patterns]].")
    found = Region(path.stem, file.name, tuple(patterns), styles, file.merge)
    _check_merge(found, where)
    return found


@dataclasses.dataclass(frozen=True)
class _File:
    name: str
    patterns: tuple[Mapping[str, Any], ...] = ()
    styles: tuple[Mapping[str, Any], ...] = ()
    classes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    weights: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    merge: Mapping[str, str] = dataclasses.field(default_factory=dict)


def _entry(raw: Mapping[str, Any], where: str) -> PatternEntry:
    entry = config.build(PatternEntry, raw, f"{where}: pattern {raw.get('name', '')!r}")
    if entry.weight <= 0:
        raise ConfigError(f"{where}: pattern {entry.name!r}: its weight must be above 0.")
    return entry


def _in_styles(variants: list[Pattern], styles: tuple[Style, ...], where: str) -> list[Pattern]:
    """The variants of one entry with the names of the styles that they are printed in."""
    first = variants[0]
    names = {
        rows: _fitting(first, rows, styles, f"{where}: pattern {first.name!r}") for rows in {v.rows for v in variants}
    }
    return [dataclasses.replace(variant, styles=names[variant.rows]) for variant in variants]


def _fitting(pattern: Pattern, rows: int, styles: tuple[Style, ...], where: str) -> tuple[str, ...]:
    """The styles that the pattern's wildcards name, or every one of as many rows."""
    fits = {style.name: len(style.row_heights_mm) == rows for style in styles}
    names = [name for name, right in fits.items() if right] if not pattern.styles else []
    for wanted in pattern.styles:
        names += [name for name in fits if fnmatch.fnmatchcase(name, wanted)] or [_known(wanted, fits, where)]
    wrong = [name for name in names if not fits[name]]
    if wrong or not names:
        cause = f"style {wrong[0]!r} has another number" if wrong else "no style has that many"
        raise ConfigError(f"{where}: it has {rows} row(s), {cause} of row_heights_mm.")
    return tuple(dict.fromkeys(names))


def _known(name: str, names: Iterable[str], where: str) -> str:
    try:
        return known(name, names, "style")
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _styles(raw: tuple[Mapping[str, Any], ...], where: str) -> tuple[Style, ...]:
    entries: dict[str, Mapping[str, Any]] = {}
    for entry in raw:
        name = entry.get("name")
        if not isinstance(name, str) or not name or name in entries:
            raise ConfigError(f"{where}: every [[styles]] needs a name of its own; got {name!r}.")
        entries[name] = _filled(entry, entries, f"{where}: style {name!r}")
    return tuple(_style(entry, f"{where}: style {name!r}") for name, entry in entries.items())


def _filled(entry: Mapping[str, Any], above: Mapping[str, Mapping[str, Any]], where: str) -> Mapping[str, Any]:
    """The entry over the one it is `like`."""
    like = entry.get("like")
    if like is None:
        return entry
    start = above[_known(str(like), above, where)]
    own = {"weight": 1.0} | {key: value for key, value in entry.items() if key != "like"}
    return {**start, **own}


def _style(entry: Mapping[str, Any], where: str) -> Style:
    style = config.build(Style, _coloured(entry, where), where)
    sizes = (style.width_mm, style.height_mm, style.letter_width_mm, style.stroke_mm, style.weight)
    if min(*sizes, *style.row_heights_mm) <= 0 or style.gap_mm < 0:
        raise ConfigError(f"{where}: its sizes and weight must be above 0.")
    if not style.row_heights_mm or sum(style.row_heights_mm) > style.height_mm:
        raise ConfigError(f"{where}: its rows must fit in height_mm = {style.height_mm:g}.")
    return style


def _coloured(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The entry with every "#rrggbb" as a Colour, those of its bands too."""
    colours = {key: _colour(entry[key], f"{where}: {key}") for key in _COLOURS if key in entry}
    bands = entry.get("bands", [])
    if not isinstance(bands, list) or not all(isinstance(band, Mapping) for band in bands):
        raise ConfigError(f"{where}: write its bands as [[styles.bands]].")
    return {**entry, **colours, "bands": [_coloured_band(band, f"{where}: band") for band in bands]}


def _coloured_band(band: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {**band, **{key: _colour(band[key], f"{where}: {key}") for key in _COLOURS if key in band}}


def _colour(text: Any, where: str) -> list[int]:
    if not isinstance(text, str) or not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise ConfigError(f'{where}: {text!r} is no colour; write it as "#rrggbb".')
    return list(bytes.fromhex(text[1:]))


def _check_merge(found: Region, where: str) -> None:
    for token, other in found.merge.items():
        if token not in found.tokens or not isinstance(other, str) or not other:
            raise ConfigError(f"{where}: [merge] {token} = {other!r}: {token!r} is no token of the region.")
