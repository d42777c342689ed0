"""`lprkit list`: what there is, by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, TypeAlias

import typer

from lprkit.core.lookup import known

Row: TypeAlias = Mapping[str, str | int | float]


def list_names(
    what: Annotated[
        str | None, typer.Argument(help="weights, models, regions, formats, runtimes or exporters.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the names that other commands take: all of them, or those of one kind."""
    for name in LISTS if what is None else [known(what, LISTS, "list")]:
        rows = list(LISTS[name]())
        if as_json:
            for row in rows:
                typer.echo(json.dumps({"list": name, **row}, ensure_ascii=False))
        else:
            _print(name, rows)


def _print(title: str, rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(f"{title}: none")
        return
    typer.echo(f"{title}:")
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)


def _weights() -> Iterator[Row]:
    from lprkit.weights import bundled, find
    from lprkit.weights.card import card_of

    for name, entry in bundled().items():
        card = card_of(find(name))
        size = f"{card.input.height}x{card.input.width} {card.input.channels}"
        yield {
            "name": name,
            "task": card.task,
            "input": size,
            "tokens": len(card.tokens),
            "bytes": entry.bytes,
            "train on": "no" if entry.training is None else "yes",
        }


def _models() -> Iterator[Row]:
    """The networks; with PyTorch at hand also their size, over the 36 letters and digits or one label."""
    from importlib.util import find_spec

    from lprkit.models import MODELS, build

    if find_spec("torch") is None:
        yield from ({"name": name, "size": "needs pip install 'lprkit[train]'"} for name in MODELS)
        return
    import torch

    from lprkit.models.network import cost

    for name in MODELS:
        with torch.device("meta"):
            network = build(name, 1 if name == "detector" else 37)
            size = cost(network)
        spec = network.spec
        yield {
            "name": name,
            "task": network.task,
            "input": f"{spec.height}x{spec.width} {spec.channels}",
            "steps": network.steps,
            "classes": 1 if network.task == "detect" else 37,
            "params": size.params,
            "MMAC": round(size.macs / 1e6, 1),
        }


def _regions() -> Iterator[Row]:
    from lprkit import plates

    for region in map(plates.region, plates.codes()):
        kinds = sorted({style.kind for style in region.styles})
        rows = sorted({pattern.rows for pattern in region.patterns})
        yield {
            "code": region.code,
            "name": region.name,
            "patterns": len(region.patterns),
            "tokens": len(region.tokens),
            "rows": ", ".join(map(str, rows)),
            "kinds": ", ".join(kinds),
        }


def _formats() -> Iterator[Row]:
    from lprkit import data

    for name in data.FORMATS:
        form = data.find(name)
        yield {"name": name, "written": "no" if form.write is None else "yes", "keeps": ", ".join(form.keeps)}


def _runtimes() -> Iterator[Row]:
    from lprkit.runtime import RUNTIMES, is_installed

    return ({"name": name, "installed": "yes" if is_installed(name) else "no"} for name in RUNTIMES)


def _exporters() -> Iterator[Row]:
    from lprkit.export import EXPORTERS

    return ({"name": name} for name in EXPORTERS)


LISTS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "weights": _weights,
    "models": _models,
    "regions": _regions,
    "formats": _formats,
    "runtimes": _runtimes,
    "exporters": _exporters,
}
