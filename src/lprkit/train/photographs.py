"""The plates of photographs that a reader learns from: those with a text, and those whose text can be believed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from lprkit import data, plates
from lprkit.core.alphabet import Alphabet, steps_needed
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import Entry
from lprkit.runtime.torch import runner_of
from lprkit.train.confirm import Rules, trained_reader, verdicts
from lprkit.train.settings import Real, Settings
from lprkit.train.unlabelled import each_plate


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


def labelled(real: Real, alphabet: Alphabet, room: Room) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Labelled plates to train on, and those that only validate."""
    found = usable(real.data, alphabet, room)
    held = tuple(s for s in found if is_held_out(s, real.held_out))
    if found and real.share and len(held) == len(found):
        raise ConfigError(
            f"real.held_out: all {len(held)} plates of real.data only validate. Lower it, or set real.share to 0."
        )
    return tuple(s for s in found if not is_held_out(s, real.held_out)), held


def confirmed(settings: Settings, alphabet: Alphabet, room: Room) -> Iterator[Sample]:
    """Plates without a text, with the one that the teacher gives them, or else the reader started from, where it can be
    believed."""
    real, asks = settings.real, settings.teacher.model or settings.initial
    if not real.confirmed:
        return
    if not asks:
        raise ConfigError("real.confirmed: read by which model? Name one in teacher.model or initial, or leave it out.")
    reader, console = runner_of(*trained_reader(asks)), Console(stderr=True)
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


def photographs(specs: Sequence[str]) -> tuple[Sample, ...]:
    """The samples of these sets that say where their plates are."""
    return tuple(s for spec in specs for s in data.read(spec) if any(plate.quad for plate in s.plates))


def is_held_out(sample: Sample, share: float) -> bool:
    """Whether a file only validates: by its name, so that every run agrees."""
    return zlib.crc32("/".join(Path(sample.source).parts[-3:]).encode()) % 1000 < share * 1000
