"""A reader that another one imitates: at every CTC step, whatever it holds possible, not only the text.

G. Hinton et al., "Distilling the knowledge in a neural network" (2015, arXiv 1503.02531), at temperature 1 and on the
very picture that the student sees, changes included (Beyer et al. 2021, arXiv 2106.05237).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch.nn import functional

from lprkit.core.errors import ConfigError
from lprkit.models.network import Network
from lprkit.train.confirm import trained_reader
from lprkit.train.settings import Settings

Lesson: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, float], torch.Tensor]
"""The loss by the texts, log-probabilities N, T, C of the pictures N, C, H, W, and the share of the steps that is done:
the loss that is made small."""

PRECISION = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}


def lesson(settings: Settings, network: Network, tokens: tuple[str, ...]) -> Lesson:
    """What the teacher of these settings adds to the loss; a ConfigError if it does not fit the network."""
    how = settings.teacher
    if not how.model:
        return lambda loss, log_probs, pictures, done: loss
    teacher, card = trained_reader(how.model)
    if card.tokens != tokens:
        raise ConfigError(
            f"teacher.model: {how.model} has {len(card.tokens)} tokens, the reader to be trained other ones "
            f"({len(tokens)}). Train both for the same drawn.regions."
        )
    mine, its = _shape(network), _shape(teacher)
    if mine != its:
        raise ConfigError(
            f"teacher.model: {how.model} takes {its}, the reader to be trained {mine}. Take one that agrees."
        )
    teacher.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    kind = PRECISION.get(settings.precision)

    def taught(loss: torch.Tensor, log_probs: torch.Tensor, pictures: torch.Tensor, done: float) -> torch.Tensor:
        share = how.share * (max(0.0, 1 - done / how.fade) if how.fade else 1.0)
        if not share:
            return loss
        with torch.no_grad(), torch.autocast(pictures.device.type, kind, enabled=kind is not None):
            wanted = teacher.to(pictures.device)(pictures)
        apart = functional.kl_div(log_probs, wanted, reduction="batchmean", log_target=True)  # a plate, over its steps
        return (1 - share) * loss + share * apart

    return taught


def _shape(network: Network) -> str:
    """All that must agree where two networks see the same batch and speak in the same steps."""
    spec = network.spec
    scaled = f"{spec.height}x{spec.width} {spec.channels} as (pixel - {spec.mean:g}) * {spec.scale:g} ({spec.resize})"
    return f"{scaled} and has {network.rows} rows in {network.steps} steps"
