"""Measures a reader and a detector on every set of real photographs in ../shared/data/dev, into docs/accuracy.md.

    python benchmarks/accuracy.py                                  all sets, with the bundled weights
    python benchmarks/accuracy.py --only br_openalpr_traindet_crops --reader runs/mine --failures /tmp/look

Strict equality comes first everywhere; a merged figure counts O as 0 and I as 1. The photographs are for measuring
only: nothing that was seen here may go into training, and no picture of them may enter the repository.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from accuracy_page import DETECTION_SETS, Results, page

from lprkit import data, plates
from lprkit.core.errors import DataError, LprError
from lprkit.core.image import save
from lprkit.core.types import Sample
from lprkit.evaluate.collect import Measured, collect_measured
from lprkit.evaluate.detection import report_detection
from lprkit.evaluate.measure import Shown, any_reading, detect, end_to_end, false_alarms, show_crops
from lprkit.evaluate.metrics import is_exact, is_exact_merged
from lprkit.evaluate.sheet import contact_sheet
from lprkit.pipeline.reader import reader_of
from lprkit.pipeline.rectify import crop
from lprkit.pipeline.run import Pipeline
from lprkit.runtime import Runner, load
from lprkit.weights import find

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT.parent / "shared" / "data" / "dev"

OLD_RULE = ("us_openalpr_crops", "us_openalpr_frames")
"""These write every O as 0: only the merged figure says anything."""


REGIONS = {"mix_farhad_crops/il_digits": "il"}
"""Sets whose rows do not name the country that they are all from."""


@dataclass(frozen=True)
class Models:
    """What is measured."""

    reader: Runner
    pipeline: Pipeline
    described: str
    """Runtime, names and hashes."""


@dataclass(frozen=True)
class Set:
    """A labelled set, small enough to be held (without its pictures)."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def region(self) -> str | None:
        """The one region that all its plates with a known text are from, if there is a file for it."""
        codes = {plate.region for sample in self.samples for plate in sample.plates if plate.text}
        code = REGIONS.get(self.name) or (codes.pop() if len(codes) == 1 else None)
        return code if code in plates.codes() else None


def main() -> None:
    """Measures, prints, and writes the page when all sets were measured."""
    options = parsed(sys.argv[1:])
    start = time.perf_counter()
    models = opened(options)
    results = Results()
    for one in sets_of(options.data, options.only):
        measure(one, models, results)
        print(f"{one.name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    text = page(results, models.described)
    print(text)
    if options.failures:
        write_failures(options.failures, results)
    if not options.only:
        options.out.write_text(text, encoding="utf-8")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reader", default="reader", help="name, ONNX file or run folder")
    parser.add_argument("--detector", default="detector", help="name, ONNX file or run folder")
    parser.add_argument("--runtime", help="onnx or openvino; openvino if it is installed")
    parser.add_argument("--data", type=Path, default=DEV, help="folder of plates-csv sets")
    parser.add_argument("--only", action="append", metavar="SET", help="this set only, no page written; repeatable")
    parser.add_argument("--failures", type=Path, help="folder outside the repository for pictures of the mistakes")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "accuracy.md")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        parser.error(f"{options.data} is not here: it holds photographs that are not part of the repository.")
    if options.failures and options.failures.resolve().is_relative_to(ROOT):
        parser.error("--failures: choose a folder outside the repository, no photograph may enter it.")
    return options


def opened(options: argparse.Namespace) -> Models:
    """The models of the command line."""
    reader = load(options.reader, options.runtime)
    return Models(
        reader=reader,
        pipeline=Pipeline(runtime=options.runtime, reader=options.reader, detector=options.detector),
        described=f"runtime {reader.runtime},\nreader {named(options.reader)},\ndetector {named(options.detector)}",
    )


def named(model: str) -> str:
    """Name and the beginning of the SHA-256 of a model's file."""
    return f"{model} (SHA-256 {hashlib.sha256(find(model).read_bytes()).hexdigest()[:16]}…)"


def sets_of(folder: Path, only: Sequence[str] | None) -> Iterator[Set]:
    """The sets of a folder, and the Israeli part of the mixed one as a set of its own."""
    tables = [(path.parent.name, path.parent) for path in sorted(folder.glob("*/labels.csv"))]
    tables += [(f"{path.parent.name}/il_digits", path) for path in sorted(folder.glob("*/il_digits.csv"))]
    absent = set(only or ()) - {name for name, _ in tables}
    if absent:
        raise DataError(f"{folder}: has no set {', '.join(sorted(absent))}; it has {', '.join(n for n, _ in tables)}.")
    for name, path in sorted(tables):
        if not only or name in only:
            yield Set(name, tuple(data.read(f"plates-csv:{path}")))


def measure(one: Set, models: Models, results: Results) -> None:
    """Everything that the labels of a set allow."""
    is_right = is_exact_merged if one.name in OLD_RULE else is_exact
    put = partial(add, one.name, is_right)
    cut = partial(crop, spec=models.reader.card.input)
    is_crops = any(sample.whole for sample in one.samples)
    put(results.crops if is_crops else results.boxes, show_crops(one.samples, models.pipeline.recognise, cut))
    if one.region:
        put(results.with_region, show_crops(one.samples, reader_of(models.reader, one.region), cut))
    if is_crops:
        return
    if any(sample.plates for sample in one.samples):
        frames = list(detect(one.samples, models.pipeline.detect))
        if frames:
            results.found[one.name] = report_detection(frames)
        if one.name in DETECTION_SETS:
            results.pooled += frames
    put(results.chain, end_to_end(one.samples, models.pipeline.read))
    put(results.unplaced, any_reading(one.samples, models.pipeline.read))
    put(results.negatives, false_alarms(one.samples, models.pipeline.read))


def add(name: str, is_right: Callable[..., bool], results: dict[str, Measured], shown: Iterable[Shown]) -> None:
    """Puts the figures of these lines under the set's name, unless there is no line."""
    lines = list(shown)
    if lines:
        results[name] = collect_measured(name, lines, is_right)


def write_failures(folder: Path, results: Results) -> None:
    """A contact sheet of the mistakes of each set: SET-crops.png, SET-boxes.png, SET-chain.png …"""
    for part in ("crops", "boxes", "chain", "unplaced", "negatives"):
        for name, measured in getattr(results, part).items():
            if measured.failures:
                save(folder / f"{name.replace('/', '-')}-{part}.png", contact_sheet(measured.failures))


if __name__ == "__main__":
    try:
        main()
    except LprError as error:
        sys.exit(str(error))
