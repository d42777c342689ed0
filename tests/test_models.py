"""Contracts of every network in the table."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lprkit.core.errors import ConfigError  # noqa: E402
from lprkit.models import MODELS, build  # noqa: E402
from lprkit.models.detector import CHANNELS  # noqa: E402
from lprkit.models.network import Network, blank_batch, cost  # noqa: E402

CLASSES = 37


def pictures(network: Network, count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(blank_batch(network, count).shape, generator=generator)


@pytest.fixture(params=sorted(MODELS))
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(1)
    return build(request.param, CLASSES)


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


def test_gradient_reaches_the_first_layer(network: Network) -> None:
    network.train()
    network(pictures(network, 2)).sum(dim=1).pow(2).mean().backward()
    first = next(iter(network.parameters()))
    assert first.grad is not None and float(first.grad.abs().sum()) > 0


def test_unknown_option_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'dropout'"):
        build("reader", CLASSES, {"droput": 0.1})


def test_unknown_model_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'reader'"):
        build("raeder", CLASSES)


@pytest.mark.parametrize(("context", "params"), [(128, 1_434_527), (64, 1_030_047)])
def test_lprnet_has_the_published_size(context: int, params: int) -> None:
    found = cost(build("lprnet-24x94", 71, {"context": context}))
    assert found.deploy_params == params
    assert found.macs / 1e6 == pytest.approx(170, abs=1)


def test_our_networks_stay_small() -> None:
    reader = cost(build("reader", 140))
    assert reader.params <= 1_000_000 and reader.macs <= 100_000_000
    assert cost(build("detector", 2)).params <= 1_200_000
