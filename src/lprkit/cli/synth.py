"""`lprkit synth`: draws labelled plates or whole scenes."""

from __future__ import annotations

import functools
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lprkit import data, plates
from lprkit.core.errors import ConfigError
from lprkit.core.image import pixels, save
from lprkit.core.lookup import known
from lprkit.core.types import Sample
from lprkit.data.fill import Order, begin, fill
from lprkit.synth import generate, presets
from lprkit.synth.camera import CAMERAS
from lprkit.synth.generate import CropPlan, ScenePlan
from lprkit.synth.presets import PRESETS, PresetPlan
from lprkit.synth.sheet import contact_sheet

Plan: TypeAlias = CropPlan | ScenePlan | PresetPlan

CROPS_A_SHARD, SCENES_A_SHARD = 2000, 100
CROPS_SHOWN, SCENES_SHOWN = 80, 12
TOLD_S = 60.0
"""How often a line says how far it is where there is no terminal for a bar."""


def synth(
    regions: Annotated[
        list[str] | None,
        typer.Argument(help="Codes from `lprkit list regions`, or TOML files of your own; none: every code."),
    ] = None,
    *,
    count: Annotated[int, typer.Option(min=1, help="How many pictures.")] = 80,
    out: Annotated[Path, typer.Option(help="Folder to write, or to go on with.")] = Path("drawn"),
    form: Annotated[str, typer.Option("--format", help="Format of the set.")] = "plates-csv",
    scene: Annotated[bool, typer.Option("--scene", help="Whole frames with cars instead of plate crops.")] = False,
    preset: Annotated[
        str | None, typer.Option(help=f"Draw as another generator does, instead of regions: {', '.join(PRESETS)}.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pictures.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one a core.")] = None,
    legal: Annotated[float, typer.Option(min=0, max=1, help="Share of legal serials, others are random.")] = 0.5,
    oversample: Annotated[
        bool, typer.Option(help="Random serials double signs often and show rare ones as often as common ones.")
    ] = True,
    rows: Annotated[int, typer.Option(min=0, max=2, help="Only plates with so many rows of text; 0: any.")] = 0,
    taken: Annotated[str, typer.Option("--camera", help=f"What takes the pictures: {', '.join(CAMERAS)}.")] = "street",
    glyphs: Annotated[list[Path] | None, typer.Option(help="Font, or folder of fonts or glyph pictures.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave typefaces out whose names begin so, to validate on them.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Keep only typefaces whose names begin so.")] = None,
    backgrounds: Annotated[list[Path] | None, typer.Option(help="Folder of photographs to draw on.")] = None,
    shard: Annotated[
        int | None,
        typer.Option(min=1, help=f"Pictures a shard; by default {CROPS_A_SHARD} crops or {SCENES_A_SHARD} scenes."),
    ] = None,
    sheet: Annotated[bool, typer.Option(help="Also leave sheet.png with the first pictures.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a sentence.")] = False,
) -> None:
    """Draw labelled number plates, or street scenes with them.

    The set lies in shards that FORMAT:OUT reads as one, with sheet.png and statistics.json beside them. The same
    command again goes on with a set that was stopped. Of --backgrounds, scenes need photographs without plates.
    """
    fonts, photos = tuple(map(str, glyphs or ())), tuple(map(str, backgrounds or ()))
    left_out, kept = _typefaces("--without", without, fonts), _typefaces("--only", only, fonts)
    _check_format(form, "frames" if scene else "crops")
    plan: Plan
    if preset and (regions or scene or photos or rows or not oversample or taken != "street"):
        raise ConfigError(
            "--preset draws crops in its own way: leave out regions, --scene, --backgrounds, --rows, --camera, "
            "--no-oversample."
        )
    if preset:
        plan = PresetPlan(known(preset, PRESETS, "preset"), seed, legal, fonts, left_out, kept)
    else:
        kind = ScenePlan if scene else CropPlan
        codes = tuple(regions or plates.codes())
        plan = kind(
            codes,
            seed=seed,
            legal=legal,
            oversample=oversample,
            rows=rows,
            camera=CAMERAS[known(taken, CAMERAS, "camera")],
            glyphs=fonts,
            without=left_out,
            only=kept,
            backgrounds=photos,
        )
    make = functools.partial(_drawn, plan=plan)
    order = Order(make, count, form, out, shard or (SCENES_A_SHARD if scene else CROPS_A_SHARD))
    first = [make(n) for n in range(min(count, SCENES_SHOWN if scene else CROPS_SHOWN))]
    said = {"format": form, "count": count, "shard": order.size, "scene": scene, "plan": asdict(plan)}
    missing = begin(order, {**said, "first_pictures": _fingerprint(first)})
    if sheet:
        captions = [" ".join(plate.text for plate in sample.plates if plate.text) for sample in first]
        save(out / "sheet.png", contact_sheet(list(map(pixels, first)), captions, 4 if scene else 8))
    started = time.perf_counter()
    drawn = sum(len(order.samples(shard)) for shard in missing)
    with _bar(count - drawn, count) as tell:
        tally = fill(order, missing, workers or generate.cores(), tell)
    rate = drawn / (time.perf_counter() - started)
    text = json.dumps(tally.summary(), ensure_ascii=False, indent=1)
    (out / "statistics.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        counts = {"count": count, "shards": len(order.shards), "drawn": drawn, "per_second": round(rate, 1)}
        typer.echo(json.dumps({"out": str(out), "format": form, **counts}))
    else:
        how = f"{rate:.0f} a second" if drawn == count else f"{drawn} of them now"
        typer.echo(f"{count} {'frames' if scene else 'crops'} in {out} ({form}), {how}.")


def _drawn(n: int, plan: Plan) -> Sample:
    if isinstance(plan, PresetPlan):
        return presets.crop_at(n, plan)
    return generate.scene_at(n, plan) if isinstance(plan, ScenePlan) else generate.crop_at(n, plan)


def _typefaces(option: str, beginnings: Sequence[str] | None, fonts: tuple[str, ...]) -> tuple[str, ...]:
    """The beginnings of names, each of which some typeface has."""
    for beginning in beginnings or ():
        book = generate.book(fonts, ())
        if not any(source.name.startswith(beginning) for source in book.sources):
            families = ", ".join(name for name, _ in book.families)
            raise ConfigError(f"{option} {beginning}: no typeface's name begins so. Families: {families}.")
    return tuple(beginnings or ())


def _check_format(name: str, kind: str) -> None:
    form = data.find(name)
    if form.write is None:
        raise ConfigError(f"The format {name!r} can be read but not written. Choose another --format.")
    if kind not in form.keeps:
        others = [one for one in data.FORMATS if data.find(one).write and kind in data.find(one).keeps]
        raise ConfigError(f"The format {name!r} holds no {kind}. Those that do: {', '.join(others)}.")


def _fingerprint(samples: Sequence[Sample]) -> str:
    """Differs when other typefaces, region files or another version of the program would draw other pictures."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(repr(sample.plates).encode())
        digest.update(pixels(sample).tobytes())
    return digest.hexdigest()[:16]


@contextmanager
def _bar(done: int, count: int) -> Iterator[Callable[[int], None]]:
    """A bar with the rate and the time left, moved on by calls with how many more there are; elsewhere lines."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:.0f}/s"), TimeRemainingColumn())
    started = told = time.perf_counter()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("drawing", total=count, completed=done, rate=0.0)

        def tell(drawn: int) -> None:
            nonlocal told
            now = time.perf_counter()
            rate = drawn / max(now - started, 1e-9)
            progress.update(task, completed=done + drawn, rate=rate)
            if not console.is_terminal and drawn and now - told > TOLD_S:
                told, left = now, (count - done - drawn) / rate / 60
                typer.echo(f"{done + drawn:,} of {count:,}, {rate:.0f} a second, {left:.0f} minutes left", err=True)

        yield tell
