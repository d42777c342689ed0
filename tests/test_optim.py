"""Schedules, gradients, frozen blocks: what moves the weights, and what must not move."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from lprkit.core import config  # noqa: E402
from lprkit.core.errors import ConfigError  # noqa: E402
from lprkit.train.checkpoint import State  # noqa: E402
from lprkit.train.muon import orthogonal  # noqa: E402
from lprkit.train.optim import freeze, optimizer, penalty, rate_at, shake  # noqa: E402
from lprkit.train.settings import Optim, Settings, Stop  # noqa: E402
from lprkit.train.stop import watch  # noqa: E402

CONFIGS = Path(__file__).parents[1] / "configs"
SCHEDULES: Mapping[str, Mapping[str, Any]] = {
    "cosine": {},
    "step": {"boundaries": (0.4, 0.7), "factor": 0.2},
    "piecewise": {"boundaries": (0.4, 0.7), "levels": (1.0, 0.3, 0.1)},
    "exponential": {"stairs": 5},
    "soft-start": {"annealing": 0.6},
}


@given(st.sampled_from(sorted(SCHEDULES)), st.integers(1, 3000), st.floats(0.001, 0.35))
def test_every_rate_rises_then_falls_and_never_rises_again(name: str, steps: int, warmup: float) -> None:
    optim = Optim(rate=1.0, warmup=warmup, schedule=name, **SCHEDULES[name])  # type: ignore[arg-type]
    rates = [rate_at(step, steps, optim) for step in range(0, steps * 3 // 2 + 2, max(1, steps // 200))]
    top = rates.index(max(rates))
    assert min(rates) > 0 and max(rates) <= 1.0 + 1e-9
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


@pytest.mark.parametrize(
    ("preset", "wanted"),
    [
        ("lprnet-24x94", {149_999: 1e-3, 150_000: 1e-4, 199_999: 1e-4, 200_000: 1e-5, 400_000: 1e-5}),
        ("lprnet-gap8", {149_999: 1e-3, 150_000: 1e-4, 200_000: 1e-5, 399_999: 1e-5}),
        ("lprnet-korean", {5_000: 1e-2, 10_000: 1e-2 * 0.995, 99_999: 1e-2 * 0.995**9}),
        ("hailo-lprnet", {20_000: 1e-3, 30_000: 1e-4, 60_000: 1e-5, 80_000: 1e-6, 93_749: 1e-7, 100_000: 1e-7}),
        ("tao-resnet10", {0: 1e-6, 1_000: 5e-4, 484_000: 5e-4, 968_750: 1e-6}),
        ("tao-resnet18", {726_562: (1e-6 * 5e-4) ** 0.5}),
        ("lprnet-pooled-stn", {1_000: 1e-3, 59_999: 1e-3}),
    ],
)
def test_a_preset_has_the_rates_of_its_original(preset: str, wanted: dict[int, float]) -> None:
    settings = config.load(Settings, CONFIGS / "published" / f"{preset}.toml")
    got = {step: rate_at(step, settings.steps, settings.optim) for step in wanted}
    assert got == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schedule": "step"}, "needs optim.boundaries"),
        ({"schedule": "step", "boundaries": (0.7, 0.4)}, "must rise between 0 and 1"),
        ({"schedule": "step", "boundaries": (5.0,)}, "must rise between 0 and 1"),
        ({"schedule": "piecewise", "boundaries": (0.5,), "levels": (1.0,)}, "optim.levels: expected 2"),
        ({"schedule": "piecewise", "boundaries": (0.5,), "levels": (0.1, 1.0)}, "must never rise"),
        ({"schedule": "soft-start", "warmup": 0.6}, "0 < optim.warmup < optim.annealing < 1"),
        ({"schedule": "exponential", "final": 0.0}, "must be above 0"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Optim(**changes)


def small() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2)), nn.Flatten(), nn.Linear(18, 4)
    )


def moved(optim: Optim) -> set[str]:
    """Which tensors of a small network change in two steps."""
    network = small()
    held = freeze(network, optim)
    moving = optimizer(network, optim)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for n in range(2):
        network.train()
        for module in held:
            module.eval()
        loss = network(torch.rand(3, 1, 5, 5, generator=torch.Generator().manual_seed(n))).pow(2).mean()
        (loss + penalty(network, optim)).backward()
        shake(network, optim.noise, n)
        moving.step()
        moving.zero_grad()
    return {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}


@pytest.mark.parametrize("name", ["adamw", "adam", "muon", "sgd", "rmsprop"])
def test_frozen_blocks_and_frozen_norms_stay(name: str) -> None:
    every = set(small().state_dict())
    norm = {key for key in every if key.startswith("0.1.")}
    assert moved(Optim(name=name)) == every  # type: ignore[arg-type]
    assert moved(Optim(name=name, freeze=("0",), noise=0.1)) == {"2.weight", "2.bias"}  # type: ignore[arg-type]
    assert moved(Optim(name=name, freeze_norm=True)) == every - norm  # type: ignore[arg-type]
    assert moved(Optim(name=name, freeze=("0.0",))) == every - {"0.0.weight"}  # type: ignore[arg-type]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_what_is_made_orthogonal_has_singular_values_of_about_one(rows: int, columns: int, seed: int) -> None:
    matrix = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    before, after = torch.linalg.svdvals(matrix), torch.linalg.svdvals(orthogonal(matrix))
    large = before > 0.05 * torch.linalg.vector_norm(matrix)  # five rounds lift small ones only so far
    assert ((after > 0.5) & (after < 1.3))[large].all(), after


def test_muon_moves_hidden_kernels_by_one_size_whatever_their_gradient() -> None:
    layers = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 8, bias=False), nn.Linear(8, 2))
    moving = optimizer(layers, Optim(name="muon", rate=0.01, decay=0.0))
    for size in (1e-3, 1e3):
        before = [layer.weight.clone() for layer in layers]
        for layer in layers:
            layer.weight.grad = size * torch.eye(*layer.weight.shape)
        moving.step()
        hidden = before[1] - layers[1].weight
        torch.testing.assert_close(hidden, 0.01 * 0.2 * 8**0.5 * orthogonal(torch.eye(8)), rtol=0.05, atol=1e-4)
        assert [(old != layer.weight).any().item() for old, layer in zip(before, layers, strict=True)] == [True] * 3


def test_a_block_that_is_none_and_one_too_many_are_told() -> None:
    with pytest.raises(ConfigError, match=r"No block of the network named '0\.7'"):
        freeze(small(), Optim(freeze=("0.7",)))
    with pytest.raises(ConfigError, match="nothing is left to be trained"):
        freeze(small(), Optim(freeze=("0", "2")))


def test_the_l1_penalty_is_of_the_weights_that_decay() -> None:
    network = small()
    wanted = sum(p.abs().sum() for name, p in network.named_parameters() if name in ("0.0.weight", "2.weight"))
    torch.testing.assert_close(torch.as_tensor(penalty(network, Optim(l1=0.5))), 0.5 * wanted)
    assert penalty(network, Optim()) == 0


def test_noise_on_gradients_is_as_wide_as_asked_and_the_same_for_the_same_seed() -> None:
    def grains(seed: int) -> torch.Tensor:
        layer = nn.Linear(200, 200)
        for parameter in layer.parameters():
            parameter.grad = torch.zeros_like(parameter)
        shake(layer, 0.25, seed)
        assert layer.weight.grad is not None
        return layer.weight.grad

    assert torch.equal(grains(4), grains(4)) and not torch.equal(grains(4), grains(5))
    assert grains(4).std().item() == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize(
    ("figure", "values", "waited"),
    [
        ("", [0.5, 0.6, 0.6, 0.4], 2),
        ("exact", [0.1, 0.2, 0.3], 0),
        ("cer", [0.1, 0.2, 0.3], 2),
        ("cer/drawn", [0.3, 0.2, 0.2], 1),
        ("loss", [9.0, 8.0, 8.1, 7.0], 0),
    ],
)
def test_validations_are_counted_since_the_best(figure: str, values: list[float], waited: int) -> None:
    state, stop = State(), Stop(patience=5, figure=figure)
    for value in values:
        watch(state, stop, {figure or "exact": value, "other": 0.0}, "exact")
    assert state.waited == waited


def test_a_figure_that_is_not_measured_is_told() -> None:
    with pytest.raises(ConfigError, match=r"No figure of the validation named 'exakt'\. Did you mean 'exact'"):
        watch(State(), Stop(1, "exakt"), {"exact": 0.5, "cer": 0.1}, "exact")
    state = State()
    watch(state, Stop(), {"exact": 0.5}, "exact")
    assert state == State()
