"""The page that accuracy.py writes: tables in Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lprkit import __version__
from lprkit.core.types import Scored
from lprkit.evaluate.collect import Measured
from lprkit.evaluate.detection import DetectionReport, Framed, report_detection
from lprkit.evaluate.interval import Interval
from lprkit.evaluate.metrics import calibration_error, coverage_at_99, coverage_at_999, exact
from lprkit.evaluate.page import bounded, percent, share

DETECTION_SETS = ("us_openalpr_frames", "eu_openalpr_frames", "br_openalpr_frames")
"""Frames over which the recall that must hold is counted together."""

OLD_RULE = ("us_openalpr_crops", "us_openalpr_frames")
"""These write every O as 0: only the merged figure says anything."""

DOUBTFUL = (*OLD_RULE, "mix_farhad_crops", "mix_farhad_crops/il_digits")
"""Sets whose labels are too often wrong to calibrate by."""

HELD_OUT = "cn_easypr_frames"
"""Of this set of ../train the photographs that training holds out."""

MOST = 0.9
"""Part of a set's plates whose country must be known, for README to show what knowing it brings."""

MARKED = re.compile(r"(<!-- accuracy -->\n).*?(<!-- end -->)", re.DOTALL)
"""The part of README.md that is written from the page."""


@dataclass(frozen=True)
class Speed:
    """Milliseconds of the network alone for one plate: by itself, and among 32."""

    single_ms: float
    batch_ms: float


@dataclass
class Texts:
    """What one reader reads, by set; filled set by set."""

    speed: Speed
    crops: dict[str, Measured] = field(default_factory=dict)
    boxes: dict[str, Measured] = field(default_factory=dict)
    told: dict[str, Measured] = field(default_factory=dict)
    """The plates of known regions, each read as one of its own."""

    @property
    def plates(self) -> Mapping[str, Measured]:
        """Crops, and plates cut out by their true box."""
        return {**self.crops, **self.boxes}


@dataclass
class Results:
    """All that was measured, by set; filled set by set."""

    texts: dict[str, Texts]
    """By reader; the first one is the default, which everything else was measured with."""
    found: dict[str, DetectionReport] = field(default_factory=dict)
    chain: dict[str, Measured] = field(default_factory=dict)
    unplaced: dict[str, Measured] = field(default_factory=dict)
    negatives: dict[str, Measured] = field(default_factory=dict)
    pooled: list[Framed] = field(default_factory=list)
    """The frames of DETECTION_SETS."""

    @property
    def default(self) -> Texts:
        """What the default reader reads."""
        return next(iter(self.texts.values()))


def page(results: Results, goals: str, measured_with: str) -> str:
    """docs/accuracy.md; `goals` are the tables of accuracy_goals."""
    sections = [
        ("Crops", CROPS_NOTE, readers_table(results, "crops")),
        ("Frames: text at the true box", BOXES_NOTE, readers_table(results, "boxes")),
        ("Scores", SCORES_NOTE, scores_table(results.default)),
        ("Frames: detection", DETECTION_NOTE, detection_table(results.found)),
        ("Frames: end to end", CHAIN_NOTE, chain_table(results.chain)),
        ("Photographs whose plate has a text and no box", UNPLACED_NOTE, chain_table(results.unplaced)),
        ("Photographs without a plate", NEGATIVES_NOTE, negatives_table(results.negatives)),
    ]
    body = "\n".join(f"## {title}\n\n{note}\n\n{table}\n" for title, note, table in sections if table)
    short = f"## In short\n\n<!-- accuracy -->\n{summary(results)}\n<!-- end -->\n"
    return f"{header(measured_with)}\n{short}\n{goals}\n{body}"


def header(measured_with: str) -> str:
    """What was measured, when, with which command."""
    return f"""# Accuracy

Written by `make accuracy` on {date.today().isoformat()}; do not edit. lprkit {__version__}, {measured_with}.
Real photographs that are there for measuring only. Every figure is a percentage, but times.

- **strict**: the whole text is right, letter by letter. **merged**: the same where O counts as 0 and I as 1.
  In brackets the 95 % Wilson interval.
- **CER**: edits per letter of truth. **≤ 1**: at most one letter wrong, missing or too many.
- **per plate**: repeated plates averaged first, strict / merged. **region**: strict / merged of the plates (how many)
  whose country is known and has a region file, when the reader is told it; everywhere else it is told nothing.
- **ms**: the network alone, one plate by itself, on the machine that wrote this page.
- Sets named `us_openalpr` write every O as 0: there only the merged figure counts.
"""


CROPS_NOTE = "The picture is one plate."
BOXES_NOTE = (
    "The plate is cut out by its true box (corners where they are known): what the reader does when all is found."
)
SCORES_NOTE = (
    "Of the default reader. **99 %** and **99.9 %**: largest share of plates that a threshold of the score accepts"
    "\nwhile so many of them are right. **ECE**: how far the score is from the share that is right, over ten ranges;"
    "\nof few plates it is never near 0, so the last row takes together all sets whose labels can be trusted."
)
DETECTION_NOTE = (
    "Found: upright boxes overlap with IoU ≥ 0.5 (in brackets 0.7); each detection may find one plate, the best scored"
    "\nfirst. **AP50**: area under precision over recall, of what is reported."
)
CHAIN_NOTE = "What `lprkit read` prints: the text is right and its box overlaps the true one with IoU ≥ 0.5."
UNPLACED_NOTE = "Of all readings of a photograph the one nearest to the truth counts."
NEGATIVES_NOTE = "Every reading is a false alarm."

SHORT = {
    "cn_sirius_lprnet_crops": "China, crops",
    "us_openalpr_crops": "United States, crops",
    "eu_openalpr_traindet_crops": "Europe, crops of one line",
    "eu_openalpr_twoline_crops": "Europe, crops of two lines",
    "br_openalpr_traindet_crops": "Brazil, dark crops",
    "ar_ankandrew_crops": "Argentina, crops",
    "mix_farhad_crops": "world mix, crops (5 % of the labels wrong)",
    "vn_greenparking_frames": "Vietnam, motorbikes, two lines",
    "ro_robertlucian_frames": "Romania, dash-cam",
}
"""Sets of README's table, and how they are called there."""


def summary(results: Results) -> str:
    """README's table: strict / merged of each reader, and how fast it is."""
    columns = ["plates", "n", *results.texts, "with its country"]
    rows = [short_row(name, title, results) for name, title in SHORT.items() if name in results.default.plates]
    speeds = [f"{texts.speed.single_ms:.1f} ms" for texts in results.texts.values()]
    table = markdown(columns, [*rows, ["the network, one plate", "", *speeds, ""]])
    alarms = sum(1 - one.report.exact for one in results.negatives.values()) / max(1, len(results.negatives))
    recall = report_detection(results.pooled).recall
    return (
        f"{table}\n\nStrict / merged (O counts as 0, I as 1), %, at the true box."
        f" The detector finds {percent(recall)} % of the plates of\nthree sets of street photographs;"
        f" {percent(alarms)} % of photographs without a plate have a reading."
    )


def short_row(name: str, title: str, results: Results) -> list[str]:
    """One set of that table."""
    cells = [both(texts.plates.get(name), name) for texts in results.texts.values()]
    told, n = results.default.told.get(name), results.default.plates[name].report.n
    return [title, str(n), *cells, both(told, name) if told and told.report.n >= MOST * n else ""]


def both(one: Measured | None, name: str) -> str:
    """Strict / merged; without the former where the labels allow only the latter."""
    if one is None:
        return ""
    strict = "–" if name in OLD_RULE else percent(one.report.exact)
    return f"{strict} / {percent(one.report.exact_merged)}"


def part_of(text: str, where: str) -> str:
    """The marked part of a page."""
    found = MARKED.search(text)
    if found is None:
        raise ValueError(f"{where}: has no part between <!-- accuracy --> and <!-- end -->.")
    return found[0]


def with_part(text: str, part: str) -> str:
    """The page with another marked part."""
    part_of(text, "README.md")
    return MARKED.sub(lambda _: part, text)


def readers_table(results: Results, kind: str) -> str:
    """Figures of readings, a row a set and reader; empty without any."""
    columns = ["set", "reader", "ms", "n", "strict", "merged", "CER", "≤ 1", "plates", "per plate", "region"]
    sets: Mapping[str, Measured] = getattr(results.default, kind)
    rows = [
        [name, reader, f"{texts.speed.single_ms:.1f}", *figures(getattr(texts, kind)[name]), region(texts, name)]
        for name in sets
        for reader, texts in results.texts.items()
    ]
    return markdown(columns, rows)


def region(texts: Texts, name: str) -> str:
    """Strict / merged when the reader is told the region, and of how many plates."""
    if name not in texts.told:
        return ""
    return f"{both(texts.told[name], name)} ({texts.told[name].report.n})"


def chain_table(measured: Mapping[str, Measured]) -> str:
    """Figures of readings, a row a set; empty without any."""
    columns = ["set", "n", "strict", "merged", "CER", "≤ 1", "plates", "per plate"]
    return markdown(columns, [[name, *figures(one)] for name, one in measured.items()])


def figures(one: Measured) -> list[str]:
    """The cells from n to per plate."""
    values = one.report.values
    return [
        str(one.report.n),
        share(one.report, "exact"),
        share(one.report, "exact_merged"),
        percent(values["cer"]),
        percent(values["within_one"]),
        str(one.report.plates),
        f"{percent(values['exact_per_plate'])} / {percent(values['exact_merged_per_plate'])}",
    ]


def scores_table(default: Texts) -> str:
    """How far scores can be believed, a row a set whose strict figure counts, and all of them together."""
    rows = []
    for name, one in default.plates.items():
        if name not in OLD_RULE:
            values = one.report.values
            worth = (values["coverage_at_99"], values["coverage_at_999"], values["calibration_error"])
            rows.append([name, str(one.report.n), percent(one.report.exact), *map(percent, worth)])
    lines = trusted(default)
    if lines:
        worth = (exact(lines), coverage_at_99(lines), coverage_at_999(lines), calibration_error(lines))
        rows.append(["together", str(len(lines)), *map(percent, worth)])
    return markdown(["set", "n", "strict", "99 %", "99.9 %", "ECE"], rows)


def trusted(default: Texts) -> list[Scored]:
    """The plates of all sets that were never trained on and whose labels can be believed."""
    return [line for name, one in default.plates.items() if name not in (*DOUBTFUL, HELD_OUT) for line in one.lines]


def detection_table(found: Mapping[str, DetectionReport]) -> str:
    """Recall and precision, a row a set."""
    columns = ("set", "frames", "plates", "recall", "precision", "mean IoU", "AP50", "frames with false alarm")
    rows = []
    for name, one in found.items():
        recall, precision = bounded(one.recall, one.recall_95), bounded(one.precision, one.precision_95)
        alarms = percent(one.frames_with_alarm / one.frames)
        area = percent(one.average_precision)
        recalls = f"{recall} [{percent(one.recall_70)}]"
        rows.append([name, str(one.frames), str(one.plates), recalls, precision, percent(one.mean_iou), area, alarms])
    return markdown(columns, rows)


def negatives_table(negatives: Mapping[str, Measured]) -> str:
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
