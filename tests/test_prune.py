"""A reader that is made narrower says what it said as far as it can, and can be trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lprkit import plates  # noqa: E402
from lprkit.cli.main import main  # noqa: E402
from lprkit.compress import prune as module  # noqa: E402
from lprkit.compress.prune import prune  # noqa: E402
from lprkit.core.errors import ConfigError, DataError, ModelError  # noqa: E402
from lprkit.export import export  # noqa: E402
from lprkit.models import build  # noqa: E402
from lprkit.models.network import Network, Residual, cost  # noqa: E402
from lprkit.models.store import CARD, WEIGHTS, blank_card, load_run, save_weights  # noqa: E402
from lprkit.runtime import load  # noqa: E402

IL = plates.region("il")
WIDE = {"widths": [8, 16, 24, 32], "along": 1, "width": 64, "squeeze": True, "dropout": 0.0}
PICTURES = np.random.default_rng(0).random((4, 1, 48, 64), np.float32)


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARD", 12)
    monkeypatch.setattr(module, "CHECKED", 12)


def saved(folder: Path, name: str = "reader", options: dict[str, object] = WIDE, spoil: bool = False) -> Path:
    """A run folder with an untrained reader of Israeli plates."""
    alphabet = plates.alphabet(["il"])
    torch.manual_seed(0)
    network = build(name, alphabet.classes, options)
    for module_ in network.modules():
        if isinstance(module_, torch.nn.BatchNorm2d):  # as a trained one, whose statistics are not 0 and 1
            torch.nn.init.uniform_(module_.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module_.running_var, 0.5, 2)
    if spoil:
        _silence(network)
    card = blank_card("wide", name, network, alphabet.tokens)
    card = replace(card, options={**card.options, "network": options}, origin={"regions": ["il"]})
    folder.mkdir()
    save_weights(network, folder / WEIGHTS)
    (folder / CARD).write_text(card.to_json(), encoding="utf-8")
    return folder


def _silence(network: Network) -> None:
    """Every second channel between the convolutions of a block is taken in by nothing."""
    for block in network.modules():
        if isinstance(block, Residual):
            torch.nn.init.zeros_(block.second[0].weight[:, ::2])


def says(run: Path) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(load_run(run)[0].eval()(torch.from_numpy(PICTURES)))


def test_channels_that_give_nothing_go_first(tmp_path: Path) -> None:
    wide = saved(tmp_path / "wide", spoil=True)
    made = prune(wide, [4, 8, 12, 16], tmp_path / "narrow")
    assert np.allclose(says(tmp_path / "narrow"), says(wide), atol=1e-5)
    network, card = load_run(tmp_path / "narrow")
    blocks = [block for block in network.modules() if isinstance(block, Residual)]
    assert [block.first[0].out_channels for block in blocks] == [4, 8, 12, 16, 16]
    assert made.costs == (cost(load_run(wide)[0]), cost(network)) and made.costs[1].macs < made.costs[0].macs
    assert made.agreement.same == 1 and card.origin["pruned"] == {"from": str(wide), "inner": [4, 8, 12, 16]}


def test_all_channels_kept_change_nothing(tmp_path: Path) -> None:
    wide = saved(tmp_path / "wide")
    prune(wide, WIDE["widths"], tmp_path / "narrow")
    assert np.array_equal(says(tmp_path / "narrow"), says(wide))


def test_what_is_narrower_is_pruned_further_and_exported(tmp_path: Path) -> None:
    prune(saved(tmp_path / "wide"), [8, 16, 16, 24], tmp_path / "first")
    prune(tmp_path / "first", [8, 8, 16, 16], tmp_path / "second")
    export(tmp_path / "second", "onnx", tmp_path / "model.onnx")
    assert np.allclose(load(tmp_path / "model.onnx", "onnx").run(PICTURES), says(tmp_path / "second"), atol=1e-4)


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ([8, 16, 24], "has 3 numbers. Give 4"),
        ([8, 16, 24, 40], "40 channels in .* has 32"),
        ([8, 16, 24, 0], "0.* range"),
    ],
)
def test_what_cannot_be_kept_is_told(tmp_path: Path, inner: list[int], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        prune(saved(tmp_path / "wide"), inner, tmp_path / "narrow")
    assert not (tmp_path / "narrow").exists()


def test_a_network_without_such_blocks_is_told(tmp_path: Path) -> None:
    options: dict[str, object] = {"width": 54}
    with pytest.raises(ModelError, match="'lprnet-pooled', which has no residual blocks"):
        prune(saved(tmp_path / "pooled", "lprnet-pooled", options), [8, 8, 8, 8], tmp_path / "narrow")


def test_a_model_is_not_written_over(tmp_path: Path) -> None:
    wide = saved(tmp_path / "wide")
    with pytest.raises(DataError, match="already holds a model"):
        prune(wide, [4, 8, 12, 16], wide)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["compress", "prune", *words])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_the_command_says_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wide = str(saved(tmp_path / "wide"))
    code, out, _ = said(capsys, wide, "--inner", "4,8,12,16", "--out", str(tmp_path / "narrow"), "--json")
    figures = json.loads(out)
    assert code == 0 and figures["n"] == 12 and figures["macs"] < figures["macs_before"]
    code, out, _ = said(capsys, wide, "--inner", "8,16,24,32", "--out", str(tmp_path / "same"))
    assert code == 0 and out.startswith(str(tmp_path / "same")) and "of 12 drawn plates right" in out
    code, _, err = said(capsys, wide, "--inner", "8,many", "--out", str(tmp_path / "none"))
    assert code == 2 and "Give whole numbers" in err and err.count("\n") == 1
    assert said(capsys, wide, "--inner", "8,8²,8,8", "--out", str(tmp_path / "none"))[0] == 2
