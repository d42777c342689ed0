"""Settings: one frozen tree of dataclasses, one complete TOML file, strict."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

from lprkit.core.errors import ConfigError
from lprkit.core.lookup import known

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Range:
    """Which numbers a setting may be: `Annotated[float, Range(0, 1)]`; of several, each of them."""

    low: float
    high: float = math.inf

    def check(self, name: str, value: Any) -> None:
        """A ConfigError unless the value, or every one of a tuple, is finite and lies within."""
        values = value if isinstance(value, tuple) else (value,)
        if not all(math.isfinite(one) and self.low <= one <= self.high for one in values):
            raise ConfigError(f"{name}: {value} is out of range. Give {self}.")

    def __str__(self) -> str:
        """For messages."""
        return f"{self.low} or more" if self.high == math.inf else f"{self.low} to {self.high}"


Share: TypeAlias = Annotated[float, Range(0, 1)]
NotNegative: TypeAlias = Annotated[float, Range(0)]
Count: TypeAlias = Annotated[int, Range(1)]
Whole: TypeAlias = Annotated[int, Range(0)]
"""Whole numbers and 0."""


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; a ConfigError says where it is wrong."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML ({error}).") from None


def load(kind: type[T], path: Path, changes: Sequence[str] = ()) -> T:
    """The settings of a file, each `a.b=value` of `changes` put over it; unknown keys and wrong types are refused."""
    tree = read_toml(path)
    for change in changes:
        put(tree, change)
    return build(kind, tree, str(path))


def put(tree: dict[str, Any], change: str) -> None:
    """Sets `a.b=value` in a tree; the value is TOML, or a plain string when it is none."""
    key, equals, text = change.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {change!r}: write it as a.b=value, for example --set optim.rate=3e-4.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *path, last = key.strip().split(".")
    for name in path:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"--set {change!r}: {name!r} is a value, not a group of settings.")
    tree[last] = value


def build(kind: type[T], tree: Mapping[str, Any], where: str) -> T:
    """A frozen dataclass from plain values, nested ones too."""
    assert dataclasses.is_dataclass(kind), kind
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in _group(tree, where):
        try:
            known(key, fields, "setting")
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
    values = {key: _value(hints[key], value, f"{where}: {key}") for key, value in tree.items()}
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in values:
            raise ConfigError(f"{where}: the setting {name!r} is missing.")
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        value = _value(arguments[0], value, where)
        for allowed in arguments[1:]:
            allowed.check(where, value)
        return value
    if dataclasses.is_dataclass(hint):
        return build(typing.cast(type, hint), value, where)
    if origin is typing.Literal and value not in arguments:
        raise ConfigError(f"{where}: {value!r} is not one of {', '.join(map(repr, arguments))}.")
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _value(next(a for a in arguments if a is not type(None)), value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _value(arguments[1], item, f"{where}.{key}") for key, item in _group(value, where).items()}
    return _plain(hint, value, where) if origin is None else value


def _group(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where}: expected a group of settings, got {value!r}.")
    return value


def _tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where}: expected a list, got {value!r}.")
    kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
    if len(kinds) != len(value):
        raise ConfigError(f"{where}: expected {len(kinds)} values, got {value!r}.")
    return tuple(_value(kind, item, where) for kind, item in zip(kinds, value, strict=True))


def _plain(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is not Any and (not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)):
        raise ConfigError(f"{where}: expected {hint.__name__}, got {value!r}.")
    return value


def to_toml(settings: Any) -> str:
    """Settings as TOML that `load` reads back."""
    return "\n".join(_lines(settings, "")) + "\n"


def _lines(settings: Any, prefix: str) -> list[str]:
    plain: list[str] = []
    groups: list[str] = []
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            name = f"{prefix}{field.name}"
            groups += ["", f"[{name}]", *_lines(value, f"{name}.")]
        elif value is not None:
            plain.append(f"{field.name} = {_literal(value)}")
    return plain + groups


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML escapes as JSON does, and DEL
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(str(k))} = {_literal(v)}" for k, v in value.items() if v is not None) + "}"
    return "[" + ", ".join(_literal(item) for item in value) + "]"
