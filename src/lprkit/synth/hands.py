"""The parameters of our own typefaces: how a hand that draws plates in lines and rounded corners draws them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np


@dataclass(frozen=True)
class Hand:
    """The parameters of one stroke typeface."""

    stroke: float = 0.13
    """Line width as a share of the height."""
    aspect: float = 0.55
    """Width of a letter like H as a share of the height."""
    radius: float = 0.8
    """Corner rounding of bowls, 1 = as round as the box allows."""
    tall: float = 1.2
    """How much further a rounding reaches along upright lines."""
    square: float = 0.56
    """Pull of a rounding towards its corner: 0.55 a circle, 0.8 nearly square."""
    waist: float = 0.47
    hook: float = 0.25
    """How far the open ends of 2, 3, 5, 6, 9, C, G and S come round, as a share of the height."""
    bowl: float = 0.41
    """Where the bowl of 6 begins, from the top, and that of 9 from below."""
    bar: float = 0.55
    """Where the bar of G begins, as a share of its width."""
    fork: float = 0.51
    """Where the arms of Y meet."""
    slant: float = 0.0
    round_ends: bool = False
    stencil: bool = False
    even: bool = False
    """Every sign but I and 1 is as wide as H, M and W too."""
    tail: float = 0.58
    """Where the tail of Q starts, as a share of its width."""
    box: float = 0.0
    """Corner rounding of O and Q that are nearly rectangles: only its bowl tells a D from them; 0: as of others."""
    dies: int = 0
    """Number of a set of dies each of which was cut by itself, with roundings and a width of its own; 0: all alike."""
    variants: str = ""
    """Signs with another form, e.g. "034" for a slashed zero, a flat-topped three and an open four."""


FAMILIES: dict[str, Hand] = {
    "fe": Hand(0.135, 0.60, 0.55, 1.1, 0.66, 0.48, even=True, variants="1"),
    "din": Hand(0.135, 0.58, 0.95, 1.1, 0.56, 0.47, variants="1"),
    "highway": Hand(0.15, 0.62, 0.9, 1.0, 0.58, 0.47, variants="4"),
    "wright": Hand(0.165, 0.62, 0.75, 1.0, 0.60, 0.48, even=True, variants="I"),
    "mandatory": Hand(0.13, 0.60, 0.55, 1.0, 0.66, 0.47, hook=0.15, even=True, variants="I"),
    "narrow": Hand(0.12, 0.46, 0.95, 1.0, 0.58, 0.46, variants="7"),
    "square": Hand(0.13, 0.58, 0.35, 1.0, 0.62, 0.48, variants="4"),
    "thin": Hand(0.09, 0.56, 0.9, 1.2, 0.57, 0.47, round_ends=True),
    "stencil": Hand(0.15, 0.60, 0.8, 1.1, 0.58, 0.48, stencil=True),
    "embossed": Hand(0.14, 0.50, 0.8, 1.1, 0.60, 0.48, round_ends=True, variants="1"),
}
"""Forms near to those of plates: German FE, DIN 1451, US highway, British Wright, Brazilian Mandatory, simple ones.

Even ones: letters of FE are 47.5 mm wide (FZV, annex 4), British ones 50 mm but for I and 1 (Road Vehicles (Display of
Registration Marks) Regulations 2001, schedule 2), and Mandatory is drawn after those.
"""


@lru_cache(maxsize=1024)
def hand(name: str) -> Hand:
    """The typeface of that name ("fe-3"): its family's parameters, moved a little by what follows the dash."""
    family, _, number = name.partition("-")
    start = FAMILIES[family]
    if number in ("", "0"):
        return start
    rng = np.random.default_rng(crc32(name.encode()))
    extra, late = (np.random.default_rng([crc32(name.encode()), n]) for n in (1, 2))  # so that the rest stays as it was
    box = float(extra.uniform(0.04, 0.3)) if extra.random() < 0.3 else 0.0
    variants = "".join(sign for sign in "0134679IAJQM" if rng.random() < (0.75 if sign in start.variants else 0.3))
    if rng.random() < 0.85:
        variants = variants.replace("0", "")  # slashed zeros are rare on plates
    if box and extra.random() < 0.5:
        variants += "D"
    variants += "".join(sign for sign in "VW" if late.random() < 0.3)
    return Hand(
        stroke=float(start.stroke * rng.uniform(0.8, 1.2)),
        aspect=float(start.aspect * rng.uniform(0.88, 1.12)),
        radius=float(np.clip(start.radius * rng.uniform(0.7, 1.3), 0.25, 1.0)),
        tall=float(start.tall * rng.uniform(0.8, 1.3)),
        square=float(np.clip(start.square + rng.normal(0, 0.05), 0.5, 0.8)),
        waist=float(start.waist + rng.uniform(-0.03, 0.03)),
        hook=float(start.hook + rng.uniform(-0.07, 0.05)),
        slant=float(rng.normal(0, 0.08)) if rng.random() < 0.12 else 0.0,
        round_ends=bool(rng.random() < (0.8 if start.round_ends else 0.2)),
        stencil=start.stencil,
        bowl=float(start.bowl + extra.uniform(-0.04, 0.06)),
        bar=float(start.bar + extra.uniform(-0.05, 0.35)),
        fork=float(start.fork + late.uniform(-0.08, 0.08)),
        even=start.even and bool(extra.random() < 0.85),
        tail=float(start.tail + extra.uniform(-0.1, 0.15)),
        box=box,
        dies=int(extra.integers(1, 2**31)) if extra.random() < 0.5 else 0,
        variants=variants,
    )


def cut(sign: str, by: Hand) -> Hand:
    """The typeface as this sign has it: an O may be squarer than the bowl of the D beside it."""
    if by.dies:
        rng = np.random.default_rng([by.dies, ord(sign)])
        by = replace(
            by,
            aspect=float(by.aspect * rng.uniform(0.94, 1.06)),
            radius=float(np.clip(by.radius * np.exp(rng.normal(0, 0.3)), 0.2, 1.0)),
            tall=float(by.tall * rng.uniform(0.85, 1.2)),
            square=float(np.clip(by.square + rng.normal(0, 0.05), 0.5, 0.8)),
            waist=float(by.waist + rng.uniform(-0.02, 0.02)),
            hook=float(by.hook + rng.uniform(-0.05, 0.05)),
        )
    if by.box and sign in "OQ":
        return replace(by, radius=by.box)
    if by.box and sign == "D":  # the only difference left
        return replace(by, radius=max(by.radius, 0.55))
    return by
