"""Quick changes made to a whole batch at every step, so that no picture is seen twice alike.

No change mirrors a picture: in a mirror, a plate no longer says what its label says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch

from lprkit.train import kernels, moves, tones
from lprkit.train.chance import between, on_some
from lprkit.train.changes import Augment

Change: TypeAlias = Callable[[torch.Tensor, Augment, torch.Generator], torch.Tensor]

CHANGES: dict[str, Change] = {
    "piecewise": moves.piecewise,
    "elastic": moves.elastic,
    "gaussian": kernels.gaussian,
    "average": kernels.average,
    "median": kernels.median,
    "cross": kernels.cross,
    "sharpen": kernels.sharpen,
    "emboss": kernels.emboss,
    "colour": tones.colour,
    "grey": tones.grey,
    "multiply": tones.multiply,
    "contrast": tones.contrast,
    "brightness": tones.brightness,
    "noise": tones.noise,
    "dropout": tones.dropout,
    "speckle": tones.speckle,
    "coarse": tones.coarse,
    "cover": tones.cover,
    "invert": tones.invert,
    "pixelise": kernels.pixelise,
}
"""The kinds that follow those of `moves.MATRICES`, which are made together."""


def plates(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Plate crops N, C, H, W in 0-1, grey or RGB, changed as the settings say, in 0-1."""
    return on_some(batch.clone(), 1 - how.keep_original, generator, _with(_changed, how, generator))


def _changed(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    batch = moves.moved(batch, how, generator)
    for kind, change in CHANGES.items():
        batch = on_some(batch, getattr(how, kind), generator, _with(change, how, generator))
    return batch.clamp_(0, 1)


def _with(change: Change, how: Augment, generator: torch.Generator) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda part: change(part, how, generator)


def frames(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Frames N, 3, H, W in 0-1, changed in place: relit, recoloured, some grey; nothing moves, so quads stay true."""
    for place in (torch.rand(batch.shape[0], generator=generator) < 0.15).nonzero().flatten().tolist():
        batch[place] = batch[place].mean(dim=0, keepdim=True)
    gain = between((0.6, 1.4), batch, generator)
    tint = 1 + between((-0.15, 0.15), batch, generator, 3) * (between((0.0, 1.0), batch, generator) < 0.5)
    lift = between((-0.15, 0.15), batch, generator) + 0.45 * (1 - gain)
    grain = torch.randn(1, 1, *batch.shape[2:], generator=generator).to(batch.device)
    batch.mul_(gain * tint).add_(lift)
    for place in (torch.rand(batch.shape[0], generator=generator) < 0.5).nonzero().flatten().tolist():
        batch[place].add_(grain[0], alpha=float(0.04 * torch.rand(1, generator=generator)))
    return batch.clamp_(0, 1)
