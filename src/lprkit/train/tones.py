"""Changes that leave the pixels of plate crops N, C, H, W where they are: light, colour, noise, things lost.

They may leave 0-1: only at the end does `augment.plates` cut off what is too dark or too light.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from lprkit.train.chance import between, grains
from lprkit.train.changes import Augment

LUMA = (0.299, 0.587, 0.114)


def colour(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Other hue, saturation and value: turned about the grey axis, stretched from it and along it."""
    hue = 2 * math.pi * between(how.colour_hue, batch, generator)[:, 0]
    saturation = between(how.colour_saturation, batch, generator)[:, 0]
    value = between(how.colour_value, batch, generator)
    if batch.shape[1] == 1:
        return batch * value
    cos, sin = hue.cos(), hue.sin() / math.sqrt(3)
    third = torch.full((3, 3), 1 / 3, device=batch.device)
    side = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]], device=batch.device)
    turn = cos * torch.eye(3, device=batch.device) + (1 - cos) * third + sin * side  # N, 3, 3 (Rodrigues)
    stretch = third + saturation * (torch.eye(3, device=batch.device) - third)
    return torch.einsum("nij,njhw->nihw", stretch @ turn, batch) * value


def grey(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Mixed with its grey self."""
    share = between(how.grey_share, batch, generator)
    if batch.shape[1] == 1:
        return batch
    light = (batch * torch.tensor(LUMA, device=batch.device).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return torch.lerp(batch, light.expand_as(batch), share)


def multiply(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Darker or lighter in proportion."""
    return batch.mul_(between(how.multiply_times, batch, generator))


def contrast(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Stretched or flattened about its mean."""
    times = between(how.contrast_times, batch, generator)
    mean = batch.mean(dim=(1, 2, 3), keepdim=True)
    return batch.mul_(times).add_(mean * (1 - times))


def brightness(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Darker or lighter by the same everywhere."""
    return batch.add_(between(how.brightness_plus, batch, generator))


def noise(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Gaussian noise, each channel for itself."""
    low, high = how.noise_sigma
    sigma = between((math.sqrt(low), math.sqrt(high)), batch, generator).square()
    grain = torch.randn(batch.shape, generator=grains(batch, generator), device=batch.device)
    return batch.addcmul_(grain, sigma)


def dropout(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Single pixels made black."""
    height, width = batch.shape[2:]
    return _without(batch, between(how.dropout_share, batch, generator), (height, width), generator)


def speckle(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Single pixels of the camera made any grey, as large in all pictures of the batch."""
    times = between(how.speckle_times, batch[:1], generator).item()
    rows, columns = (max(1, round(side / times)) for side in batch.shape[2:])
    lost = _cells(batch, (rows, columns), generator) < between(how.speckle_share, batch, generator)
    return torch.where(lost, _cells(batch, (rows, columns), generator), batch)


def coarse(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Cells of a grid made black."""
    return _without(batch, between(how.coarse_share, batch, generator), how.coarse_cells, generator)


def cover(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """One flat patch of any grey laid over it."""
    height, width = batch.shape[2:]
    x, y, light = (between((0.0, 1.0), batch, generator) for _ in range(3))
    right = x + between(how.cover_width, batch, generator)
    bottom = y + between(how.cover_height, batch, generator)
    ys = (torch.arange(height, device=batch.device).view(1, 1, -1, 1) + 0.5) / height
    xs = (torch.arange(width, device=batch.device).view(1, 1, 1, -1) + 0.5) / width
    return torch.where((xs > x) & (xs < right) & (ys > y) & (ys < bottom), light, batch)


def invert(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Light made dark and dark made light."""
    return 1 - batch


def _without(
    batch: torch.Tensor, share: torch.Tensor, cells: tuple[int, int], generator: torch.Generator
) -> torch.Tensor:
    return batch.mul_(_cells(batch, cells, generator) >= share)


def _cells(batch: torch.Tensor, cells: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
    """A random number of 0-1 for each cell of a grid that covers the picture: N, 1, H, W."""
    numbers = torch.rand(len(batch), 1, *cells, generator=generator).to(batch.device)
    return functional.interpolate(numbers, batch.shape[2:], mode="nearest")
