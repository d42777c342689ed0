"""What is wrong with a labelled set: every entry looked at, its picture too."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from lprkit import plates
from lprkit.core.alphabet import Alphabet, steps_needed
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, box_of, quad_from
from lprkit.core.image import pixels
from lprkit.core.types import Image, Plate, Region, Sample
from lprkit.data.duplicates import Look, Seen
from lprkit.data.format import Entry
from lprkit.data.text import is_sign, tokens

Kind: TypeAlias = Literal["label", "picture", "text", "character", "length", "box", "illegal", "duplicate"]

SLACK_PX = 1.0
"""A corner may be this far outside the picture: labels are rounded, and some begin to count at 1."""

SWAPS = {"O": "0", "0": "O", "I": "1", "1": "I"}
"""Letters that labellers take for one another."""
CYRILLIC = dict(zip("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI", strict=True))
"""Cyrillic letters that look like Latin ones, and are typed in their place."""
_MOST_SWAPS = 6


@dataclass(frozen=True)
class Rules:
    """What a set is checked for, beside broken entries, unreadable pictures and boxes outside of them."""

    texts: bool = True
    """A crop without a text is a problem."""
    alphabet: Alphabet | None = None
    """The letters that a text may have; None: all letters and digits, and `<tokens>`."""
    steps: int = 0
    """CTC steps of the model to be trained; 0: any length will do."""
    region_of: Callable[[Plate], Region | None] = lambda plate: None
    """Whose plates the texts must be; None: anyone's."""
    duplicates: bool = True


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with an entry."""

    where: str
    """File and line."""
    kind: Kind
    message: str
    source: str = ""
    """The picture."""


@dataclass(frozen=True)
class Verdict:
    """An entry and what is wrong with it."""

    entry: Entry
    problems: tuple[Problem, ...] = ()


def examine(entries: Iterable[Entry], rules: Rules, seen: Seen | None = None) -> Iterator[Verdict]:
    """A verdict on every entry; one `seen` for several sets finds duplicates between them."""
    seen = seen if seen is not None else Seen()
    for entry in entries:
        if isinstance(entry.content, DataError):
            yield Verdict(entry, (Problem(entry.where, "label", _rest(str(entry.content), entry.where)),))
        else:
            found = _Found(entry.where, entry.content.source)
            _examine(entry.content, rules, seen, found)
            yield Verdict(entry, tuple(found.problems))


def sound(verdicts: Iterable[Verdict]) -> Iterator[Sample]:
    """The samples with which nothing is wrong."""
    return (verdict.entry.sample for verdict in verdicts if not verdict.problems)


def mended(verdicts: Iterable[Verdict], rules: Rules) -> Iterator[Sample]:
    """The same with those that can be mended: boxes are clipped, Cyrillic letters and O/0 and I/1 put right.

    A text is mended when exactly one other text of the region comes of it.
    """
    for verdict in verdicts:
        kinds = {problem.kind for problem in verdict.problems}
        if not kinds <= {"box", "character", "illegal"}:
            continue
        sample = verdict.entry.sample
        if kinds:
            image = pixels(sample)
            better = tuple(_mended(plate, image, rules) for plate in sample.plates)
            if not all(better):
                continue
            sample = replace(sample, plates=tuple(plate for plate in better if plate))
        yield sample


@dataclass
class _Found:
    """The problems of one entry."""

    where: str
    source: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, kind: Kind, message: str) -> None:
        self.problems.append(Problem(self.where, kind, message, self.source))


def _examine(sample: Sample, rules: Rules, seen: Seen, found: _Found) -> None:
    for plate in sample.plates:
        if plate.label == "license_plate":
            _text(plate, sample.whole, rules, found)
    try:
        image = pixels(sample)
    except DataError as error:
        found.add("picture", _rest(str(error), sample.source))
        return
    for plate in sample.plates if not sample.whole else ():  # a crop may have cut off the corners of its plate
        if plate.quad is not None and not _is_inside(plate.quad, image):
            height, width = image.shape[:2]
            x, y, w, h = box_of(plate.quad)
            box = f"{x:.0f},{y:.0f} to {x + w:.0f},{y + h:.0f}"
            found.add("box", f"the box of a {plate.label}, {box}, leaves the picture of {width}x{height}")
    if rules.duplicates:
        text = " ".join(plate.text for plate in sample.plates if plate.text)
        look = Look.of(image, found.where, text, sample.split)
        other = seen.find(look)
        if other:
            found.add("duplicate", f"the same picture as in {other.where}{_apart(look, other)}")


def _apart(look: Look, other: Look) -> str:
    """What the labels of one picture say of it here and there, where they differ."""
    texts = "" if other.text == look.text else f", but labelled {other.text!r} there and {look.text!r} here"
    there, here = other.split or "no split", look.split or "no split"
    splits = "" if there == here else f", which is in {there}, and this in {here}"
    return splits + texts


def _text(plate: Plate, whole: bool, rules: Rules, found: _Found) -> None:
    if not plate.text:
        if whole and rules.texts:
            found.add("text", "has no text")
        return
    region = rules.region_of(plate)
    unknown = _unknown(plate.text, region, rules)
    if unknown:
        found.add("character", f"{plate.text!r} has {unknown}")
        return
    if region and not _is_legal(plate.text, region):
        found.add("illegal", f"{plate.text!r} fits no pattern of region {region.code}")
    needed = steps_needed(_classes(plate.text, rules.alphabet))
    if 0 < rules.steps < needed:
        found.add("length", f"{plate.text!r} needs {needed} steps, and there are {rules.steps}")


def _unknown(text: str, region: Region | None, rules: Rules) -> str:
    """The letters of a text that somebody does not know, and who; empty: there are none."""
    for known, whose in ((rules.alphabet, "the model"), (_alphabet(region), f"region {region.code if region else ''}")):
        strange = _strange(text, known) if known else ""
        if strange:
            return f"{strange!r}, which {whose} does not know"
    odd = "".join(dict.fromkeys(one for one in tokens(text) if len(one) == 1 and not is_sign(one)))
    return f"{odd!r}, which is no letter and no digit" if odd and not rules.alphabet and not region else ""


@lru_cache(maxsize=64)
def _alphabet(region: Region | None) -> Alphabet | None:
    return Alphabet(region.tokens) if region else None


def _strange(text: str, alphabet: Alphabet) -> str:
    """The letters that are not in the alphabet; a token of several letters counts as known."""
    try:
        alphabet.split(text)
    except DataError:
        letters = {letter for token in alphabet.tokens for letter in token}
        return "".join(dict.fromkeys(one for one in tokens(text) if one not in letters)) or text
    return ""


def _classes(text: str, alphabet: Alphabet | None) -> tuple[int, ...]:
    """Numbers that are equal where the tokens of a text are."""
    if alphabet:
        return alphabet.encode(text)
    parts = tokens(text)
    return tuple(parts.index(part) for part in parts)


def _is_legal(text: str, region: Region) -> bool:
    try:
        return plates.matches(region, plates.split(region, text)) is not None
    except DataError:
        return False


def _is_inside(quad: Quad, image: Image) -> bool:
    height, width = image.shape[:2]
    return all(-SLACK_PX <= x <= width + SLACK_PX and -SLACK_PX <= y <= height + SLACK_PX for x, y in quad)


def _mended(plate: Plate, image: Image, rules: Rules) -> Plate | None:
    """The plate with its corners in the picture and its text put right; None when one of both cannot be."""
    quad = plate.quad
    if quad is not None and not _is_inside(quad, image):
        quad = _clipped(quad, image)
        if quad is None:
            return None
    if plate.label != "license_plate" or not plate.text:
        return replace(plate, quad=quad)
    texts = list(itertools.islice(_better(plate, rules), 2))
    return replace(plate, quad=quad, text=texts[0]) if len(texts) == 1 else None


def _clipped(quad: Quad, image: Image) -> Quad | None:
    """The quad with every corner moved into the picture; None when nothing of it is left."""
    height, width = image.shape[:2]
    inside = quad_from([(min(max(x, 0.0), width), min(max(y, 0.0), height)) for x, y in quad])
    box: Box = box_of(inside)
    return inside if box.w >= 1 and box.h >= 1 else None


def _better(plate: Plate, rules: Rules) -> Iterator[str]:
    """The text if it is right, otherwise every right one that can be made of it."""
    text = "".join(CYRILLIC.get(letter, letter) for letter in plate.text)
    for one in dict.fromkeys((plate.text, text)):
        if _is_right(one, plate, rules):
            yield one
            return
    places = [n for n, letter in enumerate(text) if letter in SWAPS]
    if len(places) > _MOST_SWAPS:
        return
    for changed in itertools.product((False, True), repeat=len(places)):
        swapped = dict(zip(places, changed, strict=True))
        other = "".join(SWAPS[letter] if swapped.get(n) else letter for n, letter in enumerate(text))
        if other != text and _is_right(other, plate, rules):
            yield other


def _is_right(text: str, plate: Plate, rules: Rules) -> bool:
    found = _Found("", "")
    _text(replace(plate, text=text), True, rules, found)
    return not found.problems


def _rest(message: str, start: str) -> str:
    """A message without the place that stands before it."""
    return message.removeprefix(start).removeprefix(":").strip()
