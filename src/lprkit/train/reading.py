"""Training a reader: plate crops in, texts out."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import nn

from lprkit import data, plates
from lprkit.core.alphabet import Alphabet, concatenated, steps_needed
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.image import load
from lprkit.core.lookup import known
from lprkit.core.types import Image, Plate, Sample
from lprkit.data import Entry
from lprkit.decode import calibrate
from lprkit.evaluate.patterns import Patterns
from lprkit.models import build
from lprkit.models.network import Network
from lprkit.models.store import blank_card, load_run
from lprkit.runtime.torch import runner_of
from lprkit.synth import generate, presets
from lprkit.synth.camera import CAMERAS
from lprkit.synth.generate import CropPlan
from lprkit.synth.presets import PresetPlan
from lprkit.train import augment
from lprkit.train.confirm import Rules, verdicts
from lprkit.train.crops import jittered, straight
from lprkit.train.judge import Judged, figures, joined, judge, scaled, sheet, to_spec
from lprkit.train.losses import ctc_rows, guided
from lprkit.train.pool import Item, Pool
from lprkit.train.settings import Real, Settings
from lprkit.train.task import Batch, Found, Task
from lprkit.train.unlabelled import each_plate

TRIES = 100
"""How often a plate that the network cannot spell is drawn anew."""


@dataclass(frozen=True)
class CropRecipe:
    """Drawn crops, and now and then a real one cut a little differently."""

    plan: CropPlan
    spec: InputSpec
    alphabet: Alphabet
    room: Room
    real: tuple[Sample, ...] = ()
    real_share: float = 0.0
    preset: str = ""
    preset_share: float = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        """H, W, channels of the network."""
        return (self.spec.height, self.spec.width, 1 if self.spec.channels == "grey" else 3)

    @property
    def label_size(self) -> int:
        """Classes of the text, padded with -1, and how many of them stand in the first row (0: unknown)."""
        return self.room.longest + 1

    def draw(self, n: int) -> Item:
        """The n-th crop: real ones are spread evenly through the drawn ones."""
        rng = np.random.default_rng([self.plan.seed, n, 1])
        if self.real and rng.random() < self.real_share:
            sample = self.real[int(rng.integers(len(self.real)))]
            return self.item(jittered(_picture(sample.source), sample.plates[0].quad, rng), sample.plates[0])
        preset = bool(self.preset) and rng.random() < self.preset_share
        for again in range(TRIES):
            drawn = self._drawn(n + (again << 40), preset)
            plate = drawn.plates[0] if drawn.plates else Plate()
            if self.room.holds(self.alphabet.encode(plate.text)):
                assert drawn.image is not None
                return self.item(drawn.image, plate)
        raise DataError(f"drawn.regions {', '.join(self.plan.regions)}: hardly a plate {self.room}.")

    def _drawn(self, n: int, preset: bool) -> Sample:
        plan = self.plan
        if preset:
            return presets.crop_at(n, PresetPlan(self.preset, plan.seed, plan.legal, plan.glyphs, plan.without))
        return generate.crop_at(n, plan)

    def item(self, image: Image, plate: Plate) -> Item:
        """A picture and its text as the pool keeps them."""
        small = self.spec.fit(image)
        if self.spec.channels == "grey":
            small = (small @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)[:, :, None]
        label = np.full(self.label_size, -1, np.float32)
        classes = self.alphabet.encode(plate.text)
        label[: len(classes)] = classes
        label[-1] = plate.breaks[0] if len(plate.breaks) == 1 else len(classes) * (plate.rows == 1)
        return Item(small, label)


@dataclass(frozen=True)
class Room:
    """How long a text may be."""

    steps: int
    """CTC steps of the network."""
    longest: int
    """Tokens of a label."""

    def holds(self, classes: Sequence[int]) -> bool:
        """Whether a network can spell it: a token a step, and a blank between two equal ones."""
        return steps_needed(classes) <= self.steps and len(classes) <= self.longest

    def __str__(self) -> str:
        """What a text must do."""
        return f"fits into {self.longest} tokens (max_lp_length) and the {self.steps} steps of the network"


def task(settings: Settings, out: Path) -> Task:
    """The reader of these settings with its pools."""
    everything = plates.alphabet(settings.drawn.regions)
    alphabet = concatenated(everything, settings.h_concat, settings.oi_concat)
    network = _guided(build(settings.model, alphabet.classes, settings.network), settings)
    room = Room(network.steps, settings.max_lp_length)
    real, held = _photographed(settings.real, alphabet, room)
    real += tuple(_confirmed(settings, alphabet, room))
    recipe = CropRecipe(
        plan_of(settings),
        network.spec,
        alphabet,
        room,
        real,
        settings.real.share,
        _preset(settings),
        settings.drawn.preset_share,
    )
    drawn = replace(recipe, plan=replace(recipe.plan, seed=recipe.plan.seed + 1), real=())
    patterns = _patterns(settings)
    items = {"drawn": _collect_drawn(drawn, settings, out)}
    if held:
        items["real"] = _stack([_straight(recipe, sample) for sample in held])
    options = {"model": settings.model, "network": dict(settings.network)}
    options |= {"alias": dict(alphabet.alias)} if alphabet.alias else {}
    card = replace(blank_card(settings.name, settings.model, network, alphabet.tokens), options=options)

    def prepare(item: Item, generator: torch.Generator, device: torch.device) -> Batch:
        pictures = augment.plates(scaled(item, device), settings.augment, generator)
        pictures = to_spec(pictures, network.spec).contiguous(memory_format=torch.channels_last)
        return Batch(pictures, (torch.from_numpy(item.label).long().to(device),))

    def distance(log_probs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return ctc_rows(log_probs, labels[:, :-1], labels[:, -1], network.rows)

    def loss(net: nn.Module, batch: Batch, done: float) -> torch.Tensor:
        log_probs, labels = net(batch.pictures), batch.truth[0]
        return guided(distance(log_probs, labels), log_probs, labels[:, :-1], done, settings.guide)

    def judged(net: nn.Module) -> dict[str, Judged]:
        return {name: judge(net, item, network.spec, distance) for name, item in items.items()}

    def validate(net: nn.Module, device: torch.device) -> Found:
        found = judged(net)
        picture = sheet(items["drawn"], found["drawn"], alphabet)
        return Found(figures(found, alphabet, patterns), picture, np.exp(joined(found).log_p))

    def finish(net: nn.Module, card: ModelCard) -> ModelCard:
        found = judged(net)
        both = joined(found)
        calibration = calibrate.fit(both.log_p, both.right)
        return replace(card, calibration=calibration, scores=figures(found, alphabet, patterns))

    return Task(network, card, recipe, prepare, loss, validate, "exact", finish)


def _photographed(real: Real, alphabet: Alphabet, room: Room) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Labelled plates to train on, and those that only validate."""
    found = usable(real.data, alphabet, room)
    held = tuple(s for s in found if is_held_out(s, real.held_out))
    if found and real.share and len(held) == len(found):
        raise ConfigError(
            f"real.held_out: all {len(held)} plates of real.data only validate. Lower it, or set real.share to 0."
        )
    return tuple(s for s in found if not is_held_out(s, real.held_out)), held


def _confirmed(settings: Settings, alphabet: Alphabet, room: Room) -> Iterator[Sample]:
    """Plates without a text, with the one that the reader started from gives them, where it can be believed."""
    real = settings.real
    if not real.confirmed:
        return
    if not settings.initial:
        raise ConfigError("real.confirmed: read by which model? Name one in initial, or leave it out.")
    reader, console = runner_of(*load_run(settings.initial)), Console(stderr=True)
    for code, spec in real.confirmed.items():
        asked = [s for s in each_plate([spec]) if not is_held_out(s, real.held_out)]
        rules = Rules(plates.region(code), real.least)
        learnt = 0
        for sample, verdict in zip(asked, verdicts(asked, reader, rules, settings.seed), strict=True):
            if not (verdict.refused or unfit(verdict.plate, alphabet, room)):
                learnt += 1
                plate = replace(verdict.plate, quad=sample.plates[0].quad)
                yield replace(sample, plates=(plate,), image=None)
        console.print(f"{spec}: {learnt} of {len(asked)} plates are confirmed")


def _guided(network: Network, settings: Settings) -> Network:
    if settings.guide and network.rows > 1:
        raise ConfigError(
            f"guide: {settings.model} has {network.rows} rows, and only tokens of one can be shown to it."
        )
    return network


def _patterns(settings: Settings) -> Patterns | None:
    if settings.patterns and (settings.h_concat or settings.oi_concat):
        raise ConfigError(
            "patterns: no text fits them once classes are put together. Leave out h_concat and oi_concat."
        )
    return Patterns(plates.region(settings.patterns), settings.patterns_on) if settings.patterns else None


def _collect_drawn(recipe: CropRecipe, settings: Settings, out: Path) -> Item:
    """The drawn plates that validate."""
    pool = Pool(out / "validation", recipe, settings.validation)
    pool.start(settings.drawn.workers)
    try:
        pool.wait(settings.validation)
    finally:
        pool.stop()
    return pool.take(np.arange(settings.validation))


def usable(specs: Sequence[str], alphabet: Alphabet, room: Room) -> list[Sample]:
    """The labelled plates of these sets, one a sample; a DataError names the first label that cannot be learnt, or a
    set without any."""
    found: list[Sample] = []
    for spec in specs:
        before = len(found)
        for entry in data.entries(spec):
            sample = entry.sample
            for plate in sample.plates:
                if plate.text and (plate.quad is not None or sample.whole) and plate.label == "license_plate":
                    _check(plate, entry, alphabet, room)
                    found.append(replace(sample, plates=(plate,), image=None))
        if len(found) == before:
            raise DataError(f"{spec}: no plate has a text and, in a frame, a box. Label some, or leave the set out.")
    return found


def _check(plate: Plate, entry: Entry, alphabet: Alphabet, room: Room) -> None:
    where = f"{entry.where} ({entry.sample.source})"
    try:
        classes = alphabet.encode(plate.text)
    except DataError as error:
        raise DataError(f"{where}: {error} Add a region that has it to drawn.regions.") from None
    if not room.holds(classes):
        raise DataError(
            f"{where}: {plate.text!r} has {len(classes)} tokens and needs {steps_needed(classes)} steps; expected one "
            f"that {room}. Leave it out, or train a network with more steps."
        )


def unfit(plate: Plate, alphabet: Alphabet, room: Room) -> str:
    """Why a text cannot be learnt; empty: it can."""
    try:
        return "" if room.holds(alphabet.encode(plate.text)) else "longer than the reader can spell"
    except DataError:
        return "with a sign that the reader lacks"


def plan_of(settings: Settings) -> CropPlan:
    """What the run's crops are drawn from; photographs that only validate lend nothing."""
    drawn = settings.drawn
    return CropPlan(
        regions=drawn.regions,
        weights=drawn.weights,
        seed=settings.seed,
        legal=drawn.legal,
        oversample=drawn.oversample,
        rows=drawn.rows,
        camera=CAMERAS[drawn.camera],
        glyphs=drawn.glyphs,
        without=drawn.without,
        photos=tuple(s for s in photographs(drawn.photos) if not is_held_out(s, settings.real.held_out)),
        swapped=drawn.swap,
        nothing=drawn.nothing,
    )


def _preset(settings: Settings) -> str:
    name = settings.drawn.preset
    return known(name, presets.PRESETS, "preset") if name else ""


def photographs(specs: Sequence[str]) -> tuple[Sample, ...]:
    """The samples of these sets that say where their plates are."""
    return tuple(s for spec in specs for s in data.read(spec) if any(plate.quad for plate in s.plates))


def is_held_out(sample: Sample, share: float) -> bool:
    """Whether a file only validates: by its name, so that every run agrees."""
    return zlib.crc32("/".join(Path(sample.source).parts[-3:]).encode()) % 1000 < share * 1000


@lru_cache(maxsize=1024)
def _picture(source: str) -> Image:
    return load(source)


def _straight(recipe: CropRecipe, sample: Sample) -> Item:
    plate = sample.plates[0]
    return recipe.item(straight(_picture(sample.source), plate.quad), plate)


def _stack(items: Sequence[Item]) -> Item:
    return Item(np.stack([item.picture for item in items]), np.stack([item.label for item in items]))
