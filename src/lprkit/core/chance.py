"""Single random numbers for a third of what `rng.uniform` and `rng.integers` take: a plate needs some fifty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number from `low` to `high`."""
    return low + (high - low) * rng.random()


def below(rng: np.random.Generator, count: int) -> int:
    """One of 0 … count - 1."""
    return int(count * rng.random())


def one_of(rng: np.random.Generator, items: Sequence[T]) -> T:
    """One of these, all alike."""
    return items[int(len(items) * rng.random())]
