"""A table of crops, as fast-plate-ocr has them.

    image_path,plate_text,region
    crops/000001.png,AB123CD,it
    crops/000002.png,7ABC123,us-ca

Paths are relative to the table; `region` may be left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files, store
from lprkit.data.files import Row
from lprkit.data.format import Entry, Format, entries
from lprkit.data.store import Place
from lprkit.data.text import plain

TABLE = "annotations.csv"
"""The table's name in a folder."""


def read(path: Path) -> Iterator[Entry]:
    """The crops of a table, or of the folder that holds one."""
    table = path / TABLE if path.is_dir() else path
    return entries(files.rows(table, ("image_path", "plate_text")), partial(_sample, folder=table.parent))


def write(place: Place, samples: Iterable[Sample], path: Path) -> int:
    """Writes the table `path` (a name ending in .csv, or a folder), the crops placed as `place` says."""
    table = path if path.suffix == ".csv" else path / TABLE
    table.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image_path", "plate_text", "region"))
        for sample in samples:
            crop = store.labelled_crop(sample)
            writer.writerow((place(sample, table.parent, count), crop.text, crop.region or ""))
            count += 1
    return count


def _sample(row: Row, folder: Path) -> Sample:
    text = plain(row.get("plate_text"))
    if not text:
        raise DataError(f"{row.where}: plate_text is empty.")
    plate = Plate(text, region=row.get("region").lower() or None)
    return Sample((plate,), files.beside(folder, row.get("image_path"), row.where), whole=True)


FORMAT = Format(read, partial(write, store.stored), partial(write, store.referred), keeps=("text", "region", "crops"))
