"""Finished crops a second, for 1 and 2 worker processes: the median of several runs of each.

    python benchmarks/synth.py [--count 2000] [--runs 5] [--glyphs DIR]

Workers are started and have filled their caches of glyphs before the clock starts.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time

from lprkit.synth import generate
from lprkit.synth.generate import CropPlan


def main() -> None:
    """Measures and prints one line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--glyphs", action="append", default=[])
    options = parser.parse_args()
    plan = CropPlan(glyphs=tuple(options.glyphs))
    for workers in (1, 2):
        rates = measure(plan, workers, options.count, options.runs)
        spread = f"{min(rates):.0f}-{max(rates):.0f}"
        print(f"{workers} workers: {statistics.median(rates):.0f} crops/s (median of {len(rates)}, {spread})")


def measure(plan: CropPlan, workers: int, count: int, runs: int) -> list[float]:
    """Crops a second of each run, after one run's worth of warming up."""
    stream = generate.crops(plan, count * (runs + 1), workers=workers)
    rates = []
    for run in range(runs + 1):
        started = time.perf_counter()
        for _ in itertools.islice(stream, count):
            pass
        if run:
            rates.append(count / (time.perf_counter() - started))
    return rates


if __name__ == "__main__":
    main()
