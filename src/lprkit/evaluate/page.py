"""A folder to look at: figures as JSON, mistakes as one picture, and both as one HTML file that needs no network."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from lprkit.core.image import save
from lprkit.core.types import Image
from lprkit.evaluate import Report
from lprkit.evaluate.collect import Measured
from lprkit.evaluate.interval import Interval
from lprkit.evaluate.measure import Shown
from lprkit.evaluate.sheet import contact_sheet

COLUMNS = ("", "n", "plates", "exact", "O/0 I/1 merged", "CER", "within one", "mean score", "99 % coverage")

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c1c1c }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .25rem .7rem; border-bottom: 1px solid #ddd }
td + td, th + th { text-align: right } .tiles { display: flex; flex-wrap: wrap; gap: .8rem }
figure { margin: 0; width: 13rem } img { width: 100%; max-height: 7rem; object-fit: contain; background: #eee }
figcaption { font-family: ui-monospace, monospace; overflow-wrap: anywhere } .read { color: #b81414 }
"""


def write_report(folder: Path, model: str, sets: Sequence[Measured]) -> None:
    """Writes report.json, failures.png and index.html."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"model": model, "sets": [one.as_dict() for one in sets]}
    (folder / "report.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    save(folder / "failures.png", contact_sheet([shown for one in sets for shown in one.failures]))
    (folder / "index.html").write_text(html(model, sets), encoding="utf-8")


def html(model: str, sets: Sequence[Measured]) -> str:
    """The whole page, pictures inside."""
    title = f"lprkit eval: {escape(model)}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1>{_table((one.name, one.report) for one in sets)}{''.join(map(_section, sets))}</html>\n"
    )


def _section(measured: Measured) -> str:
    countries = _table((code or "unknown", one) for code, one in measured.by_country.items())
    tiles = "".join(map(_tile, measured.failures))
    return (
        f"<h2>{escape(measured.name)}</h2>{countries if measured.by_country else ''}"
        f"<h3>{len(measured.failures)} mistakes, the most confident first</h3><div class=tiles>{tiles}</div>"
    )


def _table(rows: Iterable[tuple[str, Report]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in COLUMNS)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(name, one))}</tr>" for name, one in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cells(name: str, one: Report) -> list[str]:
    return [
        escape(name),
        str(one.n),
        str(one.plates),
        share(one, "exact"),
        share(one, "exact_merged"),
        percent(one.values["cer"]),
        share(one, "within_one"),
        percent(one.values["mean_score"]),
        percent(one.values["coverage_at_99"]),
    ]


def share(one: Report, name: str) -> str:
    """A share with its interval: 84.1 (73.7-90.9)."""
    return bounded(one.values[name], one.intervals[name])


def bounded(value: float | None, interval: Interval) -> str:
    """A share with bounds: 84.1 (73.7-90.9); a dash for None."""
    return percent(value) if value is None else f"{percent(value)} ({percent(interval.low)}-{percent(interval.high)})"


def percent(value: float | None) -> str:
    """A share as percent with one decimal; a dash for None."""
    return "–" if value is None else f"{100 * value:.1f}"


def _tile(shown: Shown) -> str:
    line = shown.scored
    read = f"{escape(line.text)} {line.score:.2f}" if line.found else "not found"
    return (
        f'<figure title="{escape(line.source)}"><img alt="" src="data:image/jpeg;base64,{_jpeg(shown.image)}">'
        f'<figcaption>{escape(line.truth)}<br><span class="read">{read}</span></figcaption></figure>'
    )


def _jpeg(image: Image) -> str:
    from PIL import Image as PilImage

    picture = PilImage.fromarray(image)
    picture.thumbnail((416, 224))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode()
