"""Contracts of every network in the table."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from lprkit import plates  # noqa: E402
from lprkit.core.card import InputSpec  # noqa: E402
from lprkit.core.config import load  # noqa: E402
from lprkit.core.errors import ConfigError  # noqa: E402
from lprkit.models import MODELS, build  # noqa: E402
from lprkit.models.detector import CHANNELS  # noqa: E402
from lprkit.models.network import (  # noqa: E402
    Dropout,
    Network,
    Residual,
    Shortcut,
    Squeeze,
    blank_batch,
    cost,
    initialise,
)
from lprkit.train.settings import Settings  # noqa: E402

CONFIGS = Path(__file__).parents[1] / "configs"
CLASSES = 12
LPRNET = {"widths": [16, 16, 16, 16], "context": 16, "width": 46}
SMALL: dict[str, dict[str, object]] = {
    "reader": {"widths": [8, 16, 16, 16], "height": 48, "width": 32},
    "detector": {"widths": [8, 8, 16, 16, 16, 16], "neck": 16, "height": 64, "width": 128},
    "lprnet-24x94": LPRNET,
    "lprnet-gap8": LPRNET,
    "lprnet-korean": LPRNET,
    "lprnet-pooled": {"width": 54},
    "lprnet-pooled-stn": {"width": 54, "stn_start": 0},
    "hailo-lprnet": {"shrink": 16, "height": 40, "width": 100},
    "tao-resnet10": {"shrink": 4, "hidden": 24, "height": 16, "width": 40},
    "tao-resnet18": {"shrink": 4, "hidden": 24, "height": 16, "width": 40, "head": "conv"},
}
"""Options that make each network quick; a new one must be given some."""
READERS = sorted(SMALL.keys() - {"detector"})
VARIANTS = {
    "along": ("reader", {"widths": [8, 16, 16, 16], "width": 32, "along": 1, "activation": "silu", "squeeze": True}),
    "fire": ("lprnet-24x94", {**LPRNET, "block": "fire"}),
    "resinc": ("lprnet-24x94", {**LPRNET, "block": "resinc", "widths": [16, 16, 24]}),
    "deeper": ("lprnet-24x94", {**LPRNET, "widths": [16, 16, 16, 16, 24], "stn": "healthy", "height": 32}),
    "grey": ("lprnet-gap8", {**LPRNET, "channels": "grey"}),
    "tall": ("lprnet-pooled", {"height": 40, "width": 75, "channels": "rgb"}),
    "wide": ("lprnet-pooled-stn", {"height": 21, "width": 96, "stn": "healthy", "channels": "sum"}),
    "least": ("lprnet-pooled", {"height": 21, "width": 25}),
    "odd": ("hailo-lprnet", {"shrink": 32, "height": 33, "width": 65, "dropout": 0.5, "channels": "grey"}),
    "recurrent": ("tao-resnet18", {"shrink": 4, "hidden": 16, "height": 18, "width": 38, "channels": "rgb"}),
}


def pictures(network: Network, count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(blank_batch(network, count).shape, generator=generator)


@pytest.fixture(params=sorted(MODELS))
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(1)
    return build(request.param, CLASSES, SMALL[request.param])


def test_output_has_the_promised_shape(network: Network) -> None:
    output = network.eval()(pictures(network, 2))
    if network.task == "read":
        assert output.shape == (2, network.steps, CLASSES)
        assert torch.allclose(output.exp().sum(dim=2), torch.ones(2, network.steps), atol=1e-4)
        assert network.steps % network.rows == 0
    else:
        size = (network.spec.height // network.stride, network.spec.width // network.stride)
        assert output.shape == (2, CHANNELS * CLASSES, *size)
        assert bool(((output[:, ::CHANNELS] >= 0) & (output[:, ::CHANNELS] <= 1)).all())


def test_answers_do_not_depend_on_the_batch(network: Network) -> None:
    batch = pictures(network, 3)
    network.eval()
    with torch.no_grad():
        together, alone = network(batch), torch.cat([network(one[None]) for one in batch])
    assert torch.allclose(together, alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_read_at_their_own_size(variant: str) -> None:
    torch.manual_seed(1)
    name, options = VARIANTS[variant]
    changed = build(name, CLASSES, options)
    assert changed.eval()(pictures(changed, 2)).shape == (2, changed.steps, CLASSES)


def test_gradient_reaches_the_first_layer(network: Network) -> None:
    network.train()
    network(pictures(network, 2)).sum(dim=1).pow(2).mean().backward()
    # A spatial transformer starts as none, so that its first gradient goes to its last layer alone.
    first = next(p for name, p in network.named_parameters() if not name.startswith("front.locate"))
    assert first.grad is not None and float(first.grad.abs().sum()) > 0


def test_unknown_option_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'dropout'"):
        build("reader", CLASSES, {"droput": 0.1})


def test_unknown_model_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'reader'"):
        build("raeder", CLASSES)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("lprnet-24x94", {"height": 8}, "at least 9x7"),
        ("lprnet-24x94", {"widths": [64, 128]}, "three or more multiples of 8"),
        ("lprnet-24x94", {"height": 15, "stn": "published"}, "at least 16x16"),
        ("lprnet-24x94", {"block": "large"}, "'large' is not one of"),
        ("lprnet-24x94", {"context": 0}, "context: 0 is out of range. Give 1 or more"),
        ("lprnet-pooled", {"dropout": 1.0}, "dropout: 1.0 is out of range. Give 0 to 0.99"),
        ("lprnet-pooled", {"height": 20}, "at least 21x25"),
        ("hailo-lprnet", {"shrink": 3}, "shrink = 3"),
        ("hailo-lprnet", {"height": 0}, "height: 0 is out of range"),
        ("tao-resnet10", {"shrink": 8}, "shrink = 8"),
        ("tao-resnet10", {"hidden": 0}, "hidden: 0 is out of range"),
        ("tao-resnet18", {"layers": 34}, "34 is not one of 10, 18"),
        ("reader", {"widths": [8, 16, 16]}, r"widths: \[8, 16, 16\] has 3 numbers. Give 4, one for each size"),
        ("reader", {"blocks": [1, 1]}, "blocks: .* Give 4"),
        ("reader", {"inner": [8] * 5}, "inner: .* Give 4"),
        ("detector", {"widths": [8] * 6, "blocks": [1] * 5}, "blocks: .* Give 6"),
        ("detector", {"widths": [8, 8], "blocks": [1, 1]}, "widths: .* Give 3"),
    ],
)
def test_what_a_network_cannot_be_is_told(name: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        build(name, CLASSES, options)


@pytest.mark.parametrize("name", ["reader", "reader-synthetic", "reader-int8"])
def test_our_readers_stay_small(name: str) -> None:
    settings = load(Settings, CONFIGS / f"{name}.toml")
    alphabet = plates.alphabet(settings.drawn.regions)
    for network in (build("reader", alphabet.classes), build("reader", alphabet.classes, settings.network)):
        reader = cost(network)
        assert reader.params <= 1_000_000 and reader.macs <= 100_000_000


def test_a_reader_is_narrower_inside_its_blocks() -> None:
    inner = [8, 8, 16, 24]
    network = build("reader", CLASSES, {"widths": [8, 16, 16, 32], "along": 1, "inner": inner, "width": 32})
    blocks = [module for module in network.modules() if isinstance(module, Residual)]
    assert [block.first[0].out_channels for block in blocks] == [*inner, inner[-1]]
    assert [block.second[0].out_channels for block in blocks] == [8, 16, 16, 32, 32]
    assert network(torch.rand(2, 1, 48, 32)).shape == (2, 16, CLASSES)


def test_our_detector_stays_small() -> None:
    assert cost(build("detector", 2)).params <= 1_200_000


@pytest.mark.parametrize(
    ("options", "kernels", "kind"),
    [
        ({}, [(3, 3)] * 3, nn.ReLU),
        ({"activation": "silu"}, [(3, 3)] * 3, nn.SiLU),
        ({"along": 2}, [(3, 3)] * 3 + [(1, 5)] * 2, nn.ReLU),
        ({"along": 1, "squeeze": True, "activation": "silu"}, [(3, 3)] * 3 + [(1, 5)], nn.SiLU),
        ({"squeeze": True, "squeeze_all": True}, [(3, 3)] * 3, nn.ReLU),
        ({"squeeze_all": True}, [(3, 3)] * 3, nn.ReLU),
        ({"activation": "hardswish"}, [(3, 3)] * 3, nn.Hardswish),
    ],
)
def test_blocks_of_a_reader(options: dict[str, object], kernels: list[tuple[int, int]], kind: type[nn.Module]) -> None:
    network = build("reader", CLASSES, {"widths": [8, 16, 16, 16], "blocks": [1, 1, 0, 1], "width": 32, **options})
    blocks = [module for module in network.modules() if isinstance(module, Residual)]
    assert [block.first[0].kernel_size for block in blocks] == kernels
    assert {type(block.last) for block in blocks} == {kind}
    squeezed = [any(isinstance(part, Squeeze) for part in block.second) for block in blocks]
    early, late = bool(options.get("squeeze_all")), bool(options.get("squeeze"))
    assert squeezed == [early] * 2 + [late] * (len(blocks) - 2)
    assert network(torch.rand(2, 1, 48, 32)).shape == (2, 16, CLASSES)


def test_a_fresh_squeeze_weighs_every_channel_about_alike() -> None:
    torch.manual_seed(1)
    squeeze = Squeeze(64)
    initialise(squeeze)
    x = torch.rand(8, 64, 2, 32)
    weights = squeeze(x) / x
    assert weights.mean().item() == pytest.approx(1, abs=0.2)
    assert weights.amin().item() >= 0 and weights.amax().item() <= 2
    assert torch.allclose(weights, weights[:, :, :1, :1].expand_as(weights))  # one number for a whole map


def test_layers_behind_an_activation_are_counted() -> None:
    class Early(Network):
        def __init__(self) -> None:
            super().__init__()
            self.spec = InputSpec(8, 8, "grey")
            self.all = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.all(x)

    counted = cost(Early())
    assert (counted.params, counted.deploy_params) == (40 + 8 + 10, 40 + 4 + 10)


def test_no_stride_reaches_a_plain_1x1_convolution(network: Network) -> None:
    """In bfloat16 torch 2.13 may crash in its gradient."""
    plain = [each for each in network.modules() if type(each) is nn.Conv2d and each.kernel_size == (1, 1)]
    assert all(each.stride == (1, 1) for each in plain)


@pytest.mark.parametrize("size", [(7, 10), (8, 9)])
def test_a_shortcut_is_a_1x1_convolution_with_a_stride(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    shortcut, x = Shortcut(3, 5, 2).double(), torch.randn(2, 3, *size, dtype=torch.float64, requires_grad=True)
    plain = nn.functional.conv2d(x, shortcut.weight, shortcut.bias, 2)
    sources = (x, shortcut.weight, shortcut.bias)
    for out in (shortcut(x), shortcut.eval()(x)):
        torch.testing.assert_close(out, plain)
        for a, b in zip(
            torch.autograd.grad(out.square().sum(), sources),
            torch.autograd.grad(plain.square().sum(), sources, retain_graph=True),
            strict=True,
        ):
            torch.testing.assert_close(a, b)


@pytest.mark.parametrize("p", [0.1, 0.5])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_dropout_drops_its_share_and_scales_the_rest(p: float, layout: torch.memory_format) -> None:
    x = torch.ones(8, 16, 31, 17).to(memory_format=layout).requires_grad_()
    dropout = Dropout(p)
    out = dropout(x)
    out.sum().backward()
    kept = out != 0
    assert kept.float().mean().item() == pytest.approx(1 - p, abs=0.01)
    assert torch.allclose(out[kept], torch.tensor(1 / (1 - p)))
    assert torch.equal(x.grad, out.detach())
    assert out.is_contiguous(memory_format=layout)
    assert dropout.eval()(x) is x
