"""What the loop must know about a task: what is drawn, what is made small, what is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lprkit.core.card import ModelCard
from lprkit.core.types import Image
from lprkit.models.network import Network
from lprkit.train.pool import Item, Recipe


@dataclass(frozen=True)
class Batch:
    """What a network sees at a step, and what it should say of it."""

    pictures: torch.Tensor
    """N, C, H, W as the network takes them."""
    truth: tuple[torch.Tensor, ...]
    """N, … each, as the task's loss takes them."""

    def share(self, part: int, parts: int) -> Batch:
        """What one of several processes takes of it."""
        if parts == 1:
            return self
        return Batch(self.pictures[part::parts], tuple(each[part::parts] for each in self.truth))


@dataclass(frozen=True)
class Found:
    """What a validation found."""

    figures: Mapping[str, float]
    """By name."""
    sheet: Image
    """Some pictures with what was read in them, or found."""
    scores: NDArray[np.float64]
    """How sure the network was of each, 0-1."""


@dataclass(frozen=True)
class Task:
    """One kind of training, put together by `reading.task` or `detecting.task`."""

    network: Network
    card: ModelCard
    recipe: Recipe
    prepare: Callable[[Item, torch.Generator, torch.device], Batch]
    """Changes the pictures of a batch at random."""
    loss: Callable[[nn.Module, Batch, float], torch.Tensor]
    """The mean over a batch, when so large a share of the steps is done."""
    validate: Callable[[nn.Module, torch.device], Found]
    """Of the averaged weights."""
    best: str
    """The figure, larger is better, by which weights are kept."""
    finish: Callable[[nn.Module, ModelCard], ModelCard]
    """The card of the best weights with calibration and scores."""
