"""A reader with fewer channels between the two convolutions of its residual blocks, to be trained on from there.

What goes are the channels of which least arrives behind the second convolution: the mean square of what each gives on
drawn plates, times that of the weights that take it in. Channels that are added up stay, as in H. Li et al., "Pruning
filters for efficient convnets" (2016, arXiv 1608.08710).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch

from lprkit.core.card import ModelCard
from lprkit.core.errors import ConfigError, DataError, ModelError
from lprkit.evaluate.agree import Agreement, agreement, drawn
from lprkit.models import build
from lprkit.models.network import Cost, Network, Residual, cost
from lprkit.models.store import CARD, WEIGHTS, save_weights
from lprkit.runtime.torch import runner_of
from lprkit.train.confirm import trained_reader

HEARD, CHECKED = 600, 500
"""Drawn plates that tell which channels matter, and those on which the two readers are compared."""
HEARD_SEED, CHECK_SEED = 1, 2
BATCH = 50


@dataclass(frozen=True)
class Pruned:
    """A narrower reader in a run folder."""

    costs: tuple[Cost, Cost]
    """Before and after."""
    agreement: Agreement
    """With its source, before it is trained on."""


def prune(model: str | Path, inner: Sequence[int], out: Path) -> Pruned:
    """Leaves a reader in the run folder `out` that keeps `inner` channels inside its blocks, one number for each size.

    A ModelError if the network has no such blocks, a ConfigError if it has not so many channels.
    """
    wide, card = trained_reader(model)
    if (out / CARD).exists():
        raise DataError(f"{out}: already holds a model. Choose another --out.")
    if not _blocks(wide):
        raise ModelError(f"{model}: is {card.options['model']!r}, which has no residual blocks to be made narrower.")
    options = {**card.options.get("network", {}), "inner": list(inner)}
    narrow = build(str(card.options["model"]), len(card.tokens) + 1, options)
    narrow.load_state_dict(_less(wide.eval(), _kept(wide, narrow, card)))
    told = {"from": str(model), "inner": list(inner)}
    small = replace(card, options={**card.options, "network": options}, origin={**card.origin, "pruned": told})
    out.mkdir(parents=True, exist_ok=True)
    save_weights(narrow, out / WEIGHTS)
    (out / CARD).write_text(small.to_json(), encoding="utf-8")
    found = agreement(runner_of(wide, card), runner_of(narrow.eval(), small), drawn(card, CHECKED, CHECK_SEED))
    return Pruned((cost(wide), cost(narrow)), found)


def _blocks(network: Network) -> dict[str, Residual]:
    return {name: module for name, module in network.named_modules() if isinstance(module, Residual)}


def _kept(wide: Network, narrow: Network, card: ModelCard) -> dict[str, torch.Tensor]:
    """Of each block, by name, the places of the channels that stay."""
    kept = {}
    for name, given in _given(wide, card).items():
        taken_in = wide.state_dict()[f"{name}.second.0.weight"]
        count, most = len(narrow.state_dict()[f"{name}.first.0.weight"]), len(given)
        if count > most:
            raise ConfigError(f"inner: {count} channels in {name}, which has {most}. Give at most as many.")
        arriving = given * taken_in.square().sum((0, 2, 3))
        kept[name] = arriving.topk(count).indices.sort().values
    return kept


@torch.no_grad()
def _given(wide: Network, card: ModelCard) -> dict[str, torch.Tensor]:
    """Of each block, by name, the mean square of each channel between its convolutions, summed over drawn plates."""
    sums: dict[str, torch.Tensor] = {}

    def listen(name: str, values: torch.Tensor) -> None:
        sums[name] = sums.get(name, 0) + values.square().mean((2, 3)).sum(0)

    hooks = [
        block.first.register_forward_hook(lambda _block, _inputs, values, name=name: listen(name, values))
        for name, block in _blocks(wide).items()
    ]
    pictures = (sample.image for sample in drawn(card, HEARD, HEARD_SEED) if sample.image is not None)
    while batch := list(islice(pictures, BATCH)):
        wide(torch.from_numpy(card.input.batch(batch)))
    for hook in hooks:
        hook.remove()
    return sums


def _less(wide: Network, kept: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights without those of the channels that go."""
    state = dict(wide.state_dict())
    for name, places in kept.items():
        second = f"{name}.second.0.weight"
        state[second] = state[second][:, places]
        state |= {key: value[places] for key, value in state.items() if key.startswith(f"{name}.first.") and value.ndim}
    return state
