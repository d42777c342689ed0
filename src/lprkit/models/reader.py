"""Our own reader: one- and two-line plates in one small residual network.

The feature map keeps two rows that are read one after the other as one CTC sequence, top row first, so a plate with two
lines needs neither a split nor a second network. With the defaults: 48x128 grey, T = 2 x 32 = 64 steps, 0.63 M
parameters, 81 MMAC (asserted in tests).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lprkit.core.card import InputSpec
from lprkit.core.config import Whole
from lprkit.core.config import build as settings
from lprkit.models.network import (
    Activation,
    Blocks,
    Dropped,
    Network,
    Residual,
    Side,
    Widths,
    activated,
    conv,
    initialise,
    one_each,
)

SIZES = 4
"""The feature map is halved so often, in height."""


@dataclass(frozen=True)
class ReaderOptions:
    """What may be varied."""

    height: Side = 48
    width: Side = 128
    widths: Widths = (16, 48, 80, 128)
    """Channels at 1/2, 1/4, 1/8 of the height, and in the two-row map."""
    blocks: Blocks = (1, 1, 1, 1)
    """Residual blocks at each of these sizes."""
    inner: Widths = ()
    """Channels between the two convolutions of a residual block at each of these sizes; empty: as many as around it."""
    along: Whole = 0
    """Residual blocks of 1x5 kernels that follow on the two-row map: of 3x3 kernels there, a third looks beyond it."""
    activation: Activation = "relu"
    squeeze: bool = False
    """Whether the residual blocks of the two-row map weigh their channels by what all of it looks like."""
    squeeze_all: bool = False
    """Whether those before it do too."""
    dropout: Dropped = 0.1

    def __post_init__(self) -> None:
        """Refuses a network of another shape."""
        one_each(SIZES, widths=self.widths, blocks=self.blocks, inner=self.inner or self.widths)


class Reader(Network):
    """N, 1, 48, 128 -> N, 64, classes log-probabilities."""

    task = "read"

    def __init__(self, classes: int, options: ReaderOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, "grey")
        self.rows, self.steps = 2, 2 * (options.width // 4)
        fine, middle, coarse, lines = options.widths
        activation = options.activation
        inner = options.inner or options.widths
        repeat = [
            [Residual(width, (3, 3), activation, options.squeeze_all, narrow) for _ in range(count)]
            for width, narrow, count in zip(options.widths[:3], inner[:3], options.blocks[:3], strict=True)
        ]
        kernels = [(3, 3)] * options.blocks[3] + [(1, 5)] * options.along
        self.features = nn.Sequential(
            conv(1, fine, stride=(2, 2), activation=activation),  # 24 x 64
            *repeat[0],
            conv(fine, middle, stride=(2, 2), activation=activation),  # 12 x 32
            *repeat[1],
            conv(middle, coarse, stride=(2, 1), activation=activation),  # 6 x 32
            *repeat[2],
            _halved(coarse, lines, activation),  # 2 x 32
            *(Residual(lines, kernel, activation, options.squeeze, inner[3]) for kernel in kernels),
        )
        # What the whole plate looks like (how many lines, which country) is added at every step: the global context
        # of LPRNet (arXiv 1806.10447, section 3.2) as a mean and one small layer, whatever the input size.
        self.context = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(lines, lines, 1), nn.ReLU(inplace=True))
        self.dropout = nn.Dropout2d(options.dropout)
        self.head = nn.Conv2d(lines, classes, 1)
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, 1, H, W in 0-1 -> N, T, C."""
        flat = x.flatten(1)  # one long row: a picture of one channel takes OpenVINO 0.06 ms
        mean = flat.mean(dim=1, keepdim=True)
        spread = ((flat - mean) ** 2).mean(dim=1, keepdim=True).sqrt()
        flat = (flat - mean) / (spread + 0.02)  # lighting leaves; a blank picture stays blank instead of becoming noise
        x = flat.view(x.shape)
        x = self.features(x)  # N, C, 2, W/4
        x = self.head(self.dropout(x + self.context(x)))  # N, classes, 2, W/4
        return x.permute(0, 2, 3, 1).flatten(1, 2).float().log_softmax(dim=2)  # N, T, classes


def _halved(inputs: int, outputs: int, activation: Activation) -> nn.Sequential:
    """Six rows -> two: no padding above and below, so that each looks at its own half of the plate."""
    fold = nn.Conv2d(inputs, outputs, 3, (3, 1), (0, 1), bias=False)
    return nn.Sequential(fold, nn.BatchNorm2d(outputs), activated(activation))


def build(classes: int, options: Mapping[str, Any]) -> Network:
    """The reader over `classes` classes, blank included."""
    return Reader(classes, settings(ReaderOptions, options, "options of model 'reader'"))
