"""The one error family of lprkit.

* LprError         anything a user can mend; its text is one line: what, where, what was expected, what to do
  x ConfigError    a setting, an option or a name that does not exist
  x DataError      a picture, a label or a file from outside that cannot be used
  x ModelError     a model that cannot be loaded, run or trusted
"""

from __future__ import annotations


class LprError(Exception):
    """Anything a user can mend; the command line prints it as one line."""

    def __str__(self) -> str:
        """The line; bytes of a file's name that are no text escaped."""
        return readable(super().__str__())


def readable(text: str) -> str:
    """A text that every terminal can show: what Python made of bytes that are no UTF-8 is escaped."""
    return text.encode(errors="backslashreplace").decode()


class ConfigError(LprError):
    """A setting, an option or a name that does not exist."""


class DataError(LprError):
    """A picture, a label or a file from outside that cannot be used."""


class ModelError(LprError):
    """A model that cannot be loaded, run or trusted."""
