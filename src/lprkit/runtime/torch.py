"""A network in memory, run like a saved one."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from lprkit.core.card import ModelCard
from lprkit.models.network import Network
from lprkit.runtime import Runner


def runner_of(network: Network, card: ModelCard) -> Runner:
    """The network on the processor, in evaluation mode."""
    network = network.eval().cpu()

    @torch.no_grad()
    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(network(torch.from_numpy(batch)).numpy(), dtype=np.float32)

    return Runner(card, run, "torch")
