"""What a format is: how a labelled set of one kind is read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lprkit.core.types import Sample


@dataclass(frozen=True)
class Format:
    """One entry of the table of formats."""

    read: Callable[[Path], Iterator[Sample]]
    """A DataError names the file and the line that cannot be used."""
    write: Callable[[Iterable[Sample], Path], int] | None = None
    """Takes any iterable once, and says how many samples it wrote."""
    keeps: tuple[str, ...] = ("text",)
    """What of a sample survives writing and reading: text, quad, region, kind, rows, split, cars, frames."""
