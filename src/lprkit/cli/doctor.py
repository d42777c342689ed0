"""`lprkit doctor`: does this installation work."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    reader: Annotated[str, typer.Option(help="Model that reads: a name, an ONNX file or a run folder.")] = "reader",
    detector: Annotated[str, typer.Option(help="Model that finds plates, likewise.")] = "detector",
) -> None:
    """Check the installation: versions, weights, and a drawn plate read with every runtime.

    Exit code 1 says that something does not work.
    """
    from lprkit.pipeline.checks import checks

    broken = 0
    for check in checks(reader, detector):
        typer.echo(f"{'ok' if check.ok else 'NOT OK':<7} {check.name:<24} {check.detail}")
        broken += not check.ok
    typer.echo("all is well" if not broken else f"{broken} of these do not work")
    raise typer.Exit(1 if broken else 0)
