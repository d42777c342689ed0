"""Pictures of plates -> readings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lprkit import decode, plates
from lprkit.core.card import ModelCard
from lprkit.core.errors import ModelError
from lprkit.core.types import Image, Reader, Reading, Region
from lprkit.runtime import Runner, load
from lprkit.runtime.looks import surest


def reader(model: str | Path = "reader", runtime: str | None = None, region: str | None = None) -> Reader:
    """A reader that runs this model; `region` bends readings towards what its plates may say, None: any text."""
    return reader_of(open_reader(model, runtime), region)


def open_reader(model: str | Path, runtime: str | None = None) -> Runner:
    """The model, open; a ModelError when it is no reader."""
    runner = load(model, runtime)
    if runner.card.task != "read":
        raise ModelError(f"{model}: is a model that can {runner.card.task}; expected a reader.")
    return runner


def reader_of(runner: Runner, region: str | None = None) -> Reader:
    """A reader from a model that is already open; where it is in doubt it looks again."""
    return surest(once(runner, region), runner.card.input)


def once(runner: Runner, region: str | None = None) -> Reader:
    """What the model says at one look."""
    card = runner.card
    rules = None if region is None else _writable(plates.region(region), card)

    def read(images: Sequence[Image]) -> list[Reading]:
        return decode.read(runner.run(card.input.batch(images)), card, rules)

    return read


def _writable(region: Region, card: ModelCard) -> Region:
    """The region itself, when the reader has the signs for at least one of its patterns."""
    known = frozenset(card.tokens).union(name for name, _ in card.aliases)
    if any(all(known.intersection(slot.tokens) for slot in pattern.slots) for pattern in region.patterns):
        return region
    missing = " ".join(sorted(set(region.tokens) - known)[:8])
    raise ModelError(
        f"{card.name}: has no signs for the plates of {region.code!r} ({missing} …)."
        " Leave the region out, or train a reader with it among drawn.regions."
    )
