"""What the loop must know about a task: what is drawn, what is made small, what is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from lprkit.core.card import ModelCard
from lprkit.models.network import Network
from lprkit.train.pool import Item, Recipe


@dataclass(frozen=True)
class Task:
    """One kind of training, put together by `reading.task` or `detecting.task`."""

    network: Network
    card: ModelCard
    recipe: Recipe
    loss: Callable[[nn.Module, Item, torch.Generator, torch.device], torch.Tensor]
    """Of one batch."""
    validate: Callable[[nn.Module, torch.device], dict[str, float]]
    """Figures of the averaged weights, by name."""
    best: str
    """The figure, larger is better, by which weights are kept."""
    finish: Callable[[nn.Module, ModelCard], ModelCard]
    """The card of the best weights with calibration and scores."""
