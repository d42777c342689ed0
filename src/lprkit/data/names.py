"""What others call the classes of a detection set."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from lprkit.core.errors import DataError
from lprkit.core.types import Label

NAMES: Mapping[str, Label] = {
    "license_plate": "license_plate", "licence_plate": "license_plate", "licenseplate": "license_plate",
    "number_plate": "license_plate", "numberplate": "license_plate", "plate": "license_plate", "lp": "license_plate",
    "license": "license_plate", "licence": "license_plate", "vehicle_registration_plate": "license_plate",
    "car": "car", "vehicle": "car", "disabled_sticker": "disabled_sticker",
}  # fmt: skip
"""Lower case, one underscore between words. "Vehicle registration plate" is Open Images' name."""


def label_of(name: str) -> Label | None:
    """Our name of a class; None when it is none of ours."""
    return NAMES.get(re.sub(r"[\W_]+", "_", name).strip("_").lower())


def unknown_classes(where: str, names: Sequence[str]) -> DataError:
    """What to say when no class of a set is one of ours."""
    shown = ", ".join(map(repr, names[:5])) or "no class"
    return DataError(f"{where}: {shown} is not one of {', '.join(get_args(Label))}.")
