"""How a model is found by name, and that bundled ones are what the manifest says."""

import json
import re

import onnx
import pytest

import tiny_models
from lprkit import weights
from lprkit.core.errors import LprError, ModelError
from lprkit.weights import bundle, bundled, find
from lprkit.weights.card import card_of, metadata


@pytest.fixture
def folder(tmp_path):
    """A folder of weights with the two tiny models in it."""
    made = tmp_path / "made"
    home = tmp_path / "weights"
    made.mkdir()
    home.mkdir()
    bundle([tiny_models.write_reader(made / "reader.onnx"), tiny_models.write_detector(made / "detector.onnx")], home)
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
        bundle([bare], folder)
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
    files = sorted(path.name for path in weights.FOLDER.glob("*.onnx"))
    assert files == sorted(entry.file for entry in bundled().values())
    assert sum(entry.bytes for entry in bundled().values()) <= 8_000_000


def test_the_manifest_is_plain_json(folder):
    raw = json.loads((folder / "manifest.json").read_text())
    assert set(raw["reader"]) == {"file", "sha256", "bytes", "task"}
