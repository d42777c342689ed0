"""Reads licence plates, and makes the networks that read them.

Every public name is imported when it is first used: `import lprkit` itself is free.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lprkit.core.card import ModelCard
    from lprkit.core.errors import LprError
    from lprkit.core.image import load as load_image
    from lprkit.core.types import Detection, Detector, Passage, Plate, Reader, Reading, Region, Sample, Sighting
    from lprkit.pipeline.draw import annotate
    from lprkit.pipeline.run import Pipeline, read
    from lprkit.plates import region

__version__ = "0.1.0"

_HOMES = {
    "Detection": "lprkit.core.types:Detection",
    "Detector": "lprkit.core.types:Detector",
    "LprError": "lprkit.core.errors:LprError",
    "ModelCard": "lprkit.core.card:ModelCard",
    "Passage": "lprkit.core.types:Passage",
    "Pipeline": "lprkit.pipeline.run:Pipeline",
    "Plate": "lprkit.core.types:Plate",
    "Reader": "lprkit.core.types:Reader",
    "Reading": "lprkit.core.types:Reading",
    "Region": "lprkit.core.types:Region",
    "Sample": "lprkit.core.types:Sample",
    "Sighting": "lprkit.core.types:Sighting",
    "annotate": "lprkit.pipeline.draw:annotate",
    "load_image": "lprkit.core.image:load",
    "read": "lprkit.pipeline.run:read",
    "region": "lprkit.plates:region",
}

__all__ = [
    "Detection",
    "Detector",
    "LprError",
    "ModelCard",
    "Passage",
    "Pipeline",
    "Plate",
    "Reader",
    "Reading",
    "Region",
    "Sample",
    "Sighting",
    "annotate",
    "load_image",
    "read",
    "region",
]


def __getattr__(name: str) -> object:
    """The public object of this name, imported now (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'lprkit' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
