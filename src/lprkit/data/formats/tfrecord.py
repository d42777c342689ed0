"""Crops in TFRecord files, as Hailo's model zoo has them; read without TensorFlow.

    lprnet_val.tfrecord     a record a crop, each a tf.train.Example with the features
                            height: 75, width: 300, image_name: "1234567.png", image_jpeg: the bytes, plate: "1234567"

A record is its length (8 bytes), a checksum of that, its bytes and a checksum of them, all little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.core.wire import fields
from lprkit.data import files
from lprkit.data.format import Broken, Entry, Format, entries
from lprkit.data.text import plain

FEATURES, FEATURE, KEY, VALUE, BYTES, ITEM = 1, 1, 1, 2, 1, 1
"""Field numbers: Example.features, Features.feature, key and value of its map, Feature.bytes_list, BytesList.value."""

CASTAGNOLI = 0x82F63B78
"""The polynomial of CRC-32C, bits reversed (RFC 3720)."""
MASK = 0xA282EAD8
"""TensorFlow stores a checksum rotated by 15 bits and this added."""


def read(path: Path) -> Iterator[Entry]:
    """The crops of a file, or of all `.tfrecord` files of a folder, one file after the other."""
    tables = sorted(path.glob("*.tfrecord*")) if path.is_dir() else [path]
    if not tables:
        raise DataError(f"{path}: has no .tfrecord file in it.")
    for table in tables:
        try:
            with table.open("rb") as file:
                yield from entries(_records(file, table), _sample)
        except OSError as error:
            raise files.unreadable(table, error) from None


def checksum(content: bytes) -> int:
    """The masked CRC-32C of some bytes."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


@dataclass(frozen=True)
class _Record:
    content: bytes
    where: str


def _records(file: BinaryIO, path: Path) -> Iterator[_Record | Broken]:
    """The records of a file; after a wrong length nothing more can be found."""
    n = 0
    while head := file.read(12):
        n += 1
        where = f"{path} record {n}"
        if len(head) < 12 or checksum(head[:8]) != struct.unpack("<I", head[8:])[0]:
            raise DataError(f"{where}: its length is damaged, or this is no TFRecord file. Copy it again.")
        length = struct.unpack("<Q", head[:8])[0]
        if length > image.MAX_BYTES:
            raise DataError(f"{where}: {length:,} bytes, more than the {image.MAX_BYTES:,} that a record may have.")
        content, tail = file.read(length), file.read(4)
        if len(tail) < 4:
            raise DataError(f"{where}: is cut short. Copy the file again.")
        if checksum(content) != struct.unpack("<I", tail)[0]:
            yield Broken(where, DataError(f"{where}: is damaged, its checksum differs. Copy the file again."))
        else:
            yield _Record(content, where)


def _sample(record: _Record) -> Sample:
    found = _features(record)
    try:
        text, name = plain(found["plate"].decode()), found.get("image_name", b"").decode()
        picture = found["image_jpeg"]
    except KeyError as error:
        raise DataError(f"{record.where}: has no feature {error}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{record.where}: its plate is not UTF-8 text.") from None
    if not text:
        raise DataError(f"{record.where}: its plate is empty.")
    where = f"{record.where} ({name})" if name else record.where
    return Sample((Plate(text),), where, image.decode(picture, where), whole=True)


def _features(record: _Record) -> dict[str, bytes]:
    """The features that are bytes, by name; of several values the last."""
    found: dict[str, bytes] = {}
    try:
        for number, features in fields(record.content):
            for inner, entry in fields(features) if number == FEATURES else ():
                if inner == FEATURE:
                    pair = dict(fields(entry))
                    values = dict(fields(pair.get(VALUE, b""))).get(BYTES)
                    if values is not None:
                        found[pair[KEY].decode()] = dict(fields(values)).get(ITEM, b"")
    except (ValueError, KeyError) as error:
        raise DataError(f"{record.where}: is no tf.train.Example ({error}).") from None
    return found


def _table() -> tuple[int, ...]:
    """What each value of a byte does to a CRC."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (CASTAGNOLI if value & 1 else 0)  # noqa: PLW2901
        table.append(value)
    return tuple(table)


_TABLE = _table()
FORMAT = Format(read)
