"""A doubtful plate is looked at again: a little wider, a little tighter, turned a little. All looks together decide.

One that cannot be read then may be turned further in an upright box.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from lprkit.core.card import InputSpec
from lprkit.core.geometry import Quad, grow, is_upright, plate_in, turn
from lprkit.core.image import rectify, whole
from lprkit.core.types import Image, Reader, Reading

DOUBTFUL, HOPELESS = 0.9, 0.02
"""Readings that score less than the first are made again, but for those less than the second at found corners: of 88
such in frames of `train/` none was told after all looks, and reading took a third less time without."""
LOOKS = ((0.07, 0.0), (-0.03, 0.0), (0.12, 0.0), (-0.06, 0.0), (0.02, 3.0), (0.02, -3.0), (0.05, 5.0), (0.05, -5.0))
"""How: by how much of width and height the picture is grown on every side, and turned, in degrees.

Corners are never quite right, and a letter at the rim, or cut by it, misleads. With these looks a reader that never
saw photographs reads 230 instead of 218 of the 296 crops of `train/cn_sirius_lprnet_crops`, 204 instead of 199 of the
221 plates of `cn_easypr_frames`, 124 instead of 120 of the 164 of `oi_roboflow_f8vsn_frames` and 880 instead of 876 of
1,000 drawn ones (O as 0, I as 1).
"""
TOGETHER = 4
"""So many plates are looked at again at once: eight looks of each fill a batch, and large pictures no memory."""
UNREAD = 0.3
"""Where readings then score less, a plate is looked for that lies turned in the upright box that was shown."""
INSIDE = (12.0, -12.0, 18.0, -18.0)
"""By how many degrees. Of 235 plates in photographs of `train/` that were read by eye, cut out as upright boxes, the
bundled reader reads 219 so instead of 214, of 5,700 drawn ones one more, and none less."""
SURE, SIGNS = 0.5, 3
"""What one of these looks must score, and how many signs it must see, to be believed."""

Show: TypeAlias = Callable[[int, Quad], Image]
"""(n, quad) -> what lies there, straightened, in the picture that has the n-th plate."""


def surest(read: Reader, spec: InputSpec) -> Reader:
    """The reader that looks again where this one, whose network takes pictures as `spec` says, is in doubt."""
    return lambda images: look(
        read, images, [whole(image) for image in images], lambda n, quad: seen(images[n], spec, quad)
    )


def look(read: Reader, images: Sequence[Image], places: Sequence[Quad], show: Show) -> list[Reading]:
    """The readings of these pictures, which show what lies at `places`; of doubtful ones what all looks decide."""
    readings = read(images)
    least = [0.0 if is_upright(place) else HOPELESS for place in places]
    doubtful = [n for n, reading in enumerate(readings) if least[n] <= reading.score < DOUBTFUL]
    for start in range(0, len(doubtful), TOGETHER):
        group = doubtful[start : start + TOGETHER]
        around = {n: [looked_at(places[n], grown, turned) for grown, turned in LOOKS] for n in group}
        for n, looks in _looks(read, show, around).items():
            readings[n] = fused([readings[n], *looks])
        unread = [n for n in group if readings[n].score < UNREAD]
        inside = {n: [plate for degrees in INSIDE if (plate := plate_in(places[n], degrees))] for n in unread}
        for n, looks in _looks(read, show, inside).items():
            readings[n] = righted(readings[n], looks)
    return readings


def _looks(read: Reader, show: Show, quads: Mapping[int, Sequence[Quad]]) -> dict[int, list[Reading]]:
    """What is read there, of all plates at once."""
    views = [show(n, quad) for n, several in quads.items() for quad in several]
    readings = iter(read(views) if views else [])
    return {n: list(islice(readings, len(several))) for n, several in quads.items()}


def fused(looks: Sequence[Reading]) -> Reading:
    """The reading in which all looks together believe most.

    Its score lies halfway between the mean of all looks, which is too low where one of them missed the plate, and its
    best one, which is too high because it was picked: both have larger calibration errors.
    """
    best = max(looks, key=lambda one: (_mean(one.text, looks), one.score))
    return replace(best, score=(_mean(best.text, looks) + best.score) / 2)


def righted(reading: Reading, looks: Sequence[Reading]) -> Reading:
    """The reading in which looks into its box together believe most, if it is a sure one; else this one."""
    legible = [one for one in looks if len(one.text) >= SIGNS]
    best = max(legible, key=lambda one: (_mean(one.text, legible), one.score), default=reading)
    return best if best.score > SURE else reading


def _mean(text: str, looks: Sequence[Reading]) -> float:
    """The score that looks give to a text: 0 from those that do not think of it."""
    believed = [{**{other.text: other.score for other in one.others}, one.text: one.score} for one in looks]
    return sum(scores.get(text, 0.0) for scores in believed) / len(looks)


def seen(image: Image, spec: InputSpec, quad: Quad) -> Image:
    """What lies there in a picture that is a plate, beyond which its rim is repeated.

    It is not smaller than the network takes it, so nothing is lost.
    """
    height, width = image.shape[:2]
    return rectify(image, quad, max(width, spec.width), max(height, spec.height))


def looked_at(quad: Quad, grown: float, turned: float) -> Quad:
    """What a look sees of a plate that lies there."""
    return turn(grow(quad, grown, grown), turned)
