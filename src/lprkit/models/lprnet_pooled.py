"""The LPRNet of sirius-ai/LPRNet_Pytorch: its context is pooled from four depths of the network, not fully connected.

Figures to reproduce with its 68 classes at 24x94: 446,976 trainable parameters, 144.4 MMAC, T = 18; with the spatial
transformer of xuexingyu24/License_Plate_Detection_Pytorch in front, 55,430 parameters more. Two things differ on
purpose: the features are scaled by the energy of their own picture, where the original takes the mean over the batch
and so answers differently in other company (sirius-ai/LPRNet_Pytorch#29); and other input sizes work, where it fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from lprkit.core.card import InputSpec
from lprkit.core.config import Whole
from lprkit.core.config import build as settings
from lprkit.core.errors import ConfigError
from lprkit.models.network import Channels, Dropout, Dropped, Network, Side, initialise, log_probs
from lprkit.models.stn import Kind, front


@dataclass(frozen=True)
class PooledOptions:
    """What may be varied."""

    height: Side = 24
    width: Side = 94
    channels: Channels = "bgr"
    mean: float = 127.5
    scale: float = 1 / 128
    dropout: Dropped = 0.5
    stn: Kind = "none"
    stn_start: Whole = 5000
    """Training steps before the STN may move."""


class LprNetPooled(Network):
    """N, 3, 24, 94 -> N, 18, classes log-probabilities."""

    task = "read"

    def __init__(self, classes: int, options: PooledOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, options.channels, options.mean, options.scale)
        self.steps = ((options.width - 4 - 3) // 2 + 1 - 3) // 2 + 1 - 3
        if options.height < 21 or self.steps < 1:
            raise ConfigError(f"lprnet-pooled cannot work at {options.height}x{options.width}: use at least 21x25.")
        self.front = front(options.stn, self.spec, options.stn_start)
        self.stages = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(self.spec.depth, 64, 3), *norm(64)),
                nn.Sequential(nn.MaxPool2d(3, 1), *small_basic(64, 128)),
                nn.Sequential(ThinningPool(2), *small_basic(64, 256), *small_basic(256, 256)),
                nn.Sequential(
                    ThinningPool(4),
                    Dropout(options.dropout),
                    nn.Conv2d(64, 256, (1, 4)),
                    *norm(256),
                    Dropout(options.dropout),
                    nn.Conv2d(256, classes, (13, 1)),
                    *norm(classes),
                ),
            ]
        )
        self.pools = nn.ModuleList([nn.AvgPool2d(5), nn.AvgPool2d(5), nn.AvgPool2d((4, 10), (4, 2)), nn.Identity()])
        self.head = nn.Conv2d(classes + 64 + 128 + 256, classes, 1)
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, T, classes."""
        x = self.front(x)
        seen = []
        for stage, pool in zip(self.stages, self.pools, strict=True):
            x = stage(x)
            seen.append(pool(x))
        parts = [even(resized(part, x.shape[2:])) for part in seen]
        return log_probs(self.head(torch.cat(parts[-1:] + parts[:-1], dim=1)).mean(dim=2))


class ThinningPool(nn.Module):
    """3x3 max-pool, W over 2, of every n-th channel: the original's MaxPool3d in layers that runtimes know."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every = every
        self.pool = nn.MaxPool2d(3, (1, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, C/n, H-2, (W-1)/2."""
        # In training the last axis is sliced: gradients stay channels-last, and a step takes two thirds of the time.
        thinned = x.movedim(1, -1)[..., :: self.every].movedim(-1, 1) if self.training else x[:, :: self.every]
        pooled: torch.Tensor = self.pool(thinned)
        return pooled


def small_basic(inputs: int, outputs: int) -> list[nn.Module]:
    """1x1, 3x1, 1x3, 1x1 convolutions through a quarter of the outputs, with one batch-norm, at the end."""
    quarter = outputs // 4
    return [
        nn.Conv2d(inputs, quarter, 1),
        nn.ReLU(inplace=True),
        nn.Conv2d(quarter, quarter, (3, 1), padding=(1, 0)),
        nn.ReLU(inplace=True),
        nn.Conv2d(quarter, quarter, (1, 3), padding=(0, 1)),
        nn.ReLU(inplace=True),
        nn.Conv2d(quarter, outputs, 1),
        *norm(outputs),
    ]


def norm(width: int) -> list[nn.Module]:
    """Batch-norm and ReLU."""
    return [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]


def resized(x: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """The map at this height and width; at 24x94 the pools give it already."""
    return x if x.shape[2:] == size else functional.interpolate(x, size, mode="bilinear", align_corners=False)


def even(x: torch.Tensor) -> torch.Tensor:
    """The map over the mean energy of its picture, so that no depth drowns another."""
    energy = x.float().pow(2).mean(dim=(1, 2, 3), keepdim=True)
    return (x / (energy + 1e-6)).to(x.dtype)  # a map that ReLU has emptied stays empty


def build(classes: int, options: Mapping[str, Any]) -> Network:
    """The pooled LPRNet over `classes` classes, blank included."""
    return LprNetPooled(classes, settings(PooledOptions, options, "options of model 'lprnet-pooled'"))


def build_stn(classes: int, options: Mapping[str, Any]) -> Network:
    """The same behind the published spatial transformer."""
    values = {"stn": "published", **options}
    return LprNetPooled(classes, settings(PooledOptions, values, "options of model 'lprnet-pooled-stn'"))
