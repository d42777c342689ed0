r"""Frames with a text file beside each, tabs between its cells, as OpenALPR's benchmarks have them.

    eu1.jpg
    eu1.txt     eu1.jpg\t396\t340\t203\t46\tM5XSX

Picture, left, top, width, height in px, text; a line for each plate. One file may list several pictures.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.files import Line
from lprkit.data.format import Broken, Entry, Format, attempt
from lprkit.data.text import plain


def read(path: Path) -> Iterator[Entry]:
    """The frames that a text file lists, or all text files below a folder."""
    for table in sorted(path.rglob("*.txt")) if path.is_dir() else [path]:
        for _, group in itertools.groupby(files.each_line(table), key=_name):
            items = list(group)
            lines = [item for item in items if isinstance(item, Line)]
            yield from (Entry(item.where, item.error) for item in items if isinstance(item, Broken))
            if lines:
                yield attempt(lines[0].where, partial(_sample, folder=table.parent), lines)


def _name(line: Line | Broken) -> str:
    return line.text.partition("\t")[0] if isinstance(line, Line) else ""


def _sample(lines: list[Line], folder: Path) -> Sample:
    picture = files.beside(folder, _name(lines[0]), lines[0].where)
    return Sample(tuple(map(_plate, lines)), picture)


def _plate(line: Line) -> Plate:
    cells = line.text.split("\t")
    if len(cells) not in (5, 6):  # no text, and the tab before it gone with the end of the line
        raise DataError(f"{line.where}: expected picture, left, top, width, height and text with tabs between them.")
    box = Box(*(files.number(cell, line.where) for cell in cells[1:5]))
    if box.w <= 0 or box.h <= 0:
        raise DataError(f"{line.where}: the box is empty; width and height must be above 0.")
    return Plate(plain("".join(cells[5:])), quad_of(box))


FORMAT = Format(read, keeps=("text", "quad", "frames"))
