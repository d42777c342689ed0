"""What is the same along rows or columns, spread over a picture quickly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lprkit.synth.grain import Pixels


def even(colour: NDArray[np.float64], width: int) -> Pixels:
    """One row of a colour, W,3: added to a picture by rows it costs a third of what a single pixel does."""
    return np.tile(colour.astype(np.float32), (width, 1))


def added(across: Pixels, down: Pixels) -> Pixels:
    """across[x] + down[y] in each of three channels, H,W,3."""
    return (down[:, None] + np.repeat(across, 3)).reshape(len(down), len(across), 3)
