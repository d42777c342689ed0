"""Run folders: weights as safetensors, the card as JSON. No pickle anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lprkit.core.card import METADATA_KEY, ModelCard, card_from_json
from lprkit.core.errors import ModelError
from lprkit.models import build
from lprkit.models.network import Network
from lprkit.weights import training

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
    stored = _read(path)
    own = network.state_dict()
    fitting = {name: value for name, value in stored.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    return sorted(set(own) - set(fitting))


def load_run(run: str | Path, weights: str = WEIGHTS) -> tuple[Network, ModelCard]:
    """The trained network of a run folder, of a weights file or of a bundled name, and its card."""
    file = weights_file(run, weights)
    card = _card(file)
    network = build(str(card.options["model"]), _classes(card), card.options.get("network", {}))
    skipped = load_weights(network, file)
    if skipped:
        raise ModelError(f"{file}: does not fit the card: {', '.join(skipped[:3])} …")
    return network, card


def blank_card(name: str, model: str, network: Network, tokens: tuple[str, ...]) -> ModelCard:
    """The card of a fresh network; training adds origin, calibration and scores."""
    card = ModelCard(name, network.task, network.spec, tokens, network.steps, network.rows)
    return replace(card, options={"model": model, "stride": network.stride})


def weights_file(source: str | Path, weights: str = WEIGHTS) -> Path:
    """The weights of a bundled name or of a run folder, or the file itself; a ModelError unless their card is there."""
    bundled, path = training(source), Path(source)
    file = bundled or (path / weights if path.is_dir() else path)
    if not path.is_dir() and (not file.is_file() or file.suffix == ".onnx"):
        raise ModelError(f"{source}: there are no weights. Give a run folder, or a .safetensors file in one.")
    _card(file)
    return file


@dataclass(frozen=True)
class Transfer:
    """What a network took over from another one's weights."""

    shared: tuple[str, ...]
    """Tokens that both know."""
    new: tuple[str, ...]
    """Tokens that only the network knows: it learns them from nothing."""
    copied: tuple[str, ...]
    """Tensors taken over whole."""
    partly: tuple[str, ...]
    """Tensors of which the rows of shared tokens were taken over."""
    skipped: tuple[str, ...]
    """Tensors that kept their fresh values: the other network has none of this name and shape."""

    def __str__(self) -> str:
        """A line for the log."""
        skipped = f"; skipped: {', '.join(self.skipped)}" if self.skipped else ""
        return (
            f"{len(self.copied)} tensors copied; {len(self.partly)} with the rows of {len(self.shared)} shared tokens"
            f" ({len(self.new)} tokens are new){skipped}"
        )


def transfer(network: Network, tokens: Sequence[str], source: str | Path) -> Transfer:
    """Takes over what a trained network knows, though its alphabet may be another one.

    `tokens` is the network's alphabet without the blank. `source` is what `load_run` takes.
    """
    file = weights_file(source)
    card, stored, own = _card(file), _read(file), network.state_dict()
    classes = _Classes.of(tokens, card)
    growth = _growth(card)
    filled, partly = {}, []
    for name in own.keys() & stored.keys():
        value = _moved(own[name], stored[name], growth.get(name, ()), classes, name in network.class_minor)
        if value is not None:
            filled[name] = value
            if any(growth.get(name, ())):
                partly.append(name)
    if len(filled) == len(partly):
        raise ModelError(f"{source}: is {card.options['model']!r}, no layer of which fits this network.")
    network.load_state_dict(filled, strict=False)
    return Transfer(
        tuple(token for token in tokens if token in card.tokens),
        tuple(token for token in tokens if token not in card.tokens),
        tuple(sorted(filled.keys() - set(partly))),
        tuple(sorted(partly)),
        tuple(sorted(own.keys() - filled.keys())),
    )


@dataclass(frozen=True)
class _Classes:
    """Which class of one network is which of another."""

    own: tuple[int, ...]
    theirs: tuple[int, ...]
    count: int
    """How many the network has, blank included."""
    their_count: int

    @staticmethod
    def of(tokens: Sequence[str], card: ModelCard) -> _Classes:
        reads = card.task == "read"
        # Blank is last in both, and is not a token.
        ours, theirs = [*tokens, *([""] if reads else [])], [*card.tokens, *([""] if reads else [])]
        pairs = [(n, theirs.index(token)) for n, token in enumerate(ours) if token in theirs]
        own, their = tuple(n for n, _ in pairs), tuple(n for _, n in pairs)
        return _Classes(own, their, len(ours), len(theirs))


def _growth(card: ModelCard) -> dict[str, tuple[int, ...]]:
    """By how much each axis of each tensor grows with one class more: what a class owns in it."""
    model, options = str(card.options["model"]), card.options.get("network", {})
    with torch.device("meta"):  # shapes only
        now, more = (build(model, _classes(card) + extra, options).state_dict() for extra in (0, 1))
    return {
        name: tuple(after - before for before, after in zip(now[name].shape, more[name].shape, strict=True))
        for name in now
    }


def _moved(
    own: torch.Tensor, theirs: torch.Tensor, growth: Sequence[int], classes: _Classes, minor: bool
) -> torch.Tensor | None:
    """The network's tensor with the other one's entries where they mean the same; None: the shapes do not allow it."""
    more = classes.count - classes.their_count
    growth = growth or [0] * theirs.ndim
    if [*own.shape] != [size + grows * more for size, grows in zip(theirs.shape, growth, strict=True)]:
        return None
    if not any(growth):
        return theirs
    to = [_entries(size, each, classes.own, classes.count, minor) for size, each in zip(own.shape, growth, strict=True)]
    of = [
        _entries(size, each, classes.theirs, classes.their_count, minor)
        for size, each in zip(theirs.shape, growth, strict=True)
    ]
    value = own.clone()
    value[np.ix_(*to)] = theirs.to(own)[np.ix_(*of)]
    return value


def _entries(size: int, each: int, chosen: Sequence[int], classes: int, minor: bool) -> list[int]:
    """Where along an axis the chosen classes lie, and all that belongs to no class: that stands behind them."""
    if minor:
        mine = [n * classes + c for n in range(each) for c in chosen]
    else:
        mine = [c * each + n for c in chosen for n in range(each)]
    return mine + list(range(classes * each, size))


def _card(file: Path) -> ModelCard:
    """The card inside a weights file, or beside it."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as opened:
            inside = (opened.metadata() or {}).get(METADATA_KEY)
    except (OSError, SafetensorError):
        inside = None  # the card beside it may still tell what it should be
    if inside is not None:
        return card_from_json(inside, str(file))
    run = file.parent
    try:
        return card_from_json((run / CARD).read_text(encoding="utf-8"), str(run / CARD))
    except OSError:
        raise ModelError(f"{run}: is no run folder, it has no {CARD}. Train one with: lprkit train CONFIG") from None


def _classes(card: ModelCard) -> int:
    return len(card.tokens) + (1 if card.task == "read" else 0)


def _read(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        stored: dict[str, torch.Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: holds no weights ({error}).") from None
    return stored
