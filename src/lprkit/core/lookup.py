"""Names looked up in tables: a stage's table is name -> "module:object", imported only when asked for."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Mapping

from lprkit.core.errors import ConfigError

INSTALL = {
    "torch": "train",
    "lightning": "train",
    "tensorboard": "train",
    "onnx": "train",
    "openvino": "openvino",
    "lmdb": "data",
}
"""Optional packages and the extra that brings each."""


def known(name: str, names: Iterable[str], what: str) -> str:
    """`name` itself when it is one of `names`; otherwise a ConfigError that suggests the nearest one."""
    choices = sorted(names)
    if name in choices:
        return name
    close = difflib.get_close_matches(name, choices, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ConfigError(f"No {what} named {name!r}.{hint} Known: {', '.join(choices) or 'none'}.")


def resolve(table: Mapping[str, str], name: str, what: str) -> object:
    """The object that `table` lists under `name`, imported now."""
    module, _, attribute = table[known(name, table, what)].partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise missing(error) from error


def missing(error: ModuleNotFoundError) -> ConfigError:
    """What to install for a package that is not there."""
    package = (error.name or "").partition(".")[0]
    extra = INSTALL.get(package)
    cure = f"pip install 'lprkit[{extra}]'" if extra else f"pip install {package}"
    return ConfigError(f"This needs {package}. Install it with: {cure}")
