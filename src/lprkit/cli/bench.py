"""`lprkit bench`: how long models take."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from lprkit.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lprkit.pipeline.bench import Measured


def bench(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names, ONNX files, run folders. None: the bundled models, and a whole frame.", metavar="MODEL"
        ),
    ] = None,
    *,
    runtime: Annotated[str | None, typer.Option(help="onnx or openvino; by itself every one installed.")] = None,
    batch: Annotated[str, typer.Option(help="Batch sizes, with commas between.")] = "1,32",
    seconds: Annotated[float, typer.Option(help="How long each line is measured for.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Time models: the median and the 95th percentile of a call, in milliseconds."""
    from lprkit.runtime import RUNTIMES, is_installed

    runtimes = [runtime] if runtime else [name for name in RUNTIMES if is_installed(name)]
    rows = _measured(models or [], runtimes, _sizes(batch), seconds)
    if as_json:
        for row in rows:
            values = asdict(row)
            typer.echo(json.dumps({**values.pop("timing"), **values}))
    else:
        _print(rows)


def _measured(models: list[str], runtimes: list[str], sizes: list[int], seconds: float) -> Iterator[Measured]:
    from lprkit.pipeline.bench import time_models, time_pipeline
    from lprkit.pipeline.run import Pipeline
    from lprkit.weights import bundled

    yield from time_models(models or bundled(), runtimes, sizes, seconds)
    for runtime in [] if models else runtimes:
        yield from time_pipeline(Pipeline(runtime=runtime), runtime, seconds=seconds)


def _sizes(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.strip().isdigit() and int(word) > 0 for word in words):
        raise ConfigError(f"--batch {text!r}: write numbers above 0 with commas between, such as 1,32.")
    return [int(word) for word in words]


def _print(rows: Iterator[Measured]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "stage", "runtime")
    for column in ("batch", "median ms", "p95 ms", "a second"):
        table.add_column(column, justify="right")
    for row in rows:
        time = row.timing
        figures = (f"{time.median_ms:.2f}", f"{time.p95_ms:.2f}", f"{1000 * row.batch / time.median_ms:,.0f}")
        table.add_row(row.model, row.stage, row.runtime, str(row.batch), *figures)
    Console().print(table)
