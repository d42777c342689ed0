"""Figures and their place in docs/performance.md: each benchmark of speed rewrites its own part of that page."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from lprkit import __version__

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


@dataclass(frozen=True)
class Rate:
    """What was done a second, measured several times."""

    what: str
    runs: Sequence[float]

    @property
    def median(self) -> float:
        """The usual rate."""
        return statistics.median(self.runs)

    @property
    def spread(self) -> str:
        """Lowest and highest."""
        return f"{_short(min(self.runs))}–{_short(max(self.runs))}"

    def __str__(self) -> str:
        return f"{self.what}: {_short(self.median)} a second (median of {len(self.runs)}, {self.spread})"


def table(rates: Sequence[Rate], base: Rate) -> str:
    """A row a rate in Markdown, each beside the one that it is held against."""
    rows = [f"| {r.what} | {_short(r.median)} | {r.spread} | {r.median / base.median:.2g}× |" for r in rates]
    return "\n".join(
        ("| what | a second, median | lowest–highest | against the baseline |", "|---|---|---|---|", *rows)
    )


def machine() -> str:
    """Where and when: processor, cores, day, versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, OpenCV {cv2.__version__}"
    return f"{_processor()}, {cores} cores, {date.today():%d %B %Y}; lprkit {__version__}, {versions}."


def write(part: str, text: str, page: Path = PAGE) -> None:
    """Puts the text between `<!-- part -->` and the next `<!-- end -->` of the page; a ValueError if it has no such."""
    marked = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end -->)", re.DOTALL)
    whole = page.read_text(encoding="utf-8")
    if not marked.search(whole):
        raise ValueError(f"{page}: has no part between <!-- {part} --> and <!-- end -->.")
    page.write_text(marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", whole, count=1), encoding="utf-8")


def write_rows(part: str, head: Sequence[str], rows: Mapping[str, str], page: Path) -> None:
    """Puts rows, by what stands in their first cell, into a table of the page; rows of other names stay."""
    found = re.search(rf"<!-- {part} -->\n(.*?)<!-- end -->", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = found[1].splitlines() if found else []
    old = {line.split("|")[1].strip(): line for line in lines if line.startswith("|") and line not in head}
    table = [*head, *(row for _, row in sorted({**old, **rows}.items()))]
    write(part, "\n".join([machine(), "", *table]), page)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _processor() -> str:
    """The processor's name where Linux tells it."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.+)", info.read_text()) if info.is_file() else []
    return names[0] if names else platform.processor() or platform.machine()
