"""Random choices for the pictures of a batch; drawn on the CPU, so that every device sees the same (but `grains`)."""

from __future__ import annotations

from collections.abc import Callable

import torch

from lprkit.train.changes import Span


def on_some(
    batch: torch.Tensor, chance: float, generator: torch.Generator, change: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """The batch with a random share of its entries changed; it is written into, and `change` may write into its own."""
    places = chosen(len(batch), chance, generator).to(batch.device)
    if len(places) == len(batch):
        return change(batch)
    if len(places):
        batch[places] = change(batch[places])
    return batch


def chosen(count: int, chance: float, generator: torch.Generator) -> torch.Tensor:
    """The places, of so many, that a chance falls on; nothing is drawn when it is 0."""
    if not chance:
        return torch.zeros(0, dtype=torch.long)
    return (torch.rand(count, generator=generator) < chance).nonzero().flatten()


def between(span: Span, batch: torch.Tensor, generator: torch.Generator, channels: int = 1) -> torch.Tensor:
    """Numbers of the span, drawn evenly: N, channels, 1, 1 on the device of the batch."""
    low, high = span
    numbers = torch.rand(len(batch), channels, 1, 1, generator=generator)
    return (low + (high - low) * numbers).to(batch.device)


def grains(batch: torch.Tensor, generator: torch.Generator) -> torch.Generator:
    """Another generator, for what is drawn for every pixel: on the device of the batch, whose noise differs then."""
    seed = int(torch.randint(2**62, (1,), generator=generator))
    return torch.Generator(batch.device).manual_seed(seed)
