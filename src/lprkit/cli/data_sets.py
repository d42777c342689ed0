"""Sets as the commands of `lprkit data` read and write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

import typer

from lprkit import data
from lprkit.core.errors import DataError, readable
from lprkit.core.image import size
from lprkit.core.types import Sample
from lprkit.data import Spec, gather
from lprkit.data.format import Entry

T = TypeVar("T")


class Reader:
    """Reads sets with a bar on the terminal; broken entries end it, or are told and counted."""

    def __init__(self, skip_bad: bool, pictures: bool = False, quiet: bool = False) -> None:
        """`pictures`: an entry whose picture is missing or no picture is broken, too."""
        self.skip_bad, self.pictures, self.quiet, self.skipped = skip_bad, pictures, quiet, 0

    def samples(self, spec: str) -> Iterator[Sample]:
        """The samples of a set."""
        for entry in progress(data.entries(spec), spec):
            if not self.skip_bad:
                yield entry.sample
            elif error := self._wrong(entry):
                self.skipped += 1
                if not self.quiet:
                    echo(f"left out: {error}", err=True)
            else:
                yield entry.sample

    def exit(self) -> None:
        """Ends the command with exit code 1 when something was left out."""
        if self.skipped:
            raise typer.Exit(1)

    def _wrong(self, entry: Entry) -> str:
        """What is wrong with an entry; empty: nothing."""
        try:
            if self.pictures:
                size(entry.sample)
        except DataError as error:
            if entry.content is not error:
                return f"{entry.where}: {error}"
        return str(entry.content) if isinstance(entry.content, DataError) else ""


def progress(items: Iterable[T], name: str) -> Iterable[T]:
    """The items, counted on the terminal as they pass."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, name, console=console, transient=True, disable=not console.is_terminal)


def fresh(out: str, sources: Iterable[str], keep_paths: bool = False) -> AbstractContextManager[Spec]:
    """A place to write a set."""
    return gather.fresh(data.spec_of(out), map(data.spec_of, sources), pictures=not keep_paths)


def write(target: Spec, samples: Iterable[Sample], keep_paths: bool) -> int:
    """Writes a set, or the list of one; how many samples it has."""
    return (data.refer if keep_paths else data.write)(target.format, samples, target.path)


def echo(text: str, err: bool = False) -> None:
    """Prints a line, names of files in it that are no text escaped."""
    typer.echo(readable(text), err=err)


def tell(counts: dict[str, str | int], as_json: bool) -> None:
    """Prints what was done."""
    if as_json:
        typer.echo(json.dumps(counts, ensure_ascii=False))
    else:
        shown = ", ".join(f"{value:,} {name}" for name, value in counts.items() if isinstance(value, int))
        typer.echo(f"{counts['out']}: {shown}")
