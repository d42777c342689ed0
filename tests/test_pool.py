"""Pools of training pictures: what was drawn by other settings is not used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lprkit.core.errors import DataError
from lprkit.train.pool import Item, Pool


@dataclass(frozen=True)
class Grey:
    """Pictures of one tone."""

    tone: int
    shape: tuple[int, ...] = (2, 3, 1)
    label_size: int = 1

    def draw(self, n: int) -> Item:
        return Item(np.full(self.shape, self.tone, np.uint8), np.array([n], np.float32))


def test_a_pool_drawn_by_another_recipe_is_refused_once_something_is_drawn(tmp_path: Path) -> None:
    Pool(tmp_path, Grey(1), 5).start(0)
    pool = Pool(tmp_path, Grey(2), 5)  # nothing was drawn yet
    pool.start(0)
    pool.done[0] = 1
    Pool(tmp_path, Grey(2), 5).start(0)
    with pytest.raises(DataError, match=r"drawn by other settings\. Delete it"):
        Pool(tmp_path, Grey(1), 5).start(0)
    with pytest.raises(DataError, match="the settings ask for"):
        Pool(tmp_path, Grey(2), 6)


def test_waiting_for_pictures_ends_with_them_or_in_time_or_when_nobody_draws(tmp_path: Path) -> None:
    pool = Pool(tmp_path, Grey(1), 300)
    with pytest.raises(DataError, match="drawing stopped at 0 of 300 pictures"):
        pool.wait(1)
    pool.start(1)
    assert not pool.wait(300, seconds=0.0)
    assert pool.wait(300)
    pool.stop()
    assert pool.wait(300)
