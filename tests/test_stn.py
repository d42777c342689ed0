"""The spatial transformer: it starts as nothing, waits, and can learn."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lprkit.core.card import InputSpec  # noqa: E402
from lprkit.models import build  # noqa: E402
from lprkit.models.stn import Stn, front  # noqa: E402

SPEC = InputSpec(24, 48, "grey")
KINDS = ("published", "healthy")


def stripes(angles: torch.Tensor) -> torch.Tensor:
    """A grey picture of upright stripes a number, leaning by it (radians)."""
    x, y = torch.meshgrid(torch.linspace(-2, 2, 48), torch.linspace(-1, 1, 24), indexing="xy")
    lean = angles.tan()[:, None, None]
    return 0.5 + 0.5 * torch.sin(4 * (x + lean * y))[:, None]


@pytest.mark.parametrize("kind", KINDS)
def test_starts_as_nothing(kind: str) -> None:
    pictures = torch.rand(3, 1, 24, 48)
    for training in (True, False):
        assert torch.allclose(Stn(kind, SPEC, 0).train(training)(pictures), pictures, atol=1e-4)
    assert torch.equal(front("none", SPEC, 0)(pictures), pictures)


@pytest.mark.parametrize("kind", KINDS)
def test_waits_for_its_start(kind: str) -> None:
    torch.manual_seed(1)
    stn, pictures = Stn(kind, SPEC, start=2), torch.rand(2, 1, 24, 48)
    learnt = []
    for _ in range(4):
        stn.zero_grad()
        stn(pictures).pow(2).mean().backward()
        assert all(parameter.grad is not None for parameter in stn.parameters())  # several processes wait for all
        learnt.append(bool(stn.change.bias.grad.abs().sum() > 0))
    assert learnt == [False, False, True, True]
    assert int(stn.state_dict()["steps"]) == 4  # a resumed run goes on counting


def test_sharper_than_half_precision() -> None:
    pictures = torch.rand(2, 1, 24, 48)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.allclose(Stn("healthy", SPEC, 0).eval()(pictures), pictures, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", ["lprnet-24x94", "lprnet-pooled", "lprnet-pooled-stn"])
def test_a_reader_behind_it_starts_as_without_and_waits_as_set(model: str, kind: str) -> None:
    network = build(model, 11, {"stn": kind, "stn_start": 1, "width": 54}).eval()
    pictures = torch.rand(2, 3, 24, 54)
    behind = network(pictures)
    stn, network.front = network.front, torch.nn.Identity()
    assert torch.allclose(behind, network(pictures), atol=1e-2)
    network.front = stn.train()
    for moves in (False, True):
        network.zero_grad()
        network(pictures).pow(2).mean().backward()
        assert bool(stn.change.bias.grad.abs().sum() > 0) == moves


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_learns_to_undo_a_lean(kind: str) -> None:
    torch.manual_seed(1)
    stn = Stn(kind, SPEC, 0)
    moving = torch.optim.Adam(stn.parameters(), 2e-3)
    upright = stripes(torch.zeros(32))
    errors = []
    for _ in range(120):
        leaning = stripes((torch.rand(32) - 0.5) * math.radians(40))
        error = (stn(leaning) - upright)[:, :, 4:-4, 8:-8].pow(2).mean()  # corners move in from outside
        moving.zero_grad()
        error.backward()
        moving.step()
        errors.append(float(error.detach()))
    assert sum(errors[-10:]) < 0.3 * sum(errors[:10])


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))
    return importlib.import_module("stn")


def test_all_kinds_of_the_benchmark_start_alike(benchmark: ModuleType) -> None:
    kinds = [benchmark.Behind(kind, 11).eval() for kind in ("none", *KINDS)]
    plates = benchmark.Straight([np.full((48, 188, 3), n, np.uint8) for n in (60, 200)], np.full((2, 24), -1))
    crops = benchmark.some(plates, np.arange(2), 1.0, np.random.default_rng(1))
    spec = kinds[0].reader.spec
    assert crops.pictures.shape == (2, spec.depth, spec.height, spec.width)
    assert torch.allclose(crops.pictures[0], torch.tensor(60 * spec.scale))
    pictures = torch.rand(2, 1, spec.height, spec.width)
    for kind in kinds:
        kind.reader.load_state_dict(kinds[0].reader.state_dict())
        assert torch.allclose(kind(pictures), kinds[0](pictures), atol=0.05)


def test_plates_of_the_benchmark_tilt_as_far_as_asked(benchmark: ModuleType) -> None:
    image = np.random.default_rng(1).integers(0, 255, (48, 188, 3), dtype=np.uint8)
    straight, turned = (benchmark.tilted(image, how, np.random.default_rng(2)) for how in (0.0, 1.0))
    assert straight.shape[0] / straight.shape[1] < turned.shape[0] / turned.shape[1]
