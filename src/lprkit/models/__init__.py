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
    "lprnet-gap8": "lprkit.models.lprnet:build_gap8",
    "lprnet-korean": "lprkit.models.lprnet_korean:build",
    "lprnet-pooled": "lprkit.models.lprnet_pooled:build",
    "lprnet-pooled-stn": "lprkit.models.lprnet_pooled:build_stn",
    "hailo-lprnet": "lprkit.models.hailo_lprnet:build",
    "tao-resnet10": "lprkit.models.resnet_lprnet:build_10",
    "tao-resnet18": "lprkit.models.resnet_lprnet:build_18",
    "detector": "lprkit.models.detector:build",
}
"""Name -> a function (classes, options) -> Network."""


def build(name: str, classes: int, options: Mapping[str, Any] | None = None) -> Network:
    """The network of this name with fresh weights.

    `classes` is a reader's alphabet with the blank, or how many labels a detector tells apart.
    """
    make = resolve(MODELS, name, "model")
    return cast("Network", make(classes, options or {}))  # type: ignore[operator]
