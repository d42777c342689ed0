"""Whether a model that was made from another one still says the same, seen on drawn pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import filter as filter_names
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lprkit import decode, plates
from lprkit.core.card import ModelCard
from lprkit.core.errors import DataError, ModelError
from lprkit.core.geometry import box_of, iou
from lprkit.core.image import pixels
from lprkit.core.types import Detection, Sample
from lprkit.decode.objects import detections
from lprkit.runtime import Runner
from lprkit.synth import generate
from lprkit.synth.camera import CAMERAS
from lprkit.synth.generate import CropPlan, ScenePlan

SURE = 0.5
"""What the source says with this score or more must be the same; below it two texts are about as good as each other."""
LEAST, OVERLAP = 0.3, 0.7
"""A detection of SURE must be found by the other model too: with this score, and this IoU of the boxes."""
BATCH = 32


@dataclass(frozen=True)
class Tolerance:
    """How much a model may differ from its source."""

    texts: float = 1.0
    """Least share of the sure texts (or frames of a detector) that are the same."""
    score: float = 0.002
    """Largest mean difference of the scores."""
    output: float = 0.002
    """Largest difference of any probability (readers), or of any output in shares of the input's width (detectors)."""


@dataclass(frozen=True)
class Compared:
    """What both models say about one picture."""

    source: str
    """Where the picture comes from."""
    texts: tuple[str, str]
    scores: tuple[float, float]
    same: bool
    output: float
    """The largest difference of their outputs."""
    right: tuple[bool, bool]

    @property
    def sure(self) -> bool:
        """Whether the source is sure of what it says."""
        return self.scores[0] >= SURE

    def __str__(self) -> str:
        (text, made), (score, made_score) = self.texts, self.scores
        return (
            f"{self.source}: {text!r} {score:.3f} became {made!r} {made_score:.3f}, outputs differ by {self.output:.2g}"
        )


@dataclass(frozen=True)
class Agreement:
    """How far two models agree."""

    samples: tuple[Compared, ...]

    @property
    def same(self) -> float:
        """Share of all pictures about which they say the same."""
        return _mean([one.same for one in self.samples])

    @property
    def same_sure(self) -> float:
        """The same, of those of which the source is sure."""
        return _mean([one.same for one in self.samples if one.sure])

    @property
    def score(self) -> float:
        """Mean difference of the scores."""
        return _mean([abs(one.scores[0] - one.scores[1]) for one in self.samples])

    @property
    def output(self) -> float:
        """Largest difference of the outputs."""
        return max(one.output for one in self.samples)

    @property
    def right(self) -> tuple[float, float]:
        """Share of the drawn texts that the source and the other one read without any mistake."""
        return _mean([one.right[0] for one in self.samples]), _mean([one.right[1] for one in self.samples])

    def as_dict(self) -> dict[str, float]:
        """The figures, rounded."""
        right, made_right = self.right
        figures = {
            "same": self.same,
            "same_sure": self.same_sure,
            "score": self.score,
            "output": self.output,
            "exact_before": right,
            "exact": made_right,
        }
        return {"n": len(self.samples), **{name: round(value, 4) for name, value in figures.items()}}


def drawn(card: ModelCard, count: int, seed: int = 0) -> Iterator[Sample]:
    """Pictures such as the model was trained on: plates of its regions for a reader, scenes for a detector."""
    if card.task == "read":
        return generate.crops(crop_plan(card, seed), count, workers=1)
    of = _regions(card)
    return generate.scenes(ScenePlan(regions=of.names, weights=of.weights, seed=seed), count, workers=1)


def crop_plan(card: ModelCard, seed: int) -> CropPlan:
    """Plates such as a reader was trained on: regions, rows, share of legal serials, camera; in any typeface."""
    of, drawn = _regions(card), card.origin.get("config", {}).get("drawn", {})
    return CropPlan(
        regions=of.names,
        weights=of.weights,
        seed=seed,
        legal=drawn.get("legal", 0.5),
        rows=drawn.get("rows", 0),
        camera=CAMERAS[drawn.get("camera", "street")],
    )


@dataclass(frozen=True)
class _Regions:
    names: tuple[str, ...]
    weights: tuple[float, ...] = ()


def _regions(card: ModelCard) -> _Regions:
    """What the card names, as far as it comes with the package: a user's own files may be gone."""
    settings = card.origin.get("config", {}).get("drawn", {})
    names = tuple(settings.get("regions", ()))
    here = tuple(name for name in names if filter_names(plates.codes(), name))
    return _Regions(here, tuple(settings.get("weights", ()))) if here and here == names else _Regions(here or ("xx",))


def agreement(source: Runner, made: Runner, samples: Iterable[Sample]) -> Agreement:
    """What both say about these pictures; each model prepares them as its card says."""
    rest = iter(samples)
    compared: list[Compared] = []
    while batch := list(islice(rest, BATCH)):
        compared.extend(_compared(source, made, batch))
    if not compared:
        raise DataError("There is no picture to compare the models on. Give at least one.")
    return Agreement(tuple(compared))


def demand(found: Agreement, allowed: Tolerance, where: str) -> None:
    """A ModelError with the first sample that differs, unless the agreement is within what is allowed."""
    wrong, off = [], [one for one in found.samples if not one.output <= allowed.output]
    different = [one for one in found.samples if one.sure and not one.same]
    if found.same_sure < allowed.texts:
        wrong.append(f"{100 * found.same_sure:.4g} % of the sure texts are the same (at least {100 * allowed.texts:g})")
    if not found.score <= allowed.score:
        wrong.append(f"scores differ by {found.score:.4g} on average (at most {allowed.score:g})")
    if off:
        wrong.append(f"outputs differ by up to {found.output:.4g} (at most {allowed.output:g})")
    if wrong:
        first = next(iter(different or off), max(found.samples, key=lambda one: abs(one.scores[0] - one.scores[1])))
        raise ModelError(f"{where}: does not agree with its source: {', '.join(wrong)}. First: {first}.")


def _compared(source: Runner, made: Runner, samples: Sequence[Sample]) -> Iterator[Compared]:
    images = [pixels(sample) for sample in samples]
    outputs, others = (one.run(one.card.input.batch(images)) for one in (source, made))
    answers, other_answers = _answers(source.card, outputs), _answers(made.card, others)
    gaps = _gaps(source.card, outputs, others)
    for sample, a, b, gap in zip(samples, answers, other_answers, gaps, strict=True):
        truth = "".join(plate.text for plate in sample.plates)
        right = (_right(a, truth, source.card), _right(b, truth, made.card))
        yield Compared(sample.source, (a.text, b.text), (a.score, b.score), _alike(a, b), gap, right)


@dataclass(frozen=True)
class _Answer:
    text: str
    score: float
    found: tuple[Detection, ...] = ()


def _answers(card: ModelCard, outputs: NDArray[np.float32]) -> list[_Answer]:
    if card.task == "read":
        return [_Answer(reading.text, reading.score) for reading in decode.read(outputs, card)]
    found = [tuple(detections(cells, card, LEAST)) for cells in outputs]
    return [_Answer(f"{len(each)} found", max((one.score for one in each), default=0.0), each) for each in found]


def _right(answer: _Answer, truth: str, card: ModelCard) -> bool:
    return card.task == "read" and answer.text == card.alphabet.written(truth)


def _gaps(card: ModelCard, outputs: NDArray[np.float32], others: NDArray[np.float32]) -> list[float]:
    """The largest difference for each picture."""
    if outputs.shape != others.shape:
        raise ModelError(f"{card.name}: its output has the shape {others.shape}, that of its source {outputs.shape}.")
    reads = card.task == "read"
    gaps = np.abs(np.exp(outputs) - np.exp(others)) if reads else np.abs(outputs - others) / card.input.width
    return [float(gap) for gap in gaps.reshape(len(gaps), -1).max(axis=1)]


def _alike(a: _Answer, b: _Answer) -> bool:
    """The same text; or everything that one finds surely is found by the other."""
    return (bool(a.found or b.found) or a.text == b.text) and _covers(a.found, b.found) and _covers(b.found, a.found)


def _covers(found: Sequence[Detection], sure: Sequence[Detection]) -> bool:
    return all(
        any(one.label == other.label and iou(box_of(one.quad), box_of(other.quad)) >= OVERLAP for other in found)
        for one in sure
        if one.score >= SURE
    )


def _mean(values: Sequence[float]) -> float:
    """1 of none: nothing differs."""
    return sum(values) / len(values) if values else 1.0
