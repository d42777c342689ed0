"""The noise of sensors and rough paint."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from lprkit.core.chance import below

Pixels = NDArray[np.float32]


def grain(height: int, width: int, rng: np.random.Generator, coloured: bool = True) -> Pixels:
    """Normal noise H,W,3: a random window of a fixed tile, since drawing it anew costs more than all the rest."""
    tile = _tile(coloured)
    side = tile.shape[0]
    y, x = below(rng, max(1, side - height)), below(rng, max(1, side - width))
    if height > side or width > side:
        rows, columns = (np.arange(height) + y) % side, (np.arange(width) + x) % side
        return np.asarray(tile[rows[:, None], columns[None, :]])
    return tile[y : y + height, x : x + width]


@functools.cache
def _tile(coloured: bool) -> Pixels:
    if coloured:
        return np.random.default_rng(20).standard_normal((768, 768, 3), dtype=np.float32)
    return np.repeat(_tile(True)[:, :, :1], 3, axis=2)
