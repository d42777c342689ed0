"""Plates without labels whose text can be believed: those that are read alike in several ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from lprkit import decode
from lprkit.core.card import ModelCard
from lprkit.core.errors import ModelError
from lprkit.core.image import pixels
from lprkit.core.types import Image, Plate, Reading, Region, Sample
from lprkit.models.network import Network
from lprkit.models.store import load_run
from lprkit.runtime import Runner
from lprkit.train.crops import jittered, straight

JITTERED = 3
"""Views that are cut a little differently."""
GAMMAS = (0.6, 1.6)
"""Views that are made lighter and darker."""
BATCH = 16
"""Plates that are read at once."""


@dataclass(frozen=True)
class Rules:
    """When a text is believed."""

    region: Region | None = None
    """Whose patterns it must fit; None: any text."""
    least: float = 0.9
    """Score that the model must give it."""
    readers: tuple[Runner, ...] = ()
    """Other models that must read the same."""
    labelled: bool = False
    """Whether a label is believed without further ado."""


@dataclass(frozen=True)
class Verdict:
    """One plate, and whether its text can be believed."""

    plate: Plate
    """With the text that was read, and how many rows it has; no quad."""
    views: tuple[Image, ...]
    """The plate cut out straight, then jittered; at the size of the model's input."""
    refused: str = ""
    """Why not; empty: it can."""


def trained_reader(model: str | Path) -> tuple[Network, ModelCard]:
    """The reader of a run folder, of a weights file or of a bundled name, and its card; a ModelError if it is none."""
    network, card = load_run(model)
    if card.task != "read":
        raise ModelError(f"{model}: is a model that can {card.task}; expected a reader.")
    return network, card


def verdicts(samples: Iterable[Sample], model: Runner, rules: Rules, seed: int = 0) -> Iterator[Verdict]:
    """A verdict on each of these plates; samples hold one plate each."""
    rng, rest = np.random.default_rng(seed), iter(samples)
    while batch := list(islice(rest, BATCH)):
        cuts = [_views(sample, rng) for sample in batch]
        asked = [view for cut in cuts for view in (*cut, *_lit(cut[0]))]
        readings = _read(model, asked, rules.region)
        others = [_read(reader, [cut[0] for cut in cuts], rules.region) for reader in rules.readers]
        each = len(asked) // len(batch)
        for n, (sample, cut) in enumerate(zip(batch, cuts, strict=True)):
            own, theirs = readings[n * each : (n + 1) * each], [reader[n] for reader in others]
            small = tuple(model.card.input.fit(view) for view in cut)
            yield _verdict(sample.plates[0], small, own, theirs, rules)


def _views(sample: Sample, rng: np.random.Generator) -> list[Image]:
    image, quad = pixels(sample), sample.plates[0].quad
    return [straight(image, quad), *(jittered(image, quad, rng) for _ in range(JITTERED))]


def _lit(image: Image) -> Iterator[Image]:
    for gamma in GAMMAS:
        table = (255 * (np.arange(256) / 255) ** gamma).round().astype(np.uint8)
        yield table[image]


def _read(runner: Runner, images: Sequence[Image], region: Region | None) -> list[Reading]:
    return decode.read(runner.run(runner.card.input.batch(images)), runner.card, region)


def _verdict(
    plate: Plate, views: tuple[Image, ...], own: Sequence[Reading], theirs: Sequence[Reading], rules: Rules
) -> Verdict:
    if rules.labelled and plate.text:
        return Verdict(replace(plate, quad=None), views)
    first = own[0]
    read = Plate(first.text, rows=first.rows)
    return Verdict(read, views, _why_not(first, own, theirs, rules))


def _why_not(first: Reading, own: Sequence[Reading], theirs: Sequence[Reading], rules: Rules) -> str:
    """Empty when the text can be believed: one view of all may say something else."""
    if not first.text:
        return "nothing is read"
    if rules.region and first.pattern is None:
        return f"no plate of {rules.region.code}"
    if sum(reading.text != first.text for reading in own) > 1:
        return "the views differ"
    if any(reading.text != first.text for reading in theirs):
        return "another reader differs"
    return "unsure" if first.score < rules.least else ""
