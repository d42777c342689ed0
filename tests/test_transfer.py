"""Weights of one alphabet in a network of another."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from lprkit.core.errors import ModelError  # noqa: E402
from lprkit.models import build  # noqa: E402
from lprkit.models.network import Network  # noqa: E402
from lprkit.models.store import CARD, WEIGHTS, blank_card, save_weights, transfer  # noqa: E402
from test_models import READERS, SMALL, pictures  # noqa: E402

TOKENS = ("0", "1", "2", "A", "B", "서울")


def saved(name: str, run: Path, tokens: tuple[str, ...] = TOKENS) -> Network:
    """A network whose every weight is random, as a run folder holds it."""
    torch.manual_seed(2)
    network = fresh(name, tokens)
    state = network.state_dict()
    for key, value in state.items():
        if value.is_floating_point():
            state[key] = torch.rand_like(value) * 0.1 + (0.5 if key.endswith("running_var") else 0)
    network.load_state_dict(state)
    save_weights(network, run / WEIGHTS)
    card = blank_card("a", name, network, tokens)
    options = {**card.options, "network": SMALL[name]}
    (run / CARD).write_text(type(card)(**{**vars(card), "options": options}).to_json(), encoding="utf-8")
    return network.eval()


def fresh(name: str, tokens: tuple[str, ...]) -> Network:
    return build(name, len(tokens) + 1, SMALL[name])


@pytest.mark.parametrize("name", READERS)
def test_the_same_tokens_in_another_order_read_the_same(name: str, tmp_path: Path) -> None:
    trained = saved(name, tmp_path)
    other = fresh(name, TOKENS[::-1])
    report = transfer(other, TOKENS[::-1], tmp_path)
    assert report.shared == TOKENS[::-1] and report.new == report.skipped == ()
    batch = pictures(trained, 2)
    with torch.no_grad():
        wanted, got = trained(batch), other.eval()(batch)
    order = [*range(len(TOKENS) - 1, -1, -1), len(TOKENS)]
    assert torch.allclose(got[:, :, order], wanted, atol=1e-4)
    assert not torch.allclose(got, wanted, atol=1e-3)


@pytest.mark.parametrize("name", READERS)
def test_shared_tokens_keep_their_rows(name: str, tmp_path: Path) -> None:
    trained = saved(name, tmp_path)
    wider = fresh(name, ("Z", *TOKENS[1:], "9", "8"))
    report = transfer(wider, ("Z", *TOKENS[1:], "9", "8"), tmp_path / WEIGHTS)
    assert report.shared == TOKENS[1:] and report.new == ("Z", "9", "8") and report.skipped == ()
    head = "head.0.weight" if name == "lprnet-korean" else "head.weight"
    assert head in report.partly and head not in report.copied
    old, new = trained.state_dict()[head], wider.state_dict()[head]
    assert torch.equal(new[3, 3], old[3, 3]) and torch.equal(new[-1, 3], old[-1, 3])  # "A", and the blank
    assert not torch.equal(new[0, 3], old[0, 3])  # "Z" is not "0"


def test_layers_of_another_shape_are_told(tmp_path: Path) -> None:
    saved("lprnet-24x94", tmp_path)
    other = build("lprnet-24x94", len(TOKENS) + 1, {**SMALL["lprnet-24x94"], "context": 24})
    report = transfer(other, TOKENS, tmp_path)
    assert "context.cells.1.weight" in report.skipped and "backbone.0.0.weight" in report.copied
    assert "skipped: context.cells.1.weight" in str(report) and "6 shared tokens (0 tokens are new)" in str(report)


def test_weights_of_which_nothing_fits_are_refused(tmp_path: Path) -> None:
    saved("reader", tmp_path)
    with pytest.raises(ModelError, match="is 'reader', no layer of which fits this network"):
        transfer(fresh("lprnet-24x94", TOKENS), TOKENS, tmp_path)


def test_a_folder_without_card_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no run folder"):
        transfer(fresh("reader", TOKENS), TOKENS, tmp_path)
