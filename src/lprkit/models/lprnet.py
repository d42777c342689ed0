"""LPRNet of Zherzdev and Gruzdev (arXiv 1806.10447) at 24x94, as the OpenVINO training code lays it out.

Figures to reproduce with 71 classes and T = 88 (deploy parameters; `published.py`):
1,434,527 with a context of 128 cells (license-plate-recognition-barrier-0007: 1.435 M, 0.347 GFlops), 1,030,047 with
64 (the 1.0 M, 172 MMAC of the GAP8 reader's card), and 1,436,664 with 64 cells and the head of GAP8's int8 model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import nn

from lprkit.core.card import InputSpec
from lprkit.core.config import Count, Whole
from lprkit.core.config import build as settings
from lprkit.core.errors import ConfigError
from lprkit.models.network import Channels, Dropout, Dropped, Network, Side, Widths, conv, initialise, log_probs
from lprkit.models.stn import Kind, front

GAP8: Mapping[str, Any] = {"head": "map", "context": 64, "mean": 128.0, "scale": 1 / 128}
"""What differs in GAP8's int8 model: its input is a byte less 128, so that zero is zero in every tensor."""

Block: TypeAlias = Callable[[int, int], nn.Module]
Layer: TypeAlias = Callable[[int, int, tuple[int, int]], nn.Module]


@dataclass(frozen=True)
class LprNetOptions:
    """What may be varied."""

    height: Side = 24
    width: Side = 94
    channels: Channels = "rgb"
    mean: float = 0.0
    scale: float = 1 / 255
    """Input = (pixel - mean) * scale; mean 127.5 and scale 2/255 are OpenVINO's `symmetric_range`."""
    block: Literal["small_basic", "fire", "resinc"] = "small_basic"
    widths: Widths = (64, 128, 256, 256)
    """Channels of the first convolution, of the block behind it, and of each block of the deeper part."""
    head: Literal["tile", "map"] = "tile"
    """How the context joins the map: its cells repeated at every step, or a value for each class at each step."""
    context: Count = 128
    """Cells of the global context."""
    dropout: Dropped = 0.5
    stn: Kind = "none"
    stn_start: Whole = 5000
    """Training steps before the STN may move (the paper's)."""


class LprNet(Network):
    """N, 3, 24, 94 -> N, 88, classes log-probabilities."""

    task = "read"

    def __init__(self, classes: int, options: LprNetOptions) -> None:
        super().__init__()
        self.spec = InputSpec(options.height, options.width, options.channels, options.mean, options.scale)
        self.steps = options.width - 6
        self.front = front(options.stn, self.spec, options.stn_start)
        self.backbone = backbone(self.spec, options.widths, BLOCKS[options.block], conv)
        width = options.widths[-1]
        rows = rows_left(self.spec)
        self.classify = nn.Sequential(
            Dropout(options.dropout),
            nn.Conv2d(width, 256, (rows, 1), bias=False),  # rows x W-6 -> 1 x W-6
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            Dropout(options.dropout),
            conv(256, classes, (1, 13)),
        )
        tiled = options.head == "tile"
        self.context = (TiledContext if tiled else MappedContext)(classes, self.steps, options.context)
        self.head = nn.Conv2d(classes + (options.context if tiled else classes), classes, 1)
        self.class_minor = () if tiled else ("head.weight",)
        initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, T, classes."""
        x = self.classify(self.backbone(self.front(x)))  # N, classes, 1, T
        x = self.head(torch.cat([x, self.context(x)], dim=1))
        return log_probs(x.squeeze(2))


class TiledContext(nn.Module):
    """What the whole plate looks like, N, cells, 1, T: the same at every step."""

    def __init__(self, classes: int, steps: int, cells: int) -> None:
        super().__init__()
        self.cells = cells_of(classes, steps, cells)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From the class map N, classes, 1, T."""
        cells: torch.Tensor = self.cells(x)
        return cells[:, :, None, None].expand(-1, -1, 1, x.shape[3])


class MappedContext(nn.Module):
    """The same spread out to N, classes, 1, T, each value 0-1."""

    def __init__(self, classes: int, steps: int, cells: int) -> None:
        super().__init__()
        self.cells = cells_of(classes, steps, cells)
        self.spread = nn.Linear(cells, classes * steps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From the class map N, classes, 1, T."""
        return torch.sigmoid(self.spread(self.cells(x))).view(-1, *x.shape[1:])


def cells_of(classes: int, steps: int, cells: int) -> nn.Sequential:
    """The fully connected layer over the whole class map."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(steps * classes, cells, bias=False), nn.BatchNorm1d(cells), nn.ReLU(inplace=True)
    )


def backbone(spec: InputSpec, widths: tuple[int, ...], block: Block, layer: Layer) -> nn.Sequential:
    """First convolution, block, deeper blocks, a 3x3 pool behind each part: N, C, rows, W-6."""
    if len(widths) < 3 or min(widths) < 8 or any(width % 8 for width in widths):
        raise ConfigError(f"widths = {list(widths)}: expected three or more multiples of 8.")
    if rows_left(spec) < 1 or spec.width < 7:
        raise ConfigError(f"LPRNet cannot work at {spec.height}x{spec.width}: use at least 9x7.")
    first, second, *deeper = widths
    inputs = [second, *deeper[:-1]]
    return nn.Sequential(
        layer(spec.depth, first, (3, 3)),
        nn.MaxPool2d(3, 1),
        block(first, second),
        nn.MaxPool2d(3, (2, 1)),
        *(block(before, after) for before, after in zip(inputs, deeper, strict=True)),
        nn.MaxPool2d(3, (2, 1)),
    )


def rows_left(spec: InputSpec) -> int:
    """What the three pools leave of the height."""
    return ((spec.height - 2 - 3) // 2 + 1 - 3) // 2 + 1


def small_basic(inputs: int, outputs: int) -> nn.Module:
    """1x1, 3x1, 1x3, 1x1 convolutions through a quarter of the outputs (table 1 of the paper)."""
    quarter = outputs // 4
    return nn.Sequential(
        conv(inputs, quarter, (1, 1)),
        conv(quarter, quarter, (3, 1)),
        conv(quarter, quarter, (1, 3)),
        conv(quarter, outputs, (1, 1)),
    )


def fire(inputs: int, outputs: int) -> nn.Module:
    """1x1, 3x3, 1x1 convolutions through a quarter of the outputs."""
    quarter = outputs // 4
    return nn.Sequential(conv(inputs, quarter, (1, 1)), conv(quarter, quarter, (3, 3)), conv(quarter, outputs, (1, 1)))


class Resinc(nn.Module):
    """Two small branches, 1x1 and 1x1-3x1-1x3, added to the input, as in Inception-ResNet (arXiv 1602.07261)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        eighth = outputs // 8
        self.skip = nn.Identity() if inputs == outputs else conv(inputs, outputs, (1, 1))
        self.near = conv(inputs, eighth, (1, 1))
        self.wide = nn.Sequential(
            conv(inputs, eighth, (1, 1)), conv(eighth, eighth, (3, 1)), conv(eighth, eighth, (1, 3))
        )
        self.join = conv(2 * eighth, outputs, (1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, inputs, H, W -> N, outputs, H, W."""
        change = self.join(torch.cat([self.near(x), self.wide(x)], dim=1))
        total: torch.Tensor = self.skip(x) + change
        return total


BLOCKS: Mapping[str, Block] = {"small_basic": small_basic, "fire": fire, "resinc": Resinc}


def build(classes: int, options: Mapping[str, Any]) -> Network:
    """LPRNet over `classes` classes, blank included."""
    return LprNet(classes, settings(LprNetOptions, options, "options of model 'lprnet-24x94'"))


def build_gap8(classes: int, options: Mapping[str, Any]) -> Network:
    """The same as GAP8's int8 model has it."""
    return LprNet(classes, settings(LprNetOptions, {**GAP8, **options}, "options of model 'lprnet-gap8'"))
