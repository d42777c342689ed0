"""Which slice of a set a plate belongs to: figures are told for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lprkit.core.geometry import Quad, box_of
from lprkit.core.types import Image, Plate

HEIGHTS_PX = (16, 24, 32, 48, 64)
"""Bounds between slices, of the height of the plate in its picture."""

SHARPNESS = (100, 500, 2000)
"""Bounds between slices, of the variance of the Laplacian of the grey plate, in squared levels of 0-255. Below the
first one the plate is blurred: Hailo's reading application drops it."""

UNKNOWN = "unknown"


def slices_of(image: Image, plate: Plate) -> Mapping[str, str]:
    """Kind of slice -> name of the one: by rows, height and blur."""
    crop = _shown(image, plate.quad)
    return {
        "rows": str(plate.rows) if plate.rows else UNKNOWN,
        "height": f"{_between(crop.shape[0], HEIGHTS_PX)} px",
        "blur": f"sharpness {_between(sharpness(crop), SHARPNESS)}",
    }


def sharpness(crop: Image) -> float:
    """The variance of the Laplacian of the grey picture; 0 for one without pixels."""
    import cv2

    if not crop.size:
        return 0.0
    return float(cv2.Laplacian(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


def order(name: str) -> tuple[float, str]:
    """Sorts the names of slices: by their lower bound, where they have one."""
    number = name.removeprefix("sharpness ").partition("-")[0].strip(" <≥px")
    return (float(number) - (0.5 if "<" in name else 0.0), name) if number.isdigit() else (0.0, name)


def _between(value: float, bounds: Sequence[int]) -> str:
    """Such as <16, 16-23, ≥64."""
    if value < bounds[0]:
        return f"<{bounds[0]}"
    if value >= bounds[-1]:
        return f"≥{bounds[-1]}"
    n = next(n for n, bound in enumerate(bounds) if value < bound)
    return f"{bounds[n - 1]}-{bounds[n] - 1}"


def _shown(image: Image, quad: Quad | None) -> Image:
    """The pixels of the upright box of a quad; the whole picture without one."""
    if quad is None:
        return image
    x, y, w, h = box_of(quad)
    return image[max(0, round(y)) : max(0, round(y + h)), max(0, round(x)) : max(0, round(x + w))]
