"""Typefaces, wherever they come from: the mask of a sign, how wide and how heavy it should be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from lprkit.core.errors import DataError
from lprkit.synth import folders, fonts, hands, strokes
from lprkit.synth.strokes import CANON_PX, Mask

_LATIN = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Shape(NamedTuple):
    """How a typeface is built, in shares of the letters' height."""

    aspect: float
    """Width of a usual letter."""
    stroke: float
    """Width of a line."""


class GlyphSource(Protocol):
    """A typeface: masks of the signs that it covers."""

    @property
    def name(self) -> str:
        """Family and face, such as "fe:gl-nummernschild-mtl" or "strokes:din-3"."""

    def __hash__(self) -> int:
        """Sources are keys of the caches."""

    def covers(self, sign: str) -> bool:
        """Whether it has a picture of this one sign."""

    def mask(self, sign: str, aspect: float) -> Mask:
        """The sign CANON_PX high; a source that can draws it for letters of this width (0: its own)."""


@dataclass(frozen=True)
class StrokeSource:
    """A stroke typeface of our own."""

    name: str

    def covers(self, sign: str) -> bool:
        """Digits, A-Z and a few more."""
        return sign in strokes.SIGNS

    def mask(self, sign: str, aspect: float) -> Mask:
        """The sign, its lines equally wide at any width of the letter."""
        hand = hands.hand(self.name.partition(":")[2])
        return strokes.draw_sign(sign, replace(hand, aspect=aspect) if aspect else hand)


@dataclass(frozen=True)
class FontSource:
    """A font file."""

    name: str
    path: str

    def __hash__(self) -> int:
        return hash(self.name)

    def covers(self, sign: str) -> bool:
        """Whether the font has the sign."""
        return fonts.font_covers(self.path, sign)

    def mask(self, sign: str, aspect: float) -> Mask:
        """The sign as the font draws it."""
        return fonts.font_mask(self.path, sign)


@dataclass(frozen=True)
class FolderSource:
    """A folder of glyph pictures."""

    name: str
    folder: folders.Folder

    def __hash__(self) -> int:
        return hash(self.name)

    def covers(self, sign: str) -> bool:
        """Whether there is a picture of the sign."""
        return self.folder.file(sign) is not None

    def mask(self, sign: str, aspect: float) -> Mask:
        """The sign as its picture shows it."""
        return folders.folder_mask(self.folder, sign)


class Glyph(NamedTuple):
    """One token ready to be drawn."""

    mask: Mask
    """CANON_PX high."""
    width: float
    """Width to draw it at, as a share of the height."""
    heavier: float = 0.0
    """How much thicker its lines should become, as a share of the height."""


@dataclass(frozen=True)
class GlyphFace:
    """What one plate is lettered with: a typeface for each of its signs."""

    sources: tuple[GlyphSource, ...]
    """The first draws Latin signs, the last those of other scripts; often they are one."""
    width: float = 1.0
    """Factor on the letter width that the style asks for."""
    weight: float = 1.0
    """Factor on the line width that the style asks for; 0: the typeface's own."""
    upper: GlyphSource | None = None
    """Draws what it covers of the upper one of two rows."""

    @property
    def name(self) -> str:
        """The typefaces, joined by "+"."""
        return "+".join(source.name for source in self.sources)

    def glyph(self, token: str, wanted: Shape, stacked: bool = False, upper: bool = False) -> Glyph:
        """The token; several signs side by side, or one over the other where `stacked`."""
        wide = fonts.is_wide(token)
        source = self.sources[-1 if wide else 0]
        if upper and self.upper is not None and covers_all(self.upper, token):
            source = self.upper
        coarse = round(wanted.aspect * self.width * 8) / 8 if isinstance(source, StrokeSource) else 0.0
        mask, own = _made(source, token, coarse, stacked)
        least, most = (0.8, 1.2) if wide else (0.6, 1.6)
        stretch = min(max(wanted.aspect * self.width / own.aspect, least), most)
        change = wanted.stroke * self.weight - own.stroke * min(stretch, 1.0) ** 0.5 if self.weight else 0.0
        return Glyph(mask, mask.shape[1] / CANON_PX * stretch, change)


def covers_all(source: GlyphSource, signs: Iterable[str]) -> bool:
    """Whether a source has every one of the signs."""
    return (_LATIN.issuperset(signs) and _covers_latin(source)) or all(source.covers(sign) for sign in signs)


def missing(signs: str) -> DataError:
    """The error for signs that no typeface has."""
    hint = "Give a font or glyph folder that has them (`--glyphs PATH`)."
    if any(fonts.is_wide(sign) for sign in signs):
        hint = "Install a Chinese or Korean font (Debian: fonts-noto-cjk), or give a glyph folder (`--glyphs PATH`)."
    if any(fonts.is_joined(sign) for sign in signs):
        hint = "Install an Arabic, Bengali or Thai font (Debian: fonts-noto-core), or give one (`--glyphs PATH`)."
    return DataError(f"No typeface on this machine has {signs!r}. {hint}")


def thicken(mask: Mask, change_px: float) -> Mask:
    """Lines thicker by about `change_px` (thinner where negative), within the same size."""
    if abs(change_px) < 0.3:
        return mask
    share = min(abs(change_px) / 2, 1.0)
    if change_px > 0:
        changed = cv2.dilate(mask, _CROSS if change_px < 2.5 else _BLOCK)
    else:
        changed = cv2.erode(mask, _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.addWeighted(changed, share, mask, 1 - share, 0), dtype=np.uint8)


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_BLOCK = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4, 4))


@lru_cache(maxsize=16384)
def _made(source: GlyphSource, token: str, aspect: float, stacked: bool) -> tuple[Mask, Shape]:
    """The mask of a token, read-only, and how its typeface is built; both remembered."""
    if not covers_all(source, token):
        raise missing(token)
    signs = [source.mask(sign, aspect) for sign in ((token,) if fonts.is_joined(token) else token)]
    mask = signs[0] if len(signs) == 1 else (_column(signs) if stacked else _row(signs))
    mask.setflags(write=False)
    return mask, _own_shape(source, aspect)


@lru_cache(maxsize=4096)
def _own_shape(source: GlyphSource, aspect: float) -> Shape:
    """How a typeface is built, measured on some of its signs: a line is as wide as its area over half its outline."""
    sample = [sign for sign in "H0E358NU" if source.covers(sign)][:5]
    sample = sample or [sign for sign in "가나서울부배京云国٢٣٤٥۶২৩৪৫৬กขคงจ" if source.covers(sign)]
    masks = [source.mask(sign, aspect) for sign in sample]
    if not masks:
        return Shape(0.6, 0.12)
    lines = []
    for mask in masks:
        ink = (np.pad(mask, 1) > 127).astype(np.uint8)
        outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        edge = sum(cv2.arcLength(outline, True) for outline in outlines)
        lines.append(2.0 * float(ink.sum()) / max(edge, 1.0))
    width = float(np.median([mask.shape[1] for mask in masks]))
    return Shape(width / CANON_PX, float(np.median(lines)) / CANON_PX)


@lru_cache(maxsize=4096)
def _covers_latin(source: GlyphSource) -> bool:
    """Whether a source has all digits and A-Z."""
    return all(source.covers(sign) for sign in _LATIN)


def _row(signs: list[Mask]) -> Mask:
    """Signs side by side."""
    gap = np.zeros((CANON_PX, CANON_PX // 12), dtype=np.uint8)
    parts = [part for sign in signs for part in (gap, sign)][1:]
    return np.hstack(parts)


def _column(signs: list[Mask]) -> Mask:
    """Signs one over the other, in the height of one."""
    width = round(max(sign.shape[1] for sign in signs) * 0.75)
    gap = CANON_PX // 24
    each = (CANON_PX - gap * (len(signs) - 1)) // len(signs)
    canvas = np.zeros((CANON_PX, width), dtype=np.uint8)
    for i, sign in enumerate(signs):
        top = i * (each + gap)
        canvas[top : top + each] = cv2.resize(sign, (width, each), interpolation=cv2.INTER_AREA)
    return canvas
