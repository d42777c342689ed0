"""Reads the plates of a picture: `python read_a_photo.py car.jpg`. Without a picture it draws a street."""

import sys

import numpy as np

import lprkit
from lprkit.synth.generate import ScenePlan, scene_at


def main() -> None:
    """Prints what each plate says, how sure that is, and where it is."""
    image = lprkit.load_image(sys.argv[1]) if len(sys.argv) > 1 else drawn()
    plates = lprkit.read(image)
    for plate in plates:
        corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in plate.detection.quad)
        print(f"{plate.reading.text:10} {plate.reading.score:6.1%}  at {corners}")
    print(f"{len(plates)} plates in {image.shape[1]}x{image.shape[0]} px")


def drawn() -> np.ndarray:
    """A street with cars, drawn."""
    street = scene_at(1, ScenePlan(regions=("us-ca", "de", "fr", "gb"), legal=1.0))
    assert street.image is not None
    return street.image


if __name__ == "__main__":
    main()
