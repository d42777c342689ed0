"""What every network of lprkit has, and what is counted about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lprkit.core.card import InputSpec, Task


class Network(nn.Module):
    """A torch module that knows how it is fed."""

    task: Task
    spec: InputSpec
    steps: int = 0
    """CTC steps of a reader."""
    rows: int = 1
    """Rows of a reader's feature map, read one after the other."""
    output: str = "log_probs"
    """The name of its output in an exported file."""
    stride: int = 0
    """Input px per output cell of a detector."""


@dataclass(frozen=True)
class Cost:
    """The size of a network."""

    params: int
    """Trainable parameters."""
    deploy_params: int
    """The same with batch-norm folded into the convolutions, as papers count."""
    macs: int
    """Multiply-adds of convolutions and fully connected layers for one picture."""


def cost(network: Network) -> Cost:
    """Parameters and multiply-adds, counted by running one blank picture."""
    macs = 0

    def count(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: Any) -> None:
        nonlocal macs
        if isinstance(module, nn.Conv2d):
            macs += output.numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            macs += output.numel() * module.in_features

    hooks = [module.register_forward_hook(count) for module in network.modules()]
    was_training = network.training
    network.eval()
    with torch.no_grad():
        network(blank_batch(network, 1))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    params = sum(p.numel() for p in network.parameters() if p.requires_grad)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d)]
    scales = sum(m.weight.numel() for m in norms if m.weight is not None)
    return Cost(params, params - scales, macs)


def blank_batch(network: Network, count: int) -> torch.Tensor:
    """A batch of zeros in the network's input shape."""
    return torch.zeros(count, network.spec.depth, network.spec.height, network.spec.width)


def conv(
    inputs: int, outputs: int, kernel: tuple[int, int] = (3, 3), stride: tuple[int, int] = (1, 1)
) -> nn.Sequential:
    """Convolution keeping the size (over the stride), batch-norm, ReLU."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    """Two 3x3 convolutions with the input added (He et al. 2015, arXiv 1512.03385, fig. 2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W, same shape out."""
        return torch.relu(x + self.second(self.first(x)))


def initialise(network: nn.Module, special: Callable[[nn.Module], bool] = lambda module: False) -> None:
    """He-normal weights for convolutions, zero biases; modules for which `special` holds are left alone."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and not special(module):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
