"""What somebody wrote on the command line -> the pictures meant: files, folders, globs and lists."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.image import find_images


def expand(arguments: Iterable[str]) -> list[str]:
    """The pictures that the arguments name, in their order; `@list.txt` holds one argument a line.

    What is missing comes back as it is: loading it says so, and the others are still read.
    """
    return [name for argument in arguments for one in _listed(argument) for name in _pictures(one)]


def _listed(argument: str) -> list[str]:
    """The lines of a list (blank ones and those that begin with # say nothing), or the argument itself."""
    if not argument.startswith("@") or Path(argument).exists():
        return [argument]
    path = Path(argument[1:])
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is not a list of pictures that can be read ({error}).") from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _pictures(argument: str) -> Iterator[str]:
    path = Path(argument)
    if path.is_dir():
        yield from map(str, find_images(path) or [path])
    elif glob.has_magic(argument) and not path.exists():
        found = glob.glob(argument, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
        yield from sorted(found) or [argument]
    else:
        yield argument
