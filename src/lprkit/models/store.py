"""Run folders: weights as safetensors, the card as JSON. No pickle anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lprkit.core.card import ModelCard, card_from_json
from lprkit.core.errors import ModelError
from lprkit.models import build
from lprkit.models.network import Network

CARD = "card.json"
WEIGHTS = "best.safetensors"


def save_weights(network: Network, path: Path) -> None:
    """Writes all parameters and buffers; the file is complete or not there at all."""
    from safetensors.torch import save_file

    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    part = path.with_suffix(".part")
    save_file(state, part)
    part.replace(path)


def load_weights(network: Network, path: Path) -> list[str]:
    """Fills the network from a file and says which of its tensors kept their fresh values (other shape or absent)."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        stored = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: holds no weights ({error}).") from None
    own = network.state_dict()
    fitting = {name: value for name, value in stored.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    return sorted(set(own) - set(fitting))


def load_run(run: Path, weights: str = WEIGHTS) -> tuple[Network, ModelCard]:
    """The trained network of a run folder, and its card."""
    try:
        card = card_from_json((run / CARD).read_text(encoding="utf-8"), str(run / CARD))
    except OSError:
        raise ModelError(f"{run}: is no run folder, it has no {CARD}. Train one with: lprkit train CONFIG") from None
    classes = len(card.tokens) + (1 if card.task == "read" else 0)
    network = build(str(card.options["model"]), classes, card.options.get("network", {}))
    skipped = load_weights(network, run / weights)
    if skipped:
        raise ModelError(f"{run / weights}: does not fit the card: {', '.join(skipped[:3])} …")
    return network, card


def blank_card(name: str, model: str, network: Network, tokens: tuple[str, ...]) -> ModelCard:
    """The card of a fresh network; training adds origin, calibration and scores."""
    card = ModelCard(name, network.task, network.spec, tokens, network.steps, network.rows)
    return replace(card, options={"model": model, "stride": network.stride})
