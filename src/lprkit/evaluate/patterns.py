"""What a region's plates may say, asked of the truth or of the readings (`lpr_patterns` of the OpenVINO recipe).

Its documentation says that a reading which fits no pattern is wrong; its code leaves out plates whose label fits none.
Here both can be had, and a report names which it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lprkit import plates
from lprkit.core.alphabet import Alphabet
from lprkit.core.errors import DataError
from lprkit.core.types import Region, Scored
from lprkit.data.text import plain


@dataclass(frozen=True)
class Patterns:
    """The patterns of a region, and what is held against them."""

    region: Region
    on: Literal["truth", "prediction"] = "prediction"
    """`truth`: plates whose label fits none are left out.
    `prediction`: a reading that fits none counts as not found."""

    def fits(self, text: str) -> bool:
        """Whether some pattern has this text."""
        try:
            return plates.matches(self.region, Alphabet(self.region.tokens).split(plain(text))) is not None
        except DataError:
            return False

    def held(self, one: Scored) -> Scored | None:
        """The line, its reading taken away where it is refused; None where the plate is left out."""
        if self.on == "truth":
            return one if self.fits(one.truth) else None
        return one if self.fits(one.text) else replace(one, found=False)

    def as_dict(self) -> dict[str, str]:
        """How a report names it."""
        return {"region": self.region.code, "on": self.on}
