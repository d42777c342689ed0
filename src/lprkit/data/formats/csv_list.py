"""A table of crops, as fast-plate-ocr has them.

    image_path,plate_text,region
    crops/000001.png,AB123CD,it
    crops/000002.png,7ABC123,us-ca

Paths are relative to the table; `region` may be left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.format import Format
from lprkit.data.text import plain

TABLE = "annotations.csv"
"""The table's name in a folder."""


def read(path: Path) -> Iterator[Sample]:
    """The crops of a table, or of the folder that holds one."""
    table = path / TABLE if path.is_dir() else path
    for row in files.rows(table, ("image_path", "plate_text")):
        text = plain(row.get("plate_text"))
        if not text:
            raise DataError(f"{row.where}: plate_text is empty.")
        plate = Plate(text, region=row.get("region").lower() or None)
        yield Sample((plate,), files.beside(table.parent, row.get("image_path"), row.where), whole=True)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes the table `path` (a name ending in .csv, or a folder) and the crops into `crops/` beside it."""
    table = path if path.suffix == ".csv" else path / TABLE
    table.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image_path", "plate_text", "region"))
        for sample in samples:
            crop = files.labelled_crop(sample)
            picture = files.store(sample, table.parent / "crops", f"{count:06d}")
            writer.writerow((picture.relative_to(table.parent).as_posix(), crop.text, crop.region or ""))
            count += 1
    return count


FORMAT = Format(read, write, keeps=("text", "region"))
