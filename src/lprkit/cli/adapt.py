"""`lprkit adapt`: a reader made better on plates without labels."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lprkit.train.adapt import Adapted


def adapt(
    model: Annotated[str, typer.Argument(help="A run folder, or a name from `lprkit list weights`.")],
    sets: Annotated[list[str], typer.Option("--data", help="FORMAT:PATH of crops, or of frames with boxes.")],
    out: Annotated[Path, typer.Option(help="The run folder to write.")],
    *,
    region: Annotated[str | None, typer.Option(help="Believe only what plates of this region may say.")] = None,
    reader: Annotated[list[str] | None, typer.Option(help="Another model that must read the same.")] = None,
    labelled: Annotated[bool, typer.Option("--labelled", help="Believe the labels; they are ignored else.")] = False,
    least: Annotated[float, typer.Option(help="Believe readings from this score on.", min=0, max=1)] = 0.9,
    steps: Annotated[int, typer.Option(help="Steps of training.", min=0)] = 300,
    rate: Annotated[float, typer.Option(help="Learning rate of the training.", min=0)] = 3e-4,
    max_minutes: Annotated[float | None, typer.Option(help="Stop training after so many minutes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make a reader better on your plates, which need no labels; never worse on those kept aside to decide.

    Plates that it reads alike in several ways are learnt from, beside drawn ones. When nothing that was tried is
    better, the run folder holds the reader as it was given.
    """
    from lprkit.core.lookup import missing

    try:
        from lprkit.export import export
        from lprkit.train.adapt import adapt as run
        from lprkit.train.self_training import Adapting
    except ModuleNotFoundError as error:
        raise missing(error) from error
    how = Adapting(
        data=tuple(sets),
        region=region,
        readers=tuple(reader or ()),
        labelled=labelled,
        least=least,
        steps=steps,
        rate=rate,
        max_minutes=max_minutes,
    )
    result = run(model, out, how)
    export(out, "onnx", out / "model.onnx")
    if as_json:
        typer.echo(json.dumps({"better": result.better, **asdict(result)}, ensure_ascii=False))
    else:
        _print(result, out)


def _print(result: Adapted, out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    for what, count in sorted(result.counts.items(), key=lambda item: -item[1]):
        typer.echo(f"{count:6} {what}")
    table = Table("candidate", "kept aside %", "drawn %", "loss")
    for name, held in result.held.items():
        mark = " (kept)" if name == result.chosen else ""
        table.add_row(f"{name}{mark}", f"{100 * held.given:.1f}", f"{100 * held.drawn:.1f}", f"{held.loss:.4f}")
    Console().print(table)
    if not result.better:
        typer.echo("Nothing was better than the reader given: it was left as it is.")
    typer.echo(out / "model.onnx")
