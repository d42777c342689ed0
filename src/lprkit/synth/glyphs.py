"""Where the signs of a plate come from: strokes of our own, fonts of the machine, folders of pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from lprkit.core.errors import DataError
from lprkit.core.types import Style
from lprkit.synth import folders, fonts, strokes
from lprkit.synth.strokes import CANON_PX, Mask

T = TypeVar("T")

STROKE_FACES = 16
"""Stroke typefaces drawn from each family; more only cost cache."""


class GlyphSource(Protocol):
    """A typeface: masks of the signs that it covers."""

    @property
    def name(self) -> str:
        """Family and face, such as "fe:gl-nummernschild-mtl" or "strokes:din-3"."""

    def __hash__(self) -> int:
        """Sources are keys of the caches."""

    def covers(self, sign: str) -> bool:
        """Whether it has a picture of this one sign."""

    def mask(self, sign: str, aspect: float, stroke: float) -> Mask:
        """The sign CANON_PX high; width of H and line width wanted, as shares of the height (0: its own)."""


@dataclass(frozen=True)
class StrokeSource:
    """A stroke typeface of our own."""

    name: str

    def covers(self, sign: str) -> bool:
        """Digits, A-Z and a few more."""
        return sign in strokes.SIGNS

    def mask(self, sign: str, aspect: float, stroke: float) -> Mask:
        """The sign, drawn at this width and weight."""
        hand = strokes.hand(self.name.partition(":")[2])
        hand = replace(hand, aspect=aspect or hand.aspect, stroke=min(stroke or hand.stroke, 0.3 * aspect or 1.0))
        return strokes.draw_sign(sign, hand)


@dataclass(frozen=True)
class FontSource:
    """A font file."""

    name: str
    path: str

    def covers(self, sign: str) -> bool:
        """Whether the font has the sign."""
        return _font_covers(self.path, sign)

    def mask(self, sign: str, aspect: float, stroke: float) -> Mask:
        """The sign, widened and thickened towards what is wanted."""
        return _reshaped(fonts.font_mask(self.path, sign), _Shape(self, sign), aspect, stroke)


@dataclass(frozen=True)
class FolderSource:
    """A folder of glyph pictures."""

    name: str
    folder: folders.Folder

    def covers(self, sign: str) -> bool:
        """Whether there is a picture of the sign."""
        return self.folder.file(sign) is not None

    def mask(self, sign: str, aspect: float, stroke: float) -> Mask:
        """The sign, widened and thickened towards what is wanted."""
        return _reshaped(folders.folder_mask(self.folder, sign), _Shape(self, sign), aspect, stroke)


@dataclass(frozen=True)
class GlyphFace:
    """What one plate is lettered with: a typeface for each of its signs."""

    sources: tuple[GlyphSource, ...]
    """The first that covers a sign draws it."""
    width: float = 1.0
    """Factor on the width that the style asks for."""
    weight: float = 1.0
    """Factor on the line width that the style asks for; 0: the typeface's own."""

    @property
    def name(self) -> str:
        """The typefaces, joined by "+"."""
        return "+".join(source.name for source in self.sources)

    def mask(self, token: str, aspect: float, stroke: float, stacked: bool = False) -> Mask:
        """The token CANON_PX high; several signs side by side, or one over the other where `stacked`."""
        signs = [self._sign(sign, aspect, stroke) for sign in token]
        if len(signs) == 1:
            return signs[0]
        return _column(signs) if stacked else _row(signs)

    def _sign(self, sign: str, aspect: float, stroke: float) -> Mask:
        source = next((s for s in self.sources if s.covers(sign)), None)
        if source is None:
            raise missing(sign)
        shape = round(aspect * self.width * 32), round(stroke * self.weight * 64)
        return _cached(source, sign, *shape)


@dataclass(frozen=True)
class GlyphBook:
    """Every typeface at hand, in families; small and picklable, masks are made where they are used."""

    families: tuple[tuple[str, tuple[GlyphSource, ...]], ...]
    loyalty: float = 0.7
    """How often a plate gets the typeface that its style asks for, when there is one."""
    _by_prefix: dict[tuple[str, ...], tuple[GlyphSource, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def sources(self) -> tuple[GlyphSource, ...]:
        """Every typeface."""
        return tuple(source for _, members in self.families for source in members)

    def pick(self, style: Style, tokens: Sequence[str], rng: np.random.Generator) -> GlyphFace:
        """Typefaces that cover all signs of these tokens; the style's own most of the time."""
        signs = frozenset("".join(tokens))
        wide = frozenset(sign for sign in signs if fonts.is_wide(sign))
        wanted = self._wanted(style.glyphs) if rng.random() < self.loyalty else ()
        first = self._choose(signs - wide or wide, wanted, rng)
        chosen: tuple[GlyphSource, ...] = (first,)
        if not all(first.covers(sign) for sign in wide):
            chosen = (first, self._choose(wide, wanted or self._wanted(style.glyphs), rng))
        width = float(np.clip(rng.normal(1.0, 0.05), 0.85, 1.15))
        weight = 0.0 if rng.random() < 0.35 else float(np.clip(rng.normal(1.0, 0.12), 0.7, 1.4))
        return GlyphFace(chosen, width, weight)

    def _wanted(self, prefixes: tuple[str, ...]) -> tuple[GlyphSource, ...]:
        """The typefaces whose names begin with one of these."""
        if prefixes not in self._by_prefix:
            self._by_prefix[prefixes] = tuple(s for s in self.sources if prefixes and s.name.startswith(prefixes))
        return self._by_prefix[prefixes]

    def _choose(self, signs: frozenset[str], wanted: tuple[GlyphSource, ...], rng: np.random.Generator) -> GlyphSource:
        """One typeface that covers all the signs: a wanted one, else any, each family as often as another."""
        for source in _shuffled(wanted, rng):
            if _covers_all(source, signs):
                return source
        for _, members in _shuffled(self.families, rng):
            for source in _shuffled(members, rng):
                if _covers_all(source, signs):
                    return source
        raise missing("".join(sorted(signs)))


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
    found += [StrokeSource(f"strokes:{family}-{i}") for family in strokes.FAMILIES for i in range(STROKE_FACES)]
    left_out, kept = tuple(without), tuple(only)
    found = [s for s in found if not s.name.startswith(left_out)] if left_out else found
    found = [s for s in found if s.name.startswith(kept)] if kept else found
    if not found:
        raise DataError(f"No typeface is left without {left_out} and with only {kept or 'any'}. Leave out fewer.")
    return GlyphBook(_families(found))


def missing(signs: str) -> DataError:
    """The error for signs that no typeface has."""
    hint = "Give a font or glyph folder that has them (`--glyphs PATH`)."
    if any(fonts.is_wide(sign) for sign in signs):
        hint = "Install a Chinese or Korean font (Debian: fonts-noto-cjk), or give a glyph folder (`--glyphs PATH`)."
    return DataError(f"No typeface on this machine has {signs!r}. {hint}")


def _families(found: list[GlyphSource]) -> tuple[tuple[str, tuple[GlyphSource, ...]], ...]:
    """The sources grouped by what stands before the colon; each family of strokes stands for itself."""
    groups: dict[str, list[GlyphSource]] = defaultdict(list)
    for source in found:
        groups[source.name.split("-")[0] if source.name.startswith("strokes:") else source.name.split(":")[0]].append(
            source
        )
    return tuple((name, tuple(members)) for name, members in sorted(groups.items()))


def _shuffled(items: Sequence[T], rng: np.random.Generator) -> Iterator[T]:
    """The items in a random order, each drawn only when it is asked for."""
    left = list(items)
    while left:
        at = int(rng.integers(len(left)))
        left[at], left[-1] = left[-1], left[at]
        yield left.pop()


@lru_cache(maxsize=65536)
def _cached(source: GlyphSource, sign: str, aspect_step: int, stroke_step: int) -> Mask:
    """The mask of a sign, remembered; read-only."""
    mask = source.mask(sign, aspect_step / 32, stroke_step / 64)
    mask.setflags(write=False)
    return mask


@lru_cache(maxsize=65536)
def _covers_all(source: GlyphSource, signs: frozenset[str]) -> bool:
    """Whether a source has every one of the signs."""
    return all(source.covers(sign) for sign in signs)


@lru_cache(maxsize=65536)
def _font_covers(path: str, sign: str) -> bool:
    """Whether a font has the sign; a font that cannot be read has none."""
    try:
        return fonts.font_covers(path, sign)
    except DataError:
        return False


@dataclass(frozen=True)
class _Shape:
    """A sign and the source whose usual letters say how wide and heavy it is."""

    source: FontSource | FolderSource
    sign: str


@lru_cache(maxsize=4096)
def _own_shape(source: FontSource | FolderSource) -> tuple[float, float]:
    """Width of a usual letter and line width of a typeface, as shares of the height."""
    import cv2

    sample = [sign for sign in "H0E358NU" if source.covers(sign)][:5]
    masks = [source.mask(sign, 0.0, 0.0) for sign in sample or _any_signs(source)]
    aspect = float(np.median([mask.shape[1] for mask in masks])) / CANON_PX
    lines = []
    for mask in masks:
        binary = (np.pad(mask, 1) > 127).astype(np.uint8)
        contours, _ = cv2.findContours(binary, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        edge = sum(cv2.arcLength(contour, True) for contour in contours)
        lines.append(2.0 * float(binary.sum()) / max(edge, 1.0))
    return aspect, float(np.median(lines)) / CANON_PX


def _any_signs(source: FontSource | FolderSource) -> list[str]:
    """A few signs that the source has, when it has no Latin ones."""
    return (
        [sign for sign in "가나국京云서" if source.covers(sign)] or [source.folder.files[0][0]]
        if isinstance(source, FolderSource)
        else ["国"]
    )


def _reshaped(mask: Mask, shape: _Shape, aspect: float, stroke: float) -> Mask:
    """A mask made wider and heavier towards what is wanted, as far as its typeface bears."""
    import cv2

    if not aspect and not stroke:
        return mask
    own_aspect, own_stroke = _own_shape(shape.source)
    factor = float(np.clip(aspect / own_aspect, 0.6, 1.6)) if aspect else 1.0
    if fonts.is_wide(shape.sign):
        factor = float(np.clip(factor, 0.8, 1.2))
    width = max(round(mask.shape[1] * factor), 3)
    wider = cv2.resize(mask, (width, CANON_PX), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    change = (stroke - own_stroke * min(factor, 1.0) ** 0.5) * CANON_PX if stroke else 0.0
    return _heavier(np.asarray(wider, dtype=np.uint8), float(np.clip(change, -3.0, 5.0)))


def _heavier(mask: Mask, change_px: float) -> Mask:
    """A mask with lines thicker by `change_px` (thinner where negative), its size kept."""
    import cv2

    size = int(abs(change_px)) + 1
    if abs(change_px) < 0.75:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    if change_px > 0:
        pad = size // 2
        small = cv2.resize(mask, (max(mask.shape[1] - 2 * pad, 3), CANON_PX - 2 * pad), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.dilate(np.pad(small, pad), kernel), dtype=np.uint8)
    thin = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return thin if thin.max() > 127 else mask


def _row(signs: list[Mask]) -> Mask:
    """Signs side by side."""
    gap = np.zeros((CANON_PX, CANON_PX // 12), dtype=np.uint8)
    parts = [part for sign in signs for part in (gap, sign)][1:]
    return np.hstack(parts)


def _column(signs: list[Mask]) -> Mask:
    """Signs one over the other, in the height of one."""
    import cv2

    width = round(max(sign.shape[1] for sign in signs) * 0.75)
    each = (CANON_PX - 4 * (len(signs) - 1)) // len(signs)
    canvas = np.zeros((CANON_PX, width), dtype=np.uint8)
    for i, sign in enumerate(signs):
        small = cv2.resize(sign, (width, each), interpolation=cv2.INTER_AREA)
        canvas[i * (each + 4) : i * (each + 4) + each] = small
    return canvas
