"""Runs a saved model anywhere: one table of runtimes, one door."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.errors import ModelError
from lprkit.core.lookup import missing, resolve
from lprkit.weights import find
from lprkit.weights.card import card_of

RUNTIMES = {
    "onnx": "lprkit.runtime.onnx:open_model",
    "openvino": "lprkit.runtime.openvino:open_model",
}
PACKAGES = {"onnx": "onnxruntime", "openvino": "openvino"}
"""What each runtime needs installed."""

CHUNK = 32
"""Pictures a call at most: more cost memory and are no faster."""

Run: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True)
class Opened:
    """A network as its runtime opened it."""

    run: Run
    """One batch through the network; not an empty one."""
    shape: tuple[int | None, ...]
    """Of its input, N C H W; None: any."""


@dataclass(frozen=True)
class Runner:
    """A model that is ready to run."""

    card: ModelCard
    run: Run
    """N, C, H, W float32 as `card.input.batch` makes it -> the network's output, N first; N may be 0."""
    runtime: str


def load(model: str | Path, runtime: str | None = None, threads: int | None = None) -> Runner:
    """The model of this name, file or run folder, ready to run; runtime None: openvino if installed, else onnx."""
    path = find(model)
    name = runtime or ("openvino" if is_installed("openvino") else "onnx")
    open_model = cast("Callable[[Path, int | None], Opened]", resolve(RUNTIMES, name, "runtime"))
    card = card_of(path)
    try:
        opened = open_model(path, threads)
    except ModuleNotFoundError as error:
        raise missing(error) from error
    _check(opened.shape, card.input, path)
    return Runner(card, in_chunks(opened, card.input), name)


def is_installed(runtime: str) -> bool:
    """Whether the package of a runtime is there."""
    return importlib.util.find_spec(PACKAGES[runtime]) is not None


def _check(shape: tuple[int | None, ...], spec: InputSpec, path: Path) -> None:
    wanted = (spec.depth, spec.height, spec.width)
    if len(shape) != 4 or any(got not in (None, want) for got, want in zip(shape[1:], wanted, strict=True)):
        raise ModelError(f"{path}: takes {shape}, its card says (N, {', '.join(map(str, wanted))}). Export it again.")


def in_chunks(opened: Opened, spec: InputSpec) -> Run:
    """A run that takes any N: split where it is large or the network's batch is fixed, and filled up for the latter."""
    fixed = opened.shape[0]
    size = fixed or CHUNK

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        count = len(batch)
        filled = -max(count, 1) % (fixed or 1) + int(count == 0)
        if filled:
            empty = np.zeros((filled, spec.depth, spec.height, spec.width), np.float32)
            batch = np.concatenate([batch, empty])
        parts = [opened.run(batch[start : start + size]) for start in range(0, len(batch), size)]
        return (parts[0] if len(parts) == 1 else np.concatenate(parts))[:count]

    return run
