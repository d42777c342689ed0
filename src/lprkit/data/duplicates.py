"""Pictures that look the same, found by a hash of what they look like."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lprkit.core.types import Image

ROWS, COLUMNS = 8, 16
"""A bit for each of these cells says whether it is clearly brighter than its neighbour on the right."""
BITS = ROWS * COLUMNS
CLEARLY = 0.3
"""In standard deviations of the picture; without it noise decides where the picture is plain."""
CLOSE = 5
"""Hashes that differ in at most this many bits are of one picture. Of 640 crops and frames, shrunk by a fifth,
brightened and saved as JPEG of quality 80, most differ in 4 at most; of those of other plates the nearest in 10."""
_PARTS = CLOSE + 1


def difference_hash(image: Image) -> int:
    """The 128 bits of a picture that stay when it is resized, compressed again, or made a little brighter."""
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (COLUMNS + 1, ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    brighter = small[:, :-1] - small[:, 1:] > CLEARLY * small.std()
    return int.from_bytes(np.packbits(brighter).tobytes(), "big")


@dataclass(frozen=True)
class Look:
    """One picture that was seen."""

    where: str
    text: str
    hash: int


@dataclass
class Seen:
    """The pictures so far.

    Two hashes that differ in CLOSE bits at most are equal in one of CLOSE + 1 parts, so only those that share a part
    are compared. A part is every sixth bit: neighbours are alike, and would put too many pictures together.
    """

    by_part: dict[int, list[Look]] = field(default_factory=dict)

    def find(self, image: Image, where: str, text: str) -> Look | None:
        """The picture that looked like this one; None, and it is remembered, when there was none.

        Two different texts are taken for two plates, unless the hashes are the same.
        """
        look = Look(where, text, difference_hash(image))
        parts = [(look.hash >> n & _MASK) * _PARTS + n for n in range(_PARTS)]
        for part in parts:
            for other in self.by_part.get(part, ()):
                bits = (other.hash ^ look.hash).bit_count()
                if bits == 0 or (bits <= CLOSE and other.text == look.text):
                    return other
        for part in parts:
            self.by_part.setdefault(part, []).append(look)
        return None


_MASK = sum(1 << bit for bit in range(0, BITS, _PARTS))
