"""Sets of millions in shards: a folder of many sets of one format, read as one."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"shard-\d{5,}(\.\w+)?")


def name_of(n: int, suffix: str) -> str:
    """What the n-th shard of a folder is called."""
    return f"shard-{n:05d}{suffix}"


def parts(path: Path) -> list[Path]:
    """The shards of a folder in their order; the path itself when it is one set."""
    if not path.is_dir():
        return [path]
    found = [part for part in path.iterdir() if _NAME.fullmatch(part.name)]
    return sorted(found, key=lambda part: (len(part.name), part.name)) or [path]
