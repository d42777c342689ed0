"""Chinese frames that tell everything in their names, as CCPD has them.

    025-95_113-154&383_386&473-386&473_177&454_154&383_363&402-0_0_22_27_27_33_16-37-15.jpg      皖AY339S

Between the dashes: the plate's share of the picture; its tilt across and down; two corners of its box, left&top_
right&bottom; its own four corners from the bottom-right one clockwise; indices of the province, the letter and the
five signs after it (six on the green plates of electric cars); brightness; blur. Pictures below a folder `ccpd_np`
show no plate. `ccpd` reads the corners, `ccpd-box` the box, which on some pictures is another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, quad_of
from lprkit.core.image import find_images
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.format import Entry, Format, attempt

# The index tables of the set's own description; the last entry of each stands for "no sign".
PROVINCES = (*"皖沪津渝冀晋蒙辽吉黑苏浙京闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新警学", "")
LETTERS = (*"ABCDEFGHJKLMNPQRSTUVWXYZ", "")
SIGNS = (*"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", "")
WITHOUT_PLATES = "ccpd_np"


def read(place: Callable[[str, str, str], Quad], path: Path) -> Iterator[Entry]:
    """The frames below a folder, sorted by name."""
    for picture in find_images(files.labelled_folder(path)):
        yield attempt(str(picture), partial(_sample, place), picture)


def parse(stem: str, place: Callable[[str, str, str], Quad], where: str) -> Plate:
    """The plate that a name describes; `place` makes its quad of the fields of the box and the corners."""
    fields = stem.split("-")
    if len(fields) != 7:
        raise DataError(f"{where}: its name is not seven fields with dashes between, as CCPD's are.")
    text = _text(fields[4], where)
    return Plate(text, place(fields[2], fields[3], where), "cn", "electric" if len(text) == 8 else None, rows=1)


def corners(box: str, vertices: str, where: str) -> Quad:
    """The plate's own corners; in the name they begin at the bottom right."""
    points = _points(vertices, 4, where)
    return points[2], points[3], points[0], points[1]


def bounds(box: str, vertices: str, where: str) -> Quad:
    """The corners of the box."""
    (left, top), (right, bottom) = _points(box, 2, where)
    if right <= left or bottom <= top:
        raise DataError(f"{where}: the box {box!r} in its name is empty.")
    return quad_of(Box(left, top, right - left, bottom - top))


def _sample(place: Callable[[str, str, str], Quad], picture: Path) -> Sample:
    empty = WITHOUT_PLATES in picture.parts
    return Sample(() if empty else (parse(picture.stem, place, str(picture)),), str(picture))


def _text(field: str, where: str) -> str:
    numbers = field.split("_")
    if len(numbers) not in (7, 8):
        raise DataError(f"{where}: {field!r} in its name is not seven or eight indices.")
    tables = (PROVINCES, LETTERS, *[SIGNS] * (len(numbers) - 2))
    return "".join(_sign(number, table, where) for number, table in zip(numbers, tables, strict=True))


def _sign(number: str, table: Sequence[str], where: str) -> str:
    if not number.isascii() or not number.isdigit() or len(number) > 2 or int(number) >= len(table):
        raise DataError(f"{where}: {number!r} in its name is no index from 0 to {len(table) - 1}.")
    return table[int(number)]


def _points(field: str, count: int, where: str) -> list[tuple[float, float]]:
    points = [point.split("&") for point in field.split("_")]
    if len(points) != count or any(len(point) != 2 for point in points):
        raise DataError(f"{where}: {field!r} in its name is not {count} points x&y.")
    return [(files.number(x, where), files.number(y, where)) for x, y in points]


_KEEPS = ("text", "quad", "region", "kind", "rows", "frames")
CORNERS = Format(partial(read, corners), keeps=_KEEPS)
BOXES = Format(partial(read, bounds), keeps=_KEEPS)
