"""How often each thing happens to a drawn plate; set one to 0 to switch it off."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Look:
    """Chances (0-1) of everything on a plate besides its number, and how far its print may stray."""

    colour_jitter: float = 1.0
    """Scale of the drift of ink and paper from their legal colours."""
    place_jitter: float = 1.0
    """Scale of the shifts of glyphs, rows and gaps."""
    fixed_pitch: float = 0.6
    """Every sign in a cell of one width, against signs set by their own."""
    lost_separator: float = 0.06
    """A dash or dot that is not there."""
    pattern: float = 0.04
    """A soft picture in the paper; a US plate has one five times as often."""
    border: float = 0.9
    """The style's border; a style without one gets one a tenth as often."""
    caption: float = 0.85
    band: float = 0.97
    short_band: float = 0.4
    """The bands of a plate with two rows end above the lower one."""
    seals: float = 0.75
    """Round seals where a region has them; elsewhere, on plates in Latin letters, an emblem a third as often."""
    stickers: float = 0.12
    """Registration stickers; four times as often on US plates."""
    screws: float = 0.45
    frame: float = 0.12
    """A dealer's frame over the plate's edge, with its name; three times as often on US plates."""
    emboss: float = 0.45
    faded: float = 0.3
    """Ink that lost some of its colour."""
    worn: float = 0.08
    """Ink that came off in spots."""
    dirt: float = 0.2
    shine: float = 0.07
    """The light of a lamp thrown back: paper near white, strokes eaten by it."""
    plain: float = 0.0
    """A plate with nothing of all this."""


def only(**chances: float) -> Look:
    """A look with everything off but these."""
    nothing = {field.name: 0.0 for field in fields(Look)}
    return replace(Look(**nothing), **chances)
