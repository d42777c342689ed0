"""Optimisers, the learning-rate schedule, averaged weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from lprkit.train.settings import Optim


def optimizer(network: nn.Module, settings: Optim) -> torch.optim.Optimizer:
    """The optimiser of these settings; weight decay acts on matrices and kernels only."""
    weights = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": settings.decay}, {"params": others, "weight_decay": 0.0}]
    if settings.name == "sgd":
        return torch.optim.SGD(groups, lr=settings.rate, momentum=0.9, nesterov=True)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(groups, lr=settings.rate, alpha=0.9, momentum=0.9)
    kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
    return kind(groups, lr=settings.rate)


def rate_at(step: int, steps: int, settings: Optim) -> float:
    """The learning rate of a step: a linear warm-up, then half a cosine that never rises again."""
    warmup = max(1, round(steps * settings.warmup))
    if step < warmup:
        return settings.rate * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    low = settings.rate * settings.final
    return low + (settings.rate - low) * 0.5 * (1 + math.cos(math.pi * progress))


@torch.no_grad()
def average(averaged: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Moves the averaged weights towards the current ones; early steps count more, so that the start is forgotten."""
    decay = min(decay, (1 + step) / (10 + step))
    for mean, now in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, 1 - decay)
        else:
            mean.copy_(now)
