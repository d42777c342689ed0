"""Protobuf messages taken apart without the protobuf package."""

from __future__ import annotations

from collections.abc import Iterator


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each field; numbers (wire type 0) come back as no bytes. A ValueError: it is no message."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        start, end = _extent(message, at, tag & 7)
        if end > len(message):
            raise ValueError("cut short")
        yield tag >> 3, message[start:end]
        at = end


def _extent(message: bytes, at: int, wire: int) -> tuple[int, int]:
    """Where the value of a field begins and ends."""
    if wire == 0:
        _, end = _varint(message, at)
        return end, end
    if wire == 2:
        length, start = _varint(message, at)
        return start, start + length
    if wire in (1, 5):
        return at, at + (8 if wire == 1 else 4)
    raise ValueError(f"wire type {wire}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A variable-length number, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):  # 64 bits in groups of seven
        if at >= len(message):
            raise ValueError("cut short")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise ValueError("a number without end")
