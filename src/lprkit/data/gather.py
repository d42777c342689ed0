"""Sets put together, moved, and looked at."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lprkit.core.errors import ConfigError
from lprkit.core.types import Sample
from lprkit.data import Spec


def merged(sets: Iterable[tuple[str, Iterable[Sample]]]) -> Iterator[Sample]:
    """The samples of all sets, one set after the other; tracks are told apart by the name of their set."""
    for name, samples in sets:
        for sample in samples:
            yield replace(sample, track=f"{name}/{sample.track}") if sample.track else sample


def collect_shuffled(samples: Iterable[Sample], rng: np.random.Generator) -> list[Sample]:
    """All samples in random order; only what lies in the memory can be shuffled."""
    everything = list(samples)
    return [everything[n] for n in rng.permutation(len(everything))]


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


def apart(out: Spec, sources: Iterable[Spec]) -> None:
    """A ConfigError when something is there already where a set is to be written, or when it is one that is read."""
    for source in sources:
        if out.path.resolve() == source.path.resolve():
            raise ConfigError(f"{out}: is the set that is read; it would be changed. Choose another place.")
    if out.path.is_file() or (out.path.is_dir() and any(out.path.iterdir())):
        raise ConfigError(f"{out}: is there already. Choose another place, or remove it first.")


def _absolute(folder: Path, path: str) -> str:
    return os.path.abspath(folder / path)  # noqa: PTH100 - resolve() would follow links
