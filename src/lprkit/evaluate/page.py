"""A folder to look at: figures as JSON, mistakes as one picture, and both as one HTML file that needs no network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from lprkit.core.image import save
from lprkit.evaluate import Report
from lprkit.evaluate.collect import Found, Measured
from lprkit.evaluate.compare import Compared
from lprkit.evaluate.confidence import confidences, reliability
from lprkit.evaluate.confusion import confusions, positions
from lprkit.evaluate.detection import DetectionReport
from lprkit.evaluate.drawing import frame_tile, reliability_svg, tile
from lprkit.evaluate.interval import Interval
from lprkit.evaluate.sheet import contact_sheet

COLUMNS = (
    "",
    "n",
    "plates",
    "exact",
    "O/0 I/1 merged",
    "any province",
    "CER",
    "similarity",
    "within one",
    "wrong length",
    "wrong letters",
    "not found",
    "ECE",
    "99 % coverage",
    "99.9 %",
)
DETECTION_COLUMNS = (
    "set",
    "label",
    "frames",
    "true",
    "recall %",
    "precision %",
    "mean IoU %",
    "recall, IoU .7",
    "AP50 %",
    "AP70 %",
    "frames with alarm",
)
SHOWN = 20
"""Pairs of letters in the table of confusions."""
FEW = 3
"""Signs of one class that a note names one by one."""

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; color: #1c1c1c }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .25rem .6rem; border-bottom: 1px solid #ddd }
td + td, th + th { text-align: right } .tiles, .row { display: flex; flex-wrap: wrap; gap: .8rem 2rem }
.tiles { gap: .8rem } .scroll { overflow-x: auto } svg text { font: 11px system-ui, sans-serif }
figure { margin: 0; width: 13rem } img { width: 100%; max-height: 7rem; object-fit: contain; background: #eee }
figure.frame { width: 24rem } .frame img { max-height: 24rem }
figcaption { font-family: ui-monospace, monospace; overflow-wrap: anywhere } .wrong { color: #b81414 }
.right { color: #14702c }
"""


def write_report(folder: Path, model: str, sets: Sequence[Measured]) -> None:
    """Writes report.json, failures.png and index.html."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder, {"model": model, "sets": [one.as_dict() for one in sets]})
    save(folder / "failures.png", contact_sheet([shown for one in sets for shown in one.failures]))
    (folder / "index.html").write_text(html(model, sets), encoding="utf-8")


def write_comparison(folder: Path, models: tuple[str, str], sets: Sequence[Compared]) -> None:
    """Writes report.json and index.html of two models."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = [
        {**one.as_dict(), "figures": {"first": one.first.as_dict(), "second": one.second.as_dict()}} for one in sets
    ]
    _write_json(folder, {"first": models[0], "second": models[1], "sets": figures})
    (folder / "index.html").write_text(comparison_html(models, sets), encoding="utf-8")


def write_detection_report(folder: Path, model: str, sets: Sequence[Found], least: float) -> None:
    """Writes report.json and index.html of a detector; only what scored at least `least` is outlined."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder, {"model": model, "sets": [one.as_dict() for one in sets]})
    rows = [(one, label, figures) for one in sets for label, figures in one.reports.items()]
    table = _table(DETECTION_COLUMNS, [[one.name, label, *_detection_cells(figures)] for one, label, figures in rows])
    tiles = "".join(
        f"<h2>{escape(one.name)}</h2><p>Frames with a miss or a false alarm; green: the truth, red: found.</p>"
        f"<div class=tiles>{''.join(frame_tile(shown, least) for shown in one.failures)}</div>"
        for one in sets
    )
    page = _page(f"lprkit eval: {escape(model)}", f"<div class=scroll>{table}</div>{tiles}")
    (folder / "index.html").write_text(page, encoding="utf-8")


def html(model: str, sets: Sequence[Measured]) -> str:
    """The whole page, pictures inside."""
    return _page(
        f"lprkit eval: {escape(model)}",
        f"{_figures((one.name, one.report) for one in sets)}{''.join(map(_section, sets))}",
    )


def comparison_html(models: tuple[str, str], sets: Sequence[Compared]) -> str:
    """The page of two models: their figures, and every plate that they read differently."""
    rows = [
        (f"{one.first.name}: {model}", measured.report)
        for one in sets
        for model, measured in zip(models, (one.first, one.second), strict=True)
    ]
    title = f"lprkit eval: {escape(models[0])} and {escape(models[1])}"
    return _page(title, _figures(rows) + "".join(_differences(models, one) for one in sets))


def share(one: Report, name: str) -> str:
    """A share with its interval: 84.1 (73.7-90.9)."""
    return bounded(one.values[name], one.intervals[name])


def bounded(value: float | None, interval: Interval) -> str:
    """A share with bounds: 84.1 (73.7-90.9); a dash for None."""
    return percent(value) if value is None else f"{percent(value)} ({percent(interval.low)}-{percent(interval.high)})"


def percent(value: float | None) -> str:
    """A share as percent with one decimal; a dash for None."""
    return "–" if value is None else f"{100 * value:.1f}"


def patterns_note(measured: Measured) -> str:
    """Whether patterns were held against the truth or the readings, and what that did; empty without any."""
    if measured.patterns is None:
        return ""
    code = measured.patterns.region.code
    if measured.patterns.on == "truth":
        return f"Patterns of {code} held against the truth: {measured.left_out} plates that fit none are left out."
    return f"Patterns of {code} held against the readings: one that fits none counts as not found."


def concatenated_note(measured: Measured, model: str = "The model") -> str:
    """Which tokens of the truths stand for others, because the model does not tell them apart; empty without any."""
    kinds = [
        f"{token} stands for {' and '.join(names) if len(names) <= FEW else f'{len(names)} signs'}"
        for token, names in measured.concatenated.items()
    ]
    return f"{model} has fewer classes: in truths {', '.join(kinds)}." if kinds else ""


def notes(measured: Measured) -> list[str]:
    """What must be known of the figures of one model."""
    return list(filter(None, (patterns_note(measured), concatenated_note(measured))))


def compared_notes(models: tuple[str, str], one: Compared) -> list[str]:
    """The same of two."""
    judged = map(concatenated_note, (one.first, one.second), models)
    return list(filter(None, (patterns_note(one.first), *judged)))


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en">{head}<h1>{title}</h1>{body}</html>\n'


def _section(measured: Measured) -> str:
    slices = "".join(
        f"<h3>By {escape(kind)}</h3>{_figures(groups.items())}" for kind, groups in measured.slices.items()
    )
    tiles = "".join(tile(one.image, one.scored.truth, one.scored) for one in measured.failures)
    chart = reliability_svg(reliability(measured.lines))
    told = "".join(f"<p>{escape(note)}</p>" for note in notes(measured))
    return (
        f"<h2>{escape(measured.name)}</h2>{told}{slices}"
        f"<div class=row><div><h3>Do scores mean what they say?</h3>{chart}</div>"
        f"<div><h3>Ways of being sure</h3>{_confidences(measured)}</div>"
        f"<div><h3>Letters taken for others</h3>{_confusions(measured)}</div>"
        f"<div><h3>Letters right, by place</h3>{_positions(measured)}</div></div>"
        f"<h3>{len(measured.failures)} mistakes, the most confident first</h3><div class=tiles>{tiles}</div>"
    )


def _differences(models: tuple[str, str], one: Compared) -> str:
    told = one.as_dict()
    tiles = "".join(tile(d.picture, d.truth, d.first, d.second) for d in one.differences if d.picture is not None)
    noted = escape(" ".join(compared_notes(models, one)))
    return (
        f"<h2>{escape(one.first.name)}</h2><p>{len(one.differences)} of {one.first.report.n} plates are read"
        f" differently: only {escape(models[0])} is right at {told['only_first']}, only {escape(models[1])} at"
        f" {told['only_second']}, neither at {told['neither']}; p = {one.p_value:.3f} (McNemar)."
        f" First line of each: the truth. {noted}</p><div class=tiles>{tiles}</div>"
    )


def _figures(rows: Iterable[tuple[str, Report]]) -> str:
    return f"<div class=scroll>{_table(COLUMNS, (_cells(name, one) for name, one in rows))}</div>"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cells(name: str, one: Report) -> list[str]:
    shares = [share(one, name) for name in ("exact", "exact_merged")]
    others = ("wrong_length", "wrong_characters", "not_found", "calibration_error", "coverage_at_99", "coverage_at_999")
    return [
        name,
        str(one.n),
        str(one.plates),
        *shares,
        percent(one.values["exact_without_province"]),
        percent(one.values["cer"]),
        percent(one.values["similarity"]),
        share(one, "within_one"),
        *(percent(one.values[name]) for name in others),
    ]


def _detection_cells(one: DetectionReport) -> list[str]:
    """The cells of a detector's table, from the frames on."""
    recall, precision = bounded(one.recall, one.recall_95), bounded(one.precision, one.precision_95)
    shares = map(percent, (one.mean_iou, one.recall_70, one.average_precision, one.average_precision_70))
    return [str(one.frames), str(one.plates), recall, precision, *shares, str(one.frames_with_alarm)]


def _confidences(measured: Measured) -> str:
    rows = [
        [name, *map(percent, (one.mean, one.calibration_error, one.coverage_at_99, one.coverage_at_999))]
        for name, one in confidences(measured.lines).items()
    ]
    return _table(("", "mean", "ECE", "99 % coverage", "99.9 %"), rows)


def _confusions(measured: Measured) -> str:
    pairs = confusions(measured.lines).most_common(SHOWN)
    return _table(("truth", "read", "times"), [[a or "(none)", b or "(none)", str(n)] for (a, b), n in pairs])


def _positions(measured: Measured) -> str:
    places = positions(measured.lines)
    return _table(
        ("place", "n", "right"), [[str(n), str(one.n), percent(one.share)] for n, one in enumerate(places, 1)]
    )


def _write_json(folder: Path, figures: dict[str, object]) -> None:
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
