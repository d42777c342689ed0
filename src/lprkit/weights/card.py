"""The card inside a model file. Read straight from the bytes: no runtime and no `onnx` package is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lprkit.core.card import METADATA_KEY, ModelCard, card_from_json
from lprkit.core.errors import ModelError

# Field numbers of onnx.proto: ModelProto.graph, ModelProto.metadata_props, and key and value of one of those.
GRAPH, METADATA, KEY, VALUE = 7, 14, 1, 2


def card_of(path: Path) -> ModelCard:
    """The card in an ONNX file's metadata, or in the `.json` beside the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from None
    inside = metadata(content, str(path)).get(METADATA_KEY)
    beside = path.with_suffix(".json")
    if inside is not None:
        return card_from_json(inside, str(path))
    if beside.is_file():
        return card_from_json(beside.read_text(encoding="utf-8", errors="replace"), str(beside))
    raise ModelError(f"{path}: holds no lprkit model card, and {beside.name} is not beside it. Export it with lprkit.")


def metadata(content: bytes, where: str) -> dict[str, str]:
    """The metadata of an ONNX file's bytes; a ModelError when they are no ONNX file."""
    try:
        fields = list(_fields(content))
        if not any(number == GRAPH for number, _ in fields):
            raise ValueError("no graph")
        entries = [dict(_fields(value)) for number, value in fields if number == METADATA]
        return {entry[KEY].decode(): entry.get(VALUE, b"").decode() for entry in entries}
    except (ValueError, KeyError, IndexError) as error:
        raise ModelError(f"{where}: is no ONNX file, or a damaged one ({error}).") from None


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each field of a protobuf message; numbers (wire type 0) come back as no bytes."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        start, end = _extent(content, at, tag & 7)
        if end > len(content):
            raise ValueError("cut short")
        yield tag >> 3, content[start:end]
        at = end


def _extent(content: bytes, at: int, wire: int) -> tuple[int, int]:
    """Where the value of a field begins and ends."""
    if wire == 0:
        _, end = _varint(content, at)
        return end, end
    if wire == 2:
        length, start = _varint(content, at)
        return start, start + length
    if wire in (1, 5):
        return at, at + (8 if wire == 1 else 4)
    raise ValueError(f"wire type {wire}")


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A protobuf variable-length number, and where it ends."""
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number without end")
