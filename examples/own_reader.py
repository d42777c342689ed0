"""Finds plates with lprkit and reads them with an OCR of your own: any function from pictures to readings will do."""

from collections.abc import Sequence

import numpy as np

import lprkit
from lprkit.synth.generate import ScenePlan, scene_at


def brightness(images: Sequence[np.ndarray]) -> list[lprkit.Reading]:
    """Stands for your OCR: it gets straightened plates (uint8 H,W,3 RGB), here it only says how bright they are."""
    return [lprkit.Reading(text=f"{image.mean():.0f}", score=1.0) for image in images]


def main() -> None:
    """Reads a drawn street."""
    street = scene_at(1, ScenePlan(regions=("de",), legal=1.0))
    assert street.image is not None
    plates = lprkit.Pipeline(reader=brightness).read(street.image)
    print(f"{len(plates)} plates found")
    for plate in plates:
        print(f"mean grey {plate.reading.text}, found with {plate.detection.score:.0%}")


if __name__ == "__main__":
    main()
