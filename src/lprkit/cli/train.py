"""`lprkit train`: settings in, a run folder out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def train(
    config: Annotated[Path, typer.Argument(help="A TOML file of settings, such as those in configs/.")],
    changes: Annotated[list[str] | None, typer.Option("--set", help="Change a setting: a.b=value.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; runs/NAME when not given.")] = None,
    initial: Annotated[
        Path | None, typer.Option(help="Start from the weights of this run folder or file, the same as --set initial=.")
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    max_minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes, resumable.")] = None,
) -> None:
    """Trains a network into a run folder, and exports it to model.onnx there."""
    from lprkit.core.config import load
    from lprkit.core.errors import ConfigError
    from lprkit.core.lookup import missing

    try:
        from lprkit.export import export
        from lprkit.train.loop import train as run
        from lprkit.train.settings import Settings
    except ModuleNotFoundError as error:
        raise missing(error) from error
    if resume is not None and out is not None:
        raise ConfigError("--out and --resume name the same thing: give one of them.")
    starts = [f"initial={json.dumps(str(initial))}"] if initial else []
    settings = load(Settings, config, [*(changes or ()), *starts])
    folder = run(settings, resume or out or Path("runs") / settings.name, resume is not None, max_minutes)
    typer.echo(export(folder, "onnx", folder / "model.onnx"))
