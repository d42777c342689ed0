"""Crops with a JSON file each, as AUTO.RIA and nomeroff-net have them.

    train/img/AA0001BB_0.png
    train/ann/AA0001BB_0.json     {"description": "AA0001BB", "name": "AA0001BB_0", "count_lines": 1,
                                   "size": {"width": 152, "height": 34}}

`train`, `val` and `test` are the splits; without these folders `img` and `ann` stand in the set itself. Only
`description` must be there; the numbers of `region_id` differ between releases and are not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files, store
from lprkit.data.format import Entry, Format, attempt
from lprkit.data.text import plain

SPLITS = ("train", "val", "test")


def read(path: Path) -> Iterator[Entry]:
    """The crops of a set, or of one of its splits, sorted by name."""
    files.labelled_folder(path)
    splits = [name for name in SPLITS if (path / name / "ann").is_dir()]
    for split in splits or [""]:
        folder = files.labelled_folder(path / split, "img", "ann")
        pictures = _Pictures(folder / "img")
        for label in sorted((folder / "ann").glob("*.json")):
            yield attempt(str(label), partial(_sample, pictures=pictures, split=split), label)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes a set, in folders of its splits; how many samples they were."""
    count = 0
    for sample in samples:
        folder = path / sample.split if sample.split in SPLITS else path
        picture = store.store(sample, folder / "img", f"{count:06d}")
        label = folder / "ann" / f"{picture.stem}.json"
        label.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_record(sample, picture.stem), ensure_ascii=False)
        label.write_text(text + "\n", encoding="utf-8")
        count += 1
    return count


class _Pictures:
    """The pictures of a folder by their names without suffix."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_stem = {path.stem: path for path in folder.iterdir() if path.suffix.lower() in image.SUFFIXES}

    def of(self, label: Path) -> Path:
        """The picture of a label."""
        if label.stem not in self.by_stem:
            raise DataError(f"{label}: has no picture of this name in {self.folder}.")
        return self.by_stem[label.stem]


def _sample(label: Path, pictures: _Pictures, split: str) -> Sample:
    record = files.json_in(label)
    text = plain(files.member(record, "description", str, str(label)))
    if not text:
        raise DataError(f"{label}: 'description' is empty.")
    rows = record.get("count_lines") if isinstance(record, dict) else None
    plate = Plate(text, rows=rows if type(rows) is int and 0 < rows < 10 else None)
    return Sample((plate,), str(pictures.of(label)), split=split, whole=True)


def _record(sample: Sample, name: str) -> dict[str, object]:
    plate = store.labelled_crop(sample)
    width, height = image.size(sample)
    lines = {"count_lines": plate.rows} if plate.rows else {}
    return {"description": plate.text, "name": name, "size": {"width": width, "height": height}, **lines}


FORMAT = Format(read, write, keeps=("text", "rows", "split", "crops"))
