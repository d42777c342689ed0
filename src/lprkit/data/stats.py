"""What a labelled set consists of: its characters, lengths and sizes, counted as it passes by."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lprkit.core.errors import DataError
from lprkit.core.geometry import Quad, box_of
from lprkit.core.image import pixels
from lprkit.core.types import Image, Plate, Sample
from lprkit.data.text import tokens

MOST = 60
"""Bars of a histogram."""


@dataclass
class Spread:
    """Least, largest and mean of some values, and how many fall into each step."""

    step: float = 1.0
    count: int = 0
    total: float = 0.0
    least: float = math.inf
    largest: float = -math.inf
    steps: Counter[int] = field(default_factory=Counter)
    """By the number of the step; bounded, however many values there are."""

    def add(self, value: float) -> None:
        """Counts one value."""
        self.count += 1
        self.total += value
        self.least, self.largest = min(self.least, value), max(self.largest, value)
        self.steps[int(value // self.step)] += 1

    def bars(self) -> dict[str, int]:
        """How many values fall into each step from the least to the largest, equally wide, MOST at most."""
        if not self.steps:
            return {}
        first, last = min(self.steps), max(self.steps)
        wide = -(-(last - first + 1) // MOST)
        return {
            f"{n * self.step:g}": sum(self.steps[one] for one in range(n, n + wide))
            for n in range(first, last + 1, wide)
        }

    def as_dict(self) -> dict[str, float]:
        """Plain values for JSON; empty when there was none."""
        if not self.count:
            return {}
        mean = self.total / self.count
        return {"min": round(self.least, 2), "mean": round(mean, 2), "max": round(self.largest, 2)}


@dataclass
class Stats:
    """Counts of samples and plates. Sizes are those of the plates, in px: of the crop, or of the box in its frame."""

    pictures: bool = True
    """False: no picture is opened, so of crops no sizes are known."""
    samples: int = 0
    frames: int = 0
    plates: int = 0
    unlabelled: int = 0
    """Plates without a text."""
    broken: int = 0
    """Entries and pictures that could not be read."""
    texts: set[int] = field(default_factory=set)
    """Hashes of the different texts."""
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in ("characters", "lengths", "rows", "regions", "splits")}
    )
    spreads: dict[str, Spread] = field(
        default_factory=lambda: {
            "height_px": Spread(4),
            "width_px": Spread(10),
            "aspect": Spread(0.25),
            "blur": Spread(100),
        }
    )
    """`aspect`: width / height. `blur`: variance of the Laplacian of the grey picture; the lower the more blurred."""

    def add(self, sample: Sample) -> None:
        """Counts one sample."""
        self.samples += 1
        self.frames += not sample.whole
        self.counts["splits"][sample.split] += 1
        found = [plate for plate in sample.plates if plate.label == "license_plate"]
        for plate in found:
            self._count(plate)
        if self.pictures and found:
            try:
                image = pixels(sample)
            except DataError:
                self.broken += 1
                return
            for plate in found:
                if sample.whole or plate.quad:
                    self._measure(_shown(image, plate.quad))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: counts, most frequent first."""
        return {
            "samples": self.samples,
            "frames": self.frames,
            "plates": self.plates,
            "unlabelled": self.unlabelled,
            "texts": len(self.texts),
            "broken": self.broken,
            **{name: dict(counter.most_common()) for name, counter in self.counts.items()},
            **{name: spread.as_dict() for name, spread in self.spreads.items()},
        }

    def vocabulary(self) -> list[str]:
        """Every character that some text has, sorted."""
        return sorted(self.counts["characters"])

    def histograms(self) -> Mapping[str, Mapping[str, int]]:
        """Name -> bars with their labels, in order."""
        bars: dict[str, Mapping[str, int]] = {
            "characters": dict(self.counts["characters"].most_common(60)),
            "lengths": dict(sorted(self.counts["lengths"].items(), key=lambda item: int(item[0]))),
        }
        for name, spread in self.spreads.items():
            bars[name] = spread.bars()
        return {name: some for name, some in bars.items() if some}

    def _count(self, plate: Plate) -> None:
        self.plates += 1
        self.counts["regions"][plate.region or ""] += 1
        self.counts["rows"][str(plate.rows or "")] += 1
        if not plate.text:
            self.unlabelled += 1
            return
        letters = tokens(plate.text)
        self.texts.add(hash(plate.text))
        self.counts["characters"].update(letters)
        self.counts["lengths"][str(len(letters))] += 1

    def _measure(self, crop: Image) -> None:
        import cv2

        height, width = crop.shape[:2]
        if not height or not width:
            return  # a box outside the picture
        values = {"height_px": height, "width_px": width, "aspect": width / height}
        values["blur"] = float(cv2.Laplacian(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())
        for name, value in values.items():
            self.spreads[name].add(value)


def _shown(image: Image, quad: Quad | None) -> Image:
    """The pixels of the upright box of a quad; the whole picture without one."""
    if quad is None:
        return image
    x, y, w, h = box_of(quad)
    return image[max(0, round(y)) : max(0, round(y + h)), max(0, round(x)) : max(0, round(x + w))]
