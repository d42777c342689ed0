"""What a drawn set consists of, counted as it passes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lprkit.core.geometry import box_of
from lprkit.core.types import Image, Sample


@dataclass
class Tally:
    """Counts of samples, and the first few pictures."""

    shown: int = 80
    """Pictures kept."""
    samples: int = 0
    plates: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    rows: Counter[int] = field(default_factory=Counter)
    regions: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    widths: list[float] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    pictures: list[Image] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)

    def watch(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """The samples themselves, each counted."""
        for sample in samples:
            self.add(sample)
            yield sample

    def add(self, sample: Sample) -> None:
        """Counts one sample."""
        self.samples += 1
        if sample.image is not None and len(self.pictures) < self.shown:
            self.pictures.append(sample.image)
            self.captions.append(" ".join(p.text for p in sample.plates if p.text))
        for plate in sample.plates:
            if plate.label == "license_plate":
                self.plates += 1
                self.tokens.update(plate.text)
                self.lengths[len(plate.text)] += 1
                self.rows[plate.rows or 1] += 1
                self.regions[plate.region or ""] += 1
                self.kinds[plate.kind or ""] += 1
                if plate.quad is not None:
                    _, _, width, height = box_of(plate.quad)
                    self.widths.append(width)
                    self.heights.append(height)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: counts, most frequent first, and the spread of plate sizes in px."""
        counts: dict[str, Counter[Any]] = {
            "characters": self.tokens,
            "lengths": self.lengths,
            "rows": self.rows,
            "regions": self.regions,
            "kinds": self.kinds,
        }
        return {
            "samples": self.samples,
            "plates": self.plates,
            **{name: {str(key): n for key, n in counter.most_common()} for name, counter in counts.items()},
            "plate_width_px": _spread(self.widths),
            "plate_height_px": _spread(self.heights),
        }


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    names = {"min": 0, "p10": 10, "median": 50, "p90": 90, "max": 100}
    return {name: round(float(np.percentile(values, share)), 1) for name, share in names.items()}
