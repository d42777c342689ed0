"""Training a reader: plate crops in, texts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lprkit import plates
from lprkit.core.alphabet import Alphabet, concatenated
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.image import load
from lprkit.core.lookup import known
from lprkit.core.types import Image, Plate, Sample
from lprkit.decode import calibrate
from lprkit.evaluate.patterns import Patterns
from lprkit.models import build
from lprkit.models.network import Network
from lprkit.models.store import blank_card
from lprkit.synth import generate, presets
from lprkit.synth.camera import CAMERAS
from lprkit.synth.generate import CropPlan
from lprkit.synth.presets import PresetPlan
from lprkit.train import augment
from lprkit.train.crops import jittered, straight
from lprkit.train.judge import Judged, figures, joined, judge, scaled, sheet, to_spec
from lprkit.train.losses import ctc_rows, guided
from lprkit.train.photographs import Room, confirmed, is_held_out, labelled, photographs
from lprkit.train.pool import Item, Pool
from lprkit.train.settings import Settings
from lprkit.train.task import Batch, Found, Task
from lprkit.train.teacher import lesson

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


def task(settings: Settings, out: Path) -> Task:
    """The reader of these settings with its pools."""
    everything = plates.alphabet(settings.drawn.regions)
    alphabet = concatenated(everything, settings.h_concat, settings.oi_concat)
    network = _guided(build(settings.model, alphabet.classes, settings.network), settings)
    room = Room(network.steps, settings.max_lp_length)
    real, held = labelled(settings.real, alphabet, room)
    real += tuple(confirmed(settings, alphabet, room))
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
    patterns, taught = _patterns(settings), lesson(settings, network, alphabet.tokens)
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
        by_text = guided(distance(log_probs, labels), log_probs, labels[:, :-1], done, settings.guide)
        return taught(by_text, log_probs, batch.pictures, done)

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


@lru_cache(maxsize=1024)
def _picture(source: str) -> Image:
    return load(source)


def _straight(recipe: CropRecipe, sample: Sample) -> Item:
    plate = sample.plates[0]
    return recipe.item(straight(_picture(sample.source), plate.quad), plate)


def _stack(items: Sequence[Item]) -> Item:
    return Item(np.stack([item.picture for item in items]), np.stack([item.label for item in items]))
