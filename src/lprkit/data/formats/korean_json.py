"""Korean crops listed in one JSON file.

    {"class_names": ["0", "1", "가"],
     "data": [{"images": {"filename": "0001.jpg"}, "annotations": {"text": "12가3456"}}]}

The file is `label.json` in a folder; the pictures are in `images` beside it if there is such a folder, otherwise beside
it. `class_names` is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.format import Entry, Format, entries
from lprkit.data.text import plain

LABELS = "label.json"
"""The file's name in a folder."""


def read(path: Path) -> Iterator[Entry]:
    """The crops of a file, or of the folder that holds one."""
    table = path / LABELS if path.is_dir() else path
    records = files.member(files.json_in(table), "data", list, str(table))
    beside = table.parent / "images"
    items = (_Record(record, f"{table} data[{n}]") for n, record in enumerate(records))
    return entries(items, partial(_sample, folder=beside if beside.is_dir() else table.parent))


@dataclass(frozen=True)
class _Record:
    value: object
    where: str


def _sample(record: _Record, folder: Path) -> Sample:
    image = files.member(record.value, "images", dict, record.where)
    label = files.member(record.value, "annotations", dict, record.where)
    text = plain(files.member(label, "text", str, record.where))
    if not text:
        raise DataError(f"{record.where}: 'text' is empty.")
    name = files.member(image, "filename", str, record.where)
    return Sample((Plate(text, region="kr"),), files.beside(folder, name, record.where), whole=True)


FORMAT = Format(read, keeps=("text", "region", "crops"))
