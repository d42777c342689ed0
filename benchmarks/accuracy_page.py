"""The page that accuracy.py writes: tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from lprkit import __version__
from lprkit.evaluate.collect import Measured
from lprkit.evaluate.detection import DetectionReport, Framed, report_detection
from lprkit.evaluate.interval import Interval
from lprkit.evaluate.page import bounded, percent, share

DETECTION_SETS = ("us_openalpr_frames", "eu_openalpr_frames", "br_openalpr_frames")
"""Frames over which the recall that must hold is counted together."""


@dataclass
class Results:
    """All that was measured, by set; filled set by set."""

    crops: dict[str, Measured] = field(default_factory=dict)
    boxes: dict[str, Measured] = field(default_factory=dict)
    with_region: dict[str, Measured] = field(default_factory=dict)
    found: dict[str, DetectionReport] = field(default_factory=dict)
    chain: dict[str, Measured] = field(default_factory=dict)
    unplaced: dict[str, Measured] = field(default_factory=dict)
    negatives: dict[str, Measured] = field(default_factory=dict)
    pooled: list[Framed] = field(default_factory=list)
    """The frames of DETECTION_SETS."""


def page(results: Results, measured_with: str) -> str:
    """docs/accuracy.md."""
    sections = [
        ("Crops", CROPS_NOTE, text_table(results.crops, results.with_region)),
        ("Frames: text at the true box", BOXES_NOTE, text_table(results.boxes, results.with_region)),
        ("Frames: detection", DETECTION_NOTE, detection_table(results.found)),
        ("Frames: end to end", CHAIN_NOTE, text_table(results.chain)),
        ("Photographs whose plate has a text and no box", UNPLACED_NOTE, text_table(results.unplaced)),
        ("Photographs without a plate", NEGATIVES_NOTE, negatives_table(results.negatives)),
    ]
    body = "\n".join(f"## {title}\n\n{note}\n\n{table}\n" for title, note, table in sections if table)
    return f"{header(measured_with)}\n{goals(results)}\n{body}"


def header(measured_with: str) -> str:
    """What was measured, when, with which command."""
    return f"""# Accuracy

Written by `make accuracy` on {date.today().isoformat()}; do not edit. lprkit {__version__}, {measured_with}.
Real photographs that are there for measuring only. Every figure is a percentage.

- **strict**: the whole text is right, letter by letter. **merged**: the same where O counts as 0 and I as 1.
  In brackets the 95 % Wilson interval.
- **CER**: edits per letter of truth. **≤ 1**: at most one letter wrong, missing or too many.
- **per plate**: repeated plates averaged first, strict / merged. **region**: strict / merged when the reader is told
  the region, where all plates are from one that has a region file; everywhere else it is told nothing.
- Sets named `us_openalpr` write every O as 0: there only the merged figure counts.
"""


CROPS_NOTE = "The picture is one plate."
BOXES_NOTE = (
    "The plate is cut out by its true box (corners where they are known): what the reader does when all is found."
)
DETECTION_NOTE = (
    "Found: upright boxes overlap with IoU ≥ 0.5; each detection may find one plate, the best scored first."
)
CHAIN_NOTE = "What `lprkit read` prints: the text is right and its box overlaps the true one with IoU ≥ 0.5."
UNPLACED_NOTE = "Of all readings of a photograph the one nearest to the truth counts."
NEGATIVES_NOTE = "Every reading is a false alarm."


@dataclass(frozen=True)
class Goal:
    """A figure that the first weights must reach, and what they do."""

    what: str
    least: float
    reached: float | None

    @property
    def row(self) -> list[str]:
        """Cells of the table of goals."""
        if self.reached is None:
            return [self.what, percent(self.least), "not measured", ""]
        return [
            self.what,
            percent(self.least),
            percent(self.reached),
            "yes" if self.reached >= self.least else "**no**",
        ]


def goals(results: Results) -> str:
    """The table of what must hold."""
    recall = report_detection(results.pooled).recall
    listed = [
        Goal("detection recall, us + eu + br frames", 0.85, recall),
        Goal("cn_sirius crops, strict", 0.85, of(results.crops, "cn_sirius_lprnet_crops", "exact")),
        Goal("eu traindet crops, merged", 0.84, of(results.crops, "eu_openalpr_traindet_crops", "exact_merged")),
        Goal("us crops, merged", 0.70, of(results.crops, "us_openalpr_crops", "exact_merged")),
        Goal("eu two-line crops, merged", 0.50, of(results.crops, "eu_openalpr_twoline_crops", "exact_merged")),
        Goal("br crops, merged", 0.65, of(results.crops, "br_openalpr_traindet_crops", "exact_merged")),
        Goal("eu frames end to end, strict", 0.60, of(results.chain, "eu_openalpr_frames", "exact")),
        Goal("vn two-line frames end to end, strict", 0.65, of(results.chain, "vn_greenparking_frames", "exact")),
    ]
    table = markdown(("must hold", "at least", "measured", "holds"), [goal.row for goal in listed])
    return f"## What must hold\n\n{table}\n"


def of(measured: dict[str, Measured], name: str, metric: str) -> float | None:
    """One figure of one set, None where it was not measured."""
    return measured[name].report.values[metric] if name in measured else None


def text_table(measured: dict[str, Measured], with_region: dict[str, Measured] | None = None) -> str:
    """Figures of readings, a row a set; empty without any."""
    columns = ["set", "n", "strict", "merged", "CER", "≤ 1", "plates", "per plate"]
    columns += [] if with_region is None else ["region"]
    return markdown(columns, [text_row(one, with_region) for one in measured.values()])


def text_row(one: Measured, with_region: dict[str, Measured] | None) -> list[str]:
    """One row of such a table."""
    figures = one.report
    values = figures.values
    row = [
        one.name,
        str(figures.n),
        share(figures, "exact"),
        share(figures, "exact_merged"),
        percent(values["cer"]),
        percent(values["within_one"]),
        str(figures.plates),
        f"{percent(values['exact_per_plate'])} / {percent(values['exact_merged_per_plate'])}",
    ]
    if with_region is not None:
        strict, merged = of(with_region, one.name, "exact"), of(with_region, one.name, "exact_merged")
        row.append("" if strict is None else f"{percent(strict)} / {percent(merged)}")
    return row


def detection_table(found: dict[str, DetectionReport]) -> str:
    """Recall and precision, a row a set."""
    columns = ("set", "frames", "plates", "recall", "precision", "mean IoU", "frames with false alarm")
    rows = []
    for name, one in found.items():
        recall, precision = bounded(one.recall, one.recall_95), bounded(one.precision, one.precision_95)
        alarms = percent(one.frames_with_alarm / one.frames)
        rows.append([name, str(one.frames), str(one.plates), recall, precision, percent(one.mean_iou), alarms])
    return markdown(columns, rows)


def negatives_table(negatives: dict[str, Measured]) -> str:
    """Share of frames that something was read in, a row a set."""
    rows = []
    for name, one in negatives.items():
        low, high = one.report.intervals["exact"]
        rows.append([name, str(one.report.n), bounded(1 - one.report.exact, Interval(1 - high, 1 - low))])
    return markdown(("set", "frames", "frames with a reading"), rows)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with numbers to the right; empty without a row."""
    if not rows:
        return ""
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [columns, rule, *rows])
