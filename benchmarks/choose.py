"""Counts what readers read of plates that may choose between them: those of ../shared/data/train and drawn ones.

    python benchmarks/choose.py reader runs/mine

What ../shared/data/dev shows must not choose, or its figures are worth nothing. These sets may: the labels of Open
Images, whose photographs lend training their plates' places and backgrounds, but no text; the plates that
`real.held_out` of the settings keeps from training; and drawn plates of a seed of its own. O counts as 0, I as 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.progress import track

from lprkit import data
from lprkit.core import config
from lprkit.core.errors import LprError
from lprkit.core.types import Sample
from lprkit.evaluate.measure import show_crops
from lprkit.evaluate.metrics import is_exact_merged
from lprkit.pipeline.reader import open_reader, reader_of
from lprkit.pipeline.rectify import crop
from lprkit.runtime import Runner
from lprkit.synth.generate import crop_at
from lprkit.train.photographs import is_held_out
from lprkit.train.reading import plan_of
from lprkit.train.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LABELLED = "plates-csv:../shared/data/train/oi_roboflow_f8vsn_frames"


def main() -> None:
    """Prints a row a reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", nargs="+", help="bundled name, ONNX file or run folder")
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "reader.toml", help="settings that draw")
    parser.add_argument("--drawn", type=int, default=2000, help="crops, one in twenty of which shows no plate")
    parser.add_argument("--seed", type=int, default=77)
    options = parser.parse_args()
    try:
        settings = config.load(Settings, options.config)
        readers = {name: open_reader(name) for name in options.reader}
        sets = {
            "Open Images": list(data.read(LABELLED)),
            "held out": list(held_out(settings)),
            "drawn": list(drawn(replace(settings, seed=options.seed), options.drawn)),
        }
    except LprError as error:
        sys.exit(str(error))
    for name, runner in readers.items():
        print(name, *(f"{title} {right} of {n}" for title, right, n in counted(runner, sets)), sep="; ")


def held_out(settings: Settings) -> Iterator[Sample]:
    """The labelled plates that only validate."""
    real = settings.real
    return (sample for spec in real.data for sample in data.read(spec) if is_held_out(sample, real.held_out))


def drawn(settings: Settings, count: int) -> Iterator[Sample]:
    """Crops as the settings draw them."""
    plan = plan_of(settings)
    return (crop_at(n, plan) for n in track(range(count), description="drawing"))


def counted(runner: Runner, sets: Mapping[str, Sequence[Sample]]) -> Iterator[tuple[str, int, int]]:
    """Of each set its name, how many of its plates are read right, and how many there are."""
    for title, samples in sets.items():
        shown = list(show_crops(samples, reader_of(runner), partial(crop, spec=runner.card.input)))
        yield title, sum(is_exact_merged(one.scored) for one in shown), len(shown)


if __name__ == "__main__":
    main()
