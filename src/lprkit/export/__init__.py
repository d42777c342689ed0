"""Run folders in, deployable models out."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from lprkit.core.lookup import resolve

EXPORTERS = {
    "onnx": "lprkit.export.onnx:export",
}
"""Target -> a function (run folder, output file) -> the file written."""


def export(run: Path, target: str, out: Path) -> Path:
    """Exports a trained model; a ModelError if the exported file does not agree with it."""
    make = resolve(EXPORTERS, target, "exporter")
    return cast(Path, make(run, out))  # type: ignore[operator]
