"""Boxes for detection, an XML file a picture, as Pascal VOC and LabelImg have them.

    JPEGImages/000000.jpg
    Annotations/000000.xml    <annotation><filename>000000.jpg</filename>
                                <size><width>1280</width><height>720</height><depth>3</depth></size>
                                <object><name>license_plate</name>
                                  <bndbox><xmin>909</xmin><ymin>483</ymin><xmax>987</xmax><ymax>507</ymax></bndbox>
                                  <attributes><attribute><name>text</name><value>AQY6388</value></attribute></attributes>
                                </object></annotation>

Whole pixels, the edges of the box. `attributes` is what CVAT adds: the text is kept there. The XML files may be
anywhere below the folder; the pictures are in JPEGImages, in images, or beside them. Things of other classes are left
out; a class that no file shows counts as not labelled.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import get_args

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, box_of, quad_of
from lprkit.core.types import Label, Plate, Sample
from lprkit.data import files, store
from lprkit.data.format import Entry, Format, attempt
from lprkit.data.names import label_of, unknown_classes
from lprkit.data.text import plain

MAX_BYTES = 4_000_000
"""A larger file describes no picture."""


def read(path: Path) -> Iterator[Entry]:
    """The frames of a folder, sorted by the names of their XML files."""
    files.labelled_folder(path)
    folder = next((path / name for name in ("JPEGImages", "images") if (path / name).is_dir()), None)
    listed = sorted(path.rglob("*.xml"))
    labelled = _labelled(path, listed)
    for told in listed:
        yield attempt(str(told), partial(_sample, folder=folder or told.parent, labelled=labelled), told)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes pictures and XML files; how many samples they were."""
    (path / "Annotations").mkdir(parents=True, exist_ok=True)
    count = 0
    for sample in samples:
        things = store.placed(sample)
        picture = store.store(sample, path / "JPEGImages", f"{count:06d}")
        tree = ET.ElementTree(_written(things, image.size(sample), picture.name))
        ET.indent(tree)
        tree.write(path / "Annotations" / f"{count:06d}.xml", encoding="utf-8")
        count += 1
    return count


def _labelled(path: Path, listed: Iterable[Path]) -> tuple[Label, ...]:
    """The classes that the set labels: those that are met somewhere in it."""
    names: set[str] = set()
    for told in listed:
        with suppress(DataError):  # told when its turn comes
            names.update((thing.findtext("name") or "").strip() for thing in _parsed(told).iter("object"))
    found = {label_of(name) for name in names}
    if names and found == {None}:
        raise unknown_classes(str(path), sorted(names))
    return ("license_plate", *(label for label in get_args(Label)[1:] if label in found))


def _sample(told: Path, folder: Path, labelled: tuple[Label, ...]) -> Sample:
    root = _parsed(told)
    name = (root.findtext("filename") or "").strip()
    # Many sets were moved after they were labelled: only the last part of a Windows or Unix path is the name.
    picture = files.inside(folder, name.replace("\\", "/").rpartition("/")[2], str(told))
    plates = []
    for n, thing in enumerate(root.iter("object"), 1):
        label = label_of((thing.findtext("name") or "").strip())
        if label:
            plates.append(_plate(thing, label, f"{told} object {n}"))
    return Sample(tuple(plates), str(picture), labelled=labelled)


def _parsed(told: Path) -> ET.Element:
    try:
        content = told.read_bytes()
    except OSError as error:
        raise files.unreadable(told, error) from None
    # Entities can unfold to gigabytes, and no labelling tool writes any.
    if len(content) > MAX_BYTES or b"<!" in content.replace(b"<!--", b"").replace(b"\0", b""):
        raise DataError(f"{told}: is larger than {MAX_BYTES:,} bytes, or declares a document type. Save it again.")
    try:
        return ET.fromstring(content)
    except ET.ParseError as error:
        raise DataError(f"{told} line {error.position[0]}: is not XML ({error}).") from None
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise DataError(f"{told} line 1: is not XML ({error}).") from None


def _plate(thing: ET.Element, label: Label, where: str) -> Plate:
    left, top, right, bottom = (
        files.number(thing.findtext(f"bndbox/{name}") or "", f"{where}: {name}")
        for name in ("xmin", "ymin", "xmax", "ymax")
    )
    if right <= left or bottom <= top:
        raise DataError(f"{where}: the box is empty; xmax and ymax must be above xmin and ymin.")
    more = {one.findtext("name") or "": one.findtext("value") or "" for one in thing.iterfind("attributes/attribute")}
    region = more.get("region", "").strip().lower() or None
    return Plate(plain(more.get("text", "")), quad_of(Box(left, top, right - left, bottom - top)), region, label=label)


def _written(things: Iterable[Plate], size: tuple[int, int], name: str) -> ET.Element:
    root = ET.Element("annotation")
    ET.SubElement(root, "filename").text = name
    _values(ET.SubElement(root, "size"), {"width": str(size[0]), "height": str(size[1]), "depth": "3"})
    for plate in things:
        assert plate.quad is not None
        x, y, w, h = box_of(plate.quad)
        thing = ET.SubElement(root, "object")
        ET.SubElement(thing, "name").text = plate.label
        edges = {"xmin": x, "ymin": y, "xmax": x + w, "ymax": y + h}
        _values(ET.SubElement(thing, "bndbox"), {edge: str(round(px)) for edge, px in edges.items()})
        _attributes(thing, {"text": plate.text, "region": plate.region or ""})
    return root


def _values(parent: ET.Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = value


def _attributes(thing: ET.Element, values: Mapping[str, str]) -> None:
    known = {name: value for name, value in values.items() if value}
    if known:
        parent = ET.SubElement(thing, "attributes")
        for name, value in known.items():
            _values(ET.SubElement(parent, "attribute"), {"name": name, "value": value})


FORMAT = Format(read, write, keeps=("text", "region", "cars", "frames"))
