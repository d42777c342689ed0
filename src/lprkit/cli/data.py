"""`lprkit data …`: labelled sets converted, checked, split, counted, merged, moved and looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lprkit import data
from lprkit.cli.data_check import check
from lprkit.cli.data_sets import Reader, echo, fresh, progress, tell, write
from lprkit.core.errors import DataError
from lprkit.core.types import Image, Label, Sample
from lprkit.data import Spec, cut, gather
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
Only = Annotated[Label | None, typer.Option(help="Keep only things of this class, for sets that label different ones.")]
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
    count: Annotated[int | None, typer.Option(min=1, help="Only so many samples, chosen at random.")] = None,
    seed: Seed = 0,
    only: Only = None,
    keep_paths: KeepPaths = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Write a set in another format, its pictures copied as they are."""
    import numpy as np

    reader = Reader(skip_bad, pictures=not keep_paths)
    cutter = cut.Cut(crop, margin, texts="text" in data.find(data.spec_of(out).format).keeps) if crop else None
    with fresh(out, [source], keep_paths) as target:
        samples = _only(reader.samples(source), only)
        if count:
            samples = gather.chosen(samples, count, np.random.default_rng(seed))
        written = write(target, cutter.apply(samples) if cutter else samples, keep_paths)
        if not written:
            raise DataError(f"{source}: has nothing that {out} could hold. Check the set, or choose another format.")
    left_out = {"without text or place": cutter.left_out} if cutter else {}
    tell({"out": out, "count": written, "skipped": reader.skipped, **left_out}, as_json)
    reader.exit()


@app.command()
def merge(
    sources: Sources,
    *,
    out: Annotated[str, typer.Option(metavar="FORMAT:PATH", help="The set to write; nothing may be there yet.")],
    shuffle: Annotated[bool, typer.Option("--shuffle", help="In random order, all in the memory.")] = False,
    seed: Seed = 0,
    only: Only = None,
    keep_paths: KeepPaths = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Write several sets as one."""
    import numpy as np

    reader = Reader(skip_bad, pictures=not keep_paths)
    with fresh(out, sources, keep_paths) as target:
        samples = _only(gather.merged((spec, reader.samples(spec)) for spec in sources), only)
        if shuffle:
            samples = gather.collect_shuffled(samples, np.random.default_rng(seed))
        count = write(target, samples, keep_paths)
    tell({"out": out, "count": count, "skipped": reader.skipped}, as_json)
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
    """Divide a set into PATH/train, PATH/val and PATH/test, no plate text in two of them.

    By text, by track (pictures of one vehicle passing by), or by source (the folder that a picture came from).
    """
    from dataclasses import replace

    import numpy as np

    from lprkit.data.split import plan, shares_of

    shares = shares_of(ratio)
    reader = Reader(skip_bad, pictures=not keep_paths)
    counts = {}
    with fresh(out, [source], keep_paths) as target:
        made = plan(reader.samples(source), by, shares, np.random.default_rng(seed))
        for part in shares:
            samples = (replace(one, split=part) for one in Reader(skip_bad, not keep_paths, True).samples(source))
            mine = (sample for sample in samples if made.part(sample) == part)
            counts[part] = write(Spec(target.format, target.path / part), mine, keep_paths)
    tell({"out": out, **counts, "skipped": reader.skipped}, as_json)
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
    move = gather.Move.of(old, new, data.spec_of(source))
    with fresh(out, [source], keep_paths=True) as target:
        count = data.refer(target.format, move.apply(progress(data.read(source), source)), target.path)
        if not move.moved:
            raise DataError(f"{source}: no picture's path begins with {move.old}. Nothing was written.")
    tell({"out": out, "count": count, "moved": move.moved}, as_json)


@app.command("list")
def list_samples(source: Source, *, skip_bad: SkipBad = False, as_json: Json = False) -> None:
    """Print the pictures of a set and their texts, one a line."""
    reader = Reader(skip_bad)
    for sample in reader.samples(source):
        if as_json:
            echo(json.dumps(_record(sample), ensure_ascii=False))
        else:
            texts = " ".join(plate.text for plate in sample.plates if plate.text)
            echo(f"{sample.source}\t{texts}" if texts else sample.source)
    reader.exit()


@app.command()
def stats(
    sources: Sources,
    *,
    vocabulary: Annotated[
        Path | None,
        typer.Option(help="Also write the characters into this file, one a line: TAO's characters_list.txt."),
    ] = None,
    png: Annotated[Path | None, typer.Option(help="Also draw the histograms into this picture.")] = None,
    pictures: Annotated[bool, typer.Option(help="Open the pictures: sizes, aspects and blur.")] = True,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Count the characters, lengths, regions and sizes of one or several sets together."""
    from lprkit.data.stats import Stats

    counted = Stats(pictures)
    reader = Reader(skip_bad)
    for spec in sources:
        for sample in reader.samples(spec):
            counted.add(sample)
    if png:
        from lprkit.core.image import save
        from lprkit.data.charts import histograms

        save(png, histograms(counted.histograms()))
    if vocabulary:
        vocabulary.write_text("".join(f"{letter}\n" for letter in counted.vocabulary()), encoding="utf-8")
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
    count: Annotated[
        int | None, typer.Option(min=1, max=1000, help="How many samples, chosen at random; 40, or 6 with --augment.")
    ] = None,
    seed: Seed = 0,
    augment: Annotated[
        Path | None,
        typer.Option(metavar="CONFIG", help="A reader's settings: show its plates under every change they are made."),
    ] = None,
    changes: Annotated[list[str] | None, typer.Option("--set", help="Change a setting of CONFIG: a.b=value.")] = None,
) -> None:
    """Draw some samples with their labels on one picture, or what training makes of them."""
    import numpy as np

    from lprkit.core.image import save
    from lprkit.data.preview import sheet

    samples = gather.chosen(Reader(True).samples(source), count or (6 if augment else 40), np.random.default_rng(seed))
    save(out, _changed(samples, augment, changes or (), seed) if augment else sheet(samples))
    typer.echo(f"{len(samples)} samples in {out}.")


app.command()(check)


def _changed(samples: Sequence[Sample], config: Path, changes: Sequence[str], seed: int) -> Image:
    """The samples under the changes of a training's settings."""
    from lprkit.core.config import load
    from lprkit.core.lookup import missing

    try:
        from lprkit.train.preview import sheet
        from lprkit.train.settings import Settings
    except ModuleNotFoundError as error:
        raise missing(error) from error
    return sheet(samples, load(Settings, config, changes), seed)


def _only(samples: Iterable[Sample], label: Label | None) -> Iterable[Sample]:
    return gather.only(samples, label) if label else samples


def _record(sample: Sample) -> dict[str, object]:
    plates = [
        {"label": p.label, "text": p.text, "quad": p.quad, "region": p.region, "kind": p.kind, "rows": p.rows}
        for p in sample.plates
    ]
    known = {"split": sample.split, "track": sample.track, "whole": sample.whole}
    return {"source": sample.source, "plates": plates, **known}
