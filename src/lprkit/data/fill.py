"""A folder filled with the shards of a set, each written by one process, whole or not at all.

    synth.json          what the set is made of: a later run must say the same
    shard-00000/        sets of their own, which every reader of the format finds
    .synth/             what each shard consists of, and those that are being written

A run that was stopped, however rudely, goes on with the shards that are missing, and ends with the same bytes.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from lprkit import data
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.types import Sample
from lprkit.data import files, shards
from lprkit.synth.tally import Tally

RECORD = "synth.json"
WORK = ".synth"
TOLD_S = 0.2
"""How often it is told how far the workers are."""


@dataclass(frozen=True)
class Order:
    """A set to be made. Pickled into the workers."""

    make: Callable[[int], Sample]
    """Gives the n-th sample, always the same one."""
    count: int
    form: str
    folder: Path
    size: int
    """Samples a shard."""

    @property
    def shards(self) -> range:
        """The numbers of its shards."""
        return range(-(-self.count // self.size))

    def samples(self, shard: int) -> range:
        """The numbers of a shard's samples."""
        return range(shard * self.size, min((shard + 1) * self.size, self.count))

    def path(self, shard: int) -> Path:
        """Where a finished shard is."""
        return self.folder / shards.name_of(shard, data.find(self.form).suffix)

    def tally(self, shard: int) -> Path:
        """Where it is written down what a finished shard consists of."""
        return self.folder / WORK / f"{self.path(shard).name}.json"


def begin(order: Order, settings: Mapping[str, Any]) -> list[int]:
    """The shards that are missing; a ConfigError when the folder holds anything but the beginning of this very set."""
    record, said = order.folder / RECORD, json.loads(json.dumps(settings))
    missing = [n for n in order.shards if not (order.path(n).exists() and order.tally(n).is_file())]
    if record.is_file():
        if any((order.folder / WORK).glob("shard-*")):
            _compare(files.json_in(record), said, order.folder)
    elif order.folder.is_file() or (order.folder.is_dir() and any(p.name != WORK for p in order.folder.iterdir())):
        raise ConfigError(f"{order.folder}: is there already, and no drawn set. Choose another place, or remove it.")
    (order.folder / WORK).mkdir(parents=True, exist_ok=True)
    for unfinished in filter(Path.is_dir, list((order.folder / WORK).iterdir())):
        shutil.rmtree(unfinished)
    _put(order, record, said)
    return missing


def fill(order: Order, missing: Sequence[int], workers: int, tell: Callable[[int], None]) -> Tally:
    """Makes the missing shards, telling all along how many of their samples are there; what all shards consist of."""
    processes = min(workers, len(missing))
    if processes > 1:
        _share_out(order, missing, processes, tell)
    else:
        numbers = itertools.count(1)
        for shard in missing:
            _make(order, shard, lambda: tell(next(numbers)))
    whole = Tally()
    for shard in order.shards:
        whole.include(Tally.from_dict(json.loads(order.tally(shard).read_text(encoding="utf-8"))))
    join = data.find(order.form).join
    if join is not None:
        join([order.path(shard) for shard in order.shards], order.folder)
    return whole


def _make(order: Order, shard: int, seen: Callable[[], None]) -> None:
    """Makes one shard beside the finished ones, then moves it there; `seen` is called after every sample."""
    work, final, tally = order.folder / WORK / f"{shard:05d}", order.path(shard), Tally()

    def samples() -> Iterator[Sample]:
        for n in order.samples(shard):
            yield order.make(n)
            seen()

    data.write(order.form, tally.watch(samples()), work / final.name)
    if final.is_dir():
        shutil.rmtree(final)
    (work / final.name).replace(final)
    _put(order, order.tally(shard), tally.as_dict())
    shutil.rmtree(work)


def _share_out(order: Order, missing: Sequence[int], processes: int, tell: Callable[[int], None]) -> None:
    """The same in several processes, a shard each."""
    # Spawned, since a fork of a process with threads (OpenCV, torch) can hang.
    context = multiprocessing.get_context("spawn")
    shared = _Shared(context.Value("q", 0), context.Event())
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_start, initargs=(shared,)) as pool:
        waiting = {pool.submit(_work, order, shard) for shard in missing}
        try:
            while waiting:
                done, waiting = wait(waiting, TOLD_S, FIRST_EXCEPTION)
                tell(shared.drawn.value)
                for future in done:
                    future.result()
        except BrokenProcessPool:
            raise DataError(
                f"{order.folder}: a process was killed, perhaps for want of memory. Give the same command again to go"
                " on, with fewer --workers."
            ) from None
        finally:
            shared.stop.set()
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Shared:
    """What the workers have in common with the process that started them."""

    drawn: Synchronized[int]
    stop: Event


_SHARED: list[_Shared] = []
"""In a worker, the one that it was started with."""


def _start(shared: _Shared) -> None:
    import cv2

    cv2.setNumThreads(0)  # one thread a worker: the workers fill the cores
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the first process, which ends the workers
    _SHARED.append(shared)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends a worker whose parent was killed: it would wait for work for ever, or disturb the next run."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(order: Order, shard: int) -> None:
    _make(order, shard, _seen)


def _seen() -> None:
    shared = _SHARED[0]
    with shared.drawn.get_lock():
        shared.drawn.value += 1
    if shared.stop.is_set():
        raise DataError("Stopped.")


def _compare(before: object, now: Mapping[str, Any], folder: Path) -> None:
    """A ConfigError when a set was begun with other settings."""
    old, new = _flat(before), _flat(now)
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            raise ConfigError(
                f"{folder}: was begun with {name} = {json.dumps(old.get(name))}, not {json.dumps(new.get(name))}."
                " Go on with the same options, typefaces, region files and version, or choose another place."
            )


def _flat(value: object, prefix: str = "") -> dict[str, object]:
    """The leaves of nested objects, named a.b.c."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {
        name: leaf
        for key, part in value.items()
        for name, leaf in _flat(part, f"{prefix}.{key}" if prefix else str(key)).items()
    }


def _put(order: Order, path: Path, value: Mapping[str, Any]) -> None:
    """Writes a JSON file, whole or not at all."""
    new = order.folder / WORK / f"{path.name}.new"
    new.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    new.replace(path)
