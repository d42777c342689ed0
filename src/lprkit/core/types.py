"""The values that flow between stages. Nothing else crosses a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lprkit.core.geometry import Quad

Image: TypeAlias = NDArray[np.uint8]
"""H, W, 3 RGB, always. Grey, BGR, sums and scaling are a model's business, in its InputSpec."""

Scores: TypeAlias = NDArray[np.float32]
"""T, C natural-log probabilities of one plate; the CTC blank is class C - 1."""

Colour: TypeAlias = tuple[int, int, int]
"""RGB, 0-255."""

SEPARATORS = (" ", "-", "·", ".", "/")
"""What may be printed between tokens and is no part of the text; "/" starts the next row."""

Kind = Literal["private", "commercial", "taxi", "rental", "electric", "diplomatic", "police", "military", "trailer"]
"""What a plate is for."""

Label = Literal["license_plate", "car", "disabled_sticker"]
"""What a detector can find."""


@dataclass(frozen=True)
class Slot:
    """One place of a pattern and the tokens that may stand there."""

    tokens: tuple[str, ...]
    weights: tuple[float, ...] = ()
    """How often each token is drawn, relative; empty: all alike."""


@dataclass(frozen=True)
class Pattern:
    """A legal serial of a region, and how it is printed."""

    name: str
    slots: tuple[Slot, ...]
    printed: tuple[int | str, ...]
    """Slot numbers with what is printed between them: " ", "-", "·", and "/" for the next row."""
    weight: float = 1.0
    styles: tuple[str, ...] = ()
    """Names of the styles it is printed in; empty: every one of the region."""

    @property
    def rows(self) -> int:
        """How many rows of text the pattern has."""
        return 1 + sum(part == "/" for part in self.printed)


@dataclass(frozen=True)
class Band:
    """A coloured strip along one edge of a plate, such as the blue one of the European Union."""

    side: Literal["left", "right", "top", "bottom"]
    size_mm: float
    paper: Colour
    ink: Colour = (255, 255, 255)
    text: str = ""
    """Small letters at its foot, never part of the number."""
    stars: bool = False
    under: bool = False
    """True: the number runs across it; False: it stands beside it."""
    share: float = 1.0
    """How much of its edge it covers, from the top or left: beside the upper of two rows it may end above the lower."""


@dataclass(frozen=True)
class Style:
    """How a plate looks. Millimetres as the law prints them."""

    name: str
    width_mm: float
    height_mm: float
    ink: Colour
    paper: Colour
    row_heights_mm: tuple[float, ...]
    """Letter height of each row, top first; as many as the patterns in this style have rows."""
    letter_width_mm: float
    gap_mm: float = 8.0
    stroke_mm: float = 10.0
    lower_mm: float = 0.0
    """How far under the middle the number stands: under the name of a town, for instance."""
    kind: Kind = "private"
    glyphs: tuple[str, ...] = ()
    """Glyph sources to prefer, by name or the beginning of one; empty: any that has the tokens."""
    paper_end: Colour | None = None
    """Where the paper fades to, top to bottom; None: one colour."""
    border: Colour | None = None
    lines: Literal["none", "last", "all"] = "none"
    """Lines in the border's colour: before the last group of the number, or between all its groups and rows."""
    bands: tuple[Band, ...] = ()
    caption: tuple[str, ...] = ()
    """Small print over or under the number (a state's name, a slogan), one of them drawn at random."""
    emblem: bool = False
    """Whether a picture stands in the first gap of the number, such as the orange of Florida."""
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Region:
    """A country or state: one TOML file under `plates/regions/`. Equal only to itself, so that caches can hold it:
    comparing thousands of tokens would take longer than drawing a plate."""

    code: str
    name: str
    patterns: tuple[Pattern, ...]
    styles: tuple[Style, ...]
    merge: Mapping[str, str] = field(default_factory=dict)
    """Tokens that count as one when merged scores are asked for."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that a plate of this region can show, sorted."""
        return tuple(sorted({token for pattern in self.patterns for slot in pattern.slots for token in slot.tokens}))


@dataclass(frozen=True)
class Serial:
    """A number to be drawn, and the style to draw it in."""

    printed: tuple[str, ...]
    """Tokens with what is printed between them: " ", "-", "·", ".", and "/" for the next row."""
    style: Style
    region: str
    pattern: str | None = None
    """None: random syntax, legal nowhere."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens alone, rows joined top to bottom."""
        return tuple(part for part in self.printed if part not in SEPARATORS)

    @property
    def text(self) -> str:
        """What a reader should answer."""
        return "".join(self.tokens)

    @property
    def rows(self) -> int:
        """How many rows of text are printed."""
        return 1 + self.printed.count("/")

    @property
    def breaks(self) -> tuple[int, ...]:
        """How many tokens stand before each further row."""
        ends = [at for at, part in enumerate(self.printed) if part == "/"]
        return tuple(sum(part not in SEPARATORS for part in self.printed[:end]) for end in ends)


@dataclass(frozen=True)
class Plate:
    """Truth about one thing in a picture: a plate, or (by `label`) a car around it."""

    text: str = ""
    """Upper case, no spaces or dashes, rows joined top to bottom; empty: unknown."""
    quad: Quad | None = None
    """None: the whole picture is the plate (the sample's `whole`), or its place is unknown."""
    region: str | None = None
    kind: Kind | None = None
    label: Label = "license_plate"
    rows: int | None = None
    breaks: tuple[int, ...] = ()
    """How many tokens stand before each further row, where that is known."""


@dataclass(frozen=True)
class Sample:
    """A picture and what is in it; a set of crops and a detection set are the same type."""

    plates: tuple[Plate, ...]
    source: str
    """The file it came from, or "drawn:SEED:N"."""
    image: Image | None = None
    """Pixels, or None while they are still in the file `source`."""
    split: str = ""
    whole: bool = False
    """True: the picture is one plate, cropped."""
    labelled: tuple[Label, ...] = ("license_plate",)
    """The classes of which every instance in the picture is listed; nothing can be said about the others."""
    track: str = ""
    """Pictures of one track show one vehicle passing by, and belong on one side of a split; empty: unknown."""


@dataclass(frozen=True)
class Detection:
    """Something found in a frame."""

    quad: Quad
    label: Label
    score: float


@dataclass(frozen=True)
class Candidate:
    """A text that a plate might say, with its probability."""

    text: str
    score: float


@dataclass(frozen=True)
class Reading:
    """What one plate says."""

    text: str
    score: float
    """Calibrated probability that the whole text is right, from the exact CTC probability P(text | image)."""
    char_scores: tuple[float, ...] = ()
    """One a token, 0-1."""
    region: str | None = None
    pattern: str | None = None
    """The region's pattern that the text fits, if one was asked for."""
    rows: int = 1
    others: tuple[Candidate, ...] = ()
    """The next likely texts, best first."""


@dataclass(frozen=True)
class Sighting:
    """One plate in one frame: where it is and what it says."""

    frame: int
    time_s: float
    detection: Detection
    reading: Reading
    colour: str | None = None
    track: int | None = None


@dataclass(frozen=True)
class Passage:
    """One vehicle that went by: the one text that its sightings agree on."""

    text: str
    score: float
    first_s: float
    last_s: float
    sightings: tuple[Sighting, ...] = ()


Reader: TypeAlias = Callable[[Sequence[Image]], list[Reading]]
PlacedReader: TypeAlias = Callable[[Sequence[Image], Sequence[Quad]], list[Reading]]
"""Pictures, and where in each of them there is a plate -> what it says."""
Detector: TypeAlias = Callable[[Sequence[Image]], list[list[Detection]]]


@dataclass(frozen=True)
class Scored:
    """One line of truth against reading, the value that every metric takes."""

    truth: str
    text: str
    score: float = 0.0
    found: bool = True
    """False: nothing was detected where the plate is."""
    source: str = ""
    country: str = ""
    slices: Mapping[str, str] = field(default_factory=dict)
    """Kind of slice -> the one this plate belongs to: {"rows": "2", "height": "24-31 px"}."""
    confidences: Mapping[str, float] = field(default_factory=dict)
    """What published systems would report in the place of `score`, by name."""


Where: TypeAlias = str | Path
