"""Pictures that look the same: found by a hash of what they look like, and then compared."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lprkit.core.types import Image

ROWS, COLUMNS = 8, 16
"""A bit for each of these cells says whether it is clearly brighter than its neighbour on the right."""
BITS = ROWS * COLUMNS
CLEARLY = 0.3
"""In standard deviations of the picture; without it noise decides where the picture is plain."""
CLOSE = 8
"""Bits of the hash in which pictures that are compared may differ."""
ALIKE = 0.985
"""Correlation of two pictures, shrunk to the cells of the hash, from which on they are one. Of 1,171 crops and frames,
shrunk by a fifth, brightened and saved as JPEG of quality 80, 98.6 in 100 are found again. The hash alone also takes
frames with black bars above and below for one another."""
_PARTS = CLOSE + 1


def shrunk(image: Image) -> NDArray[np.uint8]:
    """The picture in grey, a number for each cell: ROWS, COLUMNS + 1."""
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (COLUMNS + 1, ROWS), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def difference_hash(small: NDArray[np.uint8]) -> int:
    """The 128 bits of a shrunk picture that stay when it is resized, compressed again, or made a little brighter."""
    values = small.astype(np.float32)
    brighter = values[:, :-1] - values[:, 1:] > CLEARLY * values.std()
    return int.from_bytes(np.packbits(brighter).tobytes(), "big")


@dataclass(frozen=True)
class Look:
    """One picture that was seen."""

    where: str
    text: str
    split: str
    hash: int
    small: NDArray[np.uint8]

    @classmethod
    def of(cls, image: Image, where: str, text: str = "", split: str = "") -> Look:
        """What is remembered of a picture."""
        small = shrunk(image)
        return cls(where, text, split, difference_hash(small), small)

    def is_of(self, other: Look) -> bool:
        """True where both show the same. Two texts are taken for two plates, unless the hashes are equal."""
        bits = (self.hash ^ other.hash).bit_count()
        if bits and (bits > CLOSE or self.text != other.text):
            return False
        return bool((self.small == other.small).all()) or _correlation(self.small, other.small) >= ALIKE


@dataclass
class Seen:
    """The pictures so far.

    Two hashes that differ in CLOSE bits at most are equal in one of CLOSE + 1 parts, so only those that share a part
    are compared. A part is every ninth bit: neighbours are alike, and would put too many pictures together.
    """

    by_part: dict[int, list[Look]] = field(default_factory=dict)

    def find(self, look: Look) -> Look | None:
        """The picture that looked like this one; None, and it is remembered, when there was none."""
        parts = [(look.hash >> n & _MASK) * _PARTS + n for n in range(_PARTS)]
        for part in parts:
            for other in self.by_part.get(part, ()):
                if look.is_of(other):
                    return other
        for part in parts:
            self.by_part.setdefault(part, []).append(look)
        return None


def _correlation(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """1 where both are the same but for brightness and contrast; 0 where one of them is plain."""
    x, y = a - a.mean(), b - b.mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / size if size else 0.0


_MASK = sum(1 << bit for bit in range(0, BITS, _PARTS))
