"""What a resumed run needs, in a run folder: three safetensors files and one JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from lprkit.core.errors import ConfigError, ModelError
from lprkit.models.network import Network
from lprkit.models.store import load_weights, save_weights
from lprkit.train.settings import Settings

STATE = "state.json"
FIRST, LAST, AVERAGED = "first.safetensors", "last.safetensors", "averaged.safetensors"
"""The weights that a run started from, those of its last step, and the averaged ones then."""
OPTIMIZER = "optimizer.safetensors"


@dataclass
class State:
    """How far a run is."""

    step: int = 0
    best: float = -1.0
    """The best figure so far, by which weights are kept."""
    peak: float | None = None
    """The best of the figure that may end the run; None: it is not watched."""
    waited: int = 0
    """Validations since then."""
    losses: list[float] = field(default_factory=list)
    """Of the steps since the last validation, when this was saved."""


def check_same(settings: Settings, before: Settings, out: Path) -> None:
    """A ConfigError where a checkpoint would mean nothing to a run with these settings."""
    for name, now, then in (
        ("model", settings.model, before.model),
        ("network", json.dumps(dict(settings.network)), json.dumps(dict(before.network))),
        ("optim.name", settings.optim.name, before.optim.name),
    ):
        if now != then:
            raise ConfigError(f"{out}: was begun with {name} = {then!r} and cannot go on with {now!r}.")


def save(out: Path, network: Network, averaged: Network, moving: torch.optim.Optimizer, state: State) -> None:
    """Writes everything; `state.json` last, so that it never speaks of files that are not there."""
    from safetensors.torch import save_file

    save_weights(network, out / LAST)
    save_weights(averaged, out / AVERAGED)
    tensors = {
        f"{number}.{name}": torch.as_tensor(value).contiguous()
        for number, values in moving.state_dict()["state"].items()
        for name, value in values.items()
        if value is not None
    }
    part = out / "optimizer.part"
    save_file(tensors, part)
    part.replace(out / OPTIMIZER)
    part = out / "state.part"
    part.write_text(json.dumps(asdict(state)), encoding="utf-8")
    part.replace(out / STATE)


def restore(out: Path, network: Network, averaged: Network, moving: torch.optim.Optimizer) -> State:
    """Takes up the checkpoint in `out`; a fresh state when there is none, a ModelError when it is torn or foreign."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not (out / STATE).exists():
        return State()
    try:
        state = State(**json.loads((out / STATE).read_text(encoding="utf-8")))
        tensors = load_file(out / OPTIMIZER)
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        raise ModelError(f"{out}: its checkpoint is torn ({error}). Start again in another folder.") from None
    is_foreign = bool(load_weights(network, out / LAST) or load_weights(averaged, out / AVERAGED))
    stored: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        number, name = key.split(".", 1)
        stored.setdefault(int(number), {})[name] = value
    groups = moving.state_dict()["param_groups"]
    moved = {number for group in groups for number in group["params"]}
    if is_foreign or not moved.issuperset(stored):
        raise ModelError(f"{out}: its checkpoint is of another network or alphabet. Start again in another folder.")
    moving.load_state_dict({"state": stored, "param_groups": groups})
    return state


def keep(out: Path, averaged: Network, step: int, count: int) -> None:
    """Keeps the averaged weights of the last `count` checkpoints beside the run's best ones."""
    if count:
        save_weights(averaged, out / f"step-{step:07d}.safetensors")
    for old in kept(out)[:-count] if count else []:
        old.unlink()


def mean(files: Sequence[Path], network: Network, shares: Sequence[float] = ()) -> None:
    """Fills the network with the mean of these weights, each counting by its share; without shares all alike."""
    from safetensors.torch import load_file

    own = network.state_dict()
    stored = [load_file(file) for file in files]
    parts = torch.tensor(shares or [1 / len(files)] * len(files), dtype=torch.float64)
    for name, value in own.items():
        if value.is_floating_point():
            value.copy_(torch.tensordot(parts, torch.stack([each[name].double() for each in stored]), dims=1))
        else:
            value.copy_(stored[-1][name])


def kept(out: Path) -> list[Path]:
    """The checkpoints that `keep` left, oldest first."""
    return sorted(out.glob("step-*.safetensors"))
