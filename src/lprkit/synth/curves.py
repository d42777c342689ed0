"""The lines that signs are made of, as points; plain numbers, since arrays of two take ten times as long."""

from __future__ import annotations

from functools import lru_cache
from math import dist

Point = tuple[float, float]
"""x, y."""


@lru_cache(maxsize=4096)
def parsed(path: str) -> tuple[list[Point], list[bool]]:
    """The points of a line, and which of them are rounded corners."""
    marks = path.split()
    pairs = [mark.rstrip("~").split(",") for mark in marks]
    return [(float(x), float(y)) for x, y in pairs], [mark.endswith("~") for mark in marks]


def rounded(points: list[Point], curved: list[bool], form: tuple[float, float, float]) -> list[Point]:
    """The points with every curved corner replaced by a short curve.

    `form`: how far a curve reaches along level lines, how much farther along upright ones, and its pull to the corner.
    """
    line = [points[0]]
    for i in range(1, len(points) - 1):
        corner = points[i]
        if not curved[i]:
            line.append(corner)
            continue
        start = _towards(corner, points[i - 1], curved[i - 1], form)
        end = _towards(corner, points[i + 1], curved[i + 1], form)
        a, b = along(start, corner, form[2]), along(end, corner, form[2])
        line += [
            (p * start[0] + q * a[0] + r * b[0] + s * end[0], p * start[1] + q * a[1] + r * b[1] + s * end[1])
            for p, q, r, s in _CUBIC
        ]
    line.append(points[-1])
    return line


_CUBIC = [((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3) for t in (n / 9 for n in range(10))]
"""Shares of the four points of a cubic Bézier curve in ten points along it."""


def along(a: Point, b: Point, share: float) -> Point:
    """The point at a share of the way from a to b."""
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _towards(corner: Point, other: Point, shared: bool, form: tuple[float, float, float]) -> Point:
    """Where a rounding leaves the line from `corner` to `other`."""
    length = dist(corner, other) or 1.0
    upright = abs(other[1] - corner[1]) > abs(other[0] - corner[0])
    reach = form[0] * (form[1] if upright else 1.0)
    return along(corner, other, min(reach / length, 0.5 if shared else 1.0))
