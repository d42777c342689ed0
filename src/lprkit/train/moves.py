"""Changes that move the pixels of plate crops N, C, H, W; the edge is repeated."""

from __future__ import annotations

import torch
from torch.nn import functional

from lprkit.train.chance import between, chosen
from lprkit.train.changes import Augment, Span
from lprkit.train.kernels import gauss, separable


def moved(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """All `MATRICES` in one sampling; the batch is written into."""
    aspect = batch.shape[3] / batch.shape[2]
    matrix = torch.eye(3).repeat(len(batch), 1, 1)
    touched = torch.zeros(len(batch), dtype=torch.bool)
    for kind, make in MATRICES.items():
        places = chosen(len(batch), getattr(how, kind), generator)
        matrix[places] = matrix[places] @ make(len(places), how, generator, aspect)
        touched[places] = True
    places = touched.nonzero().flatten()
    if len(places):
        before = batch[places.to(batch.device)]
        grid = functional.affine_grid(matrix[places, :2].to(batch.device), list(before.shape), align_corners=False)
        batch[places.to(batch.device)] = _sampled(before, grid)
    return batch


def piecewise(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """4x4 points moved, the pixels between them with them."""
    points = torch.randn(len(batch), 2, 4, 4, generator=generator).to(batch.device)
    points = 2 * points * between(how.piecewise_share, batch, generator)
    return _bent(batch, functional.interpolate(points, batch.shape[2:], mode="bilinear", align_corners=True))


def elastic(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Every pixel moved by smoothed noise."""
    height, width = batch.shape[2:]
    noise = torch.randn(len(batch), 2, height, width, generator=generator).to(batch.device)
    kernel = gauss(torch.full((len(batch), 1), how.elastic_smooth_px, device=batch.device), how.elastic_smooth_px)
    smooth = separable(noise, kernel) / kernel.square().sum(dim=1)[:, None, None, None]  # again of deviation 1
    px = torch.tensor([2 / width, 2 / height], device=batch.device).view(1, 2, 1, 1)
    return _bent(batch, smooth * px * between(how.elastic_px, batch, generator))


def _rotate(count: int, how: Augment, generator: torch.Generator, aspect: float) -> torch.Tensor:
    angle = _drawn(how.rotate_degrees, count, generator)[:, 0].deg2rad()
    matrix = torch.eye(3).repeat(count, 1, 1)
    matrix[:, 0, 0] = matrix[:, 1, 1] = angle.cos()
    matrix[:, 0, 1], matrix[:, 1, 0] = angle.sin() / aspect, -angle.sin() * aspect
    return matrix


def _scale(count: int, how: Augment, generator: torch.Generator, aspect: float) -> torch.Tensor:
    matrix = torch.eye(3).repeat(count, 1, 1)
    matrix[:, :2, :2] /= _drawn(how.scale_times, count, generator)[:, :, None]
    return matrix


def _shift(count: int, how: Augment, generator: torch.Generator, aspect: float) -> torch.Tensor:
    matrix = torch.eye(3).repeat(count, 1, 1)
    matrix[:, :2, 2] = -2 * _drawn(how.shift_share, count, generator, 2)
    return matrix


def _shear(count: int, how: Augment, generator: torch.Generator, aspect: float) -> torch.Tensor:
    matrix = torch.eye(3).repeat(count, 1, 1)
    matrix[:, 0, 1] = _drawn(how.shear_degrees, count, generator)[:, 0].deg2rad().tan() / aspect
    return matrix


def _crop(count: int, how: Augment, generator: torch.Generator, aspect: float) -> torch.Tensor:
    left, right, top, bottom = _drawn(how.crop_share, count, generator, 4).unbind(dim=1)
    matrix = torch.eye(3).repeat(count, 1, 1)
    matrix[:, 0, 0], matrix[:, 1, 1] = 1 - left - right, 1 - top - bottom
    matrix[:, 0, 2], matrix[:, 1, 2] = left - right, top - bottom
    return matrix


def _affine(count: int, how: Augment, generator: torch.Generator, aspect: float) -> torch.Tensor:
    change = torch.randn(count, 2, 3, generator=generator) * torch.tensor(how.affine_sigma).view(2, 3)
    matrix = torch.eye(3).repeat(count, 1, 1)
    matrix[:, :2] += change.clamp(-how.affine_limit, how.affine_limit)
    return matrix


MATRICES = {"rotate": _rotate, "scale": _scale, "shift": _shift, "shear": _shear, "crop": _crop, "affine": _affine}
"""Each makes N, 3, 3: where a point of the new picture lies in the old one, both reaching from -1 to 1."""


def _drawn(span: Span, count: int, generator: torch.Generator, numbers: int = 1) -> torch.Tensor:
    """Numbers of the span: N, numbers."""
    low, high = span
    return low + (high - low) * torch.rand(count, numbers, generator=generator)


def _bent(batch: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
    """The pictures, each pixel seen from where the change N, (x, y), H, W says, the picture being 2 wide and high."""
    still = torch.eye(2, 3, device=batch.device).expand(len(batch), 2, 3)
    grid = functional.affine_grid(still, list(batch.shape), align_corners=False)
    return _sampled(batch, grid + change.permute(0, 2, 3, 1))


def _sampled(batch: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    return functional.grid_sample(batch, grid, padding_mode="border", align_corners=False)
