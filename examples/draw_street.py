"""Draws a street with a few cars that are near enough to read their plates: `python draw_street.py street.png`."""

import itertools
import sys

from lprkit.core.geometry import Box, box_of
from lprkit.core.image import save
from lprkit.core.types import Plate, Sample
from lprkit.synth.camera import CLEAN
from lprkit.synth.generate import ScenePlan, scene_at

CARS = 2
FIRST = 396
"""Scenes are numbered; this one shows several kinds of plates."""
WIDE_PX = 64
"""Narrower plates do not count."""


def main() -> None:
    """Draws it into the file named on the command line, or street.png, and prints what its plates say."""
    file = sys.argv[1] if len(sys.argv) > 1 else "street.png"
    drawn = street()
    assert drawn.image is not None
    save(file, drawn.image)
    print(f"{file}: drawn with {', '.join(plate.text for plate in drawn.plates if plate.text)}")


def street() -> Sample:
    """The first drawn scene with plates on CARS cars, seen by a camera without faults."""
    plan = ScenePlan(("us-ca", "de", "fr", "gb"), legal=1.0, camera=CLEAN, sizes=((1280, 720),))
    scenes = (scene_at(n, plan) for n in itertools.count(FIRST))
    return next(scene for scene in scenes if len(near_plates(scene)) >= CARS)


def near_plates(scene: Sample) -> list[Plate]:
    """The plates on cars that are near enough."""
    cars = [box_of(car.quad) for car in scene.plates if car.label == "car" and car.quad is not None]
    near = [(plate, box_of(plate.quad)) for plate in scene.plates if plate.label != "car" and plate.quad is not None]
    return [plate for plate, box in near if box.w >= WIDE_PX and any(is_inside(box, car) for car in cars)]


def is_inside(inner: Box, outer: Box) -> bool:
    """Whether one box lies in another."""
    across = outer.x <= inner.x and inner.x + inner.w <= outer.x + outer.w
    return across and outer.y <= inner.y and inner.y + inner.h <= outer.y + outer.h


if __name__ == "__main__":
    main()
