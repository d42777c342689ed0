"""A reader that also says how sure published systems would be of each reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lprkit import decode
from lprkit.core.types import Image, Reader, Reading
from lprkit.decode.confidence import published
from lprkit.runtime import Runner


@dataclass(frozen=True)
class Judged(Reading):
    """A reading with the confidences of `decode.confidence`."""

    confidences: Mapping[str, float] = field(default_factory=dict)


def judge_of(runner: Runner) -> Reader:
    """What an open model that is told no region says at one look; its readings are Judged."""

    def read(images: Sequence[Image]) -> list[Reading]:
        scores = runner.run(runner.card.input.batch(images))
        readings = decode.read(scores, runner.card)
        return [
            Judged(**vars(reading), confidences=published(one)) for reading, one in zip(readings, scores, strict=True)
        ]

    return read
