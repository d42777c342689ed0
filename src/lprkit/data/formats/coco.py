"""Boxes and corners for detection in one JSON file, as COCO has them; the corners are keypoints.

    images/000000.jpg
    annotations.json  {"categories": [{"id": 1, "name": "license_plate", "keypoints": ["top_left", "top_right",
                                       "bottom_right", "bottom_left"]}],
                       "images": [{"id": 1, "file_name": "000000.jpg", "width": 1280, "height": 720}],
                       "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [909, 483, 78, 24],
                                        "keypoints": [909, 483, 2, 986, 484, 2, 987, 507, 2, 909, 507, 2],
                                        "attributes": {"text": "AQY6388", "region": "br"}}]}

`attributes` are what CVAT adds: text, region, kind and rows are kept there. Pictures are in images beside the file, or
beside it. `"whole": true` at a picture says that it is one plate, cropped. Things of other classes are left out.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, Quad, box_of, quad_from, quad_of
from lprkit.core.types import Kind, Label, Plate, Sample
from lprkit.data import files, store
from lprkit.data.format import Entry, Format, entries
from lprkit.data.names import label_of, unknown_classes
from lprkit.data.text import plain

LABELS = "annotations.json"
"""The file's name in a folder."""
CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")


def read(path: Path) -> Iterator[Entry]:
    """The pictures of a file, or of the folder that holds one. The file as a whole must fit into the memory."""
    table = path / LABELS if path.is_dir() else path
    whole = files.json_in(table)
    listed = _Listed(
        table.parent / "images" if (table.parent / "images").is_dir() else table.parent,
        _categories(whole, str(table)),
        _by_picture(whole, str(table)),
    )
    records = files.member(whole, "images", list, str(table))
    items = (_Record(record, f"{table} images[{n}]") for n, record in enumerate(records))
    return entries(items, listed.sample)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes the pictures into `images/` and the file, a picture and a thing a line; how many samples they were."""
    path.mkdir(parents=True, exist_ok=True)
    count = things = 0
    classes: tuple[Label, ...] = ("license_plate",)
    with (
        (path / LABELS).open("w", encoding="utf-8") as file,
        tempfile.TemporaryFile("w+", encoding="utf-8") as later,  # things stand after all pictures
    ):
        for sample in samples:
            classes = sample.labelled if count == 0 else classes
            if sample.labelled != classes:
                raise store.other_classes(sample, classes)
            count += 1
            file.write(f"{',' if count > 1 else _head(classes)}\n{_json(_picture(sample, path, count))}")
            for thing in _things(sample, count):
                things += 1
                later.write(f"{',' if things > 1 else ''}\n{_json({'id': things, **thing})}")
        file.write(f'{"" if count else _head(classes)}],\n"annotations": [')
        later.seek(0)
        shutil.copyfileobj(later, file)
        file.write("]}\n")
    return count


@dataclass(frozen=True)
class _Record:
    value: object
    where: str


@dataclass(frozen=True)
class _Listed:
    """What all pictures of a file share."""

    folder: Path
    labels: Mapping[object, Label]
    """By the id of the category."""
    things: Mapping[object, tuple[_Record, ...]]
    """By the id of the picture."""

    def sample(self, record: _Record) -> Sample:
        """The sample of one picture."""
        name = files.member(record.value, "file_name", str, record.where)
        number = files.member(record.value, "id", int, record.where)
        whole = isinstance(record.value, dict) and record.value.get("whole") is True
        plates = []
        for thing in self.things.get(number, ()):
            label = self.labels.get(files.member(thing.value, "category_id", int, thing.where))
            if label:
                plates.append(_plate(thing, label, whole))
        labelled = tuple(label for label in get_args(Label) if label in self.labels.values())
        source = files.beside(self.folder, name, record.where)
        return Sample(tuple(plates), source, whole=whole, labelled=labelled)


def _categories(whole: object, where: str) -> dict[object, Label]:
    """Our names of the categories that we know, by id."""
    found: dict[object, Label] = {}
    names = []
    for n, category in enumerate(files.member(whole, "categories", list, where)):
        place = f"{where} categories[{n}]"
        names.append(files.member(category, "name", str, place))
        label = label_of(names[-1])
        if label:
            found[files.member(category, "id", int, place)] = label
    if not found:
        raise unknown_classes(where, names)
    return found


def _by_picture(whole: object, where: str) -> dict[object, tuple[_Record, ...]]:
    found: dict[object, list[_Record]] = {}
    for n, thing in enumerate(files.member(whole, "annotations", list, where)):
        place = f"{where} annotations[{n}]"
        found.setdefault(files.member(thing, "image_id", int, place), []).append(_Record(thing, place))
    return {number: tuple(records) for number, records in found.items()}


def _plate(thing: _Record, label: Label, whole: bool) -> Plate:
    assert isinstance(thing.value, dict)
    more = thing.value.get("attributes")
    known = more if isinstance(more, dict) else {}
    kind, rows = known.get("kind"), known.get("rows")
    return Plate(
        text=plain(str(known.get("text") or "")),
        quad=None if whole else _corners(thing) or _box(thing),
        region=str(known.get("region") or "").lower() or None,
        kind=cast(Kind, kind) if kind in get_args(Kind) else None,
        label=label,
        rows=rows if type(rows) is int and 0 < rows < 10 else None,
    )


def _corners(thing: _Record) -> Quad | None:
    """Four keypoints that are all labelled; others are no corners of ours."""
    assert isinstance(thing.value, dict)
    points = thing.value.get("keypoints")
    if not isinstance(points, list) or len(points) != 12:
        return None
    values = _numbers(points, thing.where)
    if 0 in values[2::3]:
        return None
    return quad_from(list(zip(values[::3], values[1::3], strict=True)))


def _box(thing: _Record) -> Quad:
    values = _numbers(files.member(thing.value, "bbox", list, thing.where), thing.where)
    if len(values) != 4 or min(values[2:]) <= 0:
        raise DataError(f"{thing.where}: 'bbox' must be left, top, width and height, the last two above 0.")
    return quad_of(Box(*values))


def _numbers(values: list[Any], where: str) -> list[float]:
    return [files.number(str(value), where) for value in values]


def _head(classes: tuple[Label, ...]) -> str:
    categories = [
        {"id": n, "name": label, **({"keypoints": CORNERS} if label == "license_plate" else {})}
        for n, label in enumerate(classes, 1)
    ]
    return f'{{"categories": {_json(categories)},\n"images": ['


def _picture(sample: Sample, path: Path, number: int) -> dict[str, object]:
    name = store.store(sample, path / "images", f"{number - 1:06d}").name
    width, height = image.size(sample)
    return {
        "id": number,
        "file_name": name,
        "width": width,
        "height": height,
        **({"whole": True} if sample.whole else {}),
    }


def _things(sample: Sample, number: int) -> Iterator[dict[str, object]]:
    for plate in store.placed(sample):
        assert plate.quad is not None
        box = [round(value, 2) for value in box_of(plate.quad)]
        flat = [round(value, 2) for corner in plate.quad for value in corner]
        known = {"text": plate.text, "region": plate.region, "kind": plate.kind, "rows": plate.rows}
        thing: dict[str, object] = {
            "image_id": number,
            "category_id": sample.labelled.index(plate.label) + 1,
            "bbox": box,
            "area": round(box[2] * box[3], 2),
            "iscrowd": 0,
            "segmentation": [flat],
            "attributes": {name: value for name, value in known.items() if value},
        }
        if plate.label == "license_plate":
            points = zip(flat[::2], flat[1::2], strict=True)
            thing |= {"keypoints": [value for x, y in points for value in (x, y, 2)], "num_keypoints": 4}
        yield thing


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


FORMAT = Format(read, write, keeps=("text", "quad", "region", "kind", "rows", "cars", "crops", "frames"))
