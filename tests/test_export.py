"""What is exported runs elsewhere and says the same, or is refused with the first sample that differs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_models
from lprkit.cli.main import main
from lprkit.core.card import ModelCard
from lprkit.core.errors import ConfigError, LprError, ModelError
from lprkit.evaluate.agree import Agreement, Compared, Tolerance, agreement, demand, drawn
from lprkit.export import EXPORTERS, Options, export
from lprkit.runtime import Runner, is_installed, load
from lprkit.weights.card import card_of

needs_openvino = pytest.mark.skipif(not is_installed("openvino"), reason="OpenVINO is not installed")
DIGITS = tuple("0123456789")


@pytest.fixture(params=["reader", "detector"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tiny model's ONNX file, with the card inside."""
    return getattr(tiny_models, f"write_{request.param}")(tmp_path / "tiny.onnx")


@pytest.fixture
def reader(tmp_path: Path) -> Runner:
    return load(tiny_models.write_reader(tmp_path / "tiny.onnx"), "onnx")


def changed(runner: Runner, amount: float) -> Runner:
    """The runner with the scores of every fourth picture spoilt: some probability moves to the blank."""

    def run(batch: np.ndarray) -> np.ndarray:
        p = np.exp(runner.run(batch))
        p[::4] = (1 - amount) * p[::4] + amount * np.eye(p.shape[2])[-1]
        return np.log(p + 1e-12).astype(np.float32)

    return replace(runner, run=run)


def test_a_model_agrees_with_itself(model: Path) -> None:
    runner = load(model, "onnx")
    found = agreement(runner, runner, drawn(runner.card, 5))
    assert found.as_dict() | {"exact": 0, "exact_before": 0} == {
        "n": 5, "same": 1, "same_sure": 1, "score": 0, "output": 0, "exact": 0, "exact_before": 0
    }  # fmt: skip
    demand(found, Tolerance(1.0, 0.0, 0.0), "itself")


@pytest.mark.parametrize("amount", [0.1, 0.9])
def test_what_differs_is_told_with_the_first_sample(reader: Runner, amount: float) -> None:
    samples = list(drawn(reader.card, 6))
    found = agreement(reader, changed(reader, amount), samples)
    off = [one.source for one in found.samples if one.output > 0.002]
    assert found.output > 0.002 and set(off) <= {"drawn:0:0", "drawn:0:4"}
    with pytest.raises(ModelError, match=rf"^x: does not agree with its source: .*First: {off[0]}: '.* became '"):
        demand(found, Tolerance(), "x")
    demand(found, Tolerance(0.0, 1.0, 1.0), "x")


def test_what_differs_by_little_more_than_allowed_is_told_with_enough_digits() -> None:
    one = Compared("drawn:0:0", ("12", "12"), (0.5, 0.52004), True, 0.001, (True, True))
    few = replace(one, texts=("12", "13"), same=False)
    with pytest.raises(ModelError) as told:
        demand(Agreement((few, *[one] * 1000)), Tolerance(0.9995, 0.02, 0.002), "x")
    assert "99.9 % of the sure texts are the same (at least 99.95), scores differ by 0.02004 on" in str(told.value)


def test_pictures_are_of_the_regions_that_the_card_names(reader: Runner) -> None:
    origin = {"config": {"drawn": {"regions": ["il"], "weights": [1.0]}}}
    assert {sample.plates[0].region for sample in drawn(replace(reader.card, origin=origin), 4)} == {"il"}
    own = {"config": {"drawn": {"regions": ["./mine.toml", "kr"], "weights": [1.0, 2.0]}}}
    assert {sample.plates[0].region for sample in drawn(replace(reader.card, origin=own), 4)} == {"kr"}


@needs_openvino
@pytest.mark.parametrize("options", [Options(), Options(batch=3), Options(half=True)], ids=["any", "batch", "half"])
def test_the_openvino_file_reads_the_same(model: Path, tmp_path: Path, options: Options) -> None:
    file = export(model, "openvino", tmp_path / "out", options)
    assert file == tmp_path / "out" / "model.xml" and {path.name for path in file.parent.iterdir()} == {
        "model.xml", "model.bin", "model.json"
    }  # fmt: skip
    runner = load(file.parent, "openvino")
    assert runner.card == card_of(model)
    spec = runner.card.input
    noise = np.random.default_rng(0).random((5, spec.depth, spec.height, spec.width), np.float32)
    wanted, got = load(model, "onnx").run(noise), runner.run(noise)
    if spec.channels == "grey":
        wanted, got = np.exp(wanted), np.exp(got)
    np.testing.assert_allclose(got, wanted, atol=0.1 if options.half else 0.02)  # bf16 where there is bf16


@needs_openvino
def test_without_its_card_an_openvino_file_is_told(tmp_path: Path) -> None:
    file = export(tiny_models.write_reader(tmp_path / "tiny.onnx"), "openvino", tmp_path / "read.xml")
    file.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match=r"holds no lprkit model card, and read\.json is not beside it"):
        load(file)


def test_an_option_that_does_nothing_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--opset does nothing for 'openvino'"):
        export(model, "openvino", tmp_path, Options(opset=17))
    with pytest.raises(ConfigError, match="--half does nothing for 'onnx'"):
        export(model, "onnx", tmp_path, Options(half=True))


def test_an_unknown_target_is_named(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"No exporter named 'onxx'\. Did you mean 'onnx'"):
        export(model, "onxx", tmp_path)


@pytest.mark.parametrize("size", ["48", "48x", "x128", "0x128", "48x-1", "axb"])
def test_a_size_that_is_none_is_told(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["export", "reader", "--to", "onnx", "--out", "unused", "--size", size])
    assert caught.value.code == 2
    assert f"--size {size!r}: write HEIGHTxWIDTH" in capsys.readouterr().err


@pytest.mark.parametrize("opset", [17, 99])
def test_an_opset_that_cannot_be_written_is_told(run: Path, tmp_path: Path, opset: int) -> None:
    with pytest.raises(ConfigError, match=f"--opset {opset}: cannot be written. Choose one from 18 to"):
        export(run, "onnx", tmp_path, Options(opset=opset))


def run_of(name: str, options: dict[str, object], folder: Path) -> Path:
    """A run folder of an untrained network over the digits."""
    torch = pytest.importorskip("torch")
    from lprkit.models import build
    from lprkit.models.store import CARD, WEIGHTS, blank_card, save_weights

    torch.manual_seed(1)
    network = build(name, len(DIGITS) + 1, options)
    card = blank_card(name, name, network, DIGITS)
    card = replace(
        card, options={**card.options, "network": options}, origin={"config": {"drawn": {"regions": ["il"]}}}
    )
    folder.mkdir()
    save_weights(network, folder / WEIGHTS)
    (folder / CARD).write_text(card.to_json(), encoding="utf-8")
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of("reader", {"widths": [8, 16, 16, 16], "width": 32}, tmp_path / "run")


def test_without_weights_there_is_nothing_to_write_onnx_from(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(ModelError, match=r"there are no weights\. Give a run folder"):
        export(model, "onnx", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("target", EXPORTERS)
def test_another_size_has_its_own_steps(run: Path, tmp_path: Path, target: str) -> None:
    if target == "openvino" and not is_installed("openvino"):
        pytest.skip("OpenVINO is not installed")
    runner = load(export(run, target, tmp_path / "wide", Options(size=(48, 64), batch=2)).parent, target)
    card: ModelCard = runner.card
    assert (card.input.height, card.input.width, card.steps) == (48, 64, 32)
    assert runner.run(np.zeros((3, 1, 48, 64), np.float32)).shape == (3, 32, 11)


@pytest.mark.slow
def test_opset_and_batch_are_what_was_asked_for(run: Path, tmp_path: Path) -> None:
    import onnx

    file = export(run, "onnx", tmp_path / "made.onnx", Options(opset=20, batch=3))
    graph = onnx.load(file)
    assert file == tmp_path / "made.onnx" and graph.opset_import[0].version == 20
    assert graph.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 3
    assert json.loads(card_of(file).to_json()) == json.loads((run / "card.json").read_text())
    assert b".py" not in file.read_bytes(), "it says which files of this machine made it"


@pytest.mark.parametrize(
    ("name", "options", "size", "says"),
    [
        ("reader", {"widths": [8, 16, 16, 16], "width": 32}, (96, 32), "cannot take 96x32: its map would be"),
        ("reader", {"widths": [8, 16, 16, 16], "width": 32}, (2, 32), "cannot take 2x32"),
        ("lprnet-gap8", {"widths": [8, 8, 8], "context": 8}, (40, 200), "cannot take 40x200"),
    ],
)
def test_a_size_that_the_network_cannot_take_is_told(
    name: str, options: dict[str, object], size: tuple[int, int], says: str, tmp_path: Path
) -> None:
    with pytest.raises(LprError, match=says):
        export(run_of(name, options, tmp_path / "run"), "onnx", tmp_path, Options(size=size))
