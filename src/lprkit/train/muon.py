"""Muon: kernels move by their momentum made orthogonal, everything else by AdamW.

K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024); the size of a move is matched to
AdamW's as in J. Liu et al. (arXiv 2502.16982, section 2.2), so that one learning rate and one decay serve both.
`torch.optim.Muon`, which older releases of torch lack, takes matrices only, no kernels of convolutions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

MOMENTUM = 0.95
ROUNDS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the odd polynomial that each round applies to the singular values (Jordan et al.)."""


class Muon(torch.optim.AdamW):
    """AdamW over all groups but the first, whose kernels (outputs, inputs, ...) are moved by `orthogonal`."""

    def __init__(self, kernels: Iterable[nn.Parameter], groups: Iterable[dict[str, Any]], rate: float, decay: float):
        hidden = {"params": list(kernels), "weight_decay": decay}
        super().__init__([hidden, *groups], lr=rate)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:  # as torch has it
        """One move of all weights."""
        group = self.param_groups[0]
        for kernel in group["params"]:
            if kernel.grad is not None:
                kernel.mul_(1 - group["lr"] * group["weight_decay"])
                kernel.add_(self._move(kernel, kernel.grad), alpha=-group["lr"])
                kernel.grad = None  # AdamW below passes over it
        return super().step(closure)

    def _move(self, kernel: nn.Parameter, grad: torch.Tensor) -> torch.Tensor:
        state = self.state[kernel]
        state.setdefault("step", torch.zeros(()))  # AdamW asks every state that it restores for one
        momentum: torch.Tensor = state.setdefault("momentum", torch.zeros_like(kernel))
        momentum.lerp_(grad, 1 - MOMENTUM)
        matrix = orthogonal(torch.lerp(grad, momentum, MOMENTUM).flatten(1))
        return 0.2 * math.sqrt(max(matrix.shape)) * matrix.view_as(kernel)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The nearest matrix whose singular values are all about 1 (0.7-1.2), by Newton-Schulz rounds in bf16."""
    tall = matrix.shape[0] > matrix.shape[1]
    wide = (matrix.T if tall else matrix).contiguous()
    wide = (wide / (torch.linalg.vector_norm(wide) + 1e-7)).bfloat16()
    a, b, c = COEFFICIENTS
    for _ in range(ROUNDS):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return (wide.T if tall else wide).to(matrix.dtype)
