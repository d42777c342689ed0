"""Where the signs of a plate come from: strokes of our own, fonts of the machine, folders of pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np

from lprkit.core.chance import below
from lprkit.core.errors import DataError
from lprkit.core.types import Style
from lprkit.synth import folders, fonts, hands
from lprkit.synth.faces import FolderSource, FontSource, GlyphFace, GlyphSource, StrokeSource, covers_all, missing

T = TypeVar("T")
Family = tuple[str, tuple[GlyphSource, ...]]

STROKE_FACES = 12
"""Stroke typefaces drawn from each family; more only cost cache."""

NATIONAL: dict[str, tuple[str, ...]] = {
    "cn": ("cn_",),
    "de": ("fe:", "strokes:fe"),
    "fr": ("din:", "strokes:din", "strokes:wright"),
    "gb": ("wright:", "strokes:wright"),
    "il": ("din:", "strokes:din", "strokes:highway"),
    "kr": ("kr_",),
    "us": ("roadgeek:", "strokes:highway", "strokes:embossed"),
    "vn": ("din:", "strokes:din", "strokes:narrow"),
}
"""Typefaces near to those of a country's plates, for styles that name none: beginnings of source names."""

PLATE_LIKE = ("strokes", "fe:", "wright:", "roadgeek:", "din:", "bebas:", "osifont:", "dejavu:", "nimbus:")
"""Typefaces that look like some country's plates: half of what is picked at random."""


@dataclass(frozen=True)
class GlyphBook:
    """Every typeface at hand, in families; small and picklable, masks are made where they are used."""

    families: tuple[Family, ...]
    loyalty: float = 0.7
    """How often a plate gets the typeface that its style or country asks for, when there is one."""

    @cached_property
    def sources(self) -> tuple[GlyphSource, ...]:
        """Every typeface."""
        return tuple(source for _, members in self.families for source in members)

    def pick(self, style: Style, tokens: Sequence[str], rng: np.random.Generator, region: str = "") -> GlyphFace:
        """Typefaces that cover all signs of these tokens: most of the time what the style or the region asks for."""
        signs = frozenset("".join(tokens))
        wide = frozenset(sign for sign in signs if fonts.is_wide(sign))
        prefixes = style.glyphs or NATIONAL.get(region[:2], ())
        wanted = self._beginning(prefixes) if rng.random() < self.loyalty else ()
        first = self._choose(signs - wide or wide, wanted, rng)
        chosen: tuple[GlyphSource, ...] = (first,)
        if not covers_all(first, wide):
            chosen = (first, self._choose(wide, wanted, rng))
        width, weight = (min(max(1.0 + share * rng.normal(), 0.8), 1.3) for share in (0.06, 0.13))
        return GlyphFace(chosen, width, 0.0 if rng.random() < 0.35 else weight, self._upper(first))

    def _choose(self, signs: frozenset[str], wanted: tuple[GlyphSource, ...], rng: np.random.Generator) -> GlyphSource:
        """One typeface that covers all the signs: a wanted one, else any, each family as often as another."""
        for source in _shuffled(wanted, rng):
            if covers_all(source, signs):
                return source
        families = self._plate_like if rng.random() < 0.5 else self.families
        sample = fonts.sample(min(signs, default=""))
        likely = self._with_sign(families is self._plate_like, sample) if sample else families
        for _, members in chain(_shuffled(likely, rng), self.families):
            for source in _shuffled(members, rng):
                if covers_all(source, signs):
                    return source
        raise missing("".join(sorted(signs)))

    def _beginning(self, prefixes: tuple[str, ...]) -> tuple[GlyphSource, ...]:
        """The typefaces whose names begin with one of these."""
        if prefixes not in self._found:
            self._found[prefixes] = tuple(s for s in self.sources if prefixes and s.name.startswith(prefixes))
        return self._found[prefixes]

    def _upper(self, source: GlyphSource) -> GlyphSource | None:
        """The typeface for upper rows that belongs to one for lower rows: "x:220up" to "x:220down"."""
        if not source.name.endswith("down"):
            return None
        upper = self._beginning((f"{source.name.removesuffix('down')}up",))
        return upper[0] if upper else None

    def _with_sign(self, plate_like: bool, sign: str) -> tuple[Family, ...]:
        """What of the families has the sign, and folders, which may have others of its script."""
        key = plate_like, sign
        if key not in self._having:
            families = self._plate_like if plate_like else self.families
            having = (
                (name, tuple(s for s in members if isinstance(s, FolderSource) or s.covers(sign)))
                for name, members in families
            )
            self._having[key] = tuple(family for family in having if family[1])
        return self._having[key]

    @cached_property
    def _having(self) -> dict[tuple[bool, str], tuple[Family, ...]]:
        return {}

    @cached_property
    def _found(self) -> dict[tuple[str, ...], tuple[GlyphSource, ...]]:
        return {}

    @cached_property
    def _plate_like(self) -> tuple[Family, ...]:
        return tuple(family for family in self.families if f"{family[0]}:".startswith(PLATE_LIKE))


def find(
    extra: Sequence[Path] = (), without: Iterable[str] = (), only: Iterable[str] = (), system: bool = True
) -> GlyphBook:
    """Strokes, the machine's fonts, and what lies in `extra` (font files, glyph folders, folders of either).

    `without` and `only` leave out or keep typefaces by the beginning of their name: leave one out to train, keep it to
    validate. `system` False: none of the machine's own fonts, so the same book everywhere.
    """
    for path in extra:
        if not path.exists():
            raise DataError(f"{path}: there is no such glyph folder or font. Check the path.")
    found: list[GlyphSource] = []
    if system:
        found += [FontSource(name, str(path)) for name, path in fonts.find_fonts(fonts.font_folders()).items()]
    found += [FontSource(name, str(path)) for name, path in fonts.find_fonts(extra, every=True).items()]
    found += [FolderSource(f.name, f) for path in extra if path.is_dir() for f in folders.find_folders(path)]
    found += [StrokeSource(f"strokes:{family}-{i}") for family in hands.FAMILIES for i in range(STROKE_FACES)]
    left_out, kept = tuple(without), tuple(only)
    found = [s for s in found if not s.name.startswith(left_out)] if left_out else found
    found = [s for s in found if s.name.startswith(kept)] if kept else found
    if not found:
        raise DataError(f"No typeface is left without {left_out} and with only {kept or 'any'}. Leave out fewer.")
    return GlyphBook(_families(found))


def _families(found: list[GlyphSource]) -> tuple[Family, ...]:
    """The sources grouped by what stands before the colon; each family of strokes stands for itself."""
    groups: dict[str, list[GlyphSource]] = defaultdict(list)
    for source in found:
        groups[source.name.split("-" if source.name.startswith("strokes:") else ":")[0]].append(source)
    return tuple((name, tuple(members)) for name, members in sorted(groups.items()))


def _shuffled(items: Sequence[T], rng: np.random.Generator) -> Iterator[T]:
    """The items in a random order, each drawn only when it is asked for."""
    left = list(items)
    while left:
        at = below(rng, len(left))
        left[at], left[-1] = left[-1], left[at]
        yield left.pop()
