"""Other weights for a reader, out of plates that it read surely and drawn ones."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from torch import nn

from lprkit.models.network import Network
from lprkit.train import augment
from lprkit.train.changes import Augment
from lprkit.train.judge import scaled, to_spec
from lprkit.train.losses import ctc_rows
from lprkit.train.optim import average, optimizer, rate_at
from lprkit.train.pool import Item
from lprkit.train.settings import Optim

GIVEN = "as given"
EMA = 0.98
"""Decay of the averaged weights: of some hundred steps the last fifty count."""

T = TypeVar("T")


@dataclass(frozen=True)
class Adapting:
    """What is adapted to, and how."""

    data: tuple[str, ...]
    """FORMAT:PATH of plates: crops, or frames with boxes."""
    region: str | None = None
    """Whose patterns a text must fit to be believed."""
    readers: tuple[str, ...] = ()
    """Other models that must read the same."""
    labelled: bool = False
    """Whether labels are believed; otherwise they are not looked at."""
    least: float = 0.9
    """Score from which on a reading is believed."""
    steps: int = 300
    batch: int = 64
    """Half of it drawn."""
    rate: float = 3e-4
    held_out: float = 0.2
    """Share of the confirmed plates that only decide; every picture of a plate is on one side."""
    max_minutes: float | None = None
    """Of the training."""
    seed: int = 1


def candidates(network: Network, given: Item, drawn: Item, how: Adapting) -> dict[str, Network]:
    """The model given, with batch-norm measured anew, trained, and halfway to each."""
    mixed = Mixed(given, drawn, how, network)
    norms = copy.deepcopy(network)
    estimate_norms(norms, (mixed.batch(n).pictures for n in range(max(8, min(64, 2 * len(given.label) // how.batch)))))
    trained = _trained(norms, mixed, how)
    return {
        GIVEN: network,
        "batch-norm": norms,
        "half batch-norm": between(network, norms),
        "trained": trained,
        "half trained": between(network, trained),
    }


@dataclass(frozen=True)
class _Batch:
    pictures: torch.Tensor
    """N, C, H, W as the network takes them."""
    labels: torch.Tensor


@dataclass(frozen=True)
class Mixed:
    """Batches of which one half is drawn, all changed as in training."""

    given: Item
    drawn: Item
    how: Adapting
    network: Network

    def batch(self, n: int) -> _Batch:
        """The n-th batch."""
        rng = np.random.default_rng([self.how.seed, n])
        half = self.how.batch // 2
        parts = [_taken(items, rng.integers(0, len(items.label), half)) for items in (self.given, self.drawn)]
        both = Item(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("picture", "label")))
        generator = torch.Generator().manual_seed(self.how.seed * 1_000_003 + n)
        pictures = augment.plates(scaled(both, torch.device("cpu")), Augment(), generator)
        return _Batch(to_spec(pictures, self.network.spec), torch.from_numpy(both.label).long())


@torch.no_grad()
def estimate_norms(network: nn.Module, batches: Iterable[torch.Tensor]) -> None:
    """Sets the statistics of batch-norm to the means over these batches; everything else stays."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d)]
    network.eval()
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.train()
        norm.momentum = None  # a plain mean over all batches
    for batch in batches:
        network(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()


def between(one: Network, other: Network) -> Network:
    """The network halfway between two."""
    middle = copy.deepcopy(one)
    average(middle, other, 0.5, 10**6)
    return middle


def _trained(network: Network, mixed: Mixed, how: Adapting) -> Network:
    """Averaged weights after some hundred small steps."""
    network = copy.deepcopy(network)
    averaged = copy.deepcopy(network).eval()
    settings = Optim(rate=how.rate, warmup=0.1)
    moving = optimizer(network, settings)
    end = time.monotonic() + 60 * how.max_minutes if how.max_minutes else float("inf")
    for step in shown(range(how.steps), "training"):
        if time.monotonic() > end:
            break
        for group in moving.param_groups:
            group["lr"] = rate_at(step, how.steps, settings)
        torch.manual_seed(how.seed + step)  # dropout
        batch = mixed.batch(step)
        loss = ctc_loss(network.train()(batch.pictures), batch.labels, network.rows)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        moving.step()
        moving.zero_grad()
        average(averaged, network, EMA, step)
    return averaged


def ctc_loss(log_probs: torch.Tensor, labels: torch.Tensor, rows: int) -> torch.Tensor:
    """The training's loss of labels that end with how many tokens stand in the first row."""
    return ctc_rows(log_probs, labels[:, :-1], labels[:, -1], rows)


def stacked(items: Sequence[Item]) -> Item:
    """The items as one batch."""
    return Item(np.stack([item.picture for item in items]), np.stack([item.label for item in items]))


def _taken(items: Item, places: NDArray[np.int64]) -> Item:
    return Item(items.picture[places], items.label[places])


def shown(items: Iterable[T], what: str) -> Iterator[T]:
    """The items, counted on the terminal as they pass."""
    console = Console(stderr=True)
    yield from track(items, what, console=console, transient=True, disable=not console.is_terminal)
