"""Frames -> detections: what the network finds, as quads in the picture's pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lprkit.core.card import ModelCard
from lprkit.core.errors import ModelError
from lprkit.core.geometry import box_of, has_middle_in, scale
from lprkit.core.types import Detection, Detector, Image
from lprkit.decode.objects import CHANNELS, detections
from lprkit.pipeline.tiles import tiled
from lprkit.pipeline.zoom import FAINT, zoomed
from lprkit.runtime import Runner, load

THRESHOLD = 0.3
"""Scores below it are not reported."""


def detector(
    model: str | Path = "detector", runtime: str | None = None, threshold: float = THRESHOLD, tiles: bool = False
) -> Detector:
    """A detector that runs this model and looks twice; `tiles`: large pictures are also searched piece by piece."""
    faint = detector_of(open_detector(model, runtime), min(FAINT, threshold))
    return zoomed(tiled(faint) if tiles else faint, threshold)


def open_detector(model: str | Path, runtime: str | None = None) -> Runner:
    """The model, open; a ModelError when it is no detector."""
    runner = load(model, runtime)
    if runner.card.task != "detect":
        raise ModelError(f"{model}: is a model that can {runner.card.task}; expected a detector.")
    return runner


def detector_of(runner: Runner, threshold: float = THRESHOLD) -> Detector:
    """A detector from a model that is already open: what the network says of whole pictures."""
    card = runner.card

    def detect(images: Sequence[Image]) -> list[list[Detection]]:
        maps = runner.run(card.input.batch(images))  # N, 13 * labels, H / stride, W / stride
        if maps.ndim != 4 or maps.shape[1] != CHANNELS * len(card.tokens):
            raise ModelError(
                f"{card.name}: its map is {maps.shape}, expected {CHANNELS} channels for each of {card.tokens}."
            )
        return [_in_picture(one, card, image, threshold) for one, image in zip(maps, images, strict=True)]

    return detect


def _in_picture(cells: NDArray[np.float32], card: ModelCard, image: Image, threshold: float) -> list[Detection]:
    """What one map says, best first, in picture px; without what lies in the margin that letterboxing adds."""
    across, down = card.input.ratio(image)
    found = detections(cells, card, threshold)
    found = [Detection(scale(one.quad, 1 / across, 1 / down), one.label, one.score) for one in found]
    height, width = image.shape[:2]
    return [one for one in found if has_middle_in(box_of(one.quad), width, height)]
