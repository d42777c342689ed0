"""The card inside a model file. Read straight from the bytes: no runtime and no `onnx` package is needed."""

from __future__ import annotations

from pathlib import Path

from lprkit.core.card import METADATA_KEY, ModelCard, card_from_json
from lprkit.core.errors import ModelError
from lprkit.core.wire import fields

# Field numbers of onnx.proto: ModelProto.graph, ModelProto.metadata_props, and key and value of one of those.
GRAPH, METADATA, KEY, VALUE = 7, 14, 1, 2


def card_of(path: Path) -> ModelCard:
    """The card in an ONNX file's metadata, or in the `.json` beside the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}).") from None
    inside = None if path.suffix == ".xml" else metadata(content, str(path)).get(METADATA_KEY)  # .xml: OpenVINO's IR
    beside = path.with_suffix(".json")
    if inside is not None:
        return card_from_json(inside, str(path))
    if beside.is_file():
        return card_from_json(beside.read_text(encoding="utf-8", errors="replace"), str(beside))
    raise ModelError(f"{path}: holds no lprkit model card, and {beside.name} is not beside it. Export it with lprkit.")


def metadata(content: bytes, where: str) -> dict[str, str]:
    """The metadata of an ONNX file's bytes; a ModelError when they are no ONNX file."""
    try:
        parts = list(fields(content))
        if not any(number == GRAPH for number, _ in parts):
            raise ValueError("no graph")
        entries = [dict(fields(value)) for number, value in parts if number == METADATA]
        return {entry[KEY].decode(): entry.get(VALUE, b"").decode() for entry in entries}
    except (ValueError, KeyError) as error:
        raise ModelError(f"{where}: is no ONNX file, or a damaged one ({error}).") from None
