"""Trained models in, deployable ones out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from lprkit.core.errors import ConfigError
from lprkit.core.lookup import resolve

EXPORTERS = {
    "onnx": "lprkit.export.onnx:export",
    "openvino": "lprkit.export.openvino:export",
}
"""Target -> a function (model, output file or folder, Options) -> the file written."""

CHECKED = {"read": 32, "detect": 8}
"""Drawn pictures on which an exported file must agree with its source, by task."""


@dataclass(frozen=True)
class Options:
    """What may be chosen; None: as the model has it."""

    opset: int | None = None
    """Of ONNX."""
    batch: int | None = None
    """The one number of pictures that the file takes; by itself it takes any."""
    size: tuple[int, int] | None = None
    """Height and width of the input, px: for networks whose weights do not depend on it."""
    half: bool | None = None
    """Weights stored in fp16."""


ANY = Options()


def export(model: str | Path, target: str, out: Path, options: Options = ANY) -> Path:
    """Exports a run folder or a bundled name; a ModelError if the exported file does not agree with it.

    `out` is a file with the target's suffix, or a folder for it.
    """
    make = cast("Callable[[str | Path, Path, Options], Path]", resolve(EXPORTERS, target, "exporter"))
    return make(model, out, options)


def file_of(out: Path, name: str) -> Path:
    """`out` itself when it has the suffix of `name`, or the file of that name in it; its folder is made."""
    file = out if out.suffix == Path(name).suffix else out / name
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def refuse(target: str, options: Options, *names: str) -> None:
    """A ConfigError when one of these options is asked for."""
    for name in names:
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name} does nothing for {target!r}. Leave it out.")
