"""What a drawn set consists of, counted as it passes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lprkit.core.geometry import box_of
from lprkit.core.types import Sample

COUNTS = ("characters", "lengths", "rows", "regions", "kinds")
SIZES = ("plate_width_px", "plate_height_px")
SHARES = {"min": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "max": 1.0}


@dataclass
class Tally:
    """Counts of samples: as large for millions as for a few, and additive, so that each shard can have its own."""

    samples: int = 0
    plates: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in COUNTS})
    sizes: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in SIZES})
    """Whole px -> how many plates."""

    def watch(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """The samples themselves, each counted."""
        for sample in samples:
            self.add(sample)
            yield sample

    def add(self, sample: Sample) -> None:
        """Counts one sample."""
        self.samples += 1
        for plate in sample.plates:
            if plate.label == "license_plate":
                self.plates += 1
                self.counts["characters"].update(plate.text)
                self.counts["lengths"][str(len(plate.text))] += 1
                self.counts["rows"][str(plate.rows or 1)] += 1
                self.counts["regions"][plate.region or ""] += 1
                self.counts["kinds"][plate.kind or ""] += 1
                if plate.quad is not None:
                    _, _, width, height = box_of(plate.quad)
                    self.sizes["plate_width_px"][round(width)] += 1
                    self.sizes["plate_height_px"][round(height)] += 1

    def include(self, other: Tally) -> None:
        """Adds what another one counted."""
        self.samples += other.samples
        self.plates += other.plates
        for name in COUNTS:
            self.counts[name].update(other.counts[name])
        for name in SIZES:
            self.sizes[name].update(other.sizes[name])

    def as_dict(self) -> dict[str, Any]:
        """Every count as plain values for JSON, from which `from_dict` makes the same tally."""
        return {"samples": self.samples, "plates": self.plates, **self.counts, **self.sizes}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Tally:
        """The tally that `as_dict` wrote down."""
        sizes = {name: Counter({int(px): n for px, n in found[name].items()}) for name in SIZES}
        return cls(found["samples"], found["plates"], {name: Counter(found[name]) for name in COUNTS}, sizes)

    def summary(self) -> dict[str, Any]:
        """The counts, most frequent first, and the spread of plate sizes in px, as plain values for JSON."""
        return {
            "samples": self.samples,
            "plates": self.plates,
            **{name: dict(sorted(counter.items(), key=_often)) for name, counter in self.counts.items()},
            **{name: _spread(counter) for name, counter in self.sizes.items()},
        }


def _often(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _spread(values: Counter[int]) -> dict[str, int]:
    """The values below which these shares of all lie."""
    if not values:
        return {}
    ordered = sorted(values)
    sums = np.cumsum([values[value] for value in ordered])
    places = np.searchsorted(sums, [share * (sums[-1] - 1) for share in SHARES.values()], side="right")
    return {name: ordered[place] for name, place in zip(SHARES, places, strict=True)}
