"""The LPRNet of NinV/Korean-License-Plate-Recognition, which RoadoneP's Korean plate reader runs.

Figures to reproduce with its 46 classes (ten digits, 35 syllables, blank): 822,488 trainable parameters, 100.2 MMAC,
T = 88. It differs from OpenVINO's: blocks give out the quarter they compute in, every convolution has a bias before
its batch-norm, the context is linear, and the last convolution has batch-norm and ReLU too. Its alphabet lacks the
syllables of commercial vehicles and the regions' names; the region `kr` has them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lprkit.core.card import InputSpec
from lprkit.core.config import Count
from lprkit.core.config import build as settings
from lprkit.models.lprnet import backbone, rows_left
from lprkit.models.network import Channels, Dropout, Dropped, Network, Side, Widths, initialise, log_probs


@dataclass(frozen=True)
class KoreanOptions:
    """What may be varied."""

    height: Side = 24
    width: Side = 94
    channels: Channels = "bgr"
    mean: float = 0.0
    scale: float = 1 / 255
    widths: Widths = (64, 32, 64, 64)
    """Channels of the first convolution, of the block behind it, and of each block of the deeper part."""
    context: Count = 128
    """Cells of the global context."""
    dropout: Dropped = 0.5


class LprNetKorean(Network):
    """N, 3, 24, 94 -> N, 88, classes log-probabilities."""

    task = "read"

    def __init__(self, classes: int, options: KoreanOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, options.channels, options.mean, options.scale)
        self.steps = options.width - 6
        self.backbone = backbone(self.spec, options.widths, narrow, layer)
        self.classify = nn.Sequential(
            Dropout(options.dropout),
            layer(options.widths[-1], 256, (rows_left(self.spec), 1), padding=(0, 0)),
            Dropout(options.dropout),
            layer(256, classes, (1, 13), relu=LeakyBackRelu),
        )
        self.context = nn.Linear(self.steps * classes, options.context)
        self.head = layer(classes + options.context, classes, (1, 1), relu=LeakyBackRelu)
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, T, classes."""
        x = self.classify(self.backbone(x))  # N, classes, 1, T
        context = self.context(x.flatten(1))[:, :, None, None].expand(-1, -1, 1, x.shape[3])
        x = self.head(torch.cat([x, context], dim=1))
        return log_probs(x.squeeze(2))


class LeakyBackRelu(nn.Module):
    """ReLU with a gradient below 0 too, where the classes are: one that fell silent early would stay so for good."""

    LEAK = 0.02

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape, same shape out."""
        out = torch.relu(x)
        return out + self.LEAK * (x - x.detach()) if self.training else out


def layer(
    inputs: int,
    outputs: int,
    kernel: tuple[int, int],
    padding: tuple[int, int] | None = None,
    relu: Callable[[], nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """Convolution with bias, batch-norm, ReLU; it keeps the size unless a padding is given."""
    around = (kernel[0] // 2, kernel[1] // 2) if padding is None else padding
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=around), nn.BatchNorm2d(outputs), relu())


def narrow(inputs: int, outputs: int) -> nn.Module:
    """1x1, 3x1, 1x3, 1x1 convolutions, all of the same width."""
    return nn.Sequential(
        layer(inputs, outputs, (1, 1)),
        layer(outputs, outputs, (3, 1)),
        layer(outputs, outputs, (1, 3)),
        layer(outputs, outputs, (1, 1)),
    )


def build(classes: int, options: Mapping[str, Any]) -> Network:
    """The Korean LPRNet over `classes` classes, blank included."""
    return LprNetKorean(classes, settings(KoreanOptions, options, "options of model 'lprnet-korean'"))
