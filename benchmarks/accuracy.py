"""Measures readers and the detector on every set of real photographs in ../shared/data, into docs/accuracy.md.

    python benchmarks/accuracy.py                                  all sets, with the bundled weights; README's table
    python benchmarks/accuracy.py --only br_openalpr_traindet_crops --reader runs/mine --failures /tmp/look

Strict equality comes first everywhere; a merged figure counts O as 0 and I as 1. The photographs are for measuring
only: nothing that was seen here may go into training, and no picture of them may enter the repository.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from accuracy_goals import goals
from accuracy_page import DETECTION_SETS, HELD_OUT, OLD_RULE, Results, Speed, Texts, page, part_of, with_part

from lprkit import data, plates
from lprkit.core.errors import DataError, LprError, ModelError
from lprkit.core.image import save
from lprkit.core.types import Sample
from lprkit.evaluate.collect import Measured, collect_measured
from lprkit.evaluate.detection import report_detection
from lprkit.evaluate.measure import Shown, any_reading, detect, end_to_end, false_alarms, show_crops
from lprkit.evaluate.metrics import is_exact, is_exact_merged
from lprkit.evaluate.sheet import contact_sheet
from lprkit.pipeline.reader import open_reader, placed_reader
from lprkit.pipeline.run import Pipeline
from lprkit.runtime import Runner
from lprkit.runtime.timing import time_model
from lprkit.weights import bundled, find

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT.parent / "shared" / "data" / "dev"

READERS = ("reader", "reader-synthetic", "reader-int8")
"""The default one, the one that saw no photograph, the small one; those that are bundled are measured."""

REGIONS = {"mix_farhad_crops/il_digits": "il"}
"""Sets whose rows do not name the country that they are all from."""


@dataclass(frozen=True)
class Models:
    """What is measured."""

    readers: Mapping[str, Runner]
    """The first one is the pipeline's."""
    pipeline: Pipeline
    described: str
    """Runtime, names and hashes."""


@dataclass(frozen=True)
class Set:
    """A labelled set, small enough to be held (without its pictures)."""

    name: str
    samples: tuple[Sample, ...]

    def of_region(self) -> Mapping[str, tuple[Sample, ...]]:
        """Region with a file -> the samples with its plates that have a text, and no others."""
        told = REGIONS.get(self.name)
        parts: dict[str, list[Sample]] = {}
        for sample in self.samples:
            groups: dict[str, list[int]] = {}
            for n, plate in enumerate(sample.plates):
                code = told or plate.region
                if plate.text and code in plates.codes():
                    groups.setdefault(str(code), []).append(n)
            for code, places in groups.items():
                parts.setdefault(code, []).append(replace(sample, plates=tuple(sample.plates[n] for n in places)))
        return {code: tuple(some) for code, some in parts.items()}


def main() -> None:
    """Measures, prints, and writes the page and README's table when all sets were measured."""
    options = parsed(sys.argv[1:])
    start = time.perf_counter()
    models = opened(options)
    results = Results({name: Texts(speed_of(runner)) for name, runner in models.readers.items()})
    for one in sets_of(options.data, options.only):
        measure(one, models, results)
        print(f"{one.name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    text = page(results, goals(results), models.described)
    print(text)
    if options.failures:
        write_failures(options.failures, results)
    if not options.only:
        options.out.write_text(text, encoding="utf-8")
        readme = options.readme.read_text(encoding="utf-8")
        options.readme.write_text(with_part(readme, part_of(text, "README.md")), encoding="utf-8")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reader", action="append", help="name, ONNX file or run folder; repeatable, the first reads")
    parser.add_argument("--detector", default="detector", help="name, ONNX file or run folder")
    parser.add_argument("--runtime", help="onnx or openvino; openvino if it is installed")
    parser.add_argument("--data", type=Path, default=DEV, help="folder of plates-csv sets")
    parser.add_argument("--only", action="append", metavar="SET", help="this set only, no page written; repeatable")
    parser.add_argument("--failures", type=Path, help="folder outside the repository for pictures of the mistakes")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "accuracy.md")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md", help="the page whose table is written anew")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        parser.error(f"{options.data} is not here: it holds photographs that are not part of the repository.")
    if options.failures and options.failures.resolve().is_relative_to(ROOT):
        parser.error("--failures: choose a folder outside the repository, no photograph may enter it.")
    return options


def opened(options: argparse.Namespace) -> Models:
    """The models of the command line, or of READERS those that are bundled."""
    names = options.reader or [name for name in READERS if name in bundled()]
    readers = {name: open_reader(name, options.runtime) for name in names}
    first = readers[names[0]]
    described = [f"runtime {first.runtime}", *(f"reader {named(name)}" for name in names)]
    return Models(
        readers=readers,
        pipeline=Pipeline(runtime=options.runtime, reader=names[0], detector=options.detector),
        described=",\n".join([*described, f"detector {named(options.detector)}"]),
    )


def named(model: str) -> str:
    """Name and the beginning of the SHA-256 of a model's file."""
    return f"{model} (SHA-256 {hashlib.sha256(find(model).read_bytes()).hexdigest()[:16]}…)"


def speed_of(runner: Runner) -> Speed:
    """How long the network takes for one plate, and for each of 32 at once."""
    return Speed(time_model(runner, 1, 0.5).median_ms, time_model(runner, 32, 0.5).median_ms / 32)


def sets_of(folder: Path, only: Sequence[str] | None) -> Iterator[Set]:
    """The sets of a folder, the Israeli part of the mixed one as one of its own, and what training holds out."""
    tables = {path.parent.name: path.parent for path in folder.glob("*/labels.csv")}
    tables |= {f"{path.parent.name}/il_digits": path for path in folder.glob("*/il_digits.csv")}
    held = folder.parent / "train" / HELD_OUT
    if (held / "labels.csv").is_file():
        tables[HELD_OUT] = held
    absent = set(only or ()) - set(tables)
    if absent:
        raise DataError(f"{folder}: has no set {', '.join(sorted(absent))}; it has {', '.join(sorted(tables))}.")
    for name, path in sorted(tables.items()):
        if not only or name in only:
            samples = data.read(f"plates-csv:{path}")
            yield Set(name, tuple(held_out(samples) if name == HELD_OUT else samples))


def held_out(samples: Iterable[Sample]) -> Iterator[Sample]:
    """The photographs that no training sees: `real.held_out` of configs/reader.toml, by the name of the file."""
    from lprkit.core.config import read_toml
    from lprkit.train.photographs import is_held_out

    share = read_toml(ROOT / "configs" / "reader.toml")["real"]["held_out"]
    return (sample for sample in samples if is_held_out(sample, share))


def measure(one: Set, models: Models, results: Results) -> None:
    """Everything that the labels of a set allow."""
    is_right = is_exact_merged if one.name in OLD_RULE else is_exact
    put = partial(add, one.name, is_right)
    is_crops = any(sample.whole for sample in one.samples)
    for name, runner in models.readers.items():
        texts = results.texts[name]
        put(texts.crops if is_crops else texts.boxes, show_crops(one.samples, placed_reader(runner)))
        put(texts.told, told(one, runner))
    if is_crops or one.name == HELD_OUT:
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


def told(one: Set, runner: Runner) -> Iterator[Shown]:
    """The plates of known regions, each read as one of its own; without those for which the reader has no signs."""
    for code, samples in one.of_region().items():
        try:
            reader = placed_reader(runner, code)
        except ModelError:
            continue
        yield from show_crops(samples, reader)


def add(name: str, is_right: Callable[..., bool], results: dict[str, Measured], shown: Iterable[Shown]) -> None:
    """Puts the figures of these lines under the set's name, unless there is no line."""
    lines = list(shown)
    if lines:
        results[name] = collect_measured(name, lines, is_right)


def write_failures(folder: Path, results: Results) -> None:
    """A contact sheet of the mistakes of each set: SET-crops.png, SET-boxes.png, SET-chain.png …"""
    parts = {"crops": results.default.crops, "boxes": results.default.boxes, "told": results.default.told}
    parts |= {"chain": results.chain, "unplaced": results.unplaced, "negatives": results.negatives}
    for part, sets in parts.items():
        for name, measured in sets.items():
            if measured.failures:
                save(folder / f"{name.replace('/', '-')}-{part}.png", contact_sheet(measured.failures))


if __name__ == "__main__":
    try:
        main()
    except LprError as error:
        sys.exit(str(error))
