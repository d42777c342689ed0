"""NVIDIA's LPRNet (TAO, nvidia_tao_tf1/cv/lprnet): a ResNet of 10 or 18 layers with an LSTM over its columns, 48x96.

Figures to reproduce: 11,252,096 trainable parameters and 1,546.8 MMAC with 10 layers, 14,424,872 and 3,032.5 with 18,
over the 35 characters of the US model and blank; 14,441,288 over the 67 of the Chinese one; T = 24.
The picture's channels are added up before the first layer, so colour is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from lprkit.core.card import InputSpec
from lprkit.core.config import Count
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
    conv,
    initialise,
    log_probs,
)


@dataclass(frozen=True)
class ResnetOptions:
    """What may be varied."""

    height: Side = 48
    width: Side = 96
    channels: Channels = "sum"
    mean: float = 0.0
    scale: float = 1 / 255
    layers: Literal[10, 18] = 10
    shrink: int = 1
    """Divides all channels of the convolutions."""
    head: Literal["lstm", "conv"] = "lstm"
    """`conv`: no recurrence; two convolutions over the columns, which see nine steps. Quicker, and for any runtime."""
    hidden: Count = 512
    """Width of the LSTM, or of the convolutions in its place."""
    dropout: Dropped = 0.0
    """Before the classes."""


class ResnetLprNet(Network):
    """N, 1, 48, 96 -> N, 24, classes log-probabilities."""

    task = "read"

    def __init__(self, classes: int, options: ResnetOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, options.channels, options.mean, options.scale)
        self.steps = -(-options.width // 4)
        if options.shrink not in (1, 2, 4):
            raise ConfigError(f"tao-resnet{options.layers}: shrink = {options.shrink} is not one of 1, 2, 4.")
        widths = [width // options.shrink for width in (64, 64, 128, 256, 300)]
        self.features = nn.Sequential(
            nn.Conv2d(self.spec.depth, widths[0], 3, padding=1),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 1, 1),
            *(
                stage(before, after, stride, 1 if options.layers == 10 else 2)
                for before, after, stride in zip(widths, widths[1:], (1, 2, 2, 1), strict=False)
            ),
        )
        rows = -(-options.height // 4)
        sequence = Recurrent if options.head == "lstm" else Convolved
        self.sequence = sequence(widths[-1], rows, options.hidden)
        self.dropout = Dropout(options.dropout)
        self.head = nn.Linear(options.hidden, classes)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = 1e-4  # theirs; their momentum of 0.997 would need 1000s of steps before it knows the data
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, T, classes."""
        columns = self.sequence(self.features(x))  # N, T, hidden
        return log_probs(self.head(self.dropout(columns)).transpose(1, 2))


class Recurrent(nn.Module):
    """An LSTM that reads the columns of a map from left to right."""

    def __init__(self, channels: int, rows: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels * rows, hidden, batch_first=True)
        # As Keras: one bias a gate, not two; states start nearly kept, and nothing is forgotten at first.
        from_input, from_state, bias, second_bias = self.lstm.parameters()
        nn.init.xavier_uniform_(from_input)
        for gate in from_state.chunk(4):
            nn.init.orthogonal_(gate)
        nn.init.zeros_(bias)
        nn.init.ones_(bias.chunk(4)[1])  # gates: input, forget, cell, output
        nn.init.zeros_(second_bias).requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, T -> N, T, hidden."""
        states: torch.Tensor = self.lstm(x.flatten(1, 2).transpose(1, 2))[0]
        return states


class Convolved(nn.Module):
    """A column each into one cell, and every cell with its four neighbours on both sides."""

    def __init__(self, channels: int, rows: int, hidden: int) -> None:
        super().__init__()
        self.column = nn.Sequential(
            nn.Conv2d(channels, hidden, (rows, 1), bias=False), nn.BatchNorm2d(hidden), nn.ReLU(inplace=True)
        )
        self.around = conv(hidden, hidden, (1, 9))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, T -> N, T, hidden."""
        cells: torch.Tensor = self.around(self.column(x))  # N, hidden, 1, T
        return cells.squeeze(2).transpose(1, 2)


def stage(inputs: int, outputs: int, stride: int, blocks: int) -> nn.Sequential:
    """Residual blocks; the input of the first passes a 1x1 convolution with batch-norm."""
    skip = nn.Sequential(Shortcut(inputs, outputs, stride), nn.BatchNorm2d(outputs))
    more = (WideResidual(outputs, outputs, 1, nn.Identity()) for _ in range(blocks - 1))
    return nn.Sequential(WideResidual(inputs, outputs, stride, skip), *more)


def build_10(classes: int, options: Mapping[str, Any]) -> Network:
    """NVIDIA's network with 10 layers over `classes` classes, blank included."""
    return ResnetLprNet(classes, settings(ResnetOptions, options, "options of model 'tao-resnet10'"))


def build_18(classes: int, options: Mapping[str, Any]) -> Network:
    """The same with 18 layers."""
    values = {"layers": 18, **options}
    return ResnetLprNet(classes, settings(ResnetOptions, values, "options of model 'tao-resnet18'"))
