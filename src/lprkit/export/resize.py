"""A trained network for inputs of another size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from lprkit.core.card import ModelCard
from lprkit.core.errors import LprError, ModelError
from lprkit.models import build
from lprkit.models.network import Network, blank_batch


def resized(network: Network, card: ModelCard, height: int, width: int) -> tuple[Network, ModelCard]:
    """The same weights for another input, px; a ModelError where the network does not allow that.

    A reader's steps follow from the width. Nothing is learnt: it reads well only what looks as it did in training.
    """
    settings: dict[str, Any] = {**card.options.get("network", {}), "height": height, "width": width}
    classes = len(card.tokens) + (card.task == "read")
    try:
        other = build(str(card.options["model"]), classes, settings)
        other.load_state_dict(network.state_dict())
        with torch.no_grad():
            shape = other.eval()(blank_batch(other, 1)).shape
    except (RuntimeError, ValueError, LprError) as error:
        raise ModelError(f"{card.name}: cannot take {height}x{width} ({' '.join(str(error).split())[:200]}).") from None
    if card.task == "read" and tuple(shape) != (1, other.steps, classes):
        raise ModelError(f"{card.name}: cannot take {height}x{width}: its map would be {tuple(shape[1:])}.")
    card = replace(card, input=other.spec, steps=other.steps, rows=other.rows)
    return other, replace(card, options={**card.options, "network": settings, "stride": other.stride})
