"""Templates as regular expressions, `lpr_patterns` elsewhere: which plates count, or which readings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lprkit.core.errors import ConfigError


@dataclass(frozen=True)
class Patterns:
    """What a plate may say, and whether truths or readings are held to it.

    OpenVINO's LPRNet says that a prediction that fits no pattern is wrong; its code leaves out truths that fit none.
    The two give different figures, so a report must name the one it used: `str(patterns)`.
    """

    texts: tuple[str, ...] = ()
    """Regular expressions; a text fits when one matches all of it. None: everything fits."""
    apply_to: Literal["truth", "prediction"] = "prediction"

    def __post_init__(self) -> None:
        """Refuses what is no regular expression."""
        for text in self.texts:
            try:
                re.compile(text)
            except re.error as error:
                raise ConfigError(f"patterns.texts: {text!r} is no regular expression ({error}).") from None

    def __str__(self) -> str:
        """For a report."""
        return f"patterns on {self.apply_to}" if self.texts else "no patterns"

    def fit(self, *spellings: str) -> bool:
        """Whether a text, in any of its spellings, is one that a plate may say."""
        return not self.texts or any(re.fullmatch(each, text) for each in self.texts for text in spellings)

    def counts(self, *truth: str) -> bool:
        """Whether a plate is measured at all."""
        return self.apply_to == "prediction" or self.fit(*truth)

    def allows(self, *reading: str) -> bool:
        """Whether a reading may be right."""
        return self.apply_to == "truth" or self.fit(*reading)
