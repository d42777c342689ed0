"""How a plate's text is written down: upper case, nothing between the letters."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"<[^<>]*>|.", re.DOTALL)
_BETWEEN = re.compile(r"[\s\-‐‑‒–—_.,·•:/]+")
"""Not the Japanese ・: it stands where a digit is missing, and is a token of its own."""


def plain(text: str) -> str:
    """The text as this project writes it: upper case, without spaces, dashes and dots; `<tokens>` keep their case."""
    if "<" not in text:
        return _BETWEEN.sub("", text).upper()
    return "".join(token if len(token) > 1 else _BETWEEN.sub("", token).upper() for token in tokens(text))


def tokens(text: str) -> tuple[str, ...]:
    """The letters of a text; `<police>` is one."""
    return tuple(_TOKEN.findall(text))


def is_sign(letter: str) -> bool:
    """True for what plates print: letters, digits, the marks over and under them, and the Japanese ・."""
    return unicodedata.category(letter)[0] in "LNM" or letter == "・"
