"""A pool of training pictures on disk, drawn by worker processes while training already runs.

Which pictures a step may use depends on the step alone, never on how fast they were drawn, so a run is repeatable.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lprkit.core.errors import DataError, LprError

RECIPE = "recipe.sha256"
"""The file that tells by which recipe a pool was drawn."""
CHUNK = 256
"""Pictures drawn at a time."""


@dataclass(frozen=True)
class Item:
    """One training picture, ready for the network but for scaling."""

    picture: NDArray[np.uint8]
    label: NDArray[np.float32]
    """Flat and of fixed length, as the recipe says."""


class Recipe(Protocol):
    """Draws the n-th item; the same n is always the same item. Pickled into the workers."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of every picture."""

    @property
    def label_size(self) -> int:
        """Length of every label."""

    def draw(self, n: int) -> Item:
        """The n-th item."""


class Pool:
    """`count` items of a recipe in memory-mapped files below `folder`."""

    def __init__(self, folder: Path, recipe: Recipe, count: int) -> None:
        self.folder, self.recipe, self.count = folder, recipe, count
        folder.mkdir(parents=True, exist_ok=True)
        self.pictures = _array(folder / "pictures.npy", (count, *recipe.shape), np.uint8)
        self.labels = _array(folder / "labels.npy", (count, recipe.label_size), np.float32)
        self.done = _array(folder / "done.npy", (-(-count // CHUNK),), np.uint8)
        self.workers: list[multiprocessing.process.BaseProcess] = []

    def start(self, workers: int) -> None:
        """Starts drawing what is not drawn yet, in the background; a DataError if the rest was drawn otherwise."""
        self._sign()
        if self.done.all():
            return
        context = multiprocessing.get_context("spawn")
        for n in range(workers):
            arguments = (self.folder, self.recipe, self.count, n, workers)
            self.workers.append(context.Process(target=_work, args=arguments, daemon=True))
        # Each start waits until its process takes the recipe, seconds after its first line: they wait side by side.
        with ThreadPoolExecutor(max(1, workers)) as threads:
            list(threads.map(lambda worker: worker.start(), self.workers))

    def _sign(self) -> None:
        """Writes down what the items are drawn by; a DataError if it is not what those that are there were drawn by."""
        mark, now = self.folder / RECIPE, hashlib.sha256(repr(self.recipe).encode()).hexdigest()
        if self.done.any() and mark.exists() and mark.read_text(encoding="utf-8") != now:
            raise DataError(
                f"{self.folder}: its pictures were drawn by other settings. Delete it to draw them anew, or train "
                "elsewhere."
            )
        mark.write_text(now, encoding="utf-8")

    def stop(self) -> None:
        """Ends the workers; what they drew stays."""
        for worker in self.workers:
            worker.terminate()
            worker.join()
        self.workers.clear()

    @property
    def ready(self) -> int:
        """How many items from the first on are there without a gap."""
        gaps = np.flatnonzero(self.done == 0)
        return self.count if gaps.size == 0 else int(gaps[0]) * CHUNK

    def wait(self, count: int, seconds: float = float("inf")) -> bool:
        """Whether the first `count` items are drawn within this time; a DataError if nobody draws them any more."""
        end = time.monotonic() + seconds
        while self.ready < min(count, self.count):
            if any(worker.exitcode for worker in self.workers) or not self.workers:
                raise DataError(
                    f"{self.folder}: drawing stopped at {self.ready} of {self.count} pictures; see above why."
                )
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def take(self, places: NDArray[np.int64]) -> Item:
        """The pictures (N, ...) and labels (N, ...) at these places."""
        order = np.sort(places)
        return Item(np.asarray(self.pictures[order]), np.asarray(self.labels[order]))


def _work(folder: Path, recipe: Recipe, count: int, worker: int, workers: int) -> None:
    import cv2

    cv2.setNumThreads(0)
    os.nice(5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C asks the first process, which ends the workers
    pool = Pool(folder, recipe, count)
    parent = os.getppid()
    for chunk in range(worker, len(pool.done), workers):
        if pool.done[chunk]:
            continue
        if os.getppid() != parent:
            return  # the training was killed: nobody wants more
        for n in range(chunk * CHUNK, min(count, (chunk + 1) * CHUNK)):
            try:
                item = recipe.draw(n)
            except LprError as error:
                sys.exit(str(error))
            pool.pictures[n], pool.labels[n] = item.picture, item.label
        pool.done[chunk] = 1


def _array(path: Path, shape: tuple[int, ...], kind: type[np.generic]) -> NDArray[np.generic]:
    if path.exists():
        array = np.lib.format.open_memmap(path, mode="r+")
        if array.shape != shape:
            raise DataError(
                f"{path}: has the shape {array.shape}, the settings ask for {shape}. Delete it or train elsewhere."
            )
        return array
    try:
        return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    except OSError as error:
        raise DataError(f"{path}: cannot be made ({error.strerror}).") from None
