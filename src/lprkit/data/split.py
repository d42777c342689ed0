"""Sets divided without leaks: what belongs together comes to one side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from lprkit.core.errors import ConfigError, DataError
from lprkit.core.types import Sample

By: TypeAlias = Literal["text", "track", "source"]
"""What must not be divided: the pictures of one plate; of one track; of one folder. The first always holds as well."""

NAMES = ("train", "val", "test")


@dataclass(frozen=True)
class Plan:
    """Which part every sample belongs to."""

    by: By
    parts: Mapping[str, str]
    """By the keys of the samples."""
    counts: Mapping[str, int]

    def part(self, sample: Sample) -> str:
        """The name of the sample's part."""
        return self.parts[_keys(sample, self.by)[0]]


def shares_of(ratio: str) -> dict[str, float]:
    """The parts that "99/1" or "80/10/10" stands for: train, val and test with their shares."""
    words = ratio.split("/")
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if not 2 <= len(numbers) <= len(NAMES) or not all(0 < number < 1e9 for number in numbers):
        raise ConfigError(f"{ratio!r} is no ratio: write two or three numbers above 0, such as 99/1 or 80/10/10.")
    return {name: number / sum(numbers) for name, number in zip(NAMES, numbers, strict=False)}


def plan(samples: Iterable[Sample], by: By, shares: Mapping[str, float], rng: np.random.Generator) -> Plan:
    """A plan whose parts are as near to their shares as whole groups allow; it keeps every text in the memory."""
    groups = _Groups()
    tracked = False
    for sample in samples:
        groups.add(_keys(sample, by))
        tracked = tracked or bool(sample.track)
    if by == "track" and not tracked:
        raise DataError("No sample of the set has a track. Split it by text or by source.")
    sizes = groups.sizes()
    if len(sizes) < len(shares):
        raise DataError(
            f"By {by} the set has {len(sizes)} groups and cannot be divided into {len(shares)}. Choose another way."
        )
    chosen = _choose(sizes, shares, rng)
    counts = Counter[str]()
    for group, part in chosen.items():
        counts[part] += sizes[group]
    return Plan(by, {key: chosen[groups.root(key)] for key in list(groups.parent)}, counts)


def _keys(sample: Sample, by: By) -> Sequence[str]:
    """What the sample shares with those that it belongs to; the first is always there."""
    keys = [f"text {plate.text}" for plate in sample.plates if plate.text]
    if by == "track" and sample.track:
        keys.append(f"track {sample.track}")
    if by == "source":
        keys.append(f"folder {Path(sample.source).parent}")
    return keys or [f"picture {sample.source}"]


class _Groups:
    """Keys that belong together because some sample has them all (disjoint sets, joined by their roots)."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}
        self.count = Counter[str]()

    def add(self, keys: Sequence[str]) -> None:
        """Joins the keys of one sample."""
        first = self.root(keys[0])
        for key in keys[1:]:
            self.parent[self.root(key)] = first
        self.count[first] += 1

    def root(self, key: str) -> str:
        """The key that stands for all that belong with this one."""
        at = self.parent.setdefault(key, key)
        while at != self.parent[at]:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        self.parent[key] = at
        return at

    def sizes(self) -> dict[str, int]:
        """How many samples each group has, by its root."""
        sizes = Counter[str]()
        for key, count in self.count.items():
            sizes[self.root(key)] += count
        return sizes


def _choose(sizes: Mapping[str, int], shares: Mapping[str, float], rng: np.random.Generator) -> dict[str, str]:
    """A part for each group: in random order, where there is most room for it in proportion."""
    total = sum(sizes.values())
    room = {name: share * total for name, share in shares.items()}
    order = sorted(sizes)
    rng.shuffle(order)
    chosen = {}
    for group in order:
        fitting = [name for name in room if room[name] + 0.5 >= sizes[group]] or list(room)
        part = max(fitting, key=lambda name: (room[name] / shares[name], shares[name]))
        room[part] -= sizes[group]
        chosen[group] = part
    for name in [
        name for name in shares if name not in chosen.values()
    ]:  # none may stay empty, however small its share
        full, _ = Counter(chosen.values()).most_common(1)[0]
        chosen[min((group for group in order if chosen[group] == full), key=lambda group: sizes[group])] = name
    return chosen
