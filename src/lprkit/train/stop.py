"""When a run ends early: after validations that bring nothing better."""

from __future__ import annotations

from collections.abc import Mapping

from lprkit.core.lookup import known
from lprkit.train.checkpoint import State
from lprkit.train.settings import Stop

FALLING = ("loss", "ctc", "cer")
"""Figures of which less is better; of the others, more is."""


def watch(state: State, stop: Stop, figures: Mapping[str, float], best: str) -> None:
    """Counts the validations since the watched figure was better than ever before, in `state.waited`."""
    if not stop.patience:
        return
    name = known(stop.figure or best, figures, "figure of the validation")
    value = -figures[name] if name.partition("/")[0] in FALLING else figures[name]
    if state.peak is None or value > state.peak + stop.least:
        state.peak, state.waited = value, 0
    else:
        state.waited += 1
