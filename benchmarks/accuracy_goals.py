"""What the bundled weights must reach, and what they do: two tables of the accuracy page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accuracy_page import HELD_OUT, OLD_RULE, Results, markdown, trusted

from lprkit.evaluate.collect import Measured
from lprkit.evaluate.detection import report_detection
from lprkit.evaluate.metrics import calibration_error
from lprkit.evaluate.page import percent

ENOUGH = 20
"""Plates from which on a set's gap between strict and merged says anything."""


@dataclass(frozen=True)
class Goal:
    """A figure that must be reached, and what was."""

    what: str
    bound: float
    reached: float | None
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is reached, to a tenth of a percent as it is printed."""
        assert self.reached is not None
        reached, bound = round(self.reached, 3), round(self.bound, 3)
        return reached <= bound if self.at_most else reached >= bound

    @property
    def row(self) -> list[str]:
        """Cells of the table."""
        bound = f"{'≤' if self.at_most else '≥'} {percent(self.bound)}"
        if self.reached is None:
            return [self.what, bound, "not measured", ""]
        return [self.what, bound, percent(self.reached), "yes" if self.holds else "**no**"]


def goals(results: Results) -> str:
    """Both tables."""
    columns = ("what", "wanted", "measured", "reached")
    first = markdown(columns, [goal.row for goal in floors(results)])
    second = markdown(columns, [goal.row for goal in reach(results)])
    return f"## What must hold\n\n{first}\n\n## What is aimed at\n\nDefault reader, told no region.\n\n{second}\n"


def floors(results: Results) -> Sequence[Goal]:
    """What may never be lost again."""
    crops, chain = results.default.crops, results.chain
    return [
        Goal("detection recall, us + eu + br frames", 0.85, report_detection(results.pooled).recall),
        Goal("cn_sirius crops, strict", 0.85, of(crops, "cn_sirius_lprnet_crops", "exact")),
        Goal("eu traindet crops, merged", 0.84, of(crops, "eu_openalpr_traindet_crops", "exact_merged")),
        Goal("us crops, merged", 0.70, of(crops, "us_openalpr_crops", "exact_merged")),
        Goal("eu two-line crops, merged", 0.50, of(crops, "eu_openalpr_twoline_crops", "exact_merged")),
        Goal("br crops, merged", 0.65, of(crops, "br_openalpr_traindet_crops", "exact_merged")),
        Goal("eu frames end to end, strict", 0.60, of(chain, "eu_openalpr_frames", "exact")),
        Goal("vn two-line frames end to end, strict", 0.65, of(chain, "vn_greenparking_frames", "exact")),
    ]


def reach(results: Results) -> Sequence[Goal]:
    """What would make this the best small reader in the open."""
    plates, chain = results.default.plates, results.chain
    lines = trusted(results.default)
    return [
        Goal("cn_sirius crops, strict", 0.985, of(plates, "cn_sirius_lprnet_crops", "exact")),
        Goal("cn_easypr plates of held-out photographs, strict", 0.94, of(plates, HELD_OUT, "exact")),
        Goal("us crops, merged", 0.91, of(plates, "us_openalpr_crops", "exact_merged")),
        Goal("eu traindet crops, merged", 0.94, of(plates, "eu_openalpr_traindet_crops", "exact_merged")),
        Goal("eu two-line crops, merged", 0.90, of(plates, "eu_openalpr_twoline_crops", "exact_merged")),
        Goal("br crops, merged", 0.92, of(plates, "br_openalpr_traindet_crops", "exact_merged")),
        Goal("ar crops, merged", 0.93, of(plates, "ar_ankandrew_crops", "exact_merged")),
        Goal("vn two-line frames at the true box, strict", 0.95, of(plates, "vn_greenparking_frames", "exact")),
        Goal("world mix crops, merged", 0.85, of(plates, "mix_farhad_crops", "exact_merged")),
        Goal("ro frames at the true box, merged", 0.88, of(plates, "ro_robertlucian_frames", "exact_merged")),
        Goal("eu frames end to end, merged", 0.95, of(chain, "eu_openalpr_frames", "exact_merged")),
        Goal("br frames end to end, merged", 0.95, of(chain, "br_openalpr_frames", "exact_merged")),
        Goal("us frames end to end, merged", 0.85, of(chain, "us_openalpr_frames", "exact_merged")),
        Goal("Korean photographs, found and read: all but one of seven", 6 / 7, korean(results)),
        Goal("told the region: merged less strict, all plates", 0.02, gap(results.default.told), at_most=True),
        Goal("told the region: the same, worst set", 0.02, largest_gap(results.default.told), at_most=True),
        Goal("cn_sirius crops, coverage at 99 %", 0.90, of(plates, "cn_sirius_lprnet_crops", "coverage_at_99")),
        Goal("calibration error, all trusted sets", 0.03, calibration_error(lines) if lines else None, at_most=True),
        Goal("frames without a plate that have a reading", 0.01, alarms(results.negatives), at_most=True),
    ]


def of(measured: Mapping[str, Measured], name: str, metric: str) -> float | None:
    """One figure of one set, None where it was not measured."""
    return measured[name].report.values[metric] if name in measured else None


def korean(results: Results) -> float | None:
    """Share of the Korean photographs that `lprkit read` gets right, with a known box and without."""
    found = [
        part["kr_blastak_frames"].report for part in (results.chain, results.unplaced) if "kr_blastak_frames" in part
    ]
    return sum(one.exact * one.n for one in found) / sum(one.n for one in found) if found else None


def gap(told: Mapping[str, Measured]) -> float | None:
    """Merged - strict over the plates of all sets that have both figures."""
    some = [one.report for name, one in told.items() if name not in OLD_RULE]
    plates = sum(one.n for one in some)
    return sum((one.exact_merged - one.exact) * one.n for one in some) / plates if plates else None


def largest_gap(told: Mapping[str, Measured]) -> float | None:
    """Merged - strict of the set with the largest, of those that have enough plates."""
    some = {name: one for name, one in told.items() if one.report.n >= ENOUGH}
    return max((gap({name: one}) or 0.0 for name, one in some.items()), default=None)


def alarms(negatives: Mapping[str, Measured]) -> float | None:
    """Share of all frames without a plate that have a reading."""
    frames = sum(one.report.n for one in negatives.values())
    return sum((1 - one.report.exact) * one.report.n for one in negatives.values()) / frames if frames else None
