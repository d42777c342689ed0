"""Contracts of every network in the table."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lprkit.core.errors import ConfigError  # noqa: E402
from lprkit.models import MODELS, build  # noqa: E402
from lprkit.models.detector import CHANNELS  # noqa: E402
from lprkit.models.network import Dropout, Network, blank_batch, cost  # noqa: E402

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
    ],
)
def test_what_a_network_cannot_be_is_told(name: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        build(name, CLASSES, options)


def test_our_networks_stay_small() -> None:
    reader = cost(build("reader", 140))
    assert reader.params <= 1_000_000 and reader.macs <= 100_000_000
    assert cost(build("detector", 2)).params <= 1_200_000


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
