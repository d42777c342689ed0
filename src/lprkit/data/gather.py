"""Sets put together, moved, and looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lprkit.core.errors import ConfigError, LprError
from lprkit.core.types import Label, Sample
from lprkit.data import Spec, find
from lprkit.data.store import CROPS

LISTS = (".txt", ".csv")
"""How the name of a list ends; a set of another name is a folder."""


def merged(sets: Iterable[tuple[str, Iterable[Sample]]]) -> Iterator[Sample]:
    """The samples of all sets, one set after the other; tracks are told apart by the name of their set."""
    for name, samples in sets:
        for sample in samples:
            yield replace(sample, track=f"{name}/{sample.track}") if sample.track else sample


def collect_shuffled(samples: Iterable[Sample], rng: np.random.Generator) -> list[Sample]:
    """All samples in random order; only what lies in the memory can be shuffled."""
    everything = list(samples)
    return [everything[n] for n in rng.permutation(len(everything))]


def only(samples: Iterable[Sample], label: Label) -> Iterator[Sample]:
    """The samples with the things of one class alone, so that sets which label different ones go together."""
    for sample in samples:
        plates = tuple(plate for plate in sample.plates if plate.label == label)
        yield replace(sample, plates=plates, labelled=tuple(one for one in sample.labelled if one == label))


def chosen(samples: Iterable[Sample], count: int, rng: np.random.Generator) -> list[Sample]:
    """As many samples, each as likely as any other, without knowing how many there are (reservoir sampling)."""
    kept: list[Sample] = []
    for n, sample in enumerate(samples):
        if n < count:
            kept.append(sample)
        elif (at := int(rng.integers(n + 1))) < count:
            kept[at] = sample
    return kept


@dataclass
class Move:
    """Another beginning for the paths of pictures, and how many had the old one."""

    old: str
    new: str
    moved: int = 0

    @classmethod
    def of(cls, old: str, new: str, source: Spec) -> Move:
        """The move of a list's pictures; relative paths are taken from the list's folder, as in the list itself."""
        folder = source.path if source.path.is_dir() else source.path.parent
        return cls(_absolute(folder, old), _absolute(folder, new))

    def apply(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """The samples with their new paths; those that begin otherwise stay as they are."""
        for sample in samples:
            path = Path(os.path.abspath(sample.source))  # noqa: PTH100 - resolve() would follow links
            if path.is_relative_to(self.old):
                self.moved += 1
                yield replace(sample, source=str(Path(self.new) / path.relative_to(self.old)), image=None)
            else:
                yield sample


@contextmanager
def fresh(out: Spec, sources: Iterable[Spec], pictures: bool = True) -> Iterator[Spec]:
    """A place to write a set, with its pictures or without; where that fails, nothing of it stays behind.

    A ConfigError when something is there already, or when it is one of the sets that are read.
    """
    if any(out.path.resolve() == source.path.resolve() for source in sources):
        raise ConfigError(f"{out}: is the set that is read; it would be changed. Choose another place.")
    places = [out.path]
    if pictures and out.path.suffix in LISTS and find(out.format).refer:
        places.append(out.path.parent / CROPS)  # where the list's pictures go
    for place in places:
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise ConfigError(f"{place}: is there already. Choose another place, or remove it first.")
    try:
        yield out
    except (LprError, OSError):
        for place in places:
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        raise


def _absolute(folder: Path, path: str) -> str:
    return os.path.abspath(folder / path)  # noqa: PTH100 - resolve() would follow links
