"""How a model is found by name, and that bundled ones are what the manifest says."""

import json
import re
from dataclasses import replace

import onnx
import pytest

import tiny_models
from lprkit import weights
from lprkit.core.errors import ConfigError, LprError, ModelError
from lprkit.weights import bundled, find, training
from lprkit.weights.bundle import bundle
from lprkit.weights.card import card_of, metadata


@pytest.fixture
def folder(tmp_path):
    """A folder of weights with the two tiny models in it."""
    made = tmp_path / "made"
    home = tmp_path / "weights"
    made.mkdir()
    home.mkdir()
    bundle([str(tiny_models.write_reader(made / "reader.onnx"))], home)
    bundle([f"detector={tiny_models.write_detector(made / 'other.onnx')}"], home)
    return home


def test_bundling_lists_every_model(folder):
    entries = bundled(folder)
    assert sorted(entries) == ["detector", "reader"]
    assert entries["reader"].task == "read" and entries["detector"].task == "detect"
    assert entries["reader"].bytes == (folder / "reader.onnx").stat().st_size
    assert find("reader", folder) == folder / "reader.onnx"


def test_bundling_again_replaces_the_list(folder):
    (folder / "detector.onnx").unlink()
    bundle(folder=folder)
    assert list(bundled(folder)) == ["reader"]


def test_only_a_model_with_a_card_is_bundled(folder, tmp_path):
    bare = tiny_models.write_reader(tmp_path / "bare.onnx", card=None)
    with pytest.raises(ModelError, match="no lprkit model card"):
        bundle([str(bare)], folder)
    assert not (folder / "bare.onnx").exists()


def test_a_changed_file_is_not_trusted(folder):
    content = bytearray((folder / "reader.onnx").read_bytes())
    content[-1] ^= 1
    (folder / "reader.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="its SHA-256 is not the one in manifest"):
        find("reader", folder)


def test_a_missing_file_is_told(folder):
    (folder / "reader.onnx").unlink()
    with pytest.raises(ModelError, match=r"listed in manifest\.json but missing"):
        find("reader", folder)


@pytest.mark.parametrize("text", ["{", "[1]", '{"reader": {"file": "x"}}'])
def test_a_damaged_manifest_is_told(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match=r"manifest\.json: is damaged"):
        find("reader", folder)


def test_a_file_or_a_run_folder_is_found(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(ModelError, match=r"is a folder without model\.onnx"):
        find(run)
    path = tiny_models.write_reader(run / "model.onnx")
    assert find(run) == find(str(run)) == find(path) == path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raeder", "No model named 'raeder'. Did you mean 'reader'?"),
        ("gone.onnx", "gone.onnx: there is no such model file"),
        ("runs/gone", "there is no such model file"),
    ],
)
def test_an_unknown_model_is_named(folder, name, says):
    with pytest.raises(LprError, match=re.escape(says)):
        find(name, folder)


def test_the_card_is_read_as_onnx_writes_it(tmp_path):
    path = tiny_models.write_reader(tmp_path / "tiny.onnx")
    content = path.read_bytes()
    assert card_of(path) == tiny_models.READER
    assert metadata(content, "x") == {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_every_cut_of_a_model_is_refused_or_whole(tmp_path):
    content = tiny_models.write_reader(tmp_path / "tiny.onnx").read_bytes()
    for end in range(0, len(content), 7):
        try:
            metadata(content[:end], "cut.onnx")
        except ModelError as error:
            assert str(error).startswith("cut.onnx: is no ONNX file")


def test_what_is_bundled_is_whole():
    for name, entry in bundled().items():
        assert find(name).stat().st_size == entry.bytes
        assert card_of(find(name)).task == entry.task
        assert entry.training is None or training(name).stat().st_size == entry.training.bytes
    files = sorted(path.name for path in weights.FOLDER.glob("*.onnx"))
    assert files == sorted(entry.file for entry in bundled().values())
    assert not any(b".py" in (weights.FOLDER / name).read_bytes() for name in files)
    assert sum(path.stat().st_size for path in weights.FOLDER.iterdir() if path.is_file()) <= 22_000_000


@pytest.mark.parametrize(
    "name",
    ["reader", "detector", "lprnet-24x94-int8", "lprnet-pooled-stn", "lprnet-korean-int8", "hailo-lprnet-eighth"],
)
def test_each_system_has_weights_and_small_ones(name):
    assert find(name).stat().st_size <= (4_000_000 if name in ("reader", "detector") else 2_000_000)


def test_the_manifest_is_plain_json(folder):
    raw = json.loads((folder / "manifest.json").read_text())
    assert set(raw["reader"]) == {"file", "sha256", "bytes", "task", "training"}


@pytest.fixture
def run(tmp_path):
    """A run folder of an untrained reader, without a real ONNX file."""
    torch = pytest.importorskip("torch")
    from lprkit.models import build
    from lprkit.models.store import CARD, WEIGHTS, blank_card, save_weights

    torch.manual_seed(3)
    options = {"widths": [8, 16, 32, 64], "blocks": [0, 0, 0, 0]}
    network = build("reader", 3, options)
    card = blank_card("small", "reader", network, ("A", "B"))
    card = replace(card, options={**card.options, "network": options})
    folder = tmp_path / "run"
    folder.mkdir()
    save_weights(network, folder / WEIGHTS)
    (folder / CARD).write_text(card.to_json())
    tiny_models.write_reader(folder / "model.onnx")
    return folder


def test_a_run_is_bundled_with_the_weights_to_train_on(folder, run, monkeypatch):
    from lprkit.models.store import load_run, transfer

    bundle([f"reader={run}"], folder)
    entry = bundled(folder)["reader"]
    kept = training("reader", folder)
    assert entry.training.bytes == kept.stat().st_size < 0.75 * (run / "best.safetensors").stat().st_size
    monkeypatch.setattr("lprkit.models.store.training", lambda name: training(name, folder))
    (wanted, card), (got, its_card) = load_run(run), load_run("reader")
    assert its_card == card
    for name, value in wanted.state_dict().items():
        assert (got.state_dict()[name] - value).abs().max() <= 1e-3 * value.abs().max()
    assert transfer(got, ("A", "B"), "reader").skipped == ()


def test_other_models_are_bundled_to_run_only(folder, run):
    bundle([f"reader={run}"], folder)
    bundle([f"reader={run / 'model.onnx'}"], folder)
    assert not (folder / "reader.safetensors").exists()
    assert training("unknown", folder) is None
    with pytest.raises(ModelError, match="reader: is bundled ready to run, without weights to train on from"):
        training("reader", folder)


@pytest.mark.parametrize("model", ["reader", "=model.onnx", "a/b=model.onnx", "reader="])
def test_what_cannot_be_bundled_is_told(folder, model):
    with pytest.raises(ConfigError, match=f"{model!r}: write NAME=PATH"):
        bundle([model], folder)
