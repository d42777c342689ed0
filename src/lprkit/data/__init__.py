"""Any labelled set as Samples, and Samples as any labelled set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lprkit.core.errors import ConfigError
from lprkit.core.lookup import resolve
from lprkit.core.types import Sample
from lprkit.data.format import Format

__all__ = ["FORMATS", "Format", "find", "read", "write"]

FORMATS: Mapping[str, str] = {
    "annotation": "lprkit.data.formats.annotation:FORMAT",
    "csv": "lprkit.data.formats.csv_list:FORMAT",
    "filename": "lprkit.data.formats.filename:FORMAT",
    "plates-csv": "lprkit.data.formats.plates_csv:FORMAT",
    "yolo": "lprkit.data.formats.yolo:BOXES",
    "yolo-corners": "lprkit.data.formats.yolo:CORNERS",
}
"""Name -> "module:object", a Format each."""


def read(spec: str) -> Iterator[Sample]:
    """The samples of a set written as FORMAT:PATH, one after the other, their pictures still in their files."""
    name, colon, path = spec.partition(":")
    if not colon or not path:
        raise ConfigError(
            f"{spec!r} does not say a format: write FORMAT:PATH, such as plates-csv:{spec}. "
            f"Formats: {', '.join(FORMATS)}."
        )
    return find(name).read(Path(path))


def write(name: str, samples: Iterable[Sample], path: str | Path) -> int:
    """Writes samples as a set of the format `name` at `path`; how many they were."""
    form = find(name)
    if form.write is None:
        raise ConfigError(f"The format {name!r} can be read but not written. Choose another one.")
    return form.write(samples, Path(path))


def find(name: str) -> Format:
    """The format of this name."""
    form = resolve(FORMATS, name, "format")
    assert isinstance(form, Format), form
    return form
