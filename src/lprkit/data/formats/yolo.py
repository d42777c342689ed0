"""Boxes or corners for detection, a text file a picture.

    classes.txt            license_plate
                           car
    obj.names              the same, as darknet wants it
    images/000000.jpg
    labels/000000.txt      0 0.5123 0.7310 0.0821 0.0410                                  class, centre, size
    labels/000001.txt      0 0.47 0.71 0.55 0.71 0.55 0.75 0.47 0.75                      class, four corners

Everything in parts of the picture's width and height. The classes may stand in classes.txt or in any one `.names`
file; without either class 0 is license_plate and 1 is car. Things of classes that are none of ours are left out. A
darknet folder, with pictures and label files side by side, is read as well. Without a label file the picture shows
nothing. Both kinds of line are read by either name; `yolo` writes boxes, `yolo-corners` corners. Texts are not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, box_of, order_corners, quad_of, scale
from lprkit.core.types import Label, Plate, Sample
from lprkit.data import files, store
from lprkit.data.files import Line
from lprkit.data.format import Entry, Format, attempt
from lprkit.data.names import label_of, unknown_classes

CLASSES: tuple[Label, ...] = ("license_plate", "car")


def read(path: Path) -> Iterator[Entry]:
    """The frames of a folder."""
    files.labelled_folder(path)
    pictures, labels = (path / "images", path / "labels") if (path / "images").is_dir() else (path, path)
    classes = _classes(path)
    for picture in image.find_images(pictures):
        told = labels / picture.relative_to(pictures).with_suffix(".txt")
        yield attempt(str(told), partial(_sample, classes=classes, told=told), picture)


def write(line: Callable[[Quad], list[float]], samples: Iterable[Sample], path: Path) -> int:
    """Writes pictures and label files; `line` makes a quad's numbers. How many samples they were."""
    (path / "labels").mkdir(parents=True, exist_ok=True)
    classes: tuple[Label, ...] = ()
    count = 0
    for sample in samples:
        if count == 0:
            classes = sample.labelled
            for name in ("classes.txt", "obj.names"):
                (path / name).write_text("\n".join(classes) + "\n", encoding="utf-8")
        if sample.labelled != classes:
            raise store.other_classes(sample, classes)
        width, height = image.size(sample)
        store.store(sample, path / "images", f"{count:06d}")
        text = "".join(_line(scaled(thing, 1 / width, 1 / height), classes, line) for thing in store.placed(sample))
        (path / "labels" / f"{count:06d}.txt").write_text(text, encoding="utf-8")
        count += 1
    return count


def parse(line: Line, classes: Sequence[Label | None]) -> Plate | None:
    """One labelled thing, its quad in parts of the picture; None when its class is none of ours."""
    number, *cells = line.text.split()
    if not number.isascii() or not number.isdigit() or len(number) > 4 or int(number) >= len(classes):
        names = ", ".join(name or "another" for name in classes)
        raise DataError(f"{line.where}: no class {number!r}; known: 0 to {len(classes) - 1} ({names}).")
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
    label = classes[int(number)]
    return Plate(quad=quad, label=label) if label else None


def _classes(folder: Path) -> tuple[Label | None, ...]:
    listed = [path for path in (folder / "classes.txt", *sorted(folder.glob("*.names"))) if path.is_file()]
    if not listed:
        return CLASSES
    lines = tuple(files.lines(listed[0]))
    classes = tuple(label_of(line.text) for line in lines)
    if not any(classes):
        raise unknown_classes(lines[0].where if lines else str(listed[0]), [line.text for line in lines])
    return classes


def scaled(thing: Plate, x: float, y: float) -> Plate:
    """The thing in other units: so many times as large."""
    assert thing.quad is not None
    return replace(thing, quad=scale(thing.quad, x, y))


def _sample(picture: Path, classes: tuple[Label | None, ...], told: Path) -> Sample:
    width, height = image.size_in(picture)
    found = [parse(line, classes) for line in files.lines(told)] if told.is_file() else []
    labelled = tuple(dict.fromkeys(label for label in classes if label))
    plates = tuple(scaled(thing, width, height) for thing in found if thing)
    return Sample(plates, str(picture), labelled=labelled)


def _line(thing: Plate, classes: Sequence[Label], numbers: Callable[[Quad], list[float]]) -> str:
    assert thing.quad is not None
    values = numbers(thing.quad)
    return " ".join([str(classes.index(thing.label)), *(f"{value:.6f}" for value in values)]) + "\n"


def _box_line(quad: Quad) -> list[float]:
    x, y, w, h = box_of(quad)
    return [x + w / 2, y + h / 2, w, h]


def _corner_line(quad: Quad) -> list[float]:
    return [value for corner in quad for value in corner]


BOXES = Format(read, partial(write, _box_line), keeps=("cars", "frames"))
CORNERS = Format(read, partial(write, _corner_line), keeps=("quad", "cars", "frames"))
