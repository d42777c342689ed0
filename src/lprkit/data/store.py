"""Pictures put into a set, or named where they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Label, Plate, Sample
from lprkit.data.files import is_text, unreadable

CROPS = "crops"
"""Where the pictures of a list are, beside it."""

Place: TypeAlias = Callable[[Sample, Path, int], str]
"""Gives the n-th picture of a list in this folder its name in the list."""


def stored(sample: Sample, folder: Path, n: int) -> str:
    """Puts the picture beside the list."""
    return store(sample, folder / CROPS, f"{n:06d}").relative_to(folder).as_posix()


def referred(sample: Sample, folder: Path, n: int) -> str:
    """Leaves the picture where it is: relative to the list when it is below it."""
    if sample.image is not None and not Path(sample.source).is_file():
        raise DataError(f"{sample.source}: is in no file of its own, so it cannot be named. Write the pictures too.")
    path, base = os.path.abspath(sample.source), os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118
    name = path.removeprefix(base)
    if name != name.strip() or any(letter in name for letter in "\n\r\t") or not is_text(name):
        raise DataError(f"{sample.source}: a list cannot hold this name. Rename the file.")
    return name


def write_lines(
    line: Callable[[str, Sample], str], table: str, place: Place, samples: Iterable[Sample], path: Path
) -> int:
    """Writes a list, a picture a line, to `path`: a name ending in .txt, or a folder that gets it as `table`."""
    file_path = path if path.suffix == ".txt" else path / table
    file_path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with file_path.open("w", encoding="utf-8") as file:
        for sample in samples:
            file.write(line(place(sample, file_path.parent, count), sample) + "\n")
            count += 1
    return count


def labelled_crop(sample: Sample) -> Plate:
    """The plate of a cropped and labelled sample; a DataError for any other, which a list of crops cannot hold."""
    if not sample.whole or len(sample.plates) != 1:
        raise DataError(f"{sample.source}: is no crop of one plate. Cut the plates out first (--crop).")
    if not sample.plates[0].text:
        raise DataError(f"{sample.source}: has no text, which this format needs. Choose paths, plates-csv or coco.")
    return sample.plates[0]


def placed(sample: Sample) -> tuple[Plate, ...]:
    """What a frame shows; a DataError when the place of something is unknown, which a detection set cannot hold.

    A crop is a frame that its plate fills.
    """
    if sample.whole:
        width, height = image.size(sample)
        return tuple(replace(plate, quad=quad_of(Box(0, 0, width, height))) for plate in sample.plates)
    for thing in sample.plates:
        if thing.quad is None or thing.label not in sample.labelled:
            raise DataError(
                f"{sample.source}: shows a {thing.label} whose place is unknown, or whose class is not labelled."
            )
    return sample.plates


def other_classes(sample: Sample, classes: Sequence[Label]) -> DataError:
    """What to say of a sample in which other classes are labelled than in those before it."""
    here, before = (" and ".join(names) or "nothing" for names in (sample.labelled, classes))
    return DataError(
        f"{sample.source}: has {here} labelled, those before it {before}. Keep what all have (--only license_plate)."
    )


def store(sample: Sample, folder: Path, stem: str) -> Path:
    """Puts the sample's picture into a folder under a new name: its file copied, or its pixels written; the path."""
    picture = encoded(sample)
    path = folder / f"{stem}{picture.suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture.content)
    return path


@dataclass(frozen=True)
class Encoded:
    """A picture as the bytes of a file."""

    content: bytes
    suffix: str
    """Of the file's name, such as ".png"."""


def encoded(sample: Sample) -> Encoded:
    """The sample's file as it is, or its pixels."""
    if sample.image is None:
        try:
            return Encoded(Path(sample.source).read_bytes(), Path(sample.source).suffix.lower())
        except OSError as error:
            raise unreadable(Path(sample.source), error) from None
    # A crop is small and is kept bit for bit; a frame as PNG would take megabytes.
    suffix = ".png" if sample.whole else ".jpg"
    return Encoded(image.encode(sample.image, suffix), suffix)
