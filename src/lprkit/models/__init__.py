"""Pictures in, scores out: the networks, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from lprkit.core.lookup import resolve

if TYPE_CHECKING:
    from lprkit.models.network import Network

MODELS = {
    "reader": "lprkit.models.reader:build",
    "lprnet-24x94": "lprkit.models.lprnet:build",
    "detector": "lprkit.models.detector:build",
}
"""Name -> a function (classes, options) -> Network."""


def build(name: str, classes: int, options: Mapping[str, Any] | None = None) -> Network:
    """The network of this name with fresh weights.

    `classes` is a reader's alphabet with the blank, or how many labels a detector tells apart.
    """
    make = resolve(MODELS, name, "model")
    return cast("Network", make(classes, options or {}))  # type: ignore[operator]
