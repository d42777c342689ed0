"""The batches of a run: which pictures of the pool, changed how; made in the background while a GPU computes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import torch

from lprkit.train.pool import Item, Pool
from lprkit.train.settings import Settings
from lprkit.train.task import Batch, Task

if TYPE_CHECKING:
    from lightning.fabric import Fabric

THREADS = 3
AHEAD = 6
"""Batches that are made before they are asked for, where the CPU has nothing else to do."""


class Batches:
    """All of them depend on the settings and their step alone."""

    def __init__(self, settings: Settings, fabric: Fabric, task: Task, pool: Pool, ahead: int) -> None:
        self.settings, self.fabric, self.task, self.pool, self.ahead = settings, fabric, task, pool, ahead
        self.coming: dict[int, Future[tuple[Item, Batch]]] = {}
        self.threads = ThreadPoolExecutor(THREADS) if ahead else None

    def seed(self, step: int) -> int:
        """Of what is random in a step."""
        return self.settings.seed * 1_000_003 + step

    def due(self, step: int) -> int:
        """How many pictures must be drawn for a step."""
        settings = self.settings
        due = round(settings.drawn.first + step * settings.batch / settings.drawn.reuse)
        return min(max(due, settings.batch), self.pool.count)

    def take(self, step: int) -> tuple[Item, Batch]:
        """The batch of a step for which enough is drawn; steps are asked for in their order."""
        if self.threads is None:
            return self.make(step)
        for later in range(step, min(step + self.ahead + 1, self.settings.steps)):
            if later not in self.coming and (later == step or self.due(later) <= self.pool.ready):
                self.coming[later] = self.threads.submit(self.make, later)
        return self.coming.pop(step).result()

    def make(self, step: int) -> tuple[Item, Batch]:
        """Pictures drawn evenly from what the pool is due to hold by then, and this process's share of them as the
        network sees it."""
        rng = np.random.default_rng([self.settings.seed, step])
        item = self.pool.take(rng.integers(0, self.due(step), self.settings.batch))
        batch = self.task.prepare(item, torch.Generator().manual_seed(self.seed(step)), self.fabric.device)
        return item, batch.share(self.fabric.global_rank, self.fabric.world_size)

    def close(self) -> None:
        """Ends what is made for nobody."""
        if self.threads is not None:
            self.threads.shutdown(cancel_futures=True)
