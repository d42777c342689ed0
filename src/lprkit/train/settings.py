"""The settings of a training run: one frozen tree, one complete TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lprkit.core.types import Label
from lprkit.train.changes import Augment


@dataclass(frozen=True)
class Drawn:
    """Pictures drawn for the run."""

    count: int
    """How many different ones."""
    regions: tuple[str, ...]
    """Whose plates are drawn; a reader's alphabet is made of their tokens."""
    weights: tuple[float, ...] = ()
    """How often each region is drawn, relative; empty: all alike."""
    legal: float = 0.5
    """Share of legal serials; the others have random syntax."""
    glyphs: tuple[str, ...] = ()
    """Folders of glyph pictures and fonts beside those of the machine."""
    without: tuple[str, ...] = ()
    """Typefaces left out, for validation on them."""
    photos: tuple[str, ...] = ()
    """FORMAT:PATH of photographs: surroundings of drawn plates, and places to paint them into."""
    swap: float = 0.0
    """Share of the pictures that are photographs with newly painted plates."""
    first: int = 20_000
    """How many must be drawn before training starts."""
    reuse: float = 4.0
    """How often a picture is used, on average, while the later ones are still being drawn."""
    workers: int = 2


@dataclass(frozen=True)
class Real:
    """Labelled photographs mixed in."""

    data: tuple[str, ...] = ()
    """FORMAT:PATH, each a set."""
    share: float = 0.0
    """Share of the pictures."""
    held_out: float = 0.1
    """Share of the files that only validate."""


@dataclass(frozen=True)
class Optim:
    """How the weights are moved."""

    name: Literal["adamw", "adam", "sgd", "rmsprop"] = "adamw"
    rate: float = 2e-3
    decay: float = 0.01
    """Weight decay; not on biases and batch-norm."""
    warmup: float = 0.02
    """Share of the steps in which the rate rises to `rate`; then it falls along a cosine."""
    final: float = 0.01
    """The rate at the end, as a share of `rate`."""
    clip: float = 5.0
    """Largest norm of the gradient."""
    ema: float = 0.999
    """Decay of the averaged weights, which are the ones that are validated and kept; 0: they are the current ones."""


@dataclass(frozen=True)
class Settings:
    """A training run."""

    name: str
    model: str
    steps: int
    batch: int
    drawn: Drawn
    network: Mapping[str, Any] = field(default_factory=dict)
    """Options of the network."""
    initial: str = ""
    """A bundled name, a run folder or a weights file in one, whose weights are started from; its alphabet may be
    another one."""
    labels: tuple[Label, ...] = ("license_plate",)
    """What a detector finds."""
    real: Real = Real()
    augment: Augment = Augment()
    """How a reader's crops are changed at every step."""
    optim: Optim = Optim()
    seed: int = 1
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "bf16-mixed"
    accelerator: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0
    """CPU threads of the training itself; 0: all."""
    validate_every: int = 500
    validation: int = 1000
    """How many drawn pictures validate."""
    save_every: int = 500
    log_every: int = 50
    licences: tuple[str, ...] = ()
    """Of the data, told in the card."""
