"""`lprkit eval`: how well a model does on labelled pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lprkit import data
from lprkit.core.errors import ConfigError
from lprkit.core.types import Sample
from lprkit.evaluate.collect import Measured, collect_measured
from lprkit.evaluate.detection import DetectionReport, report_detection
from lprkit.evaluate.measure import detect, show_crops
from lprkit.evaluate.page import bounded, percent, share, write_report
from lprkit.pipeline.detect import detector_of
from lprkit.pipeline.reader import reader_of
from lprkit.pipeline.rectify import crop
from lprkit.runtime import Runner, load


def evaluate(
    model: Annotated[str, typer.Argument(help="A name from `lprkit list`, an ONNX file or a run folder.")],
    sets: Annotated[list[str], typer.Option("--data", help="FORMAT:PATH of a labelled set; may be repeated.")],
    region: Annotated[str | None, typer.Option(help="Bend readings towards what plates of this region say.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a set.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder for report.json, failures.png and index.html.")] = None,
    runtime: Annotated[str | None, typer.Option(help="onnx or openvino.")] = None,
) -> None:
    """Measure a reader or a detector on labelled pictures.

    A reader gets crops as they are and plates in frames cut out by their true box; a detector gets the frames.
    """
    runner = load(model, runtime)
    if runner.card.task == "detect":
        if region or report:
            raise ConfigError(f"{model} is a detector: --region and --report are for readers. Leave them out.")
        _show_found([(spec, _found(runner, spec)) for spec in sets], as_json)
        return
    measured = [_read(runner, spec, region) for spec in sets]
    if report:
        write_report(report, model, measured)
    _show_read(measured, as_json)


def _read(runner: Runner, spec: str, region: str | None) -> Measured:
    cut = partial(crop, spec=runner.card.input)
    return collect_measured(spec, show_crops(_samples(spec), reader_of(runner, region), cut))


def _found(runner: Runner, spec: str) -> DetectionReport:
    return report_detection(detect(_samples(spec), detector_of(runner)))


def _samples(spec: str) -> Iterator[Sample]:
    """The samples of a set, counted on the terminal as they pass."""
    console = Console(stderr=True)
    yield from track(data.read(spec), spec, console=console, transient=True, disable=not console.is_terminal)


def _show_read(sets: list[Measured], as_json: bool) -> None:
    if as_json:
        for one in sets:
            typer.echo(json.dumps(one.as_dict(), ensure_ascii=False))
        return
    table = _table("set", "n", "exact %", "O=0 I=1 %", "CER %", "≤ 1 wrong %")
    for one in sets:
        figures = one.report
        table.add_row(
            one.name,
            str(figures.n),
            share(figures, "exact"),
            share(figures, "exact_merged"),
            percent(figures.values["cer"]),
            percent(figures.values["within_one"]),
        )
    Console().print(table)


def _show_found(sets: list[tuple[str, DetectionReport]], as_json: bool) -> None:
    if as_json:
        for name, one in sets:
            typer.echo(json.dumps({"set": name, **one.as_dict()}, ensure_ascii=False))
        return
    table = _table("set", "frames", "plates", "recall %", "precision %", "mean IoU %")
    for name, one in sets:
        recall, precision = bounded(one.recall, one.recall_95), bounded(one.precision, one.precision_95)
        table.add_row(name, str(one.frames), str(one.plates), recall, precision, percent(one.mean_iou))
    Console().print(table)


def _table(first: str, *others: str) -> Table:
    table = Table()
    table.add_column(first, overflow="fold")
    for column in others:
        table.add_column(column, justify="right", no_wrap=True)
    return table
