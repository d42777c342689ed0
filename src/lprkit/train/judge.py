"""How well a reader does on labelled items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lprkit.core.alphabet import Alphabet
from lprkit.core.card import InputSpec
from lprkit.core.types import Image, Scored
from lprkit.decode import ctc
from lprkit.decode.ctc import Classes
from lprkit.evaluate.metrics import edits, exact
from lprkit.evaluate.patterns import Patterns
from lprkit.evaluate.sheet import latin
from lprkit.synth.sheet import contact_sheet
from lprkit.train.pool import Item

AT_ONCE = 256
SHOWN = 24
"""Pictures on the sheet."""

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Of N, T, C log-probabilities and N, L labels."""


@dataclass(frozen=True)
class Judged:
    """What a reader made of each plate."""

    truths: tuple[Classes, ...]
    readings: tuple[Classes, ...]
    log_p: NDArray[np.float64]
    """The exact probability of each reading."""
    loss: float
    """The mean of the training's loss."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which readings are the truth."""
        return np.array([a == b for a, b in zip(self.truths, self.readings, strict=True)], bool)

    @property
    def cer(self) -> float:
        """Wrong, missing and additional tokens, as a share of all."""
        pairs = zip(self.truths, self.readings, strict=True)
        wrong = sum(edits([*map(str, truth)], [*map(str, reading)]) for truth, reading in pairs)
        return wrong / max(1, sum(map(len, self.truths)))


def judge(net: nn.Module, items: Item, spec: InputSpec, loss: Loss) -> Judged:
    """Reads the items; their labels are classes padded with -1, and in the last column anything."""
    device = next(net.parameters()).device
    log_p: list[float] = []
    readings: list[Classes] = []
    losses = 0.0
    for start in range(0, len(items.picture), AT_ONCE):
        part = Item(items.picture[start : start + AT_ONCE], items.label[start : start + AT_ONCE])
        scores = net(to_spec(scaled(part, device), spec)).float()  # N, T, C
        losses += float(loss(scores, torch.from_numpy(part.label).long().to(device))) * len(part.label)
        found = [path.classes for path in ctc.greedy(scores.cpu().numpy())]
        log_p.extend(ctc.log_probability_each(scores.cpu().numpy(), found))
        readings.extend(found)
    labels = items.label[:, :-1].astype(int)
    truths = tuple(tuple(label[label >= 0].tolist()) for label in labels)
    return Judged(truths, tuple(readings), np.array(log_p), losses / max(1, len(items.label)))


def joined(judged: Mapping[str, Judged]) -> Judged:
    """The plates of all sets."""
    each = judged.values()
    truths = tuple(truth for one in each for truth in one.truths)
    readings = tuple(reading for one in each for reading in one.readings)
    loss = sum(one.loss * len(one.truths) for one in each) / max(1, len(truths))
    return Judged(truths, readings, np.concatenate([one.log_p for one in each]), loss)


def figures(judged: Mapping[str, Judged], alphabet: Alphabet, patterns: Patterns | None) -> dict[str, float]:
    """Shares of right readings, character error rates and losses by set, then their means over the sets."""
    found = {f"exact/{name}": float(one.right.mean()) for name, one in judged.items()}
    if patterns:
        kind = f"exact_patterns_{patterns.region.code}_on_{patterns.on}"
        found |= {f"{kind}/{name}": _fitting(one, alphabet, patterns) for name, one in judged.items()}
    found |= {f"cer/{name}": one.cer for name, one in judged.items()}
    found |= {f"ctc/{name}": one.loss for name, one in judged.items()}
    kinds = dict.fromkeys(name.partition("/")[0] for name in found)
    means = {kind: [value for name, value in found.items() if name.startswith(f"{kind}/")] for kind in kinds}
    return found | {kind: float(np.mean(values)) for kind, values in means.items()}


def _fitting(judged: Judged, alphabet: Alphabet, patterns: Patterns) -> float:
    """The share of right readings when truths or readings must fit patterns."""
    pairs = zip(judged.truths, judged.readings, strict=True)
    held = [patterns.held(Scored(alphabet.decode(truth), alphabet.decode(reading))) for truth, reading in pairs]
    return exact([line for line in held if line])


def sheet(items: Item, judged: Judged, alphabet: Alphabet) -> Image:
    """The first pictures, each over its truth and, where it is another one, its reading."""
    count = min(SHOWN, len(items.picture))
    captions = []
    for truth, reading in zip(judged.truths[:count], judged.readings[:count], strict=True):
        said, read = latin(alphabet.decode(truth)), latin(alphabet.decode(reading))
        captions.append(said if truth == reading else f"{said} > {read or '-'}")
    return contact_sheet([_doubled(picture) for picture in items.picture[:count]], captions, columns=4)


def _doubled(picture: NDArray[np.uint8]) -> Image:
    return np.broadcast_to(picture.repeat(2, axis=0).repeat(2, axis=1), (*(2 * n for n in picture.shape[:2]), 3)).copy()


def scaled(batch: Item, device: torch.device) -> torch.Tensor:
    """N, C, H, W in 0-1."""
    return torch.from_numpy(batch.picture).to(device).permute(0, 3, 1, 2).float() / 255


def to_spec(pictures: torch.Tensor, spec: InputSpec) -> torch.Tensor:
    """Pictures in 0-1 scaled and ordered as the network's input."""
    if spec.channels == "bgr":
        pictures = pictures.flip(1)
    elif spec.channels == "sum":
        pictures = pictures.sum(dim=1, keepdim=True)
    return (pictures * 255 - spec.mean) * spec.scale
