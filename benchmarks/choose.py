"""Counts what readers read of plates that may choose between them: those of ../shared/data/train and drawn ones.

    python benchmarks/choose.py reader runs/mine

What ../shared/data/dev shows must not choose, or its figures are worth nothing. These sets may: plates of Open Images
and of US streets, whose photographs lend training their plates' places and backgrounds, but no text; the plates that
`real.held_out` of the settings keeps from training; and drawn plates of a seed of its own. O counts as 0, I as 1.

The first were read by eye, all that could be read without a doubt or agree with their label, since the labels of Open
Images are wrong in one of ten. Numbers on plates are personal data: `by_eye.csv` holds their digests only.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.progress import track

from lprkit import data
from lprkit.core import config
from lprkit.core.errors import LprError
from lprkit.core.types import Sample, Scored
from lprkit.evaluate.measure import show_crops
from lprkit.evaluate.metrics import is_exact_merged, merged
from lprkit.pipeline.reader import open_reader, placed_reader
from lprkit.runtime import Runner
from lprkit.synth.generate import crop_at
from lprkit.train.photographs import is_held_out
from lprkit.train.reading import plan_of
from lprkit.train.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BY_EYE = Path(__file__).with_name("by_eye.csv")
TRAIN = "../shared/data/train"


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
            "photographs": (list(by_eye()), is_as_read),
            "held out": (list(held_out(settings)), is_exact_merged),
            "drawn": (list(drawn(replace(settings, seed=options.seed), options.drawn)), is_exact_merged),
        }
    except LprError as error:
        sys.exit(str(error))
    for name, runner in readers.items():
        print(name, *(f"{title} {right} of {n}" for title, right, n in counted(runner, sets)), sep="; ")


def by_eye() -> Iterator[Sample]:
    """The photographs of the sets in `by_eye.csv`, with those of their plates that it lists; the text is a digest."""
    with BY_EYE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = {(row["set"], row["file"], float(row["x"]), float(row["y"])): row["sha256"] for row in rows}
    for name in dict.fromkeys(row["set"] for row in rows):
        for sample in data.read(f"plates-csv:{TRAIN}/{name}"):
            file = Path(sample.source).name
            found = ((plate, read.get((name, file, *plate.quad[0]))) for plate in sample.plates if plate.quad)
            yield replace(sample, plates=tuple(replace(plate, text=text) for plate, text in found if text))


def is_as_read(line: Scored) -> bool:
    """Whether the text of a line is the one that was read by eye."""
    return line.found and digest(Path(line.source).name, line.text) == line.truth


def digest(file: str, text: str) -> str:
    """Of the text of a plate in a photograph, where O counts as 0 and I as 1."""
    return hashlib.sha256(f"{file} {merged(text)}".encode()).hexdigest()[:12]


def held_out(settings: Settings) -> Iterator[Sample]:
    """The labelled plates that only validate."""
    real = settings.real
    return (sample for spec in real.data for sample in data.read(spec) if is_held_out(sample, real.held_out))


def drawn(settings: Settings, count: int) -> Iterator[Sample]:
    """Crops as the settings draw them."""
    plan = plan_of(settings)
    return (crop_at(n, plan) for n in track(range(count), description="drawing"))


def counted(
    runner: Runner, sets: Mapping[str, tuple[Sequence[Sample], Callable[[Scored], bool]]]
) -> Iterator[tuple[str, int, int]]:
    """Of each set its name, how many of its plates are read right, and how many there are."""
    for title, (samples, is_right) in sets.items():
        shown = list(show_crops(samples, placed_reader(runner)))
        yield title, sum(is_right(one.scored) for one in shown), len(shown)


if __name__ == "__main__":
    main()
