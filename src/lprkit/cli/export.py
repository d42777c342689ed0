"""`lprkit export`: a trained model as a file that other programs run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[str, typer.Argument(help="A run folder, a name from `lprkit list weights`, or an ONNX file.")],
    target: Annotated[str, typer.Option("--to", help="onnx or openvino.")],
    out: Annotated[Path, typer.Option(help="The file, or a folder for model.onnx or model.xml.")],
    *,
    opset: Annotated[int | None, typer.Option(help="Of ONNX: 18 when not given, or newer.")] = None,
    batch: Annotated[int | None, typer.Option(help="Take exactly so many pictures; any when not given.", min=1)] = None,
    size: Annotated[
        str | None, typer.Option(help="Another input, HEIGHTxWIDTH in px, if the network allows it.")
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="OpenVINO: store the weights in fp16.")] = False,
) -> None:
    """Write a model for another program, with its card; fails unless it agrees with the model on drawn plates."""
    from lprkit.export import Options
    from lprkit.export import export as write

    options = Options(opset, batch, _size(size) if size else None, half or None)
    typer.echo(write(model, target, out, options))


def _size(text: str) -> tuple[int, int]:
    from lprkit.core.errors import ConfigError

    height, _, width = text.lower().partition("x")
    if not (height.isdigit() and width.isdigit() and int(height) and int(width)):
        raise ConfigError(f"--size {text!r}: write HEIGHTxWIDTH in px, such as 48x128.")
    return int(height), int(width)
