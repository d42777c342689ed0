"""What a format is: how a labelled set of one kind is read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from lprkit.core.errors import DataError
from lprkit.core.types import Sample


@dataclass(frozen=True)
class Entry:
    """One entry of a labelled set; a broken one does not keep the others from being read."""

    where: str
    """File and line."""
    content: Sample | DataError
    """DataError: what is wrong with it."""

    @property
    def sample(self) -> Sample:
        """The sample; the DataError is raised."""
        if isinstance(self.content, DataError):
            raise self.content
        return self.content


@dataclass(frozen=True)
class Format:
    """One entry of the table of formats."""

    read: Callable[[Path], Iterator[Entry]]
    """A DataError is raised where nothing more can be read; it names the file."""
    write: Callable[[Iterable[Sample], Path], int] | None = None
    """Takes any iterable once, and says how many samples it wrote."""
    refer: Callable[[Iterable[Sample], Path], int] | None = None
    """Like `write`, but the pictures stay where they are and are named there; None: no list of names."""
    keeps: tuple[str, ...] = ("text", "crops")
    """What of a sample survives writing and reading: text, quad, region, kind, rows, breaks, split, track,
    cars; and what a set may hold: crops, frames."""
    suffix: str = ""
    """How the name of a set ends when it is one file; empty: it is a folder."""
    join: Callable[[Sequence[Path], Path], None] | None = None
    """Writes into a folder what only all the shards in it tell together; None: there is no such thing."""


@dataclass(frozen=True)
class Broken:
    """An entry of a file that cannot even be taken apart."""

    where: str
    error: DataError


class Placed(Protocol):
    """Something that stands at a place in a file."""

    @property
    def where(self) -> str:
        """File and line."""


T = TypeVar("T", bound=Placed)


def entries(items: Iterable[T | Broken], parse: Callable[[T], Sample]) -> Iterator[Entry]:
    """What every line or row says, each for itself."""
    for item in items:
        yield Entry(item.where, item.error) if isinstance(item, Broken) else attempt(item.where, parse, item)


S = TypeVar("S")


def attempt(where: str, parse: Callable[[S], Sample], item: S) -> Entry:
    """What one item says, or what is wrong with it."""
    try:
        return Entry(where, parse(item))
    except DataError as error:
        return Entry(where, error)
