"""Networks that others published, rebuilt to the parameter, and the configs that train them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from lprkit import plates  # noqa: E402
from lprkit.core.alphabet import steps_needed  # noqa: E402
from lprkit.core.config import load as load_settings  # noqa: E402
from lprkit.export.onnx import write  # noqa: E402
from lprkit.models import MODELS, build  # noqa: E402
from lprkit.models.lprnet_pooled import even  # noqa: E402
from lprkit.models.network import Network, blank_batch, cost  # noqa: E402
from lprkit.models.published import PUBLISHED, Published  # noqa: E402
from lprkit.models.store import blank_card  # noqa: E402
from lprkit.runtime import load  # noqa: E402
from lprkit.train.settings import Settings  # noqa: E402
from test_models import READERS, SMALL, pictures  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PRESETS = sorted({row.model for row in PUBLISHED})


def shape_of(name: str, classes: int, options: dict[str, object] | None = None) -> Network:
    """The network at full size without numbers: nothing is drawn at random, nothing multiplied."""
    with torch.device("meta"):
        return build(name, classes, options or {}).eval()


def name_of(row: Published) -> str:
    return f"{row.model}-{row.classes}-{row.source[:12]}"


@pytest.mark.parametrize("row", PUBLISHED, ids=name_of)
def test_has_the_published_size(row: Published) -> None:
    network = shape_of(row.model, row.classes, dict(row.options))
    size = cost(network)
    assert (size.params if row.counted == "trainable" else size.deploy_params) == row.params
    assert size.macs / 1e6 == pytest.approx(row.mmacs, abs=0.06)
    assert network.steps == row.steps


def test_figures_as_they_were_printed() -> None:
    tile, hailo, small, large = (
        cost(shape_of(*of))
        for of in [("lprnet-24x94", 71), ("hailo-lprnet", 11), ("tao-resnet10", 36), ("tao-resnet18", 36)]
    )
    # Open Model Zoo, license-plate-recognition-barrier-0007: 1.435 M parameters, 0.347 GFlops (2 a multiply-add).
    assert f"{tile.deploy_params / 1e6:.3f}" == "1.435" and 2 * tile.macs / 1e9 == pytest.approx(0.347, rel=0.02)
    # Hailo Model Zoo, lprnet: 7.14 M, 36.54 Gops; code of hailo-ai/LPRNet_Pytorch without its two unused batch-norms.
    assert f"{hailo.deploy_params / 1e6:.2f}" == "7.14" and f"{2 * hailo.macs / 1e9:.2f}" == "36.54"
    assert hailo.params == 7_150_245
    # TAO has no printed figures; its code gives 11.25 M and 14.42 M, 1.55 and 3.03 GMAC.
    assert [f"{size.params / 1e6:.2f} {size.macs / 1e9:.2f}" for size in (small, large)] == ["11.25 1.55", "14.42 3.03"]


def test_hailo_counts_an_addition_a_bias() -> None:
    network = shape_of("hailo-lprnet", 11)
    macs, outputs = cost(network).macs, list[int]()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda _module, _inputs, output: outputs.append(output.numel()))
    network(blank_batch(network, 1).to("meta"))
    assert f"{(macs + sum(outputs)) / 1e9:.2f}" == "18.29"  # the README's GMACS


def test_hailo_gives_its_map_before_the_mean() -> None:
    network = shape_of("hailo-lprnet", 11)
    assert network.map(blank_batch(network, 1).to("meta")).shape == (1, 11, 5, 19)
    torch.manual_seed(1)
    small = build("hailo-lprnet", 11, SMALL["hailo-lprnet"]).eval()
    batch = pictures(small, 2)
    with torch.no_grad():
        assert torch.allclose(small(batch), small.map(batch).mean(dim=2).transpose(1, 2).log_softmax(2), atol=1e-5)


def test_pooled_transformer_adds_what_was_published() -> None:
    sizes = [cost(shape_of("lprnet-pooled", 68, {"stn": kind})).params for kind in ("none", "published")]
    assert sizes[1] - sizes[0] == 55_430


def test_recurrence_has_one_bias_a_gate_and_can_be_left_out() -> None:
    torch.manual_seed(1)
    network = build("tao-resnet10", 11, {**SMALL["tao-resnet10"], "head": "lstm"})
    frozen = [name for name, parameter in network.named_parameters() if not parameter.requires_grad]
    assert frozen == ["sequence.lstm.bias_hh_l0"]
    without = shape_of("tao-resnet10", 36, {"head": "conv"})
    assert not any(isinstance(module, nn.LSTM) for module in without.modules())
    assert without.steps == 24


def test_energy_is_that_of_one_picture() -> None:
    maps = torch.rand(2, 3, 4, 5) * torch.tensor([1.0, 100.0]).view(2, 1, 1, 1)
    alone = torch.cat([even(one[None]) for one in maps])
    assert torch.equal(even(maps), alone)
    assert torch.allclose(alone[0] * maps[0].pow(2).mean(), maps[0], rtol=1e-4)
    assert torch.equal(even(torch.zeros(1, 2, 2, 2)), torch.zeros(1, 2, 2, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in READERS if name in PRESETS])
def test_exported_file_agrees(name: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    options = {**SMALL[name], "head": "lstm"} if name.startswith("tao") else SMALL[name]
    network = build(name, 11, options)
    if name == "lprnet-pooled-stn":
        nn.init.normal_(network.front.change.bias, std=0.1)
    write(network, blank_card(name, name, network, tuple("0123456789")), tmp_path / "model.onnx")
    batch = pictures(network, 3)
    with torch.no_grad():
        wanted = network(batch).exp().numpy()
    runner = load(tmp_path / "model.onnx", "onnx")
    for count in (3, 1):
        assert np.abs(np.exp(runner.run(batch[:count].numpy())) - wanted[:count]).max() < 1e-4
    if name == "hailo-lprnet":
        assert map_before_the_mean(tmp_path / "model.onnx") == [11, 3, 7]


def map_before_the_mean(path: Path) -> list[int]:
    """The shape, without N, of what the convolution with the weights `head.weight` gives out."""
    onnx = pytest.importorskip("onnx")
    graph = onnx.load(path).graph
    (node,) = [node for node in graph.node if node.op_type == "Conv" and "head.weight" in node.input]
    (value,) = [value for value in graph.value_info if value.name == node.output[0]]
    return [size.dim_value for size in value.type.tensor_type.shape.dim[1:]]


def test_every_preset_has_a_config_and_its_original() -> None:
    assert set(PRESETS) <= {path.stem for path in (ROOT / "configs").glob("*.toml")}
    assert {path.stem for path in (ROOT / "configs" / "published").iterdir()} == set(PRESETS)
    assert set(PRESETS) <= set(MODELS)


@pytest.mark.parametrize("folder", ["configs", "configs/published"])
@pytest.mark.parametrize("name", PRESETS)
def test_config_fits_its_regions(name: str, folder: str) -> None:
    settings = load_settings(Settings, ROOT / folder / f"{name}.toml")
    assert settings.name == name and settings.model == name
    alphabet = plates.alphabet(settings.drawn.regions)
    network = shape_of(settings.model, alphabet.classes, dict(settings.network))
    assert cost(network).params == cost(shape_of(name, alphabet.classes, {})).params  # the config changes no size
    rng = np.random.default_rng(1)
    for region in map(plates.region, settings.drawn.regions):
        texts = [plates.legal(region, rng).text for _ in range(50)]
        assert max(steps_needed(alphabet.encode(text)) for text in texts) <= network.steps


def test_steps_grow_with_the_input_width() -> None:
    for name in READERS:
        full = shape_of(name, 11).spec.width
        steps = [shape_of(name, 11, {"width": full * times}).steps for times in (1, 2, 3)]
        assert all(a < b for a, b in pairwise(steps))
