"""How models come into the package: ONNX files as they are, trained weights in half the size."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lprkit.core.card import METADATA_KEY
from lprkit.core.errors import ConfigError, ModelError
from lprkit.weights import FOLDER, MANIFEST, Entry, Stored, checksum
from lprkit.weights.card import card_of


def bundle(models: Sequence[str] = (), folder: Path = FOLDER) -> None:
    """Copies models into the folder and rewrites its manifest from every ONNX file there.

    A model is NAME=PATH: an ONNX file, or a run folder, of which the weights are taken too. A PATH alone is an ONNX
    file that is called as it is to be named.
    """
    for model in models:
        name, path = _named(model)
        if path.is_dir():
            _copy(path / "model.onnx", folder / f"{name}.onnx")
            _halve(path / "best.safetensors", folder / f"{name}.safetensors")
        else:
            _copy(path, folder / f"{name}.onnx")
    entries = {path.stem: asdict(_entry(path)) for path in sorted(folder.glob("*.onnx"))}
    (folder / MANIFEST).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def _named(model: str) -> tuple[str, Path]:
    name, equals, path = model.partition("=")
    if equals and path and name.replace("-", "").isalnum():
        return name, Path(path)
    if equals or Path(model).suffix != ".onnx":
        raise ConfigError(f"{model!r}: write NAME=PATH, such as reader=runs/reader, or the path of an ONNX file.")
    return Path(model).stem, Path(model)


def _copy(file: Path, into: Path) -> None:
    card_of(file)  # only a file that runs on its own may come in
    if file.resolve() != into.resolve():
        shutil.copy(file, into)
        into.with_suffix(".safetensors").unlink(missing_ok=True)  # they were another model's


def _halve(weights: Path, into: Path) -> None:
    """Kernels and matrices in fp16, the few other numbers as they are, and the card inside."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    try:
        stored: dict[str, NDArray[np.generic]] = load_file(weights)
        card = (weights.parent / "card.json").read_text(encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{weights}: holds no weights with their card ({error}). Give a run folder.") from None
    small = {name: value.astype(np.float16) if value.ndim > 1 else value for name, value in stored.items()}
    save_file(small, into, {METADATA_KEY: card})


def _entry(path: Path) -> Entry:
    weights = path.with_suffix(".safetensors")
    training = _stored(weights) if weights.is_file() else None
    return Entry(**vars(_stored(path)), task=card_of(path).task, training=training)


def _stored(path: Path) -> Stored:
    return Stored(path.name, checksum(path), path.stat().st_size)
