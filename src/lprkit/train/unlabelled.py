"""Plates of which only the place is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lprkit import data
from lprkit.core.types import Sample


def each_plate(specs: Sequence[str]) -> Iterator[Sample]:
    """Every plate of these sets that is a crop or has a box, one a sample, with a text or without."""
    for spec in specs:
        for sample in data.read(spec):
            for plate in sample.plates:
                if plate.label == "license_plate" and (sample.whole or plate.quad is not None):
                    yield replace(sample, plates=(plate,))
