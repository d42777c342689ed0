"""Reading lists of 10,000 and 1,000,000 lines: how long it takes, and how much memory at most.

    python benchmarks/data.py [--format annotation] [--lines 10000 1000000]

Each list is read in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = """
import resource, sys, time
from lprkit import data
data.find(sys.argv[1].partition(":")[0])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started, worked = time.perf_counter(), time.process_time()
count = sum(1 for _ in data.read(sys.argv[1]))
taken, worked = time.perf_counter() - started, time.process_time() - worked
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"{count:>9,} lines: {taken:6.2f} s, {worked:6.2f} s of one core, {count / worked:>9,.0f} a core second, "
      f"peak {peak / 1024:.1f} MiB, {(peak - before) / 1024:.1f} MiB of it for reading")
"""
"""`ru_maxrss` is in KiB on Linux."""

LINES = {
    "annotation": ("", "my crops/{n:07d}.png <Anhui>A{n}\n"),
    "csv": ("image_path,plate_text,region\n", "my crops/{n:07d}.png,A{n},de\n"),
    "paddle": ("", "my crops/{n:07d}.png\tA{n}\n"),
    "paths": ("", "my crops/{n:07d}.png\n"),
}
"""First line, and every other line."""


def main() -> None:
    """Writes the lists, and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--format", choices=LINES, default="annotation")
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 1_000_000])
    options = parser.parse_args()
    first, line = LINES[options.format]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.txt"
        for count in options.lines:
            with path.open("w", encoding="utf-8") as file:
                file.write(first)
                file.writelines(line.format(n=n) for n in range(count))
            subprocess.run([sys.executable, "-c", CHILD, f"{options.format}:{path}"], check=True)


if __name__ == "__main__":
    main()
