"""Pictures in `images/`, one row a plate in `labels.csv`; this project's own layout.

    my_frames/images/00003.jpg
    my_frames/labels.csv        file,text,x,y,w,h,country
                                00003.jpg,103호5845,820.7,607.3,170.0,78.0,KR
    my_frames/extra.csv         file,corners,scale
                                00003.jpg,822.9 641.9 991.1 607.7 988.0 647.4 821.0 685.4,0.6667
    my_frames/vehicles.csv      file,x,y,w,h,cls
                                00003.jpg,500.0,200.0,700.0,600.0,car
    my_frames/stickers.csv      the same columns: the permits of disabled drivers behind windscreens

The box is in pixels of the stored picture. No box: in a folder named `..._crops` the picture is the plate; elsewhere
its place is unknown, and a row without text and box says that the picture shows no plate. Rows of one file stand
together. `extra.csv` goes row by row with `labels.csv`: `corners` in any order in pixels of the stored picture, or
`corners_in_original_px` before the picture was resized by `scale`; `whole` (1: the picture is the plate), `kind`,
`rows`, `breaks` (letters before each further row, spaces between), `split`, `track`. Another table of the same folder
is read by its name: plates-csv:my_crops/digits.csv.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, box_of, iou, order_corners, quad_of
from lprkit.core.types import Kind, Label, Plate, Sample
from lprkit.data import files
from lprkit.data.files import Row
from lprkit.data.format import Broken, Entry, Format, attempt
from lprkit.data.formats.plates_csv_write import TABLES, write
from lprkit.data.text import plain

AGREE = 0.6
"""Corners count when their upright box and the written box overlap at least this much (IoU)."""

UNKNOWN_COUNTRIES = ("", "EU")
"""EU: some country of Europe."""


def read(path: Path) -> Iterator[Entry]:
    """The samples of a folder, or of one table in it."""
    table = path if path.suffix.lower() == ".csv" else path / "labels.csv"
    folder = table.parent
    tables = {label: _things(folder / name, label) for label, name in TABLES.items()}
    listed = {label: things for label, things in tables.items() if things is not None}
    layout = _Layout(folder, folder.resolve().name.endswith("_crops"), listed)
    for _, group in itertools.groupby(_joined(table), key=_file):
        items = tuple(group)
        rows = tuple(item for item in items if isinstance(item, Row))
        for item in items:
            if isinstance(item, Broken):
                yield Entry(item.where, item.error)
        if rows:
            yield attempt(rows[0].where, layout.sample, rows)


def _file(row: Row | Broken) -> str:
    return row.get("file") if isinstance(row, Row) else row.where


def _joined(table: Path) -> Iterator[Row | Broken]:
    """The rows of the table, with the cells of extra.csv's rows for `labels.csv`."""
    labels, extra = files.rows(table, ("file", "text")), table.parent / "extra.csv"
    if table.name != "labels.csv" or not extra.is_file():
        yield from labels
        return
    for label, more in itertools.zip_longest(labels, files.rows(extra, ("file",))):
        if isinstance(label, Broken) or isinstance(more, Broken):
            yield label if isinstance(label, Broken) else more
        elif label is None or more is None or _file(label) != _file(more):
            wrong = more or label
            raise DataError(f"{wrong.where}: {extra.name} must list the same files row by row as {table.name}.")
        else:
            yield Row({**more.cells, **label.cells}, label.where)


def _things(path: Path, label: Label) -> dict[str, tuple[Plate, ...]] | None:
    """The things of a class in every picture; None when nobody has labelled them."""
    if not path.is_file():
        return None
    found: dict[str, tuple[Plate, ...]] = {}
    for row in files.rows(path, ("file", "x", "y", "w", "h")):
        if isinstance(row, Broken):
            raise row.error
        thing = Plate(quad=_box(row), label=label)
        if thing.quad is None:
            raise DataError(f"{row.where}: the box is empty; expected x,y,w,h.")
        found[_file(row)] = (*found.get(_file(row), ()), thing)
    return found


@dataclass(frozen=True)
class _Layout:
    """What all rows of a table share."""

    folder: Path
    crops: bool
    others: Mapping[Label, Mapping[str, tuple[Plate, ...]]]
    """What beside plates was labelled: the things of each class in each picture."""
    seen: set[str] = field(default_factory=set)

    def sample(self, rows: tuple[Row, ...]) -> Sample:
        """The sample of the rows of one file."""
        name = _file(rows[0])
        if name in self.seen:
            raise DataError(f"{rows[0].where}: {name!r} was listed before. Put the rows of a file next to each other.")
        self.seen.add(name)
        picture = files.inside(self.folder / "images", name, rows[0].where)
        return _sample(
            picture, rows, self.crops, {label: things.get(name, ()) for label, things in self.others.items()}
        )


def _sample(picture: Path, rows: tuple[Row, ...], crops: bool, others: Mapping[Label, tuple[Plate, ...]]) -> Sample:
    whole = all(_is_whole(row, crops) for row in rows)
    if whole and len(rows) > 1:
        raise DataError(f"{rows[1].where}: a second plate in a picture that is one plate.")
    plates = tuple(_plate(row) for row in rows)
    if not whole:
        plates = tuple(plate for plate in plates if plate.text or plate.quad)  # an empty row: no plate here
    labelled: list[Label] = []
    if whole or all(plate.quad for plate in plates):
        labelled.append("license_plate")
    labelled += others
    return Sample(
        plates=(*plates, *itertools.chain.from_iterable(others.values())),
        source=str(picture),
        split=rows[0].get("split"),
        whole=whole,
        labelled=tuple(labelled),
        track=rows[0].get("track"),
    )


def _is_whole(row: Row, crops: bool) -> bool:
    return row.get("whole") == "1" or (crops and not row.get("x"))


def _plate(row: Row) -> Plate:
    country, kind, rows = row.get("country"), row.get("kind"), row.get("rows")
    if kind and kind not in get_args(Kind):
        raise DataError(f"{row.where}: {kind!r} is not a kind of plate; expected {', '.join(get_args(Kind))}.")
    return Plate(
        text=plain(row.get("text")),
        quad=_place(row),
        region=None if country.upper() in UNKNOWN_COUNTRIES else country.lower(),
        kind=cast(Kind, kind) if kind else None,
        rows=int(files.number(rows, row.where)) if rows else None,
        breaks=tuple(int(files.number(cell, row.where)) for cell in row.get("breaks").split()),
    )


def _place(row: Row) -> Quad | None:
    """The corners where they agree with the box, otherwise the box: 55 of EasyPR's 221 corners have another scale."""
    corners, box = _corners(row), _box(row)
    if corners is None or box is None or iou(box_of(corners), box_of(box)) >= AGREE:
        return corners or box
    return box


def _corners(row: Row) -> Quad | None:
    """The corners in pixels of the stored picture."""
    scale = 1.0
    written = row.get("corners")
    if not written and row.get("corners_in_original_px"):
        written = row.get("corners_in_original_px")
        scale = files.number(row.get("scale") or "1", row.where)
    if not written:
        return None
    values = [files.number(value, row.where) * scale for value in written.split()]
    if len(values) != 8:
        raise DataError(f"{row.where}: {written!r} is not four corners; expected x y, four times.")
    return _along_text(order_corners(list(zip(values[::2], values[1::2], strict=True))))


def _along_text(quad: Quad) -> Quad:
    """The quad begun at the top-left of the text: a plate that seems to stand on end is tilted by over 45 degrees."""
    a, b, c, d = quad
    if math.dist(a, d) <= 1.5 * math.dist(a, b):
        return quad
    return (d, a, b, c) if d[0] < a[0] else (b, c, d, a)


def _box(row: Row) -> Quad | None:
    cells = [row.get(column) for column in "xywh"]
    if not any(cells):
        return None
    box = Box(*(files.number(cell, row.where) for cell in cells))
    if box.w <= 0 or box.h <= 0:
        raise DataError(f"{row.where}: the box {','.join(cells)} is empty; width and height must be above 0.")
    return quad_of(box)


EVERYTHING = ("text", "quad", "region", "kind", "rows", "breaks", "split", "track", "cars", "crops", "frames")
FORMAT = Format(read, write, keeps=EVERYTHING)
