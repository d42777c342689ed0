"""A smaller model reads as its source does, runs everywhere, and says where it comes from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

import tiny_models  # noqa: E402
from lprkit.cli.main import main  # noqa: E402
from lprkit.compress import quantise as module  # noqa: E402
from lprkit.compress.quantise import quantise  # noqa: E402
from lprkit.core.card import METADATA_KEY  # noqa: E402
from lprkit.core.errors import DataError, ModelError  # noqa: E402
from lprkit.core.image import save  # noqa: E402
from lprkit.export import Options, export  # noqa: E402
from lprkit.pipeline.reader import reader  # noqa: E402
from lprkit.runtime import RUNTIMES, is_installed  # noqa: E402
from lprkit.weights.bundle import bundle  # noqa: E402
from lprkit.weights.card import card_of  # noqa: E402

if TYPE_CHECKING:
    import openvino

TEXTS = ("AB01", "2101", "C_C2", "0_1_")
WHITE = np.full((16, 64, 3), 255, np.uint8)
"""Bars alone leave no room for what is brighter."""
INSTALLED = [name for name in RUNTIMES if is_installed(name)]


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CALIBRATED", 12)
    monkeypatch.setattr(module, "CHECKED", {"read": 48})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The tiny reader of bars behind three convolutions that hand the picture through."""
    model = onnx.load(tiny_models.write_reader(tmp_path / "tiny.onnx"))
    kernel = np.zeros((8, 8, 3, 3), np.float32)
    kernel[range(8), range(8), 1, 1] = 1
    for name, value in {"in": kernel[:, :1], "on": kernel, "out": kernel[:1]}.items():
        model.graph.initializer.append(numpy_helper.from_array(value, f"kernel_{name}"))
    model.graph.node[0].input[0] = "third"
    convs = [("image", "in", "first"), ("first", "on", "second"), ("second", "out", "third")]
    for place, (value, name, made) in enumerate(convs):
        node = helper.make_node("Conv", [value, f"kernel_{name}"], [made], f"conv_{name}", pads=[1, 1, 1, 1])
        model.graph.node.insert(place, node)
    for place, node in enumerate(model.graph.node):
        node.name = node.name or f"node_{place}"
    onnx.save(model, tmp_path / "source.onnx")
    return tmp_path / "source.onnx"


def kinds(file: Path) -> dict[str, int]:
    """How many numbers of each kind the file's constants hold."""
    found: dict[str, int] = {}
    for tensor in onnx.load(file).graph.initializer:
        name = TensorProto.DataType.Name(tensor.data_type)
        found[name] = found.get(name, 0) + int(np.prod(tensor.dims))
    return found


@pytest.mark.parametrize("to", module.ALLOWED)
def test_a_smaller_model_reads_the_same_on_every_runtime(source: Path, tmp_path: Path, to: module.To) -> None:
    pictures = [tiny_models.bars(text) for text in TEXTS]
    made = quantise(source, to, tmp_path / "made" / "small.onnx", [*pictures, WHITE])
    assert made.agreement.same_sure >= module.ALLOWED[to].texts
    for runtime in INSTALLED:
        read = reader(made.file, runtime)
        assert [one.text for one in read(pictures)] == [text.replace("_", "") for text in TEXTS]
        assert read(pictures[:1])[0].text == TEXTS[0] and read([]) == []


def test_numbers_are_as_small_as_was_asked(source: Path, tmp_path: Path) -> None:
    kernels = 8 * 9 + 8 * 8 * 9 + 8 * 9
    assert kinds(quantise(source, "fp16", tmp_path / "half.onnx").file)["FLOAT16"] >= kernels
    # The first convolution sees the picture, the last one makes the scores; both stay as they are.
    assert 8 * 8 * 9 <= kinds(quantise(source, "int8", tmp_path / "eight.onnx").file)["INT8"] < 8 * 8 * 9 + 8 * 9


def test_symmetric_ranges_have_one_scale_each_and_zero_in_the_middle(source: Path, tmp_path: Path) -> None:
    pictures = [*(tiny_models.bars(text) for text in TEXTS), WHITE]
    graph = onnx.load(quantise(source, "int8-symmetric", tmp_path / "small.onnx", pictures).file).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear")]
    middles = {np.dtype(np.uint8): 128, np.dtype(np.int8): 0, np.dtype(np.int32): 0}
    assert nodes and all(values[node.input[1]].ndim == 0 for node in nodes)
    assert all(values[node.input[2]] == middles[values[node.input[2]].dtype] for node in nodes)


def test_the_first_and_the_last_convolution_stay_wide_with_all_beyond_them(source: Path) -> None:
    graph = onnx.load(source).graph
    assert {node.name for node in graph.node} - module._kept(graph.node) == {"conv_on"}


@pytest.mark.skipif("openvino" not in INSTALLED, reason="OpenVINO is not installed")
@pytest.mark.parametrize(("activation", "roundings"), [("relu", 2), ("silu", 1)])
def test_openvino_rounds_only_what_it_computes_in_int8(
    source: Path, tmp_path: Path, activation: str, roundings: int
) -> None:
    import openvino

    from lprkit.runtime.openvino import keep_wide

    small = quantise(activated(source, activation), "int8", tmp_path / "small.onnx").file
    network = openvino.Core().read_model(small)
    assert kinds_of(network).count("FakeQuantize") == 2  # around the convolution in the middle
    keep_wide(network)
    assert kinds_of(network).count("FakeQuantize") == roundings  # a range from zero on stands for the ReLU
    pictures = [tiny_models.bars(text) for text in TEXTS]
    assert [one.text for one in reader(small, "openvino")(pictures)] == [text.replace("_", "") for text in TEXTS]
    export(small, "openvino", tmp_path / "small.xml", Options())
    assert kinds_of(openvino.Core().read_model(tmp_path / "small.xml")).count("FakeQuantize") == roundings


def activated(source: Path, activation: str) -> Path:
    """The same behind an activation after the convolution in the middle, without which it would read otherwise."""
    model = onnx.load(source)
    values = {tensor.name: numpy_helper.to_array(tensor).copy() for tensor in model.graph.initializer}
    model.graph.node[2].input[0] = "active"
    values["kernel_on"][1, 0, 1, 1] = -1
    if activation == "relu":  # without it what is read and its negative would add up to nothing
        values["kernel_out"][0, :2, 1, 1] = 0.5
        nodes = [
            helper.make_node("Relu", ["second"], ["positive"], "relu"),
            helper.make_node("Add", ["positive", "positive"], ["active"], "twice"),
        ]
    else:
        values["kernel_on"][0, 0] *= 20
        values["levels"] *= 20 / (1 + np.exp(-20 * values["levels"]))
        values["sharpness"] /= 20**2
        nodes = [
            helper.make_node("Sigmoid", ["second"], ["gate"], "gate"),
            helper.make_node("Mul", ["second", "gate"], ["active"], "silu"),
        ]
    for node in reversed(nodes):
        model.graph.node.insert(2, node)
    del model.graph.initializer[:]
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in values.items())
    onnx.save(model, source.with_name(f"{activation}.onnx"))
    return source.with_name(f"{activation}.onnx")


def kinds_of(network: openvino.Model) -> list[str]:
    return [node.get_type_name() for node in network.get_ordered_ops()]


def test_the_card_says_what_was_done(source: Path, tmp_path: Path) -> None:
    made = quantise(source, "int8", tmp_path / "small.onnx")
    card, before = card_of(made.file), card_of(source)
    told = card.origin["quantised"]
    assert card.name == f"{before.name}-int8" and told["to"] == "int8" and told["drawn"] is True
    assert told["agreement"]["n"] == module.CHECKED["read"]
    assert replace(card, name=before.name, origin=before.origin) == before


def test_a_model_that_reads_differently_is_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(model: onnx.ModelProto) -> onnx.ModelProto:
        (levels,) = (tensor for tensor in model.graph.initializer if tensor.name == "levels")
        levels.CopyFrom(numpy_helper.from_array(1 - numpy_helper.to_array(levels), "levels"))
        return model

    monkeypatch.setattr(module, "_halved", spoilt)
    with pytest.raises(ModelError, match=r"small\.onnx: does not agree with its source: .* First: drawn:2:\d+: '"):
        quantise(source, "fp16", tmp_path / "small.onnx")
    assert not (tmp_path / "small.onnx").exists()


def test_what_cannot_be_made_faster_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no convolution that int8 would make faster"):
        quantise(tiny_models.write_reader(tmp_path / "tiny.onnx"), "int8", tmp_path / "small.onnx")


def test_ranges_that_are_too_narrow_are_found_out(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not agree with its source"):
        quantise(source, "int8", tmp_path / "small.onnx", [tiny_models.bars("AAAA")])


def test_without_a_picture_there_is_no_range(source: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no picture to calibrate on"):
        quantise(source, "int8", tmp_path / "small.onnx", [])


def test_a_smaller_model_is_bundled_like_any_other(source: Path, tmp_path: Path) -> None:
    made = quantise(source, "int8", tmp_path / "small.onnx")
    home = tmp_path / "weights"
    home.mkdir()
    bundle([f"reader-int8={made.file}"], home)
    assert card_of(home / "reader-int8.onnx").name == "tiny-reader-int8"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["compress", "quantise", *words])
    out, err = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, out, err


def test_the_command_prints_what_it_gained(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lprkit.runtime.timing.time_model", lambda runner, batch, seconds: _Took())
    crops = tmp_path / "crops"
    for text in TEXTS:
        save(crops / f"{text.replace('_', '')}.png", tiny_models.bars(text))
    save(crops / "white.png", WHITE)
    out = tmp_path / "small.onnx"
    code, text, _ = said(capsys, str(source), "--to", "int8", "--out", str(out), "--data", f"paths:{crops}", "--json")
    figures = json.loads(text)
    assert code == 0 and figures["bytes"] == out.stat().st_size and figures["same_sure"] >= 0.99
    assert card_of(out).origin["quantised"]["drawn"] is False


class _Took:
    median_ms = 1.0


def test_unknown_numbers_are_told(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, str(source), "--to", "int4", "--out", "unused.onnx")
    assert code == 2 and "No kind of numbers named 'int4'. Did you mean 'int8'?" in err


def test_the_card_is_the_only_one(source: Path, tmp_path: Path) -> None:
    made = quantise(source, "fp16", tmp_path / "small.onnx")
    assert [entry.key for entry in onnx.load(made.file).metadata_props] == [METADATA_KEY]
