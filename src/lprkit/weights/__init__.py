"""The default reader and detector, and how a model that somebody names is found.

`manifest.json` lists what is bundled here: name -> file, SHA-256, bytes, task. `python -m lprkit.weights FILE…` copies
models in and rewrites it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lprkit.core.card import Task
from lprkit.core.errors import ModelError
from lprkit.core.lookup import known
from lprkit.weights.card import card_of

FOLDER = Path(__file__).parent
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One bundled model."""

    file: str
    sha256: str
    bytes: int
    task: Task


def bundled(folder: Path = FOLDER) -> Mapping[str, Entry]:
    """The models that come with the package, by name."""
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {name: Entry(**entry) for name, entry in raw.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder / MANIFEST}: is damaged ({error}). Install lprkit again.") from None


def find(name: str | Path, folder: Path = FOLDER) -> Path:
    """The ONNX file of a bundled name (its SHA-256 checked), of a run folder, or the file itself."""
    entries = bundled(folder)
    if str(name) in entries:
        return _checked(folder, entries[str(name)])
    path = Path(name)
    if path.is_file():
        return path
    if (path / "model.onnx").is_file():
        return path / "model.onnx"
    if path.is_dir():
        raise ModelError(f"{path}: is a folder without model.onnx. Give a run folder or an ONNX file.")
    if path.suffix or path.name != str(name):
        raise ModelError(f"{path}: there is no such model file. Check the path.")
    return folder / known(str(name), entries, "model")  # it is none: this names the nearest


def _checked(folder: Path, entry: Entry) -> Path:
    """The entry's file, when it is the one that the manifest means."""
    path = folder / entry.file
    if not path.is_file():
        raise ModelError(f"{path}: is listed in {MANIFEST} but missing. Install lprkit again.")
    if _sha256(path) != entry.sha256:
        raise ModelError(
            f"{path}: its SHA-256 is not the one in {MANIFEST}: damaged or replaced. Install lprkit again."
        )
    return path


def bundle(files: Sequence[Path] = (), folder: Path = FOLDER) -> None:
    """Copies models into the folder and rewrites its manifest from every ONNX file there."""
    for file in files:
        card_of(file)  # only a file that runs on its own may come in
        if file.parent.resolve() != folder.resolve():
            shutil.copy(file, folder / file.name)
    entries = {path.stem: asdict(_entry(path)) for path in sorted(folder.glob("*.onnx"))}
    (folder / MANIFEST).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def _entry(path: Path) -> Entry:
    return Entry(path.name, _sha256(path), path.stat().st_size, card_of(path).task)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
