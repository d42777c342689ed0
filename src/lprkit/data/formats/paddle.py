r"""A list of crops as PaddleOCR has it, a tab between the picture and its text.

    crops/000001.png\tAB123CD
    crops/my plate.png\t京A12345

Paths are relative to the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files, store
from lprkit.data.files import Line
from lprkit.data.format import Entry, Format, entries
from lprkit.data.text import plain

LIST = "rec_gt.txt"
"""The list's name in a folder."""


def read(path: Path) -> Iterator[Entry]:
    """The crops of a list, or of the folder that holds one."""
    table = path / LIST if path.is_dir() else path
    return entries(files.each_line(table), partial(_sample, folder=table.parent))


def _sample(line: Line, folder: Path) -> Sample:
    name, _, written = line.text.partition("\t")
    text = plain(written)
    if not text:
        raise DataError(f"{line.where}: {line.text!r} is not a picture and its text with a tab between them.")
    return Sample((Plate(text),), files.beside(folder, name, line.where), whole=True)


def _line(name: str, sample: Sample) -> str:
    return f"{name}\t{store.labelled_crop(sample).text}"


_write = partial(store.write_lines, _line, LIST)
FORMAT = Format(read, partial(_write, store.stored), partial(_write, store.referred))
