"""`lprkit compress`: the same model, smaller."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lprkit.compress.prune import Pruned
    from lprkit.compress.quantise import Quantised
    from lprkit.core.types import Image

app = typer.Typer(help="Make a model smaller and faster.", no_args_is_help=True)


@app.callback()
def compress() -> None:
    """Make a model smaller and faster."""


@app.command()
def quantise(
    model: Annotated[str, typer.Argument(help="A name from `lprkit list weights`, an ONNX file or a run folder.")],
    to: Annotated[
        str,
        typer.Option(
            help="int8: fast. int8-symmetric: for chips as simple as GAP8. fp16: half the file, as fast as before."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")],
    sets: Annotated[
        list[str] | None,
        typer.Option("--data", help="FORMAT:PATH of pictures that set the ranges of int8; drawn ones when not given."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Write a model in smaller numbers; fails unless it reads drawn plates as the model does."""
    from lprkit.core.lookup import known, missing

    try:
        from lprkit.compress.quantise import To
        from lprkit.compress.quantise import quantise as make

        known(to, get_args(To), "kind of numbers")
        made = make(model, to, out, _pictures(model, sets) if sets else None)  # type: ignore[arg-type]
    except ModuleNotFoundError as error:
        raise missing(error) from error
    figures = _figures(made)
    if as_json:
        typer.echo(json.dumps(figures))
        return
    typer.echo(made.file)
    typer.echo(
        f"bytes {figures['bytes_before']:,} -> {figures['bytes']:,}, ms a picture {figures['ms_before']} ->"
        f" {figures['ms']} (onnxruntime, one thread)"
    )
    typer.echo(
        f"the same on {100 * made.agreement.same:.1f} % of {len(made.agreement.samples)} drawn pictures and on"
        f" {100 * made.agreement.same_sure:.1f} % of the sure ones, scores {made.agreement.score:.4f} apart"
    )


@app.command()
def prune(
    model: Annotated[str, typer.Argument(help="A run folder, or a name from `lprkit list weights`.")],
    inner: Annotated[
        str, typer.Option(help="Channels that stay inside the residual blocks of each size, such as 16,48,80,112.")
    ],
    out: Annotated[Path, typer.Option(help="The run folder to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Take channels out of a reader; it reads a little worse until it is trained on: `lprkit train --initial`."""
    from lprkit.core.errors import ConfigError
    from lprkit.core.lookup import missing

    if not all(number.strip().isdecimal() for number in inner.split(",")):
        raise ConfigError(f"--inner: {inner!r}. Give whole numbers with commas between them, such as 16,48,80,112.")
    try:
        from lprkit.compress.prune import prune as make
    except ModuleNotFoundError as error:
        raise missing(error) from error
    made = make(model, [int(number) for number in inner.split(",")], out)
    if as_json:
        typer.echo(json.dumps(_sizes(made)))
        return
    (before, after), (right, made_right) = made.costs, made.agreement.right
    typer.echo(out)
    typer.echo(
        f"MMAC {before.macs / 1e6:.1f} -> {after.macs / 1e6:.1f}, parameters {before.params:,} -> {after.params:,}, of"
        f" {len(made.agreement.samples)} drawn plates right {100 * right:.1f} -> {100 * made_right:.1f} % until it is"
        " trained on"
    )


def _sizes(made: Pruned) -> dict[str, float]:
    before, after = made.costs
    sizes = {"macs_before": before.macs, "macs": after.macs, "params_before": before.params, "params": after.params}
    return {**sizes, **made.agreement.as_dict()}


def _pictures(model: str, sets: list[str]) -> Iterator[Image]:
    """Plates cut out for a reader, frames as they are for a detector."""
    from lprkit import data
    from lprkit.core.image import pixels
    from lprkit.train.crops import straight
    from lprkit.train.unlabelled import each_plate
    from lprkit.weights import find
    from lprkit.weights.card import card_of

    if card_of(find(model)).task == "read":
        return (straight(pixels(sample), sample.plates[0].quad) for sample in each_plate(sets))
    return (pixels(sample) for spec in sets for sample in data.read(spec))


def _figures(made: Quantised) -> dict[str, float]:
    from lprkit.runtime import load
    from lprkit.runtime.timing import time_model

    before, after = (time_model(load(file, "onnx", threads=1), 1, seconds=1.0) for file in (made.source, made.file))
    return {
        "bytes_before": made.source.stat().st_size,
        "bytes": made.file.stat().st_size,
        "ms_before": round(before.median_ms, 3),
        "ms": round(after.median_ms, 3),
        **made.agreement.as_dict(),
    }
