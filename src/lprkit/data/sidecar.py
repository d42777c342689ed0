"""A text file beside every picture, a name and a value a line: what UFPR-ALPR and RodoSol-ALPR share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.geometry import Quad, quad_from
from lprkit.core.image import find_images
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.files import Line
from lprkit.data.format import Entry, attempt
from lprkit.data.text import plain

Facts = Mapping[str, Line]
"""What stands behind each name, with its line."""


def read(parse: Callable[[Path, Facts], Sample], path: Path) -> Iterator[Entry]:
    """The frames below a folder, sorted by name; `parse` makes a sample of a picture and the facts beside it."""

    def sample(picture: Path) -> Sample:
        return parse(picture, facts(picture.with_suffix(".txt")))

    for picture in find_images(files.labelled_folder(path)):
        yield attempt(str(picture.with_suffix(".txt")), sample, picture)


def facts(path: Path) -> dict[str, Line]:
    """Everything that a file says; the names in lower case."""
    found: dict[str, Line] = {}
    for line in files.lines(path):
        name, colon, value = line.text.partition(":")
        if not colon:
            raise DataError(f"{line.where}: {line.text!r} is not a name and a value with a colon between them.")
        found[name.strip().lower()] = Line(value.strip(), line.where)
    return found


def brazilian(known: Facts, quad: Quad, where: Path) -> Plate:
    """The plate with its text; motorcycles wear it in two rows."""
    text = plain(fact(known, "plate", where).text)
    if not text:
        raise DataError(f"{known['plate'].where}: the plate is empty.")
    return Plate(text, quad, "br", rows=2 if "motor" in fact(known, "type", where).text.lower() else 1)


def fact(known: Facts, name: str, where: Path) -> Line:
    """What stands behind a name that must be there."""
    if name not in known:
        raise DataError(f"{where}: has no line {name!r}.")
    return known[name]


def corners(line: Line) -> Quad:
    """Four corners, clockwise from the top-left one: x,y with spaces between."""
    points = [point.split(",") for point in line.text.split()]
    if len(points) != 4 or any(len(point) != 2 for point in points):
        raise DataError(f"{line.where}: {line.text!r} is not four corners x,y.")
    return quad_from([[files.number(value, line.where) for value in point] for point in points])
