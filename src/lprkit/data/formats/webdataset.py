"""Pictures and labels side by side in tar files, as WebDataset has them: what belongs together has one name.

    shard-00000.tar     000000.png
                        000000.json     {"whole": true, "labelled": ["license_plate"], "plates": [{"label":
                                        "license_plate", "text": "AB123CD", "quad": [[1, 2], [93, 2], [93, 22],
                                        [1, 22]], "region": "it", "kind": "private", "rows": 1}], "text": "AB123CD"}
                        000001.jpg
                        000001.txt      AB124CD

Of every plate, what is unknown is left out; `text` repeats the text of a crop, and `split` and `track` may follow.
Crops of others often have a `.txt` with the text instead. A folder is read tar by tar.
"""

from __future__ import annotations

import io
import itertools
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.geometry import Quad, quad_from
from lprkit.core.types import Image, Kind, Label, Plate, Sample
from lprkit.data import files, store
from lprkit.data.format import Entry, Format, entries
from lprkit.data.text import plain

T = TypeVar("T")

SUFFIX = ".tar"
ALONE = f"set{SUFFIX}"
"""The file's name in a folder that gets only one."""


def read(path: Path) -> Iterator[Entry]:
    """The samples of a tar file, or of all of a folder, one file after the other."""
    tars = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
    if not tars:
        raise DataError(f"{path}: has no {SUFFIX} file in it.")
    for tar in tars:
        yield from entries(_records(tar), _sample)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes the tar file `path` (a name ending in .tar, or a folder that gets one); how many samples it holds."""
    target = path if path.suffix == SUFFIX else path / ALONE
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with target.open("wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for sample in samples:
            picture = store.encoded(sample)
            _put(tar, f"{count:06d}{picture.suffix}", picture.content)
            label = json.dumps(_label(sample), ensure_ascii=False)
            _put(tar, f"{count:06d}.json", label.encode())
            _forget(tar)
            count += 1
    return count


def _forget(tar: tarfile.TarFile) -> None:
    """Keeps no list of the files that went by: tarfile would remember every one of millions."""
    tar.members.clear()  # type: ignore[attr-defined]


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Adds a file without date and owner, so that the same samples give the same bytes."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _label(sample: Sample) -> dict[str, Any]:
    crop = sample.whole and len(sample.plates) == 1
    more = {"text": sample.plates[0].text if crop else "", "split": sample.split, "track": sample.track}
    plates = [_facts(plate) for plate in sample.plates]
    return {"whole": sample.whole, "labelled": sample.labelled, "plates": plates, **_known(more)}


def _facts(plate: Plate) -> dict[str, Any]:
    quad = plate.quad and [[round(x, 2), round(y, 2)] for x, y in plate.quad]
    named = {"region": plate.region, "kind": plate.kind, "rows": plate.rows, "breaks": plate.breaks}
    return {"label": plate.label, **_known({"text": plate.text, "quad": quad, **named})}


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}


@dataclass(frozen=True)
class _File:
    """One file of a tar; what has one stem belongs together."""

    stem: str
    suffix: str
    content: bytes


@dataclass(frozen=True)
class _Record:
    """The files of one sample by suffix."""

    parts: Mapping[str, bytes]
    where: str


def _records(path: Path) -> Iterator[_Record]:
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
            for stem, group in itertools.groupby(_files(tar, path), key=lambda one: one.stem):
                yield _Record({one.suffix: one.content for one in group}, f"{path} {stem}")
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise DataError(f"{path}: is no tar file, or a damaged one ({error}). Copy it again.") from None
    except OSError as error:
        raise files.unreadable(path, error) from None


def _files(tar: tarfile.TarFile, path: Path) -> Iterator[_File]:
    """The files of a tar whose names have a suffix, which begins at the first dot."""
    for entry in tar:
        _forget(tar)
        folder, _, name = entry.name.rpartition("/")
        stem, _, suffix = name.partition(".")
        if not entry.isreg() or not stem or not suffix:
            continue
        if entry.size > image.MAX_BYTES:
            raise DataError(f"{path} {entry.name}: {entry.size:,} bytes, more than {image.MAX_BYTES:,}. Leave it out.")
        content = tar.extractfile(entry)
        assert content is not None, entry.name
        yield _File(f"{folder}/{stem}" if folder else stem, f".{suffix.lower()}", content.read())


def _sample(record: _Record) -> Sample:
    suffix = next((suffix for suffix in record.parts if suffix in image.SUFFIXES), None)
    if suffix is None:
        raise DataError(f"{record.where}: has no picture.")
    pixels = image.decode(record.parts[suffix], f"{record.where}{suffix}")
    if ".json" in record.parts:
        return _labelled(_json(record), pixels, f"{record.where}.json")
    if ".txt" in record.parts:
        return Sample((Plate(_text(record)),), record.where, pixels, whole=True)
    raise DataError(f"{record.where}: has neither a .json nor a .txt beside its picture.")


def _text(record: _Record) -> str:
    try:
        text = plain(record.parts[".txt"].decode("utf-8-sig").strip())
    except UnicodeDecodeError:
        raise DataError(f"{record.where}.txt: is not UTF-8 text. Save the file as UTF-8.") from None
    if not text:
        raise DataError(f"{record.where}.txt: is empty.")
    return text


def _json(record: _Record) -> object:
    try:
        return json.loads(record.parts[".json"])
    except (ValueError, RecursionError) as error:  # no UTF-8, numbers of thousands of digits, brackets without end
        raise DataError(f"{record.where}.json: is not JSON ({error}).") from None


def _labelled(found: object, pixels: Image, where: str) -> Sample:
    """The sample of a label as `write` makes it, or of one that says no more than a text."""
    if not isinstance(found, dict) or "plates" not in found:
        text = plain(files.member(found, "text", str, where))
        if not text:
            raise DataError(f"{where}: 'text' is empty.")
        return Sample((Plate(text),), where, pixels, whole=True)
    whole = _optional(found, "whole", bool, where) is True
    labelled = _optional(found, "labelled", list, where) or []
    return Sample(
        tuple(_plate(one, f"{where} plates[{n}]") for n, one in enumerate(files.member(found, "plates", list, where))),
        where.removesuffix(".json"),
        pixels,
        _optional(found, "split", str, where) or "",
        whole,
        tuple(_one_of(get_args(Label), label, where) for label in labelled),
        _optional(found, "track", str, where) or "",
    )


def _plate(found: object, where: str) -> Plate:
    kind = _optional(found, "kind", str, where)
    breaks = _optional(found, "breaks", list, where) or []
    return Plate(
        text=plain(_optional(found, "text", str, where) or ""),
        quad=_quad(_optional(found, "quad", list, where), where),
        region=_optional(found, "region", str, where),
        kind=None if kind is None else _one_of(get_args(Kind), kind, where),
        label=_one_of(get_args(Label), files.member(found, "label", str, where), where),
        rows=_optional(found, "rows", int, where),
        breaks=tuple(int(files.number(str(one), where)) for one in breaks),
    )


def _quad(corners: list[Any] | None, where: str) -> Quad | None:
    if corners is None:
        return None
    if len(corners) != 4 or any(not isinstance(point, list) or len(point) != 2 for point in corners):
        raise DataError(f"{where}: 'quad' must be four corners [x, y].")
    return quad_from([[files.number(str(value), where) for value in point] for point in corners])


def _optional(found: object, name: str, kind: type[T], where: str) -> T | None:
    """A member that may be left out."""
    return files.member(found, name, kind, where) if isinstance(found, dict) and name in found else None


def _one_of(names: tuple[T, ...], name: object, where: str) -> T:
    if name not in names:
        raise DataError(f"{where}: {name!r} is not one of {', '.join(map(str, names))}.")
    return name


FORMAT = Format(
    read,
    write,
    keeps=("text", "quad", "region", "kind", "rows", "breaks", "split", "track", "cars", "crops", "frames"),
    suffix=SUFFIX,
)
