"""What a reader's training makes of its crops, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from lprkit import plates
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.image import pixels
from lprkit.core.types import Image, Sample
from lprkit.models import build
from lprkit.synth.sheet import contact_sheet
from lprkit.train import augment
from lprkit.train.changes import Augment
from lprkit.train.crops import straight
from lprkit.train.settings import Settings

WIDTH_PX = 180
"""Narrower pictures are shown larger."""


def sheet(samples: Sequence[Sample], settings: Settings, seed: int) -> Image:
    """A column for each plate, as the network gets it: the original, all changes together, then every kind alone."""
    crops = _crops(samples, settings)
    grey = crops.shape[1] == 1
    shown, captions = [], []
    for name, how in _rows(settings.augment).items():
        changed = augment.plates(crops, how, torch.Generator().manual_seed(seed))
        rows = (changed.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).numpy()
        shown += [_large(np.repeat(row, 3, axis=2) if grey else row) for row in rows]
        captions += [name] + [""] * (len(rows) - 1)
    return contact_sheet(shown, captions, columns=len(crops))


def _rows(how: Augment) -> dict[str, Augment]:
    """The settings to show, by what is written below them; a kind alone is made to every picture."""
    none: dict[str, Any] = {"keep_original": 0.0, **dict.fromkeys(how.kinds(), 0.0)}
    alone = {
        f"{kind} {f'{100 * chance:.3g} %' if chance else 'off'}": replace(how, **{**none, kind: 1.0})
        for kind, chance in how.kinds().items()
    }
    return {"original": replace(how, **none), f"together, {100 * how.keep_original:.3g} % kept": how, **alone}


def _crops(samples: Sequence[Sample], settings: Settings) -> torch.Tensor:
    """The plates of the samples at the network's size: N, C, H, W in 0-1."""
    if "detector" in settings.model:
        raise ConfigError(f"{settings.model!r} is a detector; augment belongs to readers. Give a reader's settings.")
    spec = build(settings.model, plates.alphabet(settings.drawn.regions).classes, settings.network).spec
    images = [
        spec.fit(straight(pixels(sample), plate.quad))
        for sample in samples
        for plate in sample.plates
        if plate.label == "license_plate" and (plate.quad is not None or sample.whole)
    ]
    if not images:
        raise DataError("No sample says where its plate is. Give a set of crops, or one with boxes or corners.")
    batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
    if spec.channels == "grey":
        batch = (batch * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return batch


def _large(image: Image) -> Image:
    times = max(1, round(WIDTH_PX / image.shape[1]))
    return np.repeat(np.repeat(image, times, axis=0), times, axis=1)
