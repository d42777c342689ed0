"""How far a share that was counted may be from the true one."""

from __future__ import annotations

import math
from typing import NamedTuple

Z_95 = 1.959964
"""95 % of a normal distribution lie within this many standard deviations."""


class Interval(NamedTuple):
    """Bounds of a share, 0 to 1."""

    low: float
    high: float


def wilson(right: float, n: int) -> Interval:
    """The 95 % Wilson score interval of `right` out of `n` (E. B. Wilson, 1927); 0 to 1 for n = 0."""
    if n == 0:
        return Interval(0.0, 1.0)
    share, square = right / n, Z_95**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z_95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))
