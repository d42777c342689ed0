"""Training a reader: plate crops in, texts out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lprkit import data, plates
from lprkit.core.alphabet import Alphabet, steps_needed
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.errors import DataError
from lprkit.core.image import load
from lprkit.core.types import Image, Plate, Sample
from lprkit.decode import calibrate, ctc
from lprkit.models import build
from lprkit.models.store import blank_card
from lprkit.synth import generate
from lprkit.synth.generate import CropPlan
from lprkit.train import augment
from lprkit.train.crops import jittered, straight
from lprkit.train.losses import ctc_rows
from lprkit.train.pool import Item, Pool
from lprkit.train.settings import Settings
from lprkit.train.task import Task

LONGEST = 24
"""Tokens that a label may have."""


@dataclass(frozen=True)
class CropRecipe:
    """Drawn crops, and now and then a real one cut a little differently."""

    plan: CropPlan
    spec: InputSpec
    tokens: tuple[str, ...]
    real: tuple[Sample, ...] = ()
    real_share: float = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        """H, W, channels of the network."""
        return (self.spec.height, self.spec.width, 1 if self.spec.channels == "grey" else 3)

    @property
    def label_size(self) -> int:
        """Classes of the text, padded with -1, and how many of them stand in the first row (0: unknown)."""
        return LONGEST + 1

    def draw(self, n: int) -> Item:
        """The n-th crop: real ones are spread evenly through the drawn ones."""
        rng = np.random.default_rng([self.plan.seed, n, 1])
        if self.real and rng.random() < self.real_share:
            sample = self.real[int(rng.integers(len(self.real)))]
            return self.item(jittered(_picture(sample.source), sample.plates[0].quad, rng), sample.plates[0])
        drawn = generate.crop_at(n, self.plan)
        assert drawn.image is not None
        return self.item(drawn.image, drawn.plates[0])

    def item(self, image: Image, plate: Plate) -> Item:
        """A picture and its text as the pool keeps them."""
        small = self.spec.fit(image)
        if self.spec.channels == "grey":
            small = (small @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)[:, :, None]
        label = np.full(self.label_size, -1, np.float32)
        classes = _alphabet(self.tokens).encode(plate.text)
        label[: len(classes)] = classes
        label[LONGEST] = plate.breaks[0] if len(plate.breaks) == 1 else len(classes) * (plate.rows == 1)
        return Item(small, label)


def task(settings: Settings, out: Path) -> Task:
    """The reader of these settings with its pools."""
    alphabet = plates.alphabet(settings.drawn.regions)
    network = build(settings.model, alphabet.classes, settings.network)
    real = tuple(usable(settings.real.data, alphabet, network.steps))
    held = tuple(s for s in real if is_held_out(s, settings.real.held_out))
    recipe = CropRecipe(
        _plan(settings),
        network.spec,
        alphabet.tokens,
        tuple(s for s in real if not is_held_out(s, settings.real.held_out)),
        settings.real.share,
    )
    drawn = replace(recipe, plan=replace(recipe.plan, seed=recipe.plan.seed + 1), real=())
    validation = Pool(out / "validation", drawn, settings.validation)
    validation.start(settings.drawn.workers)
    validation.wait(settings.validation)
    validation.stop()
    items = {"drawn": validation.take(np.arange(settings.validation))}
    if held:
        items["real"] = _stack([_straight(recipe, sample) for sample in held])
    card = replace(blank_card(settings.name, settings.model, network, alphabet.tokens), options=_options(settings))

    def loss(net: nn.Module, batch: Item, generator: torch.Generator, device: torch.device) -> torch.Tensor:
        pictures = augment.plates(_scaled(batch, device), settings.augment, generator)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        labels = torch.from_numpy(batch.label).long().to(device)
        log_probs = net(_to_spec(pictures, network.spec))
        return ctc_rows(log_probs, labels[:, :LONGEST], labels[:, LONGEST], network.rows)

    def validate(net: nn.Module, device: torch.device) -> dict[str, float]:
        right = {name: _judged(net, item, network.spec).right for name, item in items.items()}
        figures = {f"exact/{name}": float(one.mean()) for name, one in right.items()}
        return {**figures, "exact": float(np.mean(list(figures.values())))}

    def finish(net: nn.Module, card: ModelCard) -> ModelCard:
        judged = [_judged(net, item, network.spec) for item in items.values()]
        log_p = np.concatenate([one.log_p for one in judged])
        right = np.concatenate([one.right for one in judged])
        scores = validate(net, next(net.parameters()).device)
        return replace(card, calibration=calibrate.fit(log_p, right), scores=scores)

    return Task(network, card, recipe, loss, validate, "exact", finish)


def usable(specs: Sequence[str], alphabet: Alphabet, steps: int) -> list[Sample]:
    """The labelled plates of these sets, one a sample; a DataError names the first label that cannot be learnt."""
    found = []
    for spec in specs:
        for sample in data.read(spec):
            for plate in sample.plates:
                if plate.text and (plate.quad is not None or sample.whole) and plate.label == "license_plate":
                    _check(plate, sample, alphabet, steps)
                    found.append(replace(sample, plates=(plate,), image=None))
    return found


def _check(plate: Plate, sample: Sample, alphabet: Alphabet, steps: int) -> None:
    try:
        classes = alphabet.encode(plate.text)
    except DataError as error:
        raise DataError(f"{sample.source}: {error} Add a region that has it to drawn.regions.") from None
    if steps_needed(classes) > steps or len(classes) > LONGEST:
        raise DataError(f"{sample.source}: {plate.text!r} is longer than the {steps} steps of the network can spell.")


def _plan(settings: Settings) -> CropPlan:
    drawn = settings.drawn
    return CropPlan(
        regions=drawn.regions,
        weights=drawn.weights,
        seed=settings.seed,
        legal=drawn.legal,
        glyphs=drawn.glyphs,
        without=drawn.without,
        photos=photographs(drawn.photos),
        swapped=drawn.swap,
    )


def photographs(specs: Sequence[str]) -> tuple[Sample, ...]:
    """The samples of these sets that say where their plates are."""
    return tuple(s for spec in specs for s in data.read(spec) if any(plate.quad for plate in s.plates))


def _options(settings: Settings) -> dict[str, object]:
    return {"model": settings.model, "network": dict(settings.network)}


def is_held_out(sample: Sample, share: float) -> bool:
    """Whether a file only validates: by its name, so that every run agrees."""
    return zlib.crc32("/".join(Path(sample.source).parts[-3:]).encode()) % 1000 < share * 1000


@lru_cache(maxsize=1024)
def _picture(source: str) -> Image:
    return load(source)


@lru_cache(maxsize=4)
def _alphabet(tokens: tuple[str, ...]) -> Alphabet:
    return Alphabet(tokens)


def _straight(recipe: CropRecipe, sample: Sample) -> Item:
    plate = sample.plates[0]
    return recipe.item(straight(_picture(sample.source), plate.quad), plate)


def _stack(items: Sequence[Item]) -> Item:
    return Item(np.stack([item.picture for item in items]), np.stack([item.label for item in items]))


def _scaled(batch: Item, device: torch.device) -> torch.Tensor:
    """N, C, H, W in 0-1."""
    return torch.from_numpy(batch.picture).to(device).permute(0, 3, 1, 2).float() / 255


def _to_spec(pictures: torch.Tensor, spec: InputSpec) -> torch.Tensor:
    """Pictures in 0-1 scaled and ordered as the network's input."""
    if spec.channels == "bgr":
        pictures = pictures.flip(1)
    elif spec.channels == "sum":
        pictures = pictures.sum(dim=1, keepdim=True)
    return (pictures * 255 - spec.mean) * spec.scale


@dataclass(frozen=True)
class _Judged:
    """How sure a reader was of each plate, and whether it was right."""

    log_p: NDArray[np.float64]
    right: NDArray[np.bool_]


def _judged(net: nn.Module, items: Item, spec: InputSpec) -> _Judged:
    device = next(net.parameters()).device
    log_p: list[float] = []
    right: list[bool] = []
    for start in range(0, len(items.picture), 256):
        part = Item(items.picture[start : start + 256], items.label[start : start + 256])
        scores = net(_to_spec(_scaled(part, device), spec)).float().cpu().numpy()  # N, T, C
        paths = ctc.greedy(scores)
        log_p.extend(ctc.log_probability_each(scores, [path.classes for path in paths]))
        labels = part.label[:, :LONGEST].astype(int)
        truths = [tuple(label[label >= 0]) for label in labels]
        right.extend(path.classes == truth for path, truth in zip(paths, truths, strict=True))
    return _Judged(np.array(log_p), np.array(right))
