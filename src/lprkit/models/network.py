"""What every network of lprkit has, and what is counted about it."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import torch
from torch import nn
from torch.nn import functional

from lprkit.core.card import InputSpec, Task
from lprkit.core.config import Range
from lprkit.core.errors import ConfigError

Channels: TypeAlias = Literal["rgb", "bgr", "grey", "sum"]
"""What a network may be fed; `grey` and `sum` are one channel."""
Side: TypeAlias = Annotated[int, Range(1, 4096)]
"""Height or width of a picture, px."""
Widths: TypeAlias = Annotated[tuple[int, ...], Range(1)]
"""Channels of the stages of a network."""
Blocks: TypeAlias = Annotated[tuple[int, ...], Range(0)]
"""How many blocks each stage has."""
Activation: TypeAlias = Literal["relu", "silu", "hardswish"]
"""What follows batch-norm: max(0, x); x * sigmoid(x) (Ramachandran et al. 2017, arXiv 1710.05941); or nearly the same
without an exponential, x * min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019, arXiv 1905.02244)."""
Dropped: TypeAlias = Annotated[float, Range(0, 0.99)]
"""Share of what is dropped out."""


def one_each(count: int, **options: tuple[int, ...]) -> None:
    """A ConfigError unless each of these options has a number for each of `count` sizes of the feature map."""
    for name, numbers in options.items():
        if len(numbers) != count:
            raise ConfigError(f"{name}: {list(numbers)} has {len(numbers)} numbers. Give {count}, one for each size.")


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
    class_minor: tuple[str, ...] = ()
    """Weights that see several maps of all classes one after the other. Elsewhere a class has neighbouring entries, and
    the classes come first: `models.store.transfer` moves the rows of shared tokens by this rule."""


@dataclass(frozen=True)
class Cost:
    """The size of a network."""

    params: int
    """Trainable parameters."""
    deploy_params: int
    """The same with batch-norm folded into the layers before it, as papers count."""
    macs: int
    """Multiply-adds of convolutions, fully connected layers and LSTMs for one picture."""


def cost(network: Network) -> Cost:
    """Parameters and multiply-adds, counted by letting the shape of one picture run through."""
    macs = 0

    def count(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: Any) -> None:
        nonlocal macs
        macs += _macs(module, output)

    shadow = copy.deepcopy(network).to("meta").eval()  # tensors without numbers: no time is spent on multiplying
    for module in shadow.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        shadow(blank_batch(network, 1).to("meta"))
    params = sum(p.numel() for p in network.parameters() if p.requires_grad)
    return Cost(params, params - _folded(network), macs)


def _macs(module: nn.Module, output: Any) -> int:
    if isinstance(module, nn.Conv2d):
        return int(output.numel() * module.weight[0].numel())
    if isinstance(module, nn.Linear):
        return int(output.numel() * module.in_features)
    if isinstance(module, nn.LSTM):  # four gates, each from the input and from the state
        return int(output[0].numel() * 4 * (module.input_size + module.hidden_size))
    return 0


def _folded(network: nn.Module) -> int:
    """Parameters that vanish with batch-norm: its scales, and one of two biases in a row."""
    leaves = [module for module in network.modules() if next(module.children(), None) is None]
    norms = [m for m in leaves if isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d)]
    scales = sum(norm.weight.numel() for norm in norms if norm.weight is not None)
    biases = [getattr(before, "bias", None) for before, after in itertools.pairwise(leaves) if after in norms]
    return scales + sum(bias.numel() for bias in biases if isinstance(bias, torch.Tensor))


def blank_batch(network: Network, count: int) -> torch.Tensor:
    """A batch of zeros in the network's input shape."""
    return torch.zeros(count, network.spec.depth, network.spec.height, network.spec.width)


def activated(activation: Activation) -> nn.Module:
    """The module of an activation."""
    kinds: dict[Activation, type[nn.ReLU | nn.SiLU | nn.Hardswish]] = {
        "relu": nn.ReLU,
        "silu": nn.SiLU,
        "hardswish": nn.Hardswish,
    }
    return kinds[activation](inplace=True)


def conv(
    inputs: int,
    outputs: int,
    kernel: tuple[int, int] = (3, 3),
    stride: tuple[int, int] = (1, 1),
    activation: Activation = "relu",
) -> nn.Sequential:
    """Convolution keeping the size (over the stride), batch-norm, activation."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), activated(activation)
    )


class Dropout(nn.Dropout):
    """The same, but with a random byte an entry: torch's own took a fifth of a training step on CPUs.

    `p` is rounded to a 256th.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape, same shape out."""
        if not self.training or not self.p:
            return x
        eights = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
        kept = eights.view(torch.uint8)[: x.numel()] >= round(256 * self.p)
        return x * kept.as_strided(x.shape, torch.empty_like(x).stride()).to(x.dtype).div_(1 - self.p)


def log_probs(logits: torch.Tensor) -> torch.Tensor:
    """N, C, T logits -> N, T, C log-probabilities, in float32 whatever the network computes in."""
    return logits.transpose(1, 2).float().log_softmax(dim=2)


class Squeeze(nn.Module):
    """Channels weighed by what the whole map looks like (Hu et al. 2017, arXiv 1709.01507), each by 1 on average at the
    start."""

    def __init__(self, width: int) -> None:
        super().__init__()
        narrow = max(8, width // 4)
        self.gates = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(width, narrow, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(narrow, width, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W, same shape out."""
        gates: torch.Tensor = self.gates(x)
        return x * (2 * gates)


class Shortcut(nn.Conv2d):
    """A 1x1 convolution of every `stride`-th row and column.

    In training those are picked first, which is the same: what torch 2.13 does for bfloat16 and fewer than 16 channels
    when it sees the stride itself writes over memory that is not its own, and the process ends in SIGSEGV or SIGABRT.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__(inputs, outputs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W -> N, outputs, ceil(H / stride), ceil(W / stride)."""
        if not self.training:
            return super().forward(x)
        down, right = self.stride
        return functional.conv2d(x[:, :, ::down, ::right], self.weight, self.bias)


class Residual(nn.Module):
    """Two convolutions with the input added (He et al. 2015, arXiv 1512.03385, fig. 2).

    `inner`: channels between them; None: as many as around them.
    """

    def __init__(
        self,
        width: int,
        kernel: tuple[int, int] = (3, 3),
        activation: Activation = "relu",
        squeeze: bool = False,
        inner: int | None = None,
    ) -> None:
        super().__init__()
        inner = inner or width
        self.first = conv(width, inner, kernel, activation=activation)
        convolved, norm, _ = conv(inner, width, kernel)
        self.second = nn.Sequential(convolved, norm, *([Squeeze(width)] if squeeze else []))
        self.last = activated(activation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W, same shape out."""
        out: torch.Tensor = self.last(x + self.second(self.first(x)))
        return out


class WideResidual(nn.Module):
    """The same between two sizes, with biases as the published networks have them; `skip` is what is added."""

    def __init__(self, inputs: int, outputs: int, stride: int, skip: nn.Module) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1),
            nn.BatchNorm2d(outputs),
        )
        self.skip = skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N, C, H, W, with the height and width over the stride."""
        return torch.relu(self.main(x) + self.skip(x))


def initialise(network: nn.Module, special: Callable[[nn.Module], bool] = lambda module: False) -> None:
    """He-normal weights for convolutions, zero biases; modules for which `special` holds are left alone."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and not special(module):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
