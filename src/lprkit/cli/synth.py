"""`lprkit synth`: draws labelled plates or whole scenes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lprkit import data, plates
from lprkit.core.errors import ConfigError
from lprkit.core.image import save
from lprkit.core.types import Sample
from lprkit.synth import generate
from lprkit.synth.generate import CropPlan, ScenePlan
from lprkit.synth.sheet import contact_sheet
from lprkit.synth.tally import Tally

SCENES_SHOWN = 12
CROPS_SHOWN = 80


def synth(
    regions: Annotated[list[str] | None, typer.Argument(help="Codes from `lprkit list regions`; none: all.")] = None,
    *,
    count: Annotated[int, typer.Option(min=1, help="How many pictures.")] = 80,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("drawn"),
    form: Annotated[str, typer.Option("--format", help="Format of the set.")] = "plates-csv",
    scene: Annotated[bool, typer.Option("--scene", help="Whole frames with cars instead of plate crops.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pictures.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one a core.")] = None,
    legal: Annotated[float, typer.Option(min=0, max=1, help="Share of legal serials, others are random.")] = 0.5,
    glyphs: Annotated[list[Path] | None, typer.Option(help="Font, or folder of fonts or glyph pictures.")] = None,
    backgrounds: Annotated[list[Path] | None, typer.Option(help="Folder of photographs to draw on.")] = None,
    sheet: Annotated[bool, typer.Option(help="Also leave sheet.png with the first pictures.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a sentence.")] = False,
) -> None:
    """Draw labelled number plates, or street scenes with them.

    Leaves sheet.png and statistics.json beside the pictures. Of --backgrounds, scenes need photographs without plates.
    """
    codes = tuple(plates.region(code).code for code in regions or plates.codes())
    if data.find(form).write is None:
        raise ConfigError(f"The format {form!r} can be read but not written. Choose another --format.")
    fonts, photos = tuple(map(str, glyphs or ())), tuple(map(str, backgrounds or ()))
    if scene:
        frames = ScenePlan(codes, seed=seed, legal=legal, glyphs=fonts, backgrounds=photos)
        drawn = generate.scenes(frames, count, workers=workers)
    else:
        crops = CropPlan(codes, seed=seed, legal=legal, glyphs=fonts, backgrounds=photos)
        drawn = generate.crops(crops, count, workers=workers)
    tally = Tally(SCENES_SHOWN if scene else CROPS_SHOWN)
    started = time.perf_counter()
    written = data.write(form, tally.watch(_shown(drawn, count)), out)
    rate = written / (time.perf_counter() - started)
    _leave(tally, out, sheet, 4 if scene else 8)
    if as_json:
        typer.echo(json.dumps({"out": str(out), "format": form, "count": written, "per_second": round(rate, 1)}))
    else:
        typer.echo(f"{written} {'frames' if scene else 'crops'} in {out} ({form}), {rate:.0f} a second.")


def _shown(samples: Iterable[Sample], count: int) -> Iterator[Sample]:
    """The samples, with a bar, the rate and the time left on the terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:.0f}/s"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("drawing", total=count, rate=0.0)
        started = time.perf_counter()
        for n, sample in enumerate(samples, 1):
            yield sample
            progress.update(task, completed=n, rate=n / max(time.perf_counter() - started, 1e-9))


def _leave(tally: Tally, out: Path, sheet: bool, columns: int) -> None:
    folder = out if out.is_dir() else out.parent
    text = json.dumps(tally.as_dict(), ensure_ascii=False, indent=1)
    (folder / "statistics.json").write_text(text + "\n", encoding="utf-8")
    if sheet and tally.pictures:
        save(folder / "sheet.png", contact_sheet(tally.pictures, tally.captions, columns))
