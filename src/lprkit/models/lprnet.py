"""LPRNet of Zherzdev and Gruzdev (arXiv 1806.10447) at 24x94, as the OpenVINO training code lays it out.

Figures to reproduce with 71 classes: 1,434,527 deploy parameters and T = 88 with a context of 128 cells (OpenVINO's
license-plate-recognition-barrier-0007: 1.435 M, 0.347 GFlops); 1,030,047 with 64 cells.
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
from lprkit.models.network import Network, conv, initialise


@dataclass(frozen=True)
class LprNetOptions:
    """What may be varied."""

    height: int = 24
    width: int = 94
    context: int = 128
    """Cells of the global context."""
    dropout: float = 0.5


class SmallBasicBlock(nn.Sequential):
    """1x1, 3x1, 1x3, 1x1 convolutions through a quarter of the outputs (table 1 of the paper)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        quarter = outputs // 4
        super().__init__(
            conv(inputs, quarter, (1, 1)),
            conv(quarter, quarter, (3, 1)),
            conv(quarter, quarter, (1, 3)),
            conv(quarter, outputs, (1, 1)),
        )


class LprNet(Network):
    """N, 3, 24, 94 -> N, 88, classes log-probabilities."""

    task = "read"

    def __init__(self, classes: int, options: LprNetOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, "rgb")
        self.steps = options.width - 6
        rows = ((options.height - 2 - 3) // 2 + 1 - 3) // 2 + 1  # what the three pools leave of the height
        if rows < 1 or self.steps < 1:
            raise ConfigError(f"lprnet-24x94 cannot work at {options.height}x{options.width}: use at least 9x7.")
        self.backbone = nn.Sequential(
            conv(3, 64),
            nn.MaxPool2d(3, 1),
            SmallBasicBlock(64, 128),
            nn.MaxPool2d(3, (2, 1)),
            SmallBasicBlock(128, 256),
            SmallBasicBlock(256, 256),
            nn.MaxPool2d(3, (2, 1)),
            nn.Dropout(options.dropout),
            nn.Conv2d(256, 256, (rows, 1), bias=False),  # rows x W-6 -> 1 x W-6
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Dropout(options.dropout),
            conv(256, classes, (1, 13)),
        )
        self.context = nn.Sequential(
            nn.Flatten(),
            nn.Linear(self.steps * classes, options.context, bias=False),
            nn.BatchNorm1d(options.context),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Conv2d(classes + options.context, classes, 1)
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, 3, H, W in 0-1 -> N, T, C."""
        x = self.backbone(x)  # N, C, 1, T
        context = self.context(x)[:, :, None, None].expand(-1, -1, 1, x.shape[3])
        x = self.head(torch.cat([x, context], dim=1))
        return x.squeeze(2).transpose(1, 2).float().log_softmax(dim=2)  # N, T, C


def build(classes: int, options: Mapping[str, Any]) -> Network:
    """LPRNet over `classes` classes, blank included."""
    return LprNet(classes, settings(LprNetOptions, options, "options of model 'lprnet-24x94'"))
