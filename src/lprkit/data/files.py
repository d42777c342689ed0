"""Files of labels, taken apart."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from lprkit.core.errors import DataError
from lprkit.data.format import Broken

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_LINE = 1_000_000
"""Letters; a longer line is no label, and must not fill the memory."""


@dataclass(frozen=True)
class Line:
    """One line of a file of labels, and what errors call it."""

    text: str
    where: str


@dataclass(frozen=True)
class Row:
    """One row of a table of labels by column, and what errors call it."""

    cells: Mapping[str, str]
    where: str

    def get(self, column: str) -> str:
        """The cell without surrounding spaces; empty when there is none."""
        return self.cells.get(column, "").strip()


def lines(path: Path) -> Iterator[Line]:
    """The lines of a UTF-8 text file that are not empty; a DataError at the first that is no text."""
    for line in each_line(path):
        if isinstance(line, Broken):
            raise line.error
        yield line


def each_line(path: Path) -> Iterator[Line | Broken]:
    """The lines of a UTF-8 text file that are not empty, also those that are no text."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            for n, text in enumerate(_pieces(file), 1):
                stripped = text.strip()
                if stripped:
                    yield _line(stripped, f"{path} line {n}")
    except OSError as error:
        raise unreadable(path, error) from None


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row | Broken]:
    """The rows of a CSV file whose first line names its columns, `columns` among them."""
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
            reader = csv.reader(_pieces(file), strict=True)
            try:
                names = next(reader, [])
            except csv.Error as error:
                raise DataError(f"{path} line 1: is not CSV ({error}).") from None
            absent = [column for column in columns if column not in names]
            if absent:
                raise DataError(f"{path} line 1: the column {absent[0]!r} is missing; expected {','.join(columns)}.")
            yield from _rows(reader, names, path)
    except OSError as error:
        raise unreadable(path, error) from None


def number(text: str, where: str) -> float:
    """A finite number from a label."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: {text!r} is not a number.")
    return value


def inside(folder: Path, name: str, where: str) -> Path:
    """The file `name` of a folder; a DataError when the name is empty or leads out of it."""
    path = Path(name)
    if not name or "\0" in name or path.is_absolute() or ".." in path.parts:
        raise DataError(f"{where}: {name!r} is not the name of a file in {folder}.")
    return folder / path


def beside(folder: Path, name: str, where: str) -> str:
    """The picture that a list names: relative to the list's folder, or anywhere on the machine."""
    if not name or "\0" in name:
        raise DataError(f"{where}: {name!r} is not the name of a picture.")
    return os.path.join(folder, name)  # noqa: PTH118 - Path takes three times as long, and there are millions


def labelled_folder(path: Path, *names: str) -> Path:
    """A folder that has these in it; a DataError says which one is missing."""
    if not path.is_dir():
        raise DataError(f"{path}: is not a folder. Name the folder that holds the set.")
    for name in names:
        if not (path / name).exists():
            raise DataError(f"{path}: has no {name} in it. Expected {', '.join(names)}.")
    return path


def json_in(path: Path) -> object:
    """What a JSON file says."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(path, error) from None
    except json.JSONDecodeError as error:
        raise DataError(f"{path} line {error.lineno}: is not JSON ({error.msg}).") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, a number of thousands of digits, brackets without end
        raise DataError(f"{path} line 1: is not JSON ({error}).") from None


T = TypeVar("T")


def member(record: object, name: str, kind: type[T], where: str) -> T:
    """The member of a JSON object, of this type."""
    value = record.get(name) if isinstance(record, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise DataError(f"{where}: {name!r} must be there and be {WORDS[kind]}.")
    if isinstance(value, str) and not is_text(value):
        raise DataError(f"{where}: {name!r} has half a letter ({value!r}). Write the whole one.")
    return value


def is_text(value: str) -> bool:
    """False for what cannot be written as UTF-8: bytes of another encoding, halves of UTF-16's pairs."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    list: "a list",
    dict: "an object",
    bool: "true or false",
}


def unreadable(path: Path, error: OSError) -> DataError:
    """What to say of a file that the machine does not give."""
    return DataError(f"{path}: cannot be read ({error.strerror}). Check the path.")


def _pieces(file: TextIO) -> Iterator[str]:
    """The lines of a file, none longer than is sensible."""
    while text := file.readline(LONGEST_LINE):
        yield text


def _line(text: str, where: str) -> Line | Broken:
    error = _no_text(text, where)
    return Line(text, where) if error is None else Broken(where, error)


def _no_text(text: str, where: str) -> DataError | None:
    """What is wrong with bytes that were no UTF-8, or with a line without end."""
    if len(text) >= LONGEST_LINE:
        return DataError(f"{where}: has over {LONGEST_LINE:,} letters. This is no file of labels.")
    if not is_text(text):
        return DataError(f"{where}: is not UTF-8 text. Save the file as UTF-8.")
    return None


def _rows(reader: Reader, names: list[str], path: Path) -> Iterator[Row | Broken]:
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            where = f"{path} line {reader.line_num}"
            yield Broken(where, DataError(f"{where}: is not CSV ({error})."))
            continue
        if cells is None:
            return
        if cells:
            yield _row(cells, names, f"{path} line {reader.line_num}")


def _row(cells: list[str], names: list[str], where: str) -> Row | Broken:
    error = _no_text(",".join(cells), where)
    if error is None and len(cells) != len(names):
        error = DataError(f"{where}: expected {len(names)} cells, as in line 1.")
    return Row(dict(zip(names, cells, strict=True)), where) if error is None else Broken(where, error)
