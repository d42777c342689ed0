"""How well trained published networks read plates drawn as their settings say, and real ones where there are any.

    python benchmarks/published.py [lprnet-24x94 runs/mine ...] [--count 1178] [--report FOLDER] [--page]

Names are bundled models, ONNX files or run folders; none: the bundled ones that are not our own readers. What is drawn
follows from the settings in a model's card, with a seed that neither its training nor its validation had. Of a run
folder the trained network itself and its model.onnx read the same plates. --report writes a page a model, with the
pictures of the mistakes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import performance
import torch

from lprkit import data, decode
from lprkit.core import config
from lprkit.core.errors import LprError
from lprkit.core.types import Sample
from lprkit.decode.ctc import greedy
from lprkit.evaluate.collect import Measured, collect_measured
from lprkit.evaluate.interval import wilson
from lprkit.evaluate.judge import judge_of
from lprkit.evaluate.measure import show_crops
from lprkit.evaluate.page import write_report
from lprkit.models import build
from lprkit.models.store import load_run
from lprkit.pipeline.reader import placed
from lprkit.runtime import Runner, load
from lprkit.synth import generate, presets
from lprkit.synth.presets import PresetPlan
from lprkit.train.reading import plan_of
from lprkit.train.settings import Settings
from lprkit.weights import bundled, find

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "models.md"
DEV = ROOT.parent / "shared" / "data" / "dev"
OURS = ("reader", "detector")
SEED = 2
"""Added to a run's own, as 1 is for its validation."""
PHOTOGRAPHS = {"cn": "cn_sirius_lprnet_crops", "il": "mix_farhad_crops/il_digits.csv", "kr": "kr_blastak_frames"}
"""Region -> the set of photographs of it in ../shared/data/dev; plates of two rows are in them too."""
HEAD = (
    "| weights | trained for | parameters | file | network alone | as lprkit reads | network = ONNX | photographs |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class Trained:
    """One model and what its card says of its training."""

    name: str
    settings: Settings
    runner: Runner
    run: Path | None
    """Its run folder, if it is one."""


def main() -> None:
    """Prints a row a model; with --page writes them into the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ours = [name for name in bundled() if not name.startswith(OURS)]
    parser.add_argument("models", nargs="*", default=ours, help="bundled names, ONNX files or run folders")
    parser.add_argument("--count", type=int, default=4712, help="drawn plates; four times as many as Hailo measured")
    parser.add_argument("--report", type=Path, help="folder for a report of each model's drawn plates")
    parser.add_argument("--page", action="store_true", help="rewrite these rows of the table in docs/models.md")
    options = parser.parse_args()
    for model in options.models:
        one = opened(model)
        samples = list(held_out(one.settings, options.count))
        measured = read(one, f"{options.count} drawn plates", samples)
        if options.report:
            write_report(options.report / one.name, one.name, [measured])
        row = row_of(one, alone(one, samples), measured, same(one, samples))
        print(row, flush=True)
        if options.page:
            performance.write_rows("trained", HEAD, {one.name: row}, PAGE)


def opened(model: str) -> Trained:
    """The model with the settings in its card."""
    runner = load(model)
    settings = config.build(Settings, runner.card.origin["config"], f"the card of {model}")
    run = Path(model) if Path(model).is_dir() else None
    name = runner.card.name + (f" shrink={shrink}" if (shrink := settings.network.get("shrink", 1)) > 1 else "")
    return Trained(model if run is None else name, settings, runner, run)


def held_out(settings: Settings, count: int) -> Iterator[Sample]:
    """Plates drawn as in training, with another seed; those of a preset alone if the training had one."""
    plan = replace(plan_of(settings), seed=settings.seed + SEED)
    drawn = settings.drawn
    if drawn.preset:
        other = PresetPlan(drawn.preset, plan.seed, drawn.legal, drawn.glyphs, drawn.without)
        return (presets.crop_at(n, other) for n in range(count))
    return generate.crops(plan, count)


def read(one: Trained, name: str, samples: list[Sample]) -> Measured:
    """The figures of these plates."""
    shown = show_crops(samples, placed(judge_of(one.runner), one.runner.card.input))
    return collect_measured(name, shown, alphabet=one.runner.card.alphabet)


def alone(one: Trained, samples: list[Sample]) -> float:
    """The share that the likeliest class of each step spells exactly, with one look and no knowledge of plates."""
    card = one.runner.card
    paths = greedy(one.runner.run(card.input.batch([sample.image for sample in samples])))
    truths = [card.alphabet.written(sample.plates[0].text) for sample in samples]
    return float(
        np.mean([card.alphabet.decode(path.classes) == text for path, text in zip(paths, truths, strict=True)])
    )


def same(one: Trained, samples: list[Sample]) -> str:
    """How many of the plates the trained network itself reads as model.onnx does, both in fp32."""
    if one.run is None:
        return ""
    network, card = load_run(one.run)
    images = card.input.batch([sample.image for sample in samples])
    with torch.inference_mode():
        scores = [
            network.eval()(torch.from_numpy(part)).numpy() for part in np.split(images, range(64, len(images), 64))
        ]
    texts = [reading.text for part in scores for reading in decode.read(part, card)]
    exported = load(one.run, "onnx")  # OpenVINO would compute in bf16
    others = [reading.text for reading in decode.read(exported.run(images), card)]
    alike = sum(a == b for a, b in zip(texts, others, strict=True))
    return f"{alike:,} of {len(texts):,}"


def row_of(one: Trained, share: float, measured: Measured, alike: str) -> str:
    """A row of the table."""
    settings, n = one.settings, measured.report.n
    exact = f"{bounded(share, n)} | {bounded(measured.report.exact, n)}"
    file = find(one.run or one.name)
    steps = f"{one.runner.card.origin['steps']:,} steps of {settings.batch}"
    cells = (one.name, steps, parameters(one), f"{file.stat().st_size / 1e6:.2f} MB", exact, alike, photographs(one))
    return f"| {' | '.join(cells)} |"


def bounded(share: float, n: int) -> str:
    """With its Wilson interval."""
    bounds = wilson(share * n, n)
    return f"{100 * share:.2f} % ({100 * bounds.low:.1f}–{100 * bounds.high:.1f})"


def parameters(one: Trained) -> str:
    """Trainable ones."""
    classes = one.runner.card.alphabet.classes
    count = sum(p.numel() for p in build(one.settings.model, classes, one.settings.network).parameters())
    return f"{count:,}"


def photographs(one: Trained) -> str:
    """What it reads of real plates, if they are here and of its region."""
    name = PHOTOGRAPHS.get(one.settings.drawn.regions[0], "")
    path = DEV / name
    if not name or not path.exists():
        return ""
    report = read(one, name, list(data.read(f"plates-csv:{path}"))).report
    return f"{name.removesuffix('.csv')}: {100 * report.exact:.1f} % of {report.n:,}"


if __name__ == "__main__":
    try:
        main()
    except LprError as error:
        sys.exit(str(error))
