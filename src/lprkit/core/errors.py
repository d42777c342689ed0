"""The one error family of lprkit.

* LprError         anything a user can mend; its text is one line: what, where, what was expected, what to do
  x ConfigError    a setting, an option or a name that does not exist
  x DataError      a picture, a label or a file from outside that cannot be used
  x ModelError     a model that cannot be loaded, run or trusted
"""

from __future__ import annotations


class LprError(Exception):
    """Anything a user can mend; the command line prints it as one line."""


class ConfigError(LprError):
    """A setting, an option or a name that does not exist."""


class DataError(LprError):
    """A picture, a label or a file from outside that cannot be used."""


class ModelError(LprError):
    """A model that cannot be loaded, run or trusted."""
