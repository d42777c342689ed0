"""Folders of glyph pictures: what their file names mean, and masks of their signs.

A picture is named after its token (`A.png`, `서울.jpg`), alone or after an underscore (`140_A.jpg`, `green_A.jpg`: each
prefix becomes a source of its own, sharing what has the same first part). Korean syllables may be romanised (`ga`,
`gwang`) or spelt on a two-set keyboard (`rk`). A folder with a name that means nothing is left out whole, since its
other names may mean something else too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from lprkit.core import image as pictures
from lprkit.core.errors import DataError
from lprkit.synth.strokes import CANON_PX, Mask

Named = tuple[tuple[str, str], ...]
"""Pairs of sign and file."""


@dataclass(frozen=True)
class Folder:
    """One typeface made of pictures."""

    name: str
    files: Named

    def file(self, sign: str) -> str | None:
        """The picture of a sign."""
        return _index(self).get(sign)


def find_folders(root: Path) -> list[Folder]:
    """Every typeface made of pictures below `root`, named after the folder and the prefix of the files."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    folders = sorted({p.parent for p in pictures.find_images(root)})
    for folder in folders:
        owner, style = _owner(root, folder)
        for prefix, signs in _read_names(folder).items():
            found[":".join(part for part in (owner, style, prefix) if part)].update(signs)
    return [Folder(name, tuple(sorted(signs.items()))) for name, signs in sorted(_share(found).items()) if signs]


@lru_cache(maxsize=4096)
def folder_mask(folder: Folder, sign: str) -> Mask:
    """The sign at CANON_PX height, cut to its ink at the sides; rows as the folder's own digits or letters stand."""
    import cv2

    path = folder.file(sign)
    if path is None:
        raise DataError(f"{folder.name}: has no picture of {sign!r}. Add one, or use another source.")
    ink = _picture_ink(path, _bright_ink(folder))
    top, bottom = _rows(folder)
    own = np.flatnonzero(ink.max(axis=1) > 127)
    columns = np.flatnonzero(ink.max(axis=0) > 127)
    if not len(own) or not len(columns):
        raise DataError(f"{path}: shows no sign. Draw it dark on bright or bright on dark.")
    first = min(int(top * len(ink)), int(own[0]))
    last = max(int(np.ceil(bottom * len(ink))), int(own[-1]) + 1)
    ink = ink[first:last, columns[0] : columns[-1] + 1]
    width = max(round(ink.shape[1] * CANON_PX / ink.shape[0]), 3)
    return np.asarray(cv2.resize(ink, (width, CANON_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _owner(root: Path, folder: Path) -> tuple[str, str]:
    """The typeface a folder belongs to, and which of its kinds: "num_g" and "char1_g" of a folder X are X, g."""
    inner = folder.relative_to(root).parts
    if not inner or re.match(r"(num|char|region|letter|digit)", inner[-1].lower()) is None:
        return folder.name.lower(), ""
    kind = inner[-1].partition("_")[2].lower()
    return folder.parent.name.lower(), kind


def _read_names(folder: Path) -> dict[str, dict[str, str]]:
    """Prefix -> sign -> file of one folder; empty when any name means nothing."""
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in pictures.SUFFIXES)
    names = [path.stem.rpartition("_") for path in files]
    korean = any(len(name) > 1 and name in _ROMAN for _, _, name in names)
    signs: dict[str, dict[str, str]] = defaultdict(dict)
    for path, (prefix, _, name) in zip(files, names, strict=True):
        sign = _ROMAN.get(name) if korean and name.isalpha() else _sign(name)
        if sign is None or prefix == "plate" or _is_coded(folder, name):
            return {}
        key = "" if re.fullmatch(r"0\d\d", prefix) else prefix.replace("_", "")
        signs[key][sign] = str(path)
    return signs


def _is_coded(folder: Path, name: str) -> bool:
    """Whether a letter is only a number for something else, as in folders of region names."""
    return folder.name.lower().startswith("region") and name.isascii() and len(name) == 1


def _sign(name: str) -> str | None:
    """The sign that a file name stands for; None: it means nothing."""
    if len(name) == 1:
        return name.upper()
    if not name.isascii():
        return name
    return _ROMAN.get(name) or _typed(name)


def _typed(name: str) -> str | None:
    """A Korean syllable spelt on a two-set keyboard: "rk" is 가."""
    if len(name) != 2 or name[0] not in _KEYS_FIRST or name[1] not in _KEYS_VOWEL:
        return None
    return chr(0xAC00 + (_KEYS_FIRST[name[0]] * 21 + _KEYS_VOWEL[name[1]]) * 28)


_KEYS_FIRST = {"r": 0, "s": 2, "e": 3, "f": 5, "a": 6, "q": 7, "t": 9, "d": 11, "w": 12, "g": 18}
_KEYS_VOWEL = {"k": 0, "o": 1, "j": 4, "h": 8, "n": 13}
_CONSONANTS = {"g": 0, "n": 2, "d": 3, "r": 5, "m": 6, "b": 7, "s": 9, "": 11, "j": 12, "h": 18}
_VOWELS = {"a": 0, "ae": 1, "eo": 4, "o": 8, "u": 13}
_ROMAN = {
    first + vowel: chr(0xAC00 + (i * 21 + k) * 28) for first, i in _CONSONANTS.items() for vowel, k in _VOWELS.items()
} | dict(
    zip(
        (
            "san",
            "nam",
            "jeon",
            "buk",
            "won",
            "ul",
            "gi",
            "ju",
            "jong",
            "cheon",
            "gyeong",
            "chung",
            "gang",
            "in",
            "je",
            "gwang",
            "se",
            "dae",
            "bu",
            "seo",
        ),
        "산남전북원울기주종천경충강인제광세대부서",
        strict=True,
    )
)


def _share(found: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Typefaces "x:220up" and "x:220down" get what stands under "x:220", which goes; "up" gets no digits."""
    shared: dict[str, dict[str, str]] = {}
    for name, signs in found.items():
        wider = [other for other in found if other != name and name.startswith(other) and ":" in other]
        more = {sign: path for other in wider for sign, path in found[other].items()}
        if name.endswith("up"):
            more = {sign: path for sign, path in more.items() if not sign.isdigit()}
        shared[name] = more | signs
    return {name: signs for name, signs in shared.items() if ":" not in name or not _has_kinds(name, shared)}


def _has_kinds(name: str, names: Iterable[str]) -> bool:
    """Whether another name goes on where this one ends."""
    return any(other != name and other.startswith(name) for other in names)


@lru_cache(maxsize=256)
def _index(folder: Folder) -> dict[str, str]:
    """Sign -> file."""
    return dict(folder.files)


@lru_cache(maxsize=4096)
def _picture_ink(path: str, bright: bool) -> Mask:
    """Ink of a glyph picture, 0-255, stretched from the colour of the paper to that of the ink."""
    import cv2

    grey = pictures.load(path).mean(axis=2).astype(np.uint8)
    middle, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    low, high = (float(np.median(part)) if part.size else 0.0 for part in (grey[grey <= middle], grey[grey > middle]))
    ink = np.clip((grey - low) * (255.0 / max(high - low, 1.0)), 0, 255)
    return np.asarray(ink if bright else 255.0 - ink, dtype=np.uint8)


@lru_cache(maxsize=256)
def _bright_ink(folder: Folder) -> bool:
    """Whether the signs are brighter than their paper, which shows in the corners of most pictures."""
    corners = [_picture_ink(path, True)[[0, 0, -1, -1], [0, -1, 0, -1]] for _, path in folder.files]
    return float(np.median(np.concatenate(corners))) < 128


@lru_cache(maxsize=256)
def _rows(folder: Folder) -> tuple[float, float]:
    """First and last ink row of a usual digit or letter, as shares of the picture's height."""
    spans = []
    for sign, path in folder.files:
        if len(sign) == 1 and sign.isascii():
            own = np.flatnonzero(_picture_ink(path, _bright_ink(folder)).max(axis=1) > 127)
            height = _picture_ink(path, _bright_ink(folder)).shape[0]
            spans.append((own[0] / height, (own[-1] + 1) / height))
    if not spans:
        return 0.0, 1.0
    first, last = np.median(np.array(spans), axis=0)
    return float(first), float(last)
