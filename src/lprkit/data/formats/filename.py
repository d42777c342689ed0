"""A folder of crops, each named by its text.

    AB123CD.png         AB123CD
    AB123CD-000017.png  AB123CD
    沪C21F13_2.jpg      沪C21F13

The text ends at the first dash, then at the first underscore.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.format import Format
from lprkit.data.text import plain


def read(path: Path) -> Iterator[Sample]:
    """The crops below a folder, sorted by name."""
    if not path.is_dir():
        raise DataError(f"{path}: is not a folder. Name the folder that holds the crops.")
    for picture in image.find_images(path):
        yield Sample((Plate(text_of(picture)),), str(picture), whole=True)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes the crops into a folder as TEXT-NUMBER."""
    count = 0
    for sample in samples:
        text = files.labelled_crop(sample).text
        if any(letter in text for letter in '/\\:*?"<>|\0'):
            raise DataError(f"{sample.source}: {text!r} cannot be a file's name. Write another format.")
        files.store(sample, path, f"{text}-{count:06d}")
        count += 1
    return count


def text_of(picture: Path) -> str:
    """The text in a file's name."""
    text = plain(picture.stem.partition("-")[0].partition("_")[0])
    if not text:
        raise DataError(f"{picture}: its name does not begin with the plate's text.")
    return text


FORMAT = Format(read, write)
