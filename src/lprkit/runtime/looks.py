"""A doubtful plate is looked at again: a little wider, a little tighter, turned a little. All looks together decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from lprkit.core.card import InputSpec
from lprkit.core.geometry import Quad, grow, turn
from lprkit.core.image import rectify, whole
from lprkit.core.types import Image, Reader, Reading

DOUBTFUL = 0.9
"""Readings that score less are made again."""
LOOKS = ((0.07, 0.0), (-0.03, 0.0), (0.12, 0.0), (-0.06, 0.0), (0.02, 3.0), (0.02, -3.0), (0.05, 5.0), (0.05, -5.0))
"""How: by how much of width and height the picture is grown on every side, and turned, in degrees.

Corners are never quite right, and a letter at the rim, or cut by it, misleads. With these looks a reader that never
saw photographs reads 230 instead of 218 of the 296 crops of `train/cn_sirius_lprnet_crops`, 204 instead of 199 of the
221 plates of `cn_easypr_frames`, 124 instead of 120 of the 164 of `oi_roboflow_f8vsn_frames` and 880 instead of 876 of
1,000 drawn ones (O as 0, I as 1).
"""

Again: TypeAlias = Callable[[int, float, float], Image]
"""(n, grown, turned) -> the n-th plate as such a look sees it."""


def surest(read: Reader, spec: InputSpec) -> Reader:
    """The reader that looks again where this one, whose network takes pictures as `spec` says, is in doubt."""
    return lambda images: look(read, images, lambda n, grown, turned: seen(images[n], spec, grown, turned))


def look(read: Reader, images: Sequence[Image], again: Again) -> list[Reading]:
    """The readings of these pictures, of doubtful ones what all looks decide; `again` makes the pictures of those."""
    readings = read(images)
    doubtful = [n for n, reading in enumerate(readings) if reading.score < DOUBTFUL]
    looks = [[readings[n] for n in doubtful]]
    for grown, turned in LOOKS if doubtful else ():
        looks.append(read([again(n, grown, turned) for n in doubtful]))
    for n, several in zip(doubtful, zip(*looks, strict=True), strict=True):
        readings[n] = fused(several)
    return readings


def fused(looks: Sequence[Reading]) -> Reading:
    """The reading in which all looks together believe most.

    Its score lies halfway between the mean of all looks, which is too low where one of them missed the plate, and its
    best one, which is too high because it was picked: both have larger calibration errors.
    """
    best = max(looks, key=lambda one: (_mean(one.text, looks), one.score))
    return replace(best, score=(_mean(best.text, looks) + best.score) / 2)


def _mean(text: str, looks: Sequence[Reading]) -> float:
    """The score that looks give to a text: 0 from those that do not think of it."""
    believed = [{**{other.text: other.score for other in one.others}, one.text: one.score} for one in looks]
    return sum(scores.get(text, 0.0) for scores in believed) / len(looks)


def seen(image: Image, spec: InputSpec, grown: float, turned: float) -> Image:
    """The picture grown, its rim repeated, and turned; not smaller than the network takes it, so nothing is lost."""
    height, width = image.shape[:2]
    return rectify(image, looked_at(whole(image), grown, turned), max(width, spec.width), max(height, spec.height))


def looked_at(quad: Quad, grown: float, turned: float) -> Quad:
    """What a look sees of a plate that lies there."""
    return turn(grow(quad, grown, grown), turned)
