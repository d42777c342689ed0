"""Spatial transformer in front of a reader (Jaderberg et al. 2015, arXiv 1506.02025): it learns to straighten plates.

`published` is the localisation network of xuexingyu24/License_Plate_Detection_Pytorch: 55,430 parameters at 3x24x94.
`healthy` normalises what it computes, loses less detail to pooling, and moves the corners a tenth as fast.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch
from torch import nn
from torch.nn import functional

from lprkit.core.card import InputSpec
from lprkit.core.errors import ConfigError
from lprkit.models.network import conv

Kind: TypeAlias = Literal["none", "published", "healthy"]

GAIN = 0.1
"""Change of the transform per output of the healthy kind. A transform moves every pixel at once, so at a reader's own
learning rate it runs away before the reader knows what a letter is."""


class Stn(nn.Module):
    """N, C, H, W -> the same shape, seen through an affine change that starts as none.

    In training the change is withheld for the first `start` steps, which the network counts itself: until the reader
    can read a little, there is nothing to learn from it. Multiplied by 0 rather than skipped, the parameters always
    take part, as several processes need, and do not move.
    """

    steps: torch.Tensor
    still: torch.Tensor
    places: torch.Tensor

    def __init__(self, kind: Literal["published", "healthy"], spec: InputSpec, start: int) -> None:
        super().__init__()
        self.start = start
        self.gain = GAIN if kind == "healthy" else 1.0
        # What moves in from outside: black is a false edge with a false gradient, so the healthy kind repeats the rim.
        self.padding = "border" if kind == "healthy" else "zeros"
        features = _healthy(spec.depth) if kind == "healthy" else _published(spec.depth)
        self.locate = nn.Sequential(features, nn.Flatten(), nn.Linear(_size(features, spec), 32), nn.ReLU(inplace=True))
        self.change = nn.Linear(32, 6)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))
        self.register_buffer("still", torch.eye(2, 3), persistent=False)
        self.register_buffer("places", _places(spec.height, spec.width), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Samples the picture where the transform says."""
        change = self.change(self.locate(x)).float().view(-1, 1, 1, 2, 3) * self.gain
        if self.training:
            self.steps += 1
            change = change * (self.steps > self.start)
        # No matrix product: under mixed precision it would run in bfloat16, a quarter of a pixel off.
        grid = ((self.still + change) * self.places[:, :, None, :]).sum(dim=4)  # N, H, W, (x, y) in -1 … 1
        return functional.grid_sample(x.float(), grid, padding_mode=self.padding, align_corners=False)


def front(kind: Kind, spec: InputSpec, start: int) -> nn.Module:
    """What a reader looks through: a transformer, or nothing."""
    return nn.Identity() if kind == "none" else Stn(kind, spec, start)


def _published(depth: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(depth, 32, 3),
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
        nn.Conv2d(32, 32, 5),
        nn.MaxPool2d(3),
        nn.ReLU(inplace=True),
    )


def _healthy(depth: int) -> nn.Sequential:
    return nn.Sequential(
        conv(depth, 16, stride=(2, 2)),
        conv(16, 32, stride=(2, 2)),
        conv(32, 32, stride=(2, 2)),
    )


def _size(features: nn.Module, spec: InputSpec) -> int:
    """How many numbers the features of one picture are."""
    with torch.no_grad():
        try:
            return int(features.eval()(torch.zeros(1, spec.depth, spec.height, spec.width)).numel())
        except RuntimeError:
            raise ConfigError(f"The STN cannot work at {spec.height}x{spec.width}: use at least 16x16.") from None
        finally:
            features.train()


def _places(height: int, width: int) -> torch.Tensor:
    """H, W, (x, y, 1): the middle of each pixel, the picture reaching from -1 to 1."""
    y = (torch.arange(height) + 0.5) * 2 / height - 1
    x = (torch.arange(width) + 0.5) * 2 / width - 1
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows, torch.ones_like(rows)], dim=2)
