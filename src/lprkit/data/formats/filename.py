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
from lprkit.data import files, store
from lprkit.data.format import Entry, Format, attempt
from lprkit.data.text import plain


def read(path: Path) -> Iterator[Entry]:
    """The crops below a folder, sorted by name."""
    for picture in image.find_images(files.labelled_folder(path)):
        yield attempt(str(picture), _sample, picture)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes the crops into a folder as TEXT-NUMBER."""
    count = 0
    for sample in samples:
        text = store.labelled_crop(sample).text
        if any(letter in text for letter in '/\\:*?"<>|\0'):
            raise DataError(f"{sample.source}: {text!r} cannot be a file's name. Write another format.")
        store.store(sample, path, f"{text}-{count:06d}")
        count += 1
    return count


def text_of(picture: Path) -> str:
    """The text in a file's name."""
    if not files.is_text(picture.name):
        raise DataError(f"{picture}: its name is not UTF-8 text. Rename the file.")
    text = plain(picture.stem.partition("-")[0].partition("_")[0])
    if not text:
        raise DataError(f"{picture}: its name does not begin with the plate's text.")
    return text


def _sample(picture: Path) -> Sample:
    return Sample((Plate(text_of(picture)),), str(picture), whole=True)


FORMAT = Format(read, write)
