"""`lprkit data …`: labelled sets converted, checked, split, counted, merged, moved and looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from lprkit import data
from lprkit.cli.data_check import check
from lprkit.core.errors import DataError
from lprkit.core.types import Sample
from lprkit.data import Spec, cut, gather
from lprkit.data.format import Entry
from lprkit.data.split import By

app = typer.Typer(
    no_args_is_help=True,
    help="Convert, check, split, count, merge and look at labelled sets, each written FORMAT:PATH.",
)

Source = Annotated[str, typer.Argument(metavar="FORMAT:PATH", help="The set to read.")]
Sources = Annotated[list[str], typer.Argument(metavar="FORMAT:PATH...", help="The sets to read.")]
Target = Annotated[str, typer.Argument(metavar="FORMAT:PATH", help="The set to write; nothing may be there yet.")]
KeepPaths = Annotated[
    bool, typer.Option("--keep-paths", help="Write only the list, and name the pictures where they are.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave broken lines out and tell them, exit code 1.")]
Seed = Annotated[int, typer.Option(help="The same seed chooses the same.")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of sentences.")]


@app.command()
def convert(
    source: Source,
    out: Target,
    *,
    crop: Annotated[
        cut.How | None,
        typer.Option(help="Cut the plates out of frames: by their upright box, or straightened by their corners."),
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=2, help="What to leave around a cut plate, in parts of its width and height.")
    ] = 0.0,
    keep_paths: KeepPaths = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Write a set in another format, its pictures copied as they are."""
    target = _fresh(out, [source])
    reader = _Reader(skip_bad)
    samples = reader.samples(source)
    count = _write(target, cut.crops(samples, crop, margin) if crop else samples, keep_paths)
    _tell({"out": out, "count": count, "skipped": reader.skipped}, as_json)
    reader.exit()


@app.command()
def merge(
    sources: Sources,
    *,
    out: Annotated[str, typer.Option(metavar="FORMAT:PATH", help="The set to write; nothing may be there yet.")],
    shuffle: Annotated[bool, typer.Option("--shuffle", help="In random order, all in the memory.")] = False,
    seed: Seed = 0,
    keep_paths: KeepPaths = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Write several sets as one."""
    import numpy as np

    target = _fresh(out, sources)
    reader = _Reader(skip_bad)
    samples: Iterable[Sample] = gather.merged((spec, reader.samples(spec)) for spec in sources)
    if shuffle:
        samples = gather.collect_shuffled(samples, np.random.default_rng(seed))
    count = _write(target, samples, keep_paths)
    _tell({"out": out, "count": count, "skipped": reader.skipped}, as_json)
    reader.exit()


@app.command()
def split(
    source: Source,
    out: Target,
    *,
    ratio: Annotated[str, typer.Option(help="Shares of train and val, or of train, val and test.")] = "99/1",
    by: Annotated[By, typer.Option(help="What must not be divided; one text never is.")] = "text",
    seed: Seed = 0,
    keep_paths: KeepPaths = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Divide a set into PATH/train, PATH/val and PATH/test, no plate text in two of them."""
    from dataclasses import replace

    import numpy as np

    from lprkit.data.split import plan, shares_of

    shares = shares_of(ratio)
    target = _fresh(out, [source])
    reader = _Reader(skip_bad)
    made = plan(reader.samples(source), by, shares, np.random.default_rng(seed))
    counts = {}
    for part in shares:
        samples = (replace(one, split=part) for one in _Reader(skip_bad, quiet=True).samples(source))
        mine = (sample for sample in samples if made.part(sample) == part)
        counts[part] = _write(Spec(target.format, target.path / part), mine, keep_paths)
    _tell({"out": out, **counts, "skipped": reader.skipped}, as_json)
    reader.exit()


@app.command()
def relocate(
    source: Source,
    out: Target,
    *,
    old: Annotated[str, typer.Option("--from", help="How the paths of pictures begin.")],
    new: Annotated[str, typer.Option("--to", help="How they shall begin.")],
    as_json: Json = False,
) -> None:
    """Rewrite a list whose pictures were moved; relative paths count from the list's folder."""
    target = _fresh(out, [source])
    move = gather.Move.of(old, new, data.spec_of(source))
    count = data.refer(target.format, move.apply(_progress(data.read(source), source)), target.path)
    _tell({"out": out, "count": count, "moved": move.moved}, as_json)
    if not move.moved:
        raise DataError(f"{source}: no picture's path begins with {move.old}. Nothing was changed.")


@app.command("list")
def list_samples(source: Source, *, skip_bad: SkipBad = False, as_json: Json = False) -> None:
    """Print the pictures of a set and their texts, one a line."""
    reader = _Reader(skip_bad)
    for sample in reader.samples(source):
        if as_json:
            typer.echo(json.dumps(_record(sample), ensure_ascii=False))
        else:
            texts = " ".join(plate.text for plate in sample.plates if plate.text)
            typer.echo(f"{sample.source}\t{texts}" if texts else sample.source)
    reader.exit()


@app.command()
def stats(
    sources: Sources,
    *,
    png: Annotated[Path | None, typer.Option(help="Also draw the histograms into this picture.")] = None,
    pictures: Annotated[bool, typer.Option(help="Open the pictures: sizes, aspects and blur.")] = True,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Count the characters, lengths, regions and sizes of one or several sets together."""
    from lprkit.data.stats import Stats

    counted = Stats(pictures)
    reader = _Reader(skip_bad)
    for spec in sources:
        for sample in reader.samples(spec):
            counted.add(sample)
    if png:
        from lprkit.core.image import save
        from lprkit.data.charts import histograms

        save(png, histograms(counted.histograms()))
    if as_json:
        typer.echo(json.dumps({"sets": sources, **counted.as_dict()}, ensure_ascii=False))
    else:
        for name, value in counted.as_dict().items():
            shown = (
                "  ".join(f"{key or '-'}: {each:,}" for key, each in value.items())
                if isinstance(value, dict)
                else value
            )
            typer.echo(f"{name:<11} {shown}")
    reader.exit()


@app.command()
def preview(
    source: Source,
    *,
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("sheet.png"),
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many samples, chosen at random.")] = 40,
    seed: Seed = 0,
) -> None:
    """Draw some samples with their labels on one picture."""
    import numpy as np

    from lprkit.core.image import save
    from lprkit.data.preview import sheet

    samples = gather.chosen(_Reader(True).samples(source), count, np.random.default_rng(seed))
    save(out, sheet(samples))
    typer.echo(f"{len(samples)} samples in {out}.")


app.command()(check)


class _Reader:
    """Reads sets with a bar on the terminal; broken entries end it, or are told and counted."""

    def __init__(self, skip_bad: bool, quiet: bool = False) -> None:
        self.skip_bad, self.quiet, self.skipped = skip_bad, quiet, 0

    def samples(self, spec: str) -> Iterator[Sample]:
        """The samples of a set."""
        for entry in _progress(data.entries(spec), spec):
            if self.skip_bad and isinstance(entry.content, DataError):
                self._skip(entry)
            else:
                yield entry.sample

    def exit(self) -> None:
        """Ends the command with exit code 1 when something was left out."""
        if self.skipped:
            raise typer.Exit(1)

    def _skip(self, entry: Entry) -> None:
        self.skipped += 1
        if not self.quiet:
            typer.echo(f"left out: {entry.content}", err=True)


T = TypeVar("T")


def _progress(items: Iterable[T], name: str) -> Iterable[T]:
    """The items, counted on the terminal as they pass."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, name, console=console, transient=True, disable=not console.is_terminal)


def _fresh(out: str, sources: Iterable[str]) -> Spec:
    target = data.spec_of(out)
    gather.apart(target, map(data.spec_of, sources))
    return target


def _write(target: Spec, samples: Iterable[Sample], keep_paths: bool) -> int:
    return (data.refer if keep_paths else data.write)(target.format, samples, target.path)


def _tell(counts: dict[str, str | int], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(counts, ensure_ascii=False))
    else:
        shown = ", ".join(f"{value:,} {name}" for name, value in counts.items() if isinstance(value, int))
        typer.echo(f"{counts['out']}: {shown}")


def _record(sample: Sample) -> dict[str, object]:
    plates = [
        {"label": p.label, "text": p.text, "quad": p.quad, "region": p.region, "kind": p.kind, "rows": p.rows}
        for p in sample.plates
    ]
    known = {"split": sample.split, "track": sample.track, "whole": sample.whole}
    return {"source": sample.source, "plates": plates, **known}
