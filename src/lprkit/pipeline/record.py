"""What one picture gave, as plain values for JSON."""

from __future__ import annotations

from typing import Any

from lprkit import plates
from lprkit.core.types import Reading, Sighting
from lprkit.pipeline.run import Findings


def record(findings: Findings) -> dict[str, Any]:
    """The line that `lprkit read --json` prints: lengths in px of the upright picture, scores 0-1."""
    if findings.image is None:
        return {"source": findings.source, "error": findings.error}
    height, width = findings.image.shape[:2]
    found = [_plate(one) for one in findings.sightings]
    return {
        "source": findings.source,
        "width": width,
        "height": height,
        "plates": found,
        "ms": round(findings.ms, 2),
    }


def _plate(one: Sighting) -> dict[str, Any]:
    return {
        "text": one.reading.text,
        "score": round(one.reading.score, 4),
        "char_scores": [round(score, 4) for score in one.reading.char_scores],
        "quad": [[round(x, 2), round(y, 2)] for x, y in one.detection.quad],
        "detection_score": round(one.detection.score, 4),
        "region": one.reading.region,
        "kind": kind_of(one.reading),
        "colour": one.colour,
        "rows": one.reading.rows,
    }


def kind_of(reading: Reading) -> str | None:
    """What the plate is for, where the pattern that its text fits is printed on plates of one kind only."""
    if reading.region is None or reading.pattern is None:
        return None
    region = plates.region(reading.region)
    names = {name for pattern in region.patterns if pattern.name == reading.pattern for name in pattern.styles}
    kinds = {style.kind for style in region.styles if style.name in names or not names}
    return kinds.pop() if len(kinds) == 1 else None
