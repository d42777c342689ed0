"""`lprkit eval`: how well a model does on labelled pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lprkit import data, plates
from lprkit.core.errors import ConfigError
from lprkit.core.lookup import known
from lprkit.core.types import Label, Sample
from lprkit.evaluate.collect import Found, Measured, collect_found, collect_measured
from lprkit.evaluate.compare import Compared, collect_compared
from lprkit.evaluate.judge import judge_of
from lprkit.evaluate.measure import Shown, show_crops, show_frames
from lprkit.evaluate.page import (
    bounded,
    compared_notes,
    notes,
    percent,
    share,
    write_comparison,
    write_detection_report,
    write_report,
)
from lprkit.evaluate.patterns import Patterns
from lprkit.pipeline.detect import THRESHOLD, detector_of
from lprkit.pipeline.reader import once, placed
from lprkit.runtime import Runner, load

FAINTEST = 0.02
"""Detections from this score on count in the average precision; recall and precision are of those that are reported."""

On = Literal["truth", "prediction"]


def evaluate(
    model: Annotated[str, typer.Argument(help="A name from `lprkit list`, an ONNX file or a run folder.")],
    *,
    sets: Annotated[list[str], typer.Option("--data", help="FORMAT:PATH of a labelled set; may be repeated.")],
    region: Annotated[str | None, typer.Option(help="Bend readings towards what plates of this region say.")] = None,
    patterns: Annotated[
        str | None, typer.Option(help="Hold the readings, or the truth, against the patterns of this region.")
    ] = None,
    patterns_on: Annotated[
        str,
        typer.Option(
            help="prediction: a reading that fits no pattern is not counted as found; truth: such plates are left out."
        ),
    ] = "prediction",
    compare: Annotated[
        str | None, typer.Option(help="A second reader, given before or after MODEL: marks the plates that differ.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a set.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder for report.json, failures.png and index.html.")] = None,
    runtime: Annotated[str | None, typer.Option(help="onnx or openvino.")] = None,
) -> None:
    """Measure a reader or a detector on labelled pictures.

    A reader gets crops as they are and plates in frames cut out by their true box; a detector gets the frames.
    """
    asked = _Asked(region, _patterns(patterns, patterns_on))
    runner = load(model, runtime)
    if runner.card.task == "detect":
        if region or compare or patterns:
            raise ConfigError(f"{model} is a detector: --region, --compare and --patterns are for readers.")
        found = [_found(runner, spec) for spec in sets]
        if report:
            write_detection_report(report, model, found, THRESHOLD)
        _show_found(found, as_json)
    elif compare:
        other = load(compare, runtime)
        if other.card.task != "read":
            raise ConfigError(f"{compare} is a detector and {model} a reader. Compare two readers.")
        compared = [_compared(runner, other, spec, asked) for spec in sets]
        if report:
            write_comparison(report, (model, compare), compared)
        _show_compared(compared, (model, compare), as_json)
    else:
        measured = [_read(runner, spec, asked) for spec in sets]
        if report:
            write_report(report, model, measured)
        _show_read(measured, as_json)


@dataclass(frozen=True)
class _Asked:
    """How readings are made and judged."""

    region: str | None
    patterns: Patterns | None


def _patterns(code: str | None, on: str) -> Patterns | None:
    held = cast("On", known(on, get_args(On), "side for --patterns-on"))
    return Patterns(plates.region(code), held) if code else None


def _read(runner: Runner, spec: str, asked: _Asked) -> Measured:
    return collect_measured(spec, _shown(runner, spec, asked), patterns=asked.patterns, alphabet=runner.card.alphabet)


def _compared(first: Runner, second: Runner, spec: str, asked: _Asked) -> Compared:
    shown = _shown(first, spec, asked), _shown(second, spec, asked, quiet=True)
    return collect_compared(spec, *shown, asked.patterns, (first.card.alphabet, second.card.alphabet))


def _shown(runner: Runner, spec: str, asked: _Asked, quiet: bool = False) -> Iterator[Shown]:
    if asked.patterns and asked.patterns.on == "prediction" and runner.card.alphabet.alias:
        raise ConfigError(
            f"--patterns: no reading of {runner.card.name} fits them, it has one class for several signs."
            " Use --patterns-on truth."
        )
    read = once(runner, asked.region) if asked.region else judge_of(runner)
    return show_crops(_samples(spec, quiet), placed(read, runner.card.input))


def _found(runner: Runner, spec: str) -> Found:
    labels = cast("tuple[Label, ...]", runner.card.tokens)
    return collect_found(spec, show_frames(_samples(spec), detector_of(runner, FAINTEST), labels), THRESHOLD)


def _samples(spec: str, quiet: bool = False) -> Iterator[Sample]:
    """The samples of a set, counted on the terminal as they pass."""
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    yield from track(data.read(spec), spec, console=console, transient=True, disable=hidden)


def _show_read(sets: list[Measured], as_json: bool) -> None:
    if as_json:
        _print_json([one.as_dict() for one in sets])
        return
    table = _figures_table("set")
    for one in sets:
        table.add_row(one.name, *_figures(one))
    Console().print(table)
    for one in sets:
        for note in notes(one):
            typer.echo(f"{one.name}: {note}")


def _show_compared(sets: list[Compared], models: tuple[str, str], as_json: bool) -> None:
    if as_json:
        _print_json([{"first": models[0], "second": models[1], **one.as_dict()} for one in sets])
        return
    table = _figures_table("set and model")
    for one in sets:
        for model, measured in zip(models, (one.first, one.second), strict=True):
            table.add_row(f"{measured.name}\n{model}", *_figures(measured))
    Console().print(table)
    for one in sets:
        for note in compared_notes(models, one):
            typer.echo(f"{one.first.name}: {note}")
        told = one.as_dict()
        typer.echo(
            f"{one.first.name}: {len(one.differences)} plates differ; right only with {models[0]}:"
            f" {told['only_first']}, only with {models[1]}: {told['only_second']}, p = {one.p_value:.3f}."
            f" Each: the truth, {models[0]}, {models[1]}."
        )
        named = {"first": models[0], "second": models[1], "neither": "neither"}
        for plate in one.differences:
            line = plate.as_dict() | {"right": named[plate.right]}
            typer.echo("  {truth:<12} {first:<12} {second:<12} right: {right}  {source}".format(**line))


def _show_found(sets: list[Found], as_json: bool) -> None:
    if as_json:
        _print_json([one.as_dict() for one in sets])
        return
    table = _table("set", "true", "recall %", "precision %", "AP50 %", "AP70 %")
    for one in sets:
        for label, figures in one.reports.items():
            shares = (bounded(figures.recall, figures.recall_95), bounded(figures.precision, figures.precision_95))
            areas = (percent(figures.average_precision), percent(figures.average_precision_70))
            name = one.name if len(one.reports) == 1 else f"{one.name} {label}"
            table.add_row(name, str(figures.plates), *shares, *areas)
    Console().print(table)


def _print_json(lines: list[dict[str, object]]) -> None:
    for line in lines:
        typer.echo(json.dumps(line, ensure_ascii=False))


def _figures_table(first: str) -> Table:
    return _table(first, "n", "exact %", "O=0 I=1 %", "CER %", "≤ 1 wrong %")


def _figures(one: Measured) -> list[str]:
    figures = one.report
    shares = [share(figures, name) for name in ("exact", "exact_merged")]
    return [str(figures.n), *shares, percent(figures.values["cer"]), percent(figures.values["within_one"])]


def _table(first: str, *others: str) -> Table:
    table = Table()
    table.add_column(first, overflow="fold")
    for column in others:
        table.add_column(column, justify="right", no_wrap=True)
    return table
