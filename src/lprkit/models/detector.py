"""Our own detector: anchor-free, one output map at stride 8; a cell may centre one thing a class.

A cell gives, for each label, its score, the distances to the four sides of the box, and the four corners. Centres, not
anchors, after CenterNet (arXiv 1904.07850); distances after FCOS (arXiv 1904.01355). With the defaults: 384x640 RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from lprkit.core.card import InputSpec
from lprkit.core.config import Count
from lprkit.core.config import build as settings
from lprkit.models.network import Blocks, Network, Residual, Side, Widths, conv, initialise, one_each

CHANNELS = 13
"""Output channels a label: score, 4 box distances, 4 corners x (dx, dy)."""


@dataclass(frozen=True)
class DetectorOptions:
    """What may be varied."""

    height: Side = 384
    width: Side = 640
    widths: Widths = (16, 24, 40, 64, 96, 128)
    """Channels at strides 2, 4, 8, 16, 32, 64."""
    blocks: Blocks = (0, 1, 1, 1, 1, 1)
    """Residual blocks at these strides."""
    neck: Count = 48
    """Channels of the merged map."""

    def __post_init__(self) -> None:
        """Refuses a network of another shape."""
        one_each(max(3, len(self.widths)), widths=self.widths, blocks=self.blocks)


class Detector(Network):
    """N, 3, H, W -> N, 13 * labels, H/8, W/8 map; H and W multiples of 64."""

    task = "detect"
    output = "map"
    stride = 8

    def __init__(self, labels: int, options: DetectorOptions) -> None:
        super().__init__()
        self.labels = labels
        self.spec = InputSpec(options.height, options.width, "rgb", resize="letterbox")
        inputs = 3
        stages = []
        for width, blocks in zip(options.widths, options.blocks, strict=True):
            stages.append(nn.Sequential(conv(inputs, width, stride=(2, 2)), *(Residual(width) for _ in range(blocks))))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.lateral = nn.ModuleList(nn.Conv2d(width, options.neck, 1) for width in options.widths[2:])
        self.smooth = nn.ModuleList(conv(options.neck, options.neck) for _ in options.widths[3:])
        self.score = nn.Sequential(conv(options.neck, options.neck), nn.Conv2d(options.neck, labels, 1))
        self.shape = nn.Sequential(
            conv(options.neck, options.neck), nn.Conv2d(options.neck, labels * (CHANNELS - 1), 1)
        )
        initialise(self)
        nn.init.constant_(self.score[1].bias, -4.6)  # type: ignore[arg-type]  # 1 % at the start, after RetinaNet
        nn.init.normal_(self.shape[1].weight, std=0.01)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, 3, H, W in 0-1 -> N, 13 * labels, H/8, W/8: probability, distances and corners in input px."""
        scores, shape = self.raw(x)
        n, _, h, w = scores.shape
        shape = shape.view(n, self.labels, CHANNELS - 1, h, w)
        # An exponential of a bounded value spans 1 px to the whole frame; corners hang on the distances, so that the
        # network only learns how far they lean.
        distances = self.stride * torch.exp(shape[:, :, :4].clamp(-4, 5))
        left, top, right, bottom = distances.unbind(2)
        width, height = left + right, top + bottom
        lean = shape[:, :, 4:]
        upright = torch.stack([-left, -top, right, -top, right, bottom, -left, bottom], dim=2)
        size = torch.stack([width, height] * 4, dim=2)
        corners = upright + lean * size
        parts = [scores.sigmoid()[:, :, None], distances, corners]
        return torch.cat(parts, dim=2).flatten(1, 2)

    def raw(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Score logits N, labels, H/8, W/8 and raw shape values N, labels * 12, H/8, W/8."""
        x = x - 0.45  # the mean of natural pictures
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        merged = self.lateral[-1](levels[-1])
        for n in range(len(self.smooth) - 1, -1, -1):
            merged = functional.interpolate(merged, scale_factor=2.0, mode="nearest")
            merged = self.smooth[n](merged + self.lateral[n](levels[n + 2]))
        return self.score(merged).float(), self.shape(merged).float()


def build(labels: int, options: Mapping[str, Any]) -> Network:
    """The detector of so many labels."""
    return Detector(labels, settings(DetectorOptions, options, "options of model 'detector'"))
