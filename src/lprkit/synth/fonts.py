"""Typefaces found on the machine: which font files look like plates, and masks of their signs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lprkit.core.errors import DataError
from lprkit.synth import hands, strokes
from lprkit.synth.strokes import CANON_PX, Mask

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FAMILIES: tuple[tuple[str, str], ...] = (
    ("fe", r"gl-nummernschild|fe-?schrift|euro ?plate"),
    ("wright", r"charles ?wright|uk ?number ?plate"),
    ("roadgeek", r"^rg20\d\d|roadgeek|highway ?gothic|overpass"),
    ("din", r"osp-?din|din-?1451|d-?din|din(pro|next|mittel)|bahnschrift|alte din"),
    ("bebas", r"bebasneue-?(bold|regular)?$"),
    ("routed", r"routed-gothic(-narrow|-wide)?$"),
    ("osifont", r"osifont"),
    ("dejavu", r"dejavusans(condensed|mono)?(-bold)?$"),
    ("liberation", r"liberation(sans|sansnarrow|mono)-(bold|regular)$"),
    ("lato", r"lato-(regular|medium|semibold|bold|heavy|black)$"),
    ("roboto", r"roboto(condensed)?-(regular|medium|bold|black)$"),
    ("opensans", r"opensans-(cond|condbold|bold|semibold|regular|extrabold)$"),
    ("inconsolata", r"inconsolata"),
    ("freesans", r"freesans(bold)?$|freemonobold$"),
    ("hack", r"hack-(regular|bold)$"),
    ("jetbrains", r"jetbrainsmono-(regular|medium|bold|extrabold)$"),
    ("b612", r"b612(mono)?-(regular|bold)$"),
    ("cantarell", r"cantarell-(regular|bold|extrabold)$"),
    ("quicksand", r"quicksand-(medium|bold)$"),
    ("nimbus", r"nimbussans(narrow)?-(regular|bold)$"),
    ("urwgothic", r"urwgothic-demi$"),
    ("firacode", r"firacode-(regular|medium|bold)$"),
    ("yanone", r"yanonekaffeesatz-(regular|bold)$"),
    ("dosis", r"dosis-(medium|semibold|bold)$"),
    ("heros", r"texgyreheros(cn)?-(regular|bold)$"),
    ("adventor", r"texgyreadventor-bold$"),
    ("ocr", r"ocr-?a(ext)?$|ocrb(10|-?regular|n)?$"),
    ("inter", r"inter(display)?-(regular|medium|bold|black)$"),
    ("go", r"go-(regular|medium|bold|mono-bold)$"),
    ("karla", r"karla-(regular|bold)$"),
    ("notosans", r"notosans(mono|display)?-(regular|bold)$"),
    ("mononoki", r"mononoki-(regular|bold)$"),
    ("anonymous", r"anonymous ?pro( b)?$"),
    ("play", r"^play-(regular|bold)$"),
    ("mplus", r"mplus1(code)?-(medium|bold)$"),
    ("arial", r"arial(bd|nb?| bold| narrow| narrow bold)?$"),
    ("helvetica", r"helvetica(neue)?$"),
    ("impact", r"^impact$"),
    ("notocjk", r"notosanscjk(-|[a-z]{2}-)(regular|bold)$"),
    ("wenquanyi", r"wqy-(microhei|zenhei)$"),
    ("droidfallback", r"droidsansfallback(full)?$"),
    ("simhei", r"simhei$|msyh(bd)?$|pingfang$"),
    ("nanum", r"nanum(gothic|barungothic|square)(bold|extrabold|b|eb|_acb|_aceb)?$"),
    ("nanumround", r"nanumsquareround(b|eb|r)$"),
    ("unfonts", r"un(dotum|graphic)(bold)?$"),
    ("baekmuk", r"^(dotum|gulim|hline)$"),
    ("malgun", r"malgun(bd)?$|applesdgothicneo$"),
    ("thai", r"noto(sans|looped)thai-(regular|bold)$|^(loma|garuda|laksaman)(-bold)?$|leelaw(ui|ad)b?$"),
    ("arabic", r"noto(sans|kufi)arabic-(regular|bold)$|^tahoma(bd)?$|geezapro"),
    ("bengali", r"notosansbengali-(regular|bold)$|^nirmalab?$|^muktinarrow$"),
)
"""Family and its file names (lower case, no suffix): upright sans-serif faces near to those of plates."""

SUFFIXES = (".ttf", ".otf", ".ttc")
_RENDER_PX = 128
_COMPARED_PX = 40


def find_fonts(folders: Iterable[Path], every: bool = False) -> dict[str, Path]:
    """Fonts under these folders, "family:file" -> path; `every` keeps those of unknown families too."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in _font_files(folder):
            stem = path.stem.lower()
            family = next((name for name, pattern in FAMILIES if re.search(pattern, stem)), stem if every else "")
            if family and (family != stem or looks_latin(str(path))):
                found.setdefault(f"{family}:{stem}", path)
    return dict(sorted(found.items()))


def font_folders() -> list[Path]:
    """Where this system keeps fonts."""
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), Path.home() / "Library/Fonts"]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path("/usr/share/texmf/fonts/opentype"),
        Path.home() / ".local/share/fonts",
        Path.home() / ".fonts",
    ]


def looks_latin(path: str) -> bool:
    """Whether the font's digits look like digits: fonts of other scripts put theirs in the same places."""
    import cv2

    alike = []
    for sign in "0248":
        own = strokes.draw_sign(sign, hands.hand("din"))
        ink = _ink(path, sign) if _can_open(path) else np.zeros((0, 0), dtype=np.uint8)
        if not ink.size:
            return False
        other = cv2.resize(ink, (own.shape[1], own.shape[0]), interpolation=cv2.INTER_AREA)
        alike.append(float(np.minimum(own, other).sum()) / float(np.maximum(own, other).sum()))
    return float(np.mean(alike)) > 0.35


@lru_cache(maxsize=65536)
def font_covers(path: str, sign: str) -> bool:
    """Whether the font has a picture of its own for the sign; a font that cannot be read has none."""
    try:
        drawn = _small_ink(path, sign)
    except DataError:
        return False
    return bool(drawn.size) and not any(np.array_equal(drawn, missing) for missing in _missing(path))


@lru_cache(maxsize=1024)
def font_mask(path: str, sign: str) -> Mask:
    """The sign at CANON_PX height, cut to its ink; signs that are not Latin keep their place in the line."""
    ink = _ink(path, sign)
    if not ink.size:
        raise DataError(f"{path}: has no sign {sign!r}. Use another font for it.")
    if is_wide(sign):
        ink = _in_em(ink, max(ink.shape[0], *(_ink_height(path, other) for other in _full_signs(sign))))
    width = max(round(ink.shape[1] * CANON_PX / ink.shape[0]), 3)
    import cv2

    return np.asarray(cv2.resize(ink, (width, CANON_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)


@lru_cache(maxsize=4096)
def is_wide(sign: str) -> bool:
    """Whether a sign is Chinese, Japanese, Korean, Arabic, Bengali or Thai, scripts that most typefaces lack."""
    return "\u2e80" <= sign[:1] <= "\u9fff" or "\uac00" <= sign[:1] <= "\ud7a3" or is_joined(sign)


def is_joined(sign: str) -> bool:
    """Whether the signs of a word change or sit on one another (Arabic, Bengali, Thai), so that it is drawn as one."""
    return "\u0600" <= sign[:1] <= "\u06ff" or "\u0980" <= sign[:1] <= "\u09ff" or "\u0e00" <= sign[:1] <= "\u0e7f"


@lru_cache(maxsize=4096)
def sample(sign: str) -> str:
    """A common sign of the script that a wide sign belongs to, which no font for it lacks; empty for others."""
    if not is_wide(sign):
        return ""
    return _full_signs(sign)[-1 if sign < "\uac00" else 0]


def text_mask(path: str, text: str) -> Mask:
    """A line of small print at the font's own spacing, cut to its ink, about 24 px high."""
    font = _open(path, 30, shaped=any(map(is_joined, text)))
    box = font.getbbox(text)
    return _drawn(font, text, (int(box[2] - box[0]) + 8, 48))


def _font_files(folder: Path) -> Iterator[Path]:
    """Font files below a folder, or the file itself, sorted."""
    if folder.is_file() and folder.suffix.lower() in SUFFIXES:
        yield folder
    elif folder.is_dir():
        yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)


def _can_open(path: str) -> bool:
    """Whether the file is a font that can be read."""
    try:
        _open(path)
    except DataError:
        return False
    return True


@lru_cache(maxsize=1024)
def _open(path: str, size: int = _RENDER_PX, shaped: bool = False) -> FreeTypeFont:
    """The font at a size, its signs joined where `shaped` and Pillow can; a DataError when the file is none."""
    from PIL import ImageFont

    layout = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    try:
        return ImageFont.truetype(path, size, layout_engine=layout)
    except OSError as error:
        raise DataError(f"{path}: is not a font that can be read ({error}). Remove it or copy it again.") from None


def _ink(path: str, sign: str) -> Mask:
    """The sign, or a word of joined ones, drawn large and cut to its ink; empty where the font draws nothing."""
    font = _open(path, shaped=len(sign) > 1)
    return _drawn(font, sign, (_RENDER_PX * (1 + len(sign)), _RENDER_PX * 2))


@lru_cache(maxsize=1024)
def _ink_height(path: str, sign: str) -> int:
    """How high the font draws a sign."""
    return len(_ink(path, sign))


def _drawn(font: FreeTypeFont, text: str, size: tuple[int, int]) -> Mask:
    """Text drawn on an empty canvas of this size and cut to its ink."""
    from PIL import Image, ImageDraw

    canvas = Image.new("L", size)
    left, top, _, _ = font.getbbox(text)
    ImageDraw.Draw(canvas).text((4 - left, 4 - top), text, fill=255, font=font)
    box = canvas.getbbox()
    return np.array(canvas.crop(box) if box else canvas.crop((0, 0, 0, 0)), dtype=np.uint8)


def _small_ink(path: str, sign: str) -> Mask:
    """The sign drawn just large enough to be told from a box."""
    return _drawn(
        _open(path, _COMPARED_PX, shaped=len(sign) > 1), sign, (_COMPARED_PX * (1 + len(sign)), 2 * _COMPARED_PX)
    )


@lru_cache(maxsize=256)
def _missing(path: str) -> tuple[Mask, ...]:
    """What the font draws for signs that it has not."""
    return tuple(_small_ink(path, sign) for sign in ("\U0010ffff", "\ufffe", "\ue7a1"))


def _full_signs(sign: str) -> tuple[str, ...]:
    """Signs of the same script that are as high as a line of it."""
    if not is_joined(sign):
        return ("국", "國")
    return ("١",) if sign[0] < "\u0980" else ("১",) if sign[0] < "\u0e00" else ("ก",)


def _in_em(ink: Mask, full: int) -> Mask:
    """A low sign put in the middle of the height that its script usually fills."""
    spare = max(full - ink.shape[0], 0)
    return np.pad(ink, ((spare // 2, spare - spare // 2), (0, 0)))
