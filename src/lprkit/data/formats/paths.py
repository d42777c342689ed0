"""A list of crops without texts, a picture a line.

    crops/000001.png
    my crops/000002.png

Paths are relative to the list. A folder is read as the list of all pictures below it, unless it holds paths.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lprkit.core.image import find_images
from lprkit.core.types import Plate, Sample
from lprkit.data import files, store
from lprkit.data.files import Line
from lprkit.data.format import Entry, Format, entries

LIST = "paths.txt"
"""The list's name in a folder."""


def read(path: Path) -> Iterator[Entry]:
    """The crops of a list, or of a folder."""
    table = path / LIST if path.is_dir() else path
    if path.is_dir() and not table.is_file():
        return (Entry(str(picture), _sample(str(picture))) for picture in find_images(path))
    return entries(files.each_line(table), partial(_listed, folder=table.parent))


def _listed(line: Line, folder: Path) -> Sample:
    return _sample(files.beside(folder, line.text, line.where))


def _sample(picture: str) -> Sample:
    return Sample((Plate(),), picture, whole=True)


def _line(name: str, sample: Sample) -> str:
    return name


_write = partial(store.write_lines, _line, LIST)
FORMAT = Format(read, partial(_write, store.stored), partial(_write, store.referred), keeps=("crops",))
