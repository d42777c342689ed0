"""Optimisers, learning-rate schedules, what is done to gradients, frozen blocks, averaged weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from lprkit.core.errors import ConfigError
from lprkit.core.lookup import known
from lprkit.train.muon import Muon
from lprkit.train.settings import Optim


def optimizer(network: nn.Module, settings: Optim) -> torch.optim.Optimizer:
    """The optimiser of these settings; weight decay acts on matrices and kernels only."""
    others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [{"params": _weights(network), "weight_decay": settings.decay}, {"params": others, "weight_decay": 0.0}]
    if settings.name == "sgd":
        nesterov = settings.nesterov and settings.momentum > 0
        return torch.optim.SGD(groups, lr=settings.rate, momentum=settings.momentum, nesterov=nesterov)
    if settings.name == "muon":
        weights = _weights(network)
        edges = {**groups[0], "params": weights[:1] + weights[1:][-1:]}  # Muon is for what lies between them
        return Muon(weights[1:-1], [edges, groups[1]], settings.rate, settings.decay)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(groups, lr=settings.rate, alpha=0.9, momentum=settings.momentum)
    kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
    return kind(groups, lr=settings.rate)


def _weights(network: nn.Module) -> list[nn.Parameter]:
    return [p for p in network.parameters() if p.requires_grad and p.ndim > 1]


def rate_at(step: int, steps: int, settings: Optim) -> float:
    """The learning rate of a step: a linear warm-up, then the schedule, at whose end it stays where it is.

    * cosine       half a cosine down to `final`
    * step         times `factor` at each of the `boundaries`
    * piecewise    the next of the `levels` at each of the `boundaries`
    * exponential  `final` to the power of the share of the steps, smoothly or in `stairs`
    * soft-start   exponentially from `final` up during the warm-up, level, from `annealing` on exponentially down to
                   `final`: NVIDIA's soft-start annealing
    """
    done = min(1.0, step / max(1, steps))
    warmup = max(1, round(steps * settings.warmup))
    if settings.schedule == "soft-start":
        height = min(1.0, done / settings.warmup, (1 - done) / (1 - settings.annealing))
        return settings.rate * math.pow(settings.final, 1 - height)
    if step < warmup:
        return settings.rate * (step + 1) / warmup
    if settings.schedule == "exponential":
        stairs = settings.stairs
        return settings.rate * math.pow(settings.final, math.floor(done * stairs) / stairs if stairs else done)
    passed = sum(step >= round(boundary * steps) for boundary in settings.boundaries)
    if settings.schedule == "step":
        return settings.rate * settings.factor**passed
    if settings.schedule == "piecewise":
        return settings.rate * settings.levels[passed]
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    low = settings.rate * settings.final
    return low + (settings.rate - low) * 0.5 * (1 + math.cos(math.pi * progress))


def penalty(network: nn.Module, settings: Optim) -> torch.Tensor | float:
    """The L1 norm of the weights that decay, times `l1`."""
    if not settings.l1:
        return 0.0
    return settings.l1 * torch.stack([weight.abs().sum() for weight in _weights(network)]).sum()


@torch.no_grad()
def shake(network: nn.Module, noise: float, seed: int) -> None:
    """Adds Gaussian noise to the gradients, the same for the same seed."""
    for n, parameter in enumerate(p for p in network.parameters() if noise and p.grad is not None):
        generator = torch.Generator(parameter.device).manual_seed(seed * 10_007 + n)
        grains = torch.randn(parameter.shape, generator=generator, device=parameter.device)
        parameter.grad.add_(grains, alpha=noise)  # type: ignore[union-attr]


def freeze(network: nn.Module, settings: Optim) -> list[nn.Module]:
    """Takes the frozen blocks and batch-norm out of training; the modules that must stay in evaluation mode."""
    names = {name: module for name, module in network.named_modules() if name and name.count(".") < 2}
    held = [names[known(name, names, "block of the network")] for name in settings.freeze]
    if settings.freeze_norm:
        held += [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    for parameter in (p for module in held for p in module.parameters()):
        parameter.requires_grad = False
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise ConfigError("optim.freeze: nothing is left to be trained. Leave a block out of it, such as the head.")
    return held


@torch.no_grad()
def average(averaged: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Moves the averaged weights towards the current ones; early steps count more, so that the start is forgotten."""
    decay = min(decay, (1 + step) / (10 + step))
    for mean, now in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, 1 - decay)
        else:
            mean.copy_(now)
