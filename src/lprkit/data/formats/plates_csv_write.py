"""Writes the plates-csv layout."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from lprkit.core.geometry import Box, Quad, box_of
from lprkit.core.types import Label, Plate, Sample
from lprkit.data import store

LABELS = ("file", "text", "x", "y", "w", "h", "country")
EXTRA = ("file", "corners", "whole", "kind", "rows", "breaks", "split", "track")
THINGS = ("file", "x", "y", "w", "h", "cls")
TABLES: dict[Label, str] = {"car": "vehicles.csv", "disabled_sticker": "stickers.csv"}
"""The table of each class beside plates; it is there when the class was labelled."""


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes pictures and tables into the folder `path`; how many samples they were."""
    path.mkdir(parents=True, exist_ok=True)
    count = 0
    with ExitStack() as stack:
        labels = _table(stack, path / "labels.csv", LABELS)
        extra = _table(stack, path / "extra.csv", EXTRA)
        others: dict[Label, _Writer] = {}
        for sample in samples:
            labelled = [label for label in TABLES if label in sample.labelled]
            if count == 0:
                others = {label: _table(stack, path / TABLES[label], THINGS) for label in labelled}
            if labelled != list(others):
                raise store.other_classes(sample, ("license_plate", *others))
            name = store.store(sample, path / "images", f"{count:06d}").name
            labels.writerows(_labels(name, sample))
            extra.writerows(_extra(name, sample))
            for label, table in others.items():
                table.writerows(_things(name, sample, label))
            count += 1
    return count


class _Writer(Protocol):
    def writerow(self, row: Sequence[str], /) -> object: ...
    def writerows(self, rows: Iterable[Sequence[str]], /) -> object: ...


def _table(stack: ExitStack, path: Path, columns: Sequence[str]) -> _Writer:
    writer = csv.writer(stack.enter_context(path.open("w", encoding="utf-8", newline="")))
    writer.writerow(columns)
    return writer


def _labels(name: str, sample: Sample) -> list[list[str]]:
    rows = [[name, p.text, *_cells(_box(p)), (p.region or "").upper()] for p in _plates(sample)]
    return rows or [[name, *[""] * 6]]


def _extra(name: str, sample: Sample) -> list[list[str]]:
    whole = "1" if sample.whole else ""
    end = [sample.split, sample.track]
    rows = [[name, _corners(p.quad), whole, *_print(p), *end] for p in _plates(sample)]
    return rows or [[name, "", whole, "", "", "", *end]]


def _print(plate: Plate) -> list[str]:
    """What is known about the print: kind, rows, breaks."""
    return [plate.kind or "", str(plate.rows or ""), " ".join(map(str, plate.breaks))]


def _things(name: str, sample: Sample, label: Label) -> list[list[str]]:
    return [[name, *_cells(_box(p)), label] for p in sample.plates if p.label == label]


def _plates(sample: Sample) -> list[Plate]:
    return [plate for plate in sample.plates if plate.label == "license_plate"]


def _box(plate: Plate) -> Box | None:
    return box_of(plate.quad) if plate.quad else None


def _cells(box: Box | None) -> list[str]:
    return [f"{value:.2f}" for value in box] if box else [""] * 4


def _corners(quad: Quad | None) -> str:
    return " ".join(f"{value:.2f}" for corner in quad or () for value in corner)
