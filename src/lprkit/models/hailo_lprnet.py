"""Hailo's LPRNet (hailo-ai/LPRNet_Pytorch, and `lprnet` of its model zoo): a ResNet with skips from two depths, 75x300.

Figures to reproduce with ten digits and blank: 7,150,245 trainable parameters, 7,140,623 with batch-norm folded
(7.14 M), 36.54 Gops and, with one addition a bias, 18.29 G; logits 5x19x11 and their mean over the rows, T = 19.
Stages hold 4, 2 and 2 residual blocks and the last one two plain convolutions, as the code has it: the README's "4
stages, each 2 residual blocks" would be another network. Colour order: training saw BGR, the compiled model swaps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lprkit.core.card import InputSpec
from lprkit.core.config import build as settings
from lprkit.core.errors import ConfigError
from lprkit.models.network import (
    Channels,
    Dropout,
    Dropped,
    Network,
    Shortcut,
    Side,
    WideResidual,
    initialise,
    log_probs,
)


@dataclass(frozen=True)
class HailoOptions:
    """What may be varied."""

    height: Side = 75
    width: Side = 300
    channels: Channels = "bgr"
    mean: float = 127.5
    scale: float = 1 / 128
    shrink: int = 1
    """Divides all channels; 4 leaves a sixteenth of the multiply-adds."""
    dropout: Dropped = 0.0
    """Before the two last convolutions. The original has 0.5 there and trains without."""


class HailoLprNet(Network):
    """N, 3, 75, 300 -> N, 19, classes log-probabilities.

    Hailo's chip ends at the map N, classes, 5, 19: in an exported file the output of the convolution whose weights are
    called `head.weight`. Its mean over the rows is left to the host.
    """

    task = "read"

    def __init__(self, classes: int, options: HailoOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, options.channels, options.mean, options.scale)
        self.steps = -(-options.width // 16)
        if options.shrink not in (1, 2, 4, 8, 16, 32):
            raise ConfigError(f"hailo-lprnet: shrink = {options.shrink} is not one of 1, 2, 4, 8, 16, 32.")
        small, middle, wide = (width // options.shrink for width in (64, 128, 256))
        self.stage1 = nn.Sequential(
            nn.Conv2d(self.spec.depth, small, 7, padding=3),
            nn.BatchNorm2d(small),
            nn.ReLU(inplace=True),
            residual(small, small),
            residual(small, middle),
            residual(middle, middle, 2),
            residual(middle, wide),
        )
        self.stage2 = nn.Sequential(residual(wide, wide, 2), residual(wide, wide))
        self.stage3 = nn.Sequential(residual(wide, wide, 2), residual(wide, wide, 2))
        self.stage4 = nn.Sequential(
            Dropout(options.dropout),
            nn.Conv2d(wide, wide, (1, 5), padding=(0, 2)),
            nn.BatchNorm2d(wide),
            nn.ReLU(inplace=True),
            Dropout(options.dropout),
            nn.Conv2d(wide, classes, (5, 1), padding=(2, 0)),
            nn.BatchNorm2d(classes),
            nn.ReLU(inplace=True),
        )
        self.skip1 = strided(wide, 3)
        self.skip2 = strided(wide, 2)
        self.head = nn.Conv2d(classes + 3 * wide, classes, 1)
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, T, classes."""
        return log_probs(self.map(x).mean(dim=2))

    def map(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> logits N, classes, H/16, T: what Hailo's chip gives out."""
        fine = self.stage1(x)
        middle = self.stage2(fine)
        coarse = self.stage3(middle)
        merged = torch.cat([self.stage4(coarse), self.skip1(fine), self.skip2(middle), coarse], dim=1)
        logits: torch.Tensor = self.head(merged)
        return logits


def residual(inputs: int, outputs: int, stride: int = 1) -> WideResidual:
    """Two 3x3 convolutions and the input, which passes a 1x1 convolution where its shape changes."""
    same = inputs == outputs and stride == 1
    return WideResidual(inputs, outputs, stride, nn.Identity() if same else Shortcut(inputs, outputs, stride))


def strided(width: int, count: int) -> nn.Sequential:
    """1x1 convolutions that keep every second cell each, with batch-norm, and ReLU between them."""
    layers: list[nn.Module] = []
    for _ in range(count):
        layers += [Shortcut(width, width, 2), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers[:-1])


def build(classes: int, options: Mapping[str, Any]) -> Network:
    """Hailo's LPRNet over `classes` classes, blank included."""
    return HailoLprNet(classes, settings(HailoOptions, options, "options of model 'hailo-lprnet'"))
