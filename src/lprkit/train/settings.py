"""The settings of a training run: one frozen tree, one complete TOML file."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from lprkit.core.config import Count, NotNegative, Range, Share, Whole
from lprkit.core.errors import ConfigError
from lprkit.core.types import Label
from lprkit.train.changes import Augment


@dataclass(frozen=True)
class Drawn:
    """Pictures drawn for the run."""

    count: Count
    """How many different ones."""
    regions: tuple[str, ...]
    """Whose plates are drawn, wildcards allowed ("us-*"); a reader's alphabet is made of their tokens."""
    weights: Annotated[tuple[float, ...], Range(0)] = ()
    """How often each of them is drawn, relative; empty: all alike."""
    legal: Share = 0.5
    """Share of legal serials; the others have random syntax."""
    oversample: bool = True
    """Random syntax doubles tokens often and shows rare ones as often as common ones; false: as legal serials do."""
    rows: Whole = 0
    """Only plates with so many rows of text; 0: any."""
    camera: Literal["street", "gate", "clean"] = "street"
    """What the pictures are taken with: `synth.camera.CAMERAS`."""
    glyphs: tuple[str, ...] = ()
    """Folders of glyph pictures and fonts beside those of the machine."""
    without: tuple[str, ...] = ()
    """Typefaces left out, for validation on them."""
    photos: tuple[str, ...] = ()
    """FORMAT:PATH of photographs: surroundings of drawn plates, and places to paint them into."""
    swap: Share = 0.0
    """Share of the pictures that are photographs with newly painted plates."""
    nothing: Share = 0.0
    """Share of a reader's pictures that show no plate: it learns to read nothing in them."""
    preset: str = ""
    """Another generator in whose manner a share of a reader's pictures is drawn, such as hailo-digits; empty: none."""
    preset_share: Share = 0.5
    """That share; the other pictures show plates of `regions`."""
    first: Whole = 20_000
    """How many must be drawn before training starts. These are used more often than those that come later; as many as
    `count`, and all are used alike."""
    reuse: Annotated[float, Range(0.1)] = 4.0
    """How often a picture is used, on average, while the later ones are still being drawn."""
    workers: Count = 2


@dataclass(frozen=True)
class Real:
    """Labelled photographs mixed in."""

    data: tuple[str, ...] = ()
    """FORMAT:PATH, each a set."""
    share: Share = 0.0
    """Share of the pictures."""
    held_out: Share = 0.1
    """Share of the files that only validate."""
    confirmed: Mapping[str, str] = field(default_factory=dict)
    """FORMAT:PATH of plates whose texts are not known, by region: those that the teacher, or else `initial`, reads
    alike in several ways, and that fit the region's patterns, are learnt from as it reads them."""
    least: Share = 0.5
    """Score that it must give them."""

    def __post_init__(self) -> None:
        """Refuses a share of nothing."""
        if self.share and not (self.data or self.confirmed):
            raise ConfigError(f"real.share: {self.share} of what? Name the sets in real.data, or leave it at 0.")


@dataclass(frozen=True)
class Teacher:
    """A reader, mostly a larger one, that is imitated in what it holds possible at every CTC step."""

    model: str = ""
    """A bundled name, a run folder or a weights file in one, over the same tokens, input and steps; empty: none."""
    share: Share = 0.5
    """Of the loss; the texts have the rest."""
    fade: Share = 0.0
    """Share of the steps in which the teacher's falls to nothing; 0: it stays. So one network sets its tokens where
    another does, and becomes a better one."""


@dataclass(frozen=True)
class Optim:
    """How the weights are moved."""

    name: Literal["adamw", "adam", "muon", "sgd", "rmsprop"] = "adamw"
    rate: NotNegative = 2e-3
    decay: NotNegative = 0.01
    """Weight decay, not on biases and batch-norm: of adamw and muon their own kind, of the others an L2 penalty."""
    l1: NotNegative = 0.0
    """L1 penalty on the same weights."""
    momentum: Share = 0.9
    """Of sgd and rmsprop."""
    nesterov: bool = True
    """Whether the momentum of sgd looks ahead."""
    schedule: Literal["cosine", "step", "piecewise", "exponential", "soft-start"] = "cosine"
    """How the rate falls; `optim.rate_at` says each. None ever rises again."""
    warmup: Share = 0.02
    """Share of the steps in which the rate rises to `rate`."""
    final: Share = 0.01
    """The rate at the end of cosine, exponential and soft-start, as a share of `rate`."""
    boundaries: tuple[float, ...] = ()
    """Of step and piecewise: where the rate changes, as shares of the steps."""
    factor: Share = 0.1
    """Of step: what the rate is multiplied by at each boundary."""
    levels: Annotated[tuple[float, ...], Range(0)] = ()
    """Of piecewise: shares of `rate`, the first before the first boundary, the last after the last."""
    stairs: Whole = 0
    """Of exponential: in so many equal stairs; 0: smoothly."""
    annealing: Share = 0.5
    """Of soft-start: share of the steps after which the rate falls."""
    clip: NotNegative = 5.0
    """Largest norm of the gradient; 0: any."""
    noise: NotNegative = 0.0
    """Spread of the Gaussian noise that is added to the gradient."""
    freeze: tuple[str, ...] = ()
    """Blocks of the network that stay as they are, such as "features.3"."""
    freeze_norm: bool = False
    """Whether batch-norm stays as it is: scales and statistics."""
    ema: Annotated[float, Range(0, 0.999999)] = 0.999
    """Decay of the averaged weights, which are the ones that are validated and kept; 0: they are the current ones."""

    def __post_init__(self) -> None:
        """Refuses a schedule that cannot be meant."""
        ends = (0.0, *self.boundaries, 1.0)
        if any(a >= b for a, b in itertools.pairwise(ends)):
            raise ConfigError(
                f"optim.boundaries: {list(self.boundaries)} must rise between 0 and 1: shares of the steps."
            )
        if self.schedule in ("step", "piecewise") and not self.boundaries:
            raise ConfigError(f"optim.schedule {self.schedule!r} needs optim.boundaries, such as [0.6, 0.8].")
        if self.schedule == "piecewise" and len(self.levels) != len(self.boundaries) + 1:
            raise ConfigError(f"optim.levels: expected {len(self.boundaries) + 1}, one more than boundaries.")
        if any(a < b for a, b in itertools.pairwise(self.levels)):
            raise ConfigError(f"optim.levels: {list(self.levels)} must never rise.")
        if self.schedule in ("exponential", "soft-start") and not self.final:
            raise ConfigError(f"optim.final: {self.final} must be above 0 for {self.schedule!r}.")
        if self.schedule == "soft-start" and not 0 < self.warmup < self.annealing < 1:
            raise ConfigError("optim.schedule 'soft-start' needs 0 < optim.warmup < optim.annealing < 1.")


@dataclass(frozen=True)
class Stop:
    """When a run ends before its last step."""

    patience: Whole = 0
    """After so many validations in a row without a better figure; 0: never."""
    figure: str = ""
    """Which one: a name of the validation, or "loss", the mean since the last one; empty: the one that the best weights
    are chosen by."""
    least: NotNegative = 0.0
    """By how much it must be better."""


@dataclass(frozen=True)
class Settings:
    """A training run."""

    name: str
    model: str
    steps: Count
    batch: Annotated[int, Range(2)]
    """Batch-norm cannot learn from one picture."""
    drawn: Drawn
    network: Mapping[str, Any] = field(default_factory=dict)
    """Options of the network."""
    initial: str = ""
    """A bundled name, a run folder or a weights file in one, whose weights are started from; its alphabet may be
    another one."""
    blend: Share = 0.0
    """Share of the weights started from in the mean with the best and the last, which share the rest, that is kept at
    the end: more is left of what only the first knew (Wortsman et al. 2021, arXiv 2109.01903). 0: no such mean."""
    guide: Share = 0.0
    """Share of the steps in which a network of one row is shown where its tokens stand, as if evenly spaced, less and
    less: CTC alone may need tens of thousands of steps to begin. A network that reads already forgets by it."""
    h_concat: bool = False
    """One class for all tokens that are no Latin letters and digits, <hieroglyph>."""
    oi_concat: bool = False
    """One class for O and 0, one for I and 1."""
    max_lp_length: Count = 24
    """Tokens that a label may have."""
    patterns: str = ""
    """A region to whose patterns the validation is held, in figures of their own; empty: none."""
    patterns_on: Literal["truth", "prediction"] = "prediction"
    """truth: plates that fit no pattern are left out; prediction: readings that fit none are wrong."""
    labels: tuple[Label, ...] = ("license_plate",)
    """What a detector finds."""
    real: Real = Real()
    teacher: Teacher = Teacher()
    augment: Augment = field(default_factory=Augment)
    """How a reader's crops are changed at every step."""
    optim: Optim = Optim()
    stop: Stop = Stop()
    seed: Whole = 1
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "bf16-mixed"
    accelerator: Literal["auto", "cpu", "cuda"] = "auto"
    devices: Count = 1
    """GPUs, or processes on the CPU, that share every batch; batch-norm sees only the share of each."""
    threads: Whole = 0
    """CPU threads of the training itself; 0: all."""
    validate_every: Count = 500
    validation: Count = 1000
    """How many drawn pictures validate."""
    save_every: Count = 500
    choose: Literal["best", "last"] = "best"
    """Which weights the run leaves: those that validate best, or those that are measured last (of `keep`, the mean).
    Where few photographs validate, the best may be early ones by chance."""
    keep: Whole = 0
    """How many of the last checkpoints' averaged weights stay, as step-N.safetensors; their mean is measured at the
    end, and is the best if it is better."""
    log_every: Count = 50
    licences: tuple[str, ...] = ()
    """Of the data, told in the card."""
