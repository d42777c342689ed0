"""How the crops of a reader are changed at every step: which changes, how often, how far."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from lprkit.core.config import Range
from lprkit.core.errors import ConfigError

Span: TypeAlias = tuple[float, float]
"""The lowest and the highest number that is drawn; evenly, where nothing else is said."""


@dataclass(frozen=True)
class Augment:
    """Changes made to a reader's crops at every step, each picture for itself, in the order given here.

    A field of one word is a kind and its chance, 0 switches it off; those named after it say how far it goes. Lengths
    are px and shares of the picture that the network sees, brightness goes from 0 to 1. What moves in from outside
    repeats the edge. The defaults are what the bundled readers are trained with; what `reader` adds, its file in
    `configs/` says.
    """

    keep_original: float = 0.0
    """Share of the pictures that are left alone."""
    rotate: float = 0.0
    rotate_degrees: Span = (-10.0, 10.0)
    """Clockwise."""
    scale: float = 0.0
    scale_times: Span = (0.9, 1.1)
    shift: float = 0.0
    shift_share: Span = (-0.1, 0.1)
    """Of the width and of the height, each drawn for itself."""
    shear: float = 0.0
    shear_degrees: Span = (-10.0, 10.0)
    """How far upright strokes lean."""
    crop: float = 0.0
    crop_share: Span = (0.0, 0.05)
    """Cut off each side; the rest is stretched to the old size."""
    affine: float = 0.5
    affine_sigma: tuple[float, float, float, float, float, float] = (0.04, 0.03, 0.03, 0.02, 0.05, 0.05)
    """Standard deviations of what is added to the 2x3 matrix, row by row, the picture reaching from -1 to 1."""
    affine_limit: float = 0.12
    """The largest that is added."""
    piecewise: float = 0.0
    piecewise_share: Span = (0.01, 0.05)
    """Standard deviation by which 4x4 points are moved, of the width and the height."""
    elastic: float = 0.0
    elastic_px: Span = (0.3, 1.0)
    """Standard deviation by which pixels are moved."""
    elastic_smooth_px: float = 4.0
    """How far pixels move alike: sigma of a Gaussian."""
    gaussian: float = 0.0
    gaussian_px: Span = (0.0, 2.0)
    """Sigma of the blur."""
    average: float = 0.1
    average_px: Span = (3.0, 3.0)
    """Side of the square that is averaged; it may be a fraction."""
    median: float = 0.0
    median_px: tuple[int, int] = (3, 3)
    """Side of the square of which the median is taken; an even one is made one larger."""
    cross: float = 0.0
    cross_sigma: float = 0.1
    """Blurred or sharpened by a 3x3 cross: standard deviation of its four arms; what they take, the centre gives."""
    sharpen: float = 0.0
    sharpen_share: Span = (0.0, 1.0)
    """How much of the sharpened picture is mixed in."""
    emboss: float = 0.0
    emboss_share: Span = (0.0, 1.0)
    emboss_strength: Span = (0.0, 2.0)
    colour: float = 0.0
    colour_hue: Span = (-0.2, 0.2)
    """Parts of the colour circle."""
    colour_saturation: Span = (0.67, 1.5)
    colour_value: Span = (0.67, 1.5)
    """Times."""
    grey: float = 0.0
    grey_share: Span = (1.0, 1.0)
    """How much of the grey picture is mixed in."""
    multiply: float = 0.0
    multiply_times: Span = (0.5, 1.5)
    contrast: float = 1.0
    contrast_times: Span = (0.6, 1.4)
    """About the mean of the picture."""
    brightness: float = 1.0
    brightness_plus: Span = (-0.15, 0.15)
    noise: float = 1.0
    noise_sigma: Span = (0.0, 0.04)
    """Its square root is drawn evenly: weak noise is more frequent."""
    dropout: float = 0.0
    dropout_share: Span = (0.01, 0.1)
    """Pixels made black."""
    speckle: float = 0.0
    """Single pixels made any grey, as data sets that come with noise in them have it: pixels of the camera, so up to
    `speckle_times` as large as those that the network sees."""
    speckle_share: Span = (0.005, 0.05)
    speckle_times: Span = (1.0, 3.0)
    coarse: float = 0.0
    coarse_share: Span = (0.01, 0.1)
    """Cells made black."""
    coarse_cells: tuple[int, int] = (6, 16)
    """Rows and columns of cells."""
    cover: float = 0.1
    """One flat patch of any grey."""
    cover_width: Span = (0.02, 0.08)
    cover_height: Span = (0.05, 0.3)
    invert: float = 0.03
    pixelise: float = 0.0
    pixelise_times: tuple[int, int] = (2, 4)
    """How much smaller the picture is made, to be enlarged in blocks or smoothly."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            _check(name, value)

    def kinds(self) -> dict[str, float]:
        """The chance of every kind, in the order in which they are made."""
        return {name: value for name, value in asdict(self).items() if "_" not in name}


LIMITS = {
    "rotate_degrees": (-180, 180),
    "scale_times": (0.1, 10),
    "shift_share": (-1, 1),
    "shear_degrees": (-80, 80),
    "crop_share": (0, 0.45),
    "average_px": (1, 99),
    "median_px": (1, 15),
    "colour_hue": (-1, 1),
    "brightness_plus": (-1, 1),
    "coarse_cells": (1, 999),
    "pixelise_times": (1, 99),
    "speckle_times": (1, 99),
}
"""Smallest and largest value; 0 and 1 for a chance or share, 0 and 99 for what is not named."""


def _check(name: str, value: Any) -> None:
    is_share = "_" not in name or name == "keep_original" or name.endswith("_share")
    low, high = LIMITS.get(name, (0, 1) if is_share else (0, 99))
    Range(low, high).check(f"augment.{name}", value)
    if isinstance(value, tuple) and len(value) == 2 and name != "coarse_cells" and value[0] > value[1]:
        raise ConfigError(f"augment.{name}: {value} is the wrong way round. Give the lower number first.")
