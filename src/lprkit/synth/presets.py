"""Drawing in the manner of other generators, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from lprkit.core.lookup import resolve
from lprkit.core.types import Sample

PRESETS: Mapping[str, str] = {
    "hailo-digits": "lprkit.synth.hailo_digits:crop_at",
}
"""Name -> "module:function" of (n, plan), a crop."""


@dataclass(frozen=True)
class PresetPlan:
    """What the crops of a preset are drawn from."""

    preset: str
    seed: int = 0
    legal: float = 0.5
    """Share of legal serials, as far as the preset knows any; the others have random syntax."""
    glyphs: tuple[str, ...] = ()
    """Fonts and folders of glyph pictures beside those of the machine."""
    without: tuple[str, ...] = ()
    """Typefaces left out, by the beginning of their names."""
    only: tuple[str, ...] = ()
    """Typefaces kept, likewise; empty: all."""


def crop_at(n: int, plan: PresetPlan) -> Sample:
    """The n-th crop of the plan; the same n is always the same crop."""
    draw = cast("Callable[[int, PresetPlan], Sample]", resolve(PRESETS, plan.preset, "preset"))
    return draw(n, plan)
