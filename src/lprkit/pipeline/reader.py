"""Pictures of plates -> readings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lprkit import decode, plates
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.errors import ModelError
from lprkit.core.geometry import Quad
from lprkit.core.types import Image, PlacedReader, Reader, Reading, Region
from lprkit.pipeline.rectify import again, crop, place
from lprkit.runtime import Runner, load
from lprkit.runtime.looks import look, surest


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


def placed_reader(runner: Runner, region: str | None = None) -> PlacedReader:
    """The same for plates in frames."""
    return placed(once(runner, region), runner.card.input)


def placed(read: Reader, spec: InputSpec) -> PlacedReader:
    """A reader of plates in frames, from one of pictures as `spec` says; where it is in doubt it looks again."""

    def read_placed(frames: Sequence[Image], quads: Sequence[Quad]) -> list[Reading]:
        crops = [crop(frame, quad, spec) for frame, quad in zip(frames, quads, strict=True)]
        return read_cut(read, spec, frames, quads, crops)

    return read_placed


def read_cut(
    read: Reader, spec: InputSpec, frames: Sequence[Image], quads: Sequence[Quad], crops: Sequence[Image]
) -> list[Reading]:
    """The same of plates that are cut out already."""
    places = [place(frame, quad) for frame, quad in zip(frames, quads, strict=True)]
    return look(read, crops, places, lambda n, seen_at: again(frames[n], quads[n], spec, seen_at))


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
