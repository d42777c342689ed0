"""Files of labels and pictures, in and out."""

from __future__ import annotations

import csv
import math
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample


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
    """The lines of a UTF-8 text file that are not empty."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for n, text in enumerate(file, 1):
                if text.strip():
                    yield Line(text.strip(), f"{path} line {n}")
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError as error:
        raise _encoding(path, error) from None


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a CSV file whose first line names its columns, `columns` among them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            absent = [column for column in columns if column not in (reader.fieldnames or ())]
            if absent:
                raise DataError(f"{path} line 1: the column {absent[0]!r} is missing; expected {','.join(columns)}.")
            for cells in reader:
                where = f"{path} line {reader.line_num}"
                if None in cells or None in cells.values():
                    raise DataError(f"{where}: expected {len(reader.fieldnames or ())} cells, as in line 1.")
                yield Row(cells, where)
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError as error:
        raise _encoding(path, error) from None
    except csv.Error as error:
        raise DataError(f"{path} line {reader.line_num + 1}: is not CSV ({error}).") from None


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
    return str(folder / name)


def labelled_crop(sample: Sample) -> Plate:
    """The plate of a cropped and labelled sample; a DataError for any other, which a list of crops cannot hold."""
    if not sample.whole or len(sample.plates) != 1 or not sample.plates[0].text:
        raise DataError(f"{sample.source}: is no crop of one plate with its text. Cut the plates out first.")
    return sample.plates[0]


def store(sample: Sample, folder: Path, stem: str) -> Path:
    """Puts the sample's picture into a folder under a new name: its file copied, or its pixels written; the path."""
    if sample.image is None:
        path = folder / f"{stem}{Path(sample.source).suffix.lower()}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(sample.source, path)
        except OSError as error:
            raise _unreadable(Path(sample.source), error) from None
        return path
    # A crop is small and is kept bit for bit; a frame as PNG would take megabytes.
    path = folder / f"{stem}{'.png' if sample.whole else '.jpg'}"
    image.save(path, sample.image)
    return path


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"{path}: cannot be read ({error.strerror}). Check the path.")


def _encoding(path: Path, error: UnicodeDecodeError) -> DataError:
    return DataError(f"{path}: is not UTF-8 text (byte {error.start}). Save it as UTF-8.")
