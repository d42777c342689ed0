"""Boxes or corners for detection, a text file a picture.

    classes.txt            license_plate
                           car
    images/000000.jpg
    labels/000000.txt      0 0.5123 0.7310 0.0821 0.0410                                  class, centre, size
    labels/000001.txt      0 0.47 0.71 0.55 0.71 0.55 0.75 0.47 0.75                      class, four corners

Everything in parts of the picture's width and height. Without classes.txt class 0 is license_plate and 1 is car;
without a label file the picture shows nothing. Both kinds of line are read by either name; `yolo` writes boxes,
`yolo-corners` corners. Texts are not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast, get_args

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, box_of, order_corners, quad_of, scale
from lprkit.core.types import Image, Label, Plate, Sample
from lprkit.data import files
from lprkit.data.files import Line
from lprkit.data.format import Format

CLASSES: tuple[Label, ...] = ("license_plate", "car")


def read(path: Path) -> Iterator[Sample]:
    """The frames of a folder with `images/` and `labels/`, pixels loaded: only they tell the size."""
    if not (path / "images").is_dir():
        raise DataError(f"{path}: has no folder images. Expected images/ and labels/ in it.")
    classes = _classes(path / "classes.txt")
    for picture in image.find_images(path / "images"):
        relative = picture.relative_to(path / "images")
        labels = (path / "labels" / relative).with_suffix(".txt")
        shown = image.load(picture)
        found = tuple(parse(line, classes) for line in files.lines(labels)) if labels.is_file() else ()
        yield Sample(tuple(_placed(plate, shown) for plate in found), str(picture), shown, labelled=classes)


def write(line: Callable[[Quad], list[float]], samples: Iterable[Sample], path: Path) -> int:
    """Writes pictures and label files; `line` makes a quad's numbers. How many samples they were."""
    (path / "labels").mkdir(parents=True, exist_ok=True)
    classes: tuple[Label, ...] = ()
    count = 0
    for sample in samples:
        if count == 0:
            classes = sample.labelled
            (path / "classes.txt").write_text("\n".join(classes) + "\n", encoding="utf-8")
        if sample.labelled != classes:
            raise DataError(f"{sample.source}: labels {sample.labelled} where the samples before it label {classes}.")
        shown = image.pixels(sample)
        files.store(sample, path / "images", f"{count:06d}")
        text = "".join(_line(thing, sample, shown, line) for thing in sample.plates)
        (path / "labels" / f"{count:06d}.txt").write_text(text, encoding="utf-8")
        count += 1
    return count


def parse(line: Line, classes: Sequence[Label]) -> Plate:
    """One labelled thing, its quad in parts of the picture."""
    number, *cells = line.text.split()
    if not number.isascii() or not number.isdigit() or len(number) > 4 or int(number) >= len(classes):
        raise DataError(f"{line.where}: no class {number!r}; known: 0 to {len(classes) - 1} ({', '.join(classes)}).")
    values = [files.number(cell, line.where) for cell in cells]
    if len(values) not in (4, 8) or any(not -1 <= value <= 2 for value in values):
        raise DataError(
            f"{line.where}: expected a class and 4 numbers (centre, size) or 8 (corners), in parts of the picture."
        )
    if len(values) == 8:
        quad = order_corners(list(zip(values[::2], values[1::2], strict=True)))
    else:
        x, y, w, h = values
        if w <= 0 or h <= 0:
            raise DataError(f"{line.where}: the box is empty; width and height must be above 0.")
        quad = quad_of(Box(x - w / 2, y - h / 2, w, h))
    return Plate(quad=quad, label=classes[int(number)])


def _classes(path: Path) -> tuple[Label, ...]:
    if not path.is_file():
        return CLASSES
    found: list[Label] = []
    for line in files.lines(path):
        if line.text not in get_args(Label):
            raise DataError(f"{line.where}: {line.text!r} is not one of {', '.join(get_args(Label))}.")
        found.append(cast(Label, line.text))
    return tuple(found)


def _placed(plate: Plate, shown: Image) -> Plate:
    height, width = shown.shape[:2]
    assert plate.quad is not None
    return Plate(quad=scale(plate.quad, width, height), label=plate.label)


def _line(thing: Plate, sample: Sample, shown: Image, numbers: Callable[[Quad], list[float]]) -> str:
    if thing.quad is None or thing.label not in sample.labelled:
        raise DataError(
            f"{sample.source}: shows a {thing.label} whose place is unknown, or whose class is not labelled."
        )
    height, width = shown.shape[:2]
    values = numbers(scale(thing.quad, 1 / width, 1 / height))
    return " ".join([str(sample.labelled.index(thing.label)), *(f"{value:.6f}" for value in values)]) + "\n"


def _box_line(quad: Quad) -> list[float]:
    x, y, w, h = box_of(quad)
    return [x + w / 2, y + h / 2, w, h]


def _corner_line(quad: Quad) -> list[float]:
    return [value for corner in quad for value in corner]


BOXES = Format(read, partial(write, _box_line), keeps=("cars", "frames"))
CORNERS = Format(read, partial(write, _corner_line), keeps=("quad", "cars", "frames"))
