"""Quick changes made to a whole batch at every step, so that no picture is seen twice alike."""

from __future__ import annotations

import torch
from torch.nn import functional


def plates(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Plate crops N, C, H, W in 0-1: moved, relit, blurred, covered and inverted a little."""
    batch = _moved(batch, generator)
    batch = _blurred(batch, generator, 0.1)
    batch = _relit(batch, generator)
    batch = _covered(batch, generator, 0.1)
    inverted = _chosen(batch, generator, 0.03)
    return torch.where(inverted, 1 - batch, batch)


def frames(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Frames N, 3, H, W in 0-1, changed in place: relit, recoloured, some grey; nothing moves, so quads stay true."""
    for place in (torch.rand(batch.shape[0], generator=generator) < 0.15).nonzero().flatten().tolist():
        batch[place] = batch[place].mean(dim=0, keepdim=True)
    gain = 0.6 + 0.8 * _uniform(batch, generator)
    tint = 1 + 0.15 * (_uniform(batch, generator, 3) * 2 - 1) * _chosen(batch, generator, 0.5)
    lift = 0.3 * (_uniform(batch, generator) - 0.5) + 0.45 * (1 - gain)
    grain = torch.randn(1, 1, *batch.shape[2:], generator=generator).to(batch.device)
    batch.mul_(gain * tint).add_(lift)
    for place in (torch.rand(batch.shape[0], generator=generator) < 0.5).nonzero().flatten().tolist():
        batch[place].add_(grain[0], alpha=float(0.04 * torch.rand(1, generator=generator)))
    return batch.clamp_(0, 1)


def _uniform(batch: torch.Tensor, generator: torch.Generator, channels: int = 1) -> torch.Tensor:
    """N, channels, 1, 1 numbers in 0-1."""
    numbers = torch.rand(batch.shape[0], channels, 1, 1, generator=generator)
    return numbers.to(batch.device)


def _chosen(batch: torch.Tensor, generator: torch.Generator, share: float) -> torch.Tensor:
    return _uniform(batch, generator) < share


def _moved(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Half of the pictures under a small affine change, edges repeated."""
    n = batch.shape[0]
    change = torch.randn(n, 2, 3, generator=generator) * torch.tensor([[0.04, 0.03, 0.03], [0.02, 0.05, 0.05]])
    change = change.clamp(-0.12, 0.12) * (torch.rand(n, 1, 1, generator=generator) < 0.5)
    matrix = torch.eye(2, 3) + change
    grid = functional.affine_grid(matrix.to(batch.device), list(batch.shape), align_corners=False)
    return functional.grid_sample(batch, grid, padding_mode="border", align_corners=False)


def _blurred(batch: torch.Tensor, generator: torch.Generator, share: float) -> torch.Tensor:
    soft = functional.avg_pool2d(functional.pad(batch, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return torch.where(_chosen(batch, generator, share), soft, batch)


def _relit(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Contrast, brightness and noise."""
    contrast = 0.6 + 0.8 * _uniform(batch, generator)
    brightness = 0.3 * (_uniform(batch, generator) - 0.5)
    mean = batch.mean(dim=(1, 2, 3), keepdim=True)
    batch = (batch - mean) * contrast + mean + brightness
    strength = 0.04 * _uniform(batch, generator) ** 2
    noise = torch.randn(batch.shape, generator=generator).to(batch.device)
    return (batch + noise * strength).clamp(0, 1)


def _covered(batch: torch.Tensor, generator: torch.Generator, share: float) -> torch.Tensor:
    """Some pictures with one small flat patch over them."""
    height, width = batch.shape[2:]
    ys = torch.arange(height, device=batch.device).view(1, 1, -1, 1) / height
    xs = torch.arange(width, device=batch.device).view(1, 1, 1, -1) / width
    x, y, w, h = (_uniform(batch, generator) for _ in range(4))
    inside = (xs > x) & (xs < x + 0.02 + 0.06 * w) & (ys > y) & (ys < y + 0.05 + 0.25 * h)
    return torch.where(inside & _chosen(batch, generator, share), _uniform(batch, generator), batch)
