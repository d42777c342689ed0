"""The default reader and detector, and how a model that somebody names is found.

`manifest.json` lists what is bundled here: name -> the ONNX file, and the weights to train on from where there are
some. `python -m lprkit.weights NAME=PATH…` copies models in and rewrites it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lprkit.core.card import Task
from lprkit.core.config import build
from lprkit.core.errors import LprError, ModelError
from lprkit.core.lookup import known

FOLDER = Path(__file__).parent
MANIFEST = "manifest.json"
MODELS = ("model.onnx", "model.xml")
"""What a run folder or an exported one calls the model that runs: ONNX, or OpenVINO's IR."""


@dataclass(frozen=True)
class Stored:
    """A file beside the manifest."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Entry(Stored):
    """One bundled model: its ONNX file."""

    task: Task
    training: Stored | None = None
    """The weights to train on from, safetensors in fp16; None: there are none."""


def bundled(folder: Path = FOLDER) -> Mapping[str, Entry]:
    """The models that come with the package, by name."""
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {name: build(Entry, entry, name) for name, entry in raw.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, LprError) as error:
        raise ModelError(f"{folder / MANIFEST}: is damaged ({error}). Install lprkit again.") from None


def find(name: str | Path, folder: Path = FOLDER) -> Path:
    """The ONNX file of a bundled name (its SHA-256 checked), the model of a run folder, or the file itself."""
    entries = bundled(folder)
    if str(name) in entries:
        return _checked(folder, entries[str(name)])
    path = Path(name)
    if path.is_file():
        return path
    for model in MODELS:
        if (path / model).is_file():
            return path / model
    if path.is_dir():
        raise ModelError(f"{path}: is a folder without model.onnx. Give a run folder or an ONNX file.")
    if path.suffix or path.name != str(name):
        raise ModelError(f"{path}: there is no such model file. Check the path.")
    return folder / known(str(name), entries, "model")  # it is none: this names the nearest


def training(name: str | Path, folder: Path = FOLDER) -> Path | None:
    """The weights to train on from of a bundled name (their SHA-256 checked); None: no bundled name."""
    entry = bundled(folder).get(str(name))
    if entry is None:
        return None
    if entry.training is None:
        raise ModelError(f"{name}: is bundled ready to run, without weights to train on from. Give a run folder.")
    return _checked(folder, entry.training)


def _checked(folder: Path, stored: Stored) -> Path:
    """The file, when it is the one that the manifest means."""
    path = folder / stored.file
    if not path.is_file():
        raise ModelError(f"{path}: is listed in {MANIFEST} but missing. Install lprkit again.")
    if checksum(path) != stored.sha256:
        raise ModelError(
            f"{path}: its SHA-256 is not the one in {MANIFEST}: damaged or replaced. Install lprkit again."
        )
    return path


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()
