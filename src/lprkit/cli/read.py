"""`lprkit read`: pictures -> plates."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from lprkit.pipeline.run import Findings, Source

MANY = 5
"""From so many pictures on, a bar on the terminal shows how far it is."""

CUT_OUT_PX = 128
"""Pictures that are no higher and in which no plate is found may be plates, cut out."""

STDIN = "-"


def read(
    src: Annotated[list[str], typer.Argument(help="Pictures, folders, globs, @list.txt, or - for one on stdin.")],
    *,
    crop: Annotated[bool, typer.Option("--crop", help="Each picture is one plate, already cut out.")] = False,
    region: Annotated[str | None, typer.Option(help="Read what plates of this region may say, such as kr.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, one a line.")] = False,
    save_crops: Annotated[Path | None, typer.Option(help="Folder for the plates, cut out and straight.")] = None,
    draw: Annotated[Path | None, typer.Option(help="Folder for the pictures with the readings drawn in.")] = None,
    reader: Annotated[str, typer.Option(help="Model that reads: a name, an ONNX file or a run folder.")] = "reader",
    detector: Annotated[str, typer.Option(help="Model that finds plates, likewise.")] = "detector",
    runtime: Annotated[str | None, typer.Option(help="onnx or openvino; by itself the faster one installed.")] = None,
    min_score: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Leave out readings less sure than this; 0.3, with --crop 0. Below, doubtful detections are told too.",
        ),
    ] = None,
) -> None:
    """Read the plates in pictures.

    Exit code 1 says that some pictures could not be read; the others were.
    """
    from rich.console import Console
    from rich.table import Table

    from lprkit.pipeline.run import WHOLE, Least, Pipeline, whole_picture
    from lprkit.pipeline.save import saver
    from lprkit.pipeline.sources import expand

    names = expand(src)
    keep = saver(save_crops, draw)
    least = WHOLE if crop else Least()
    least = least if min_score is None else least.at(min_score)
    pipeline = Pipeline(region, runtime, reader, whole_picture if crop else detector, least)
    table = Table("picture", "plate", "score") if sys.stdout.isatty() and not as_json else None
    failed, cut_out = False, 0
    for findings in pipeline.read_all(_shown(names)):
        keep(findings)
        _print(findings, as_json, table)
        failed = failed or findings.image is None
        cut_out += not crop and _may_be_cut_out(findings)
    if table is not None:
        Console().print(table)
    if cut_out and not as_json:
        typer.echo(f"Low pictures in which nothing was found: {cut_out}. Plates already cut out need --crop.", err=True)
    raise typer.Exit(1 if failed else 0)


def _shown(names: list[str]) -> Iterator[Source]:
    """The sources, counted on the terminal as they pass when they are many."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    hidden = len(names) < MANY or not console.is_terminal
    for name in track(names, "reading", console=console, transient=True, disable=hidden):
        yield sys.stdin.buffer.read() if name == STDIN else name


def _may_be_cut_out(findings: Findings) -> bool:
    """Whether nothing was found because the picture is nothing but a plate."""
    return findings.image is not None and not findings.sightings and findings.image.shape[0] <= CUT_OUT_PX


def _print(findings: Findings, as_json: bool, table: Table | None) -> None:
    """One picture's plates: a JSON line, rows of the table, or aligned lines; errors beside them, on stderr."""
    from lprkit.pipeline.record import record

    if as_json:
        typer.echo(json.dumps(record(findings), ensure_ascii=False))
    elif findings.image is None:
        typer.echo(findings.error, err=True)
    else:
        lines = [(one.reading.text, f"{one.reading.score:.1%}") for one in findings.sightings]
        for text, score in lines or [("-", "")]:
            if table is None:
                typer.echo(f"{text:<12} {score:>6}  {findings.source}")
            else:
                table.add_row(findings.source, text, score)
