"""Any labelled set as Samples, and Samples as any labelled set."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lprkit.core.errors import ConfigError
from lprkit.core.lookup import known, resolve
from lprkit.core.types import Sample
from lprkit.data.format import Entry, Format
from lprkit.data.shards import parts

__all__ = ["FORMATS", "Entry", "Format", "Spec", "entries", "find", "read", "refer", "spec_of", "write"]

FORMATS: Mapping[str, str] = {
    "annotation": "lprkit.data.formats.annotation:FORMAT",
    "autoria": "lprkit.data.formats.autoria:FORMAT",
    "ccpd": "lprkit.data.formats.ccpd:CORNERS",
    "ccpd-box": "lprkit.data.formats.ccpd:BOXES",
    "coco": "lprkit.data.formats.coco:FORMAT",
    "csv": "lprkit.data.formats.csv_list:FORMAT",
    "czech": "lprkit.data.formats.czech:FORMAT",
    "filename": "lprkit.data.formats.filename:FORMAT",
    "korean-json": "lprkit.data.formats.korean_json:FORMAT",
    "lmdb": "lprkit.data.formats.lmdb_store:FORMAT",
    "openalpr": "lprkit.data.formats.openalpr:FORMAT",
    "paddle": "lprkit.data.formats.paddle:FORMAT",
    "paths": "lprkit.data.formats.paths:FORMAT",
    "plates-csv": "lprkit.data.formats.plates_csv:FORMAT",
    "rodosol": "lprkit.data.formats.rodosol:FORMAT",
    "tao": "lprkit.data.formats.tao:FORMAT",
    "tfrecord": "lprkit.data.formats.tfrecord:FORMAT",
    "ufpr": "lprkit.data.formats.ufpr:FORMAT",
    "voc": "lprkit.data.formats.voc:FORMAT",
    "webdataset": "lprkit.data.formats.webdataset:FORMAT",
    "yolo": "lprkit.data.formats.yolo:BOXES",
    "yolo-corners": "lprkit.data.formats.yolo:CORNERS",
}
"""Name -> "module:object", a Format each."""


@dataclass(frozen=True)
class Spec:
    """A set, written FORMAT:PATH."""

    format: str
    path: Path

    def __str__(self) -> str:
        return f"{self.format}:{self.path}"


def spec_of(text: str) -> Spec:
    """The set that FORMAT:PATH names; a ConfigError when there is no such format."""
    name, colon, path = text.partition(":")
    if not colon or not path:
        raise ConfigError(
            f"{text!r} does not say a format: write FORMAT:PATH, such as plates-csv:{text}. "
            f"Formats: {', '.join(FORMATS)}."
        )
    return Spec(known(name, FORMATS, "format"), Path(path))


def read(spec: str) -> Iterator[Sample]:
    """The samples of a set written as FORMAT:PATH, one after the other; a DataError where one is broken."""
    return (entry.sample for entry in entries(spec))


def entries(spec: str) -> Iterator[Entry]:
    """The same with file and line; broken ones are among them and do not end it. Shards are read one by one."""
    asked = spec_of(spec)
    return itertools.chain.from_iterable(map(find(asked.format).read, parts(asked.path)))


def write(name: str, samples: Iterable[Sample], path: str | Path) -> int:
    """Writes samples as a set of the format `name` at `path`; how many they were."""
    form = find(name)
    if form.write is None:
        raise ConfigError(f"The format {name!r} can be read but not written. Choose another one.")
    return form.write(samples, Path(path))


def refer(name: str, samples: Iterable[Sample], path: str | Path) -> int:
    """The same, but the pictures stay where they are: only the list is written."""
    form = find(name)
    if form.refer is None:
        lists = ", ".join(one for one in FORMATS if find(one).refer)
        raise ConfigError(f"The format {name!r} is no list of pictures. Those that are: {lists}.")
    return form.refer(samples, Path(path))


def find(name: str) -> Format:
    """The format of this name."""
    form = resolve(FORMATS, name, "format")
    assert isinstance(form, Format), form
    return form
