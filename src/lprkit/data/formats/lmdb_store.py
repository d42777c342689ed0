"""Crops in an LMDB database, as PARSeq, MMOCR and most readers of scene text have them.

num-samples         2
image-000000001     the bytes of a JPEG or PNG file
label-000000001     AB123CD
image-000000002     ...
label-000000002     京A12345
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from lprkit.core import image
from lprkit.core.errors import DataError
from lprkit.core.lookup import missing
from lprkit.core.types import Plate, Sample
from lprkit.data import store
from lprkit.data.format import Entry, Format, entries
from lprkit.data.text import plain

if TYPE_CHECKING:
    from lmdb import Environment

FIRST_BYTES = 64 * 1024 * 1024
"""Room that a new database gets; it doubles whenever it is full."""
AT_ONCE = 1000
"""Samples of one transaction."""


def read(path: Path) -> Iterator[Entry]:
    """The crops of a database, in their order."""
    lmdb = _lmdb()
    if not path.exists():
        raise DataError(f"{path}: there is no such database. Check the path.")
    try:
        with lmdb.open(str(path), subdir=path.is_dir(), readonly=True, lock=False, readahead=False) as database:
            _check(database, path)
            count = _count(database, path)
            records = (_Record(n, f"{path} record {n}") for n in range(1, count + 1))
            yield from entries(records, partial(_sample, database))
    except lmdb.Error as error:
        raise DataError(f"{path}: is no LMDB database, or a damaged one ({error}).") from None


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes a database into the folder `path`; how many samples it holds."""
    path.mkdir(parents=True, exist_ok=True)
    count = 0
    with _lmdb().open(str(path), map_size=FIRST_BYTES, lock=False) as database:
        pairs: dict[bytes, bytes] = {}
        for sample in samples:
            count += 1
            pairs[b"label-%09d" % count] = store.labelled_crop(sample).text.encode()
            pairs[b"image-%09d" % count] = store.encoded(sample).content
            if count % AT_ONCE == 0:
                _put(database, pairs)
                pairs = {}
        _put(database, {**pairs, b"num-samples": str(count).encode()})
    return count


@dataclass(frozen=True)
class _Record:
    n: int
    where: str


def _lmdb() -> ModuleType:
    try:
        import lmdb
    except ModuleNotFoundError as error:
        raise missing(error) from error
    return lmdb


def _check(database: Environment, path: Path) -> None:
    """LMDB maps the file into memory and trusts it: a file that was cut short would end the program."""
    file = path / "data.mdb" if path.is_dir() else path
    needed = (database.info()["last_pgno"] + 1) * database.stat()["psize"]
    if file.stat().st_size < needed:
        raise DataError(f"{path}: is cut short: {file.stat().st_size:,} of {needed:,} bytes. Copy it again.")


def _count(database: Environment, path: Path) -> int:
    with database.begin() as transaction:
        written = bytes(transaction.get(b"num-samples") or b"")
    if not written.isdigit() or len(written) > 9:
        raise DataError(f"{path}: its num-samples is {written!r}, not a number of samples.")
    return int(written)


def _sample(database: Environment, record: _Record) -> Sample:
    with database.begin() as transaction:
        label = transaction.get(b"label-%09d" % record.n)
        picture = transaction.get(b"image-%09d" % record.n)
    if label is None or picture is None:
        raise DataError(f"{record.where}: its label or its picture is missing.")
    try:
        text = plain(bytes(label).decode())
    except UnicodeDecodeError:
        raise DataError(f"{record.where}: its label is not UTF-8 text.") from None
    if not text:
        raise DataError(f"{record.where}: its label is empty.")
    return Sample((Plate(text),), record.where, image.decode(bytes(picture), record.where), whole=True)


def _put(database: Environment, pairs: dict[bytes, bytes]) -> None:
    lmdb = _lmdb()
    while True:
        try:
            with database.begin(write=True) as transaction:
                for key, value in pairs.items():
                    transaction.put(key, value)
            return
        except lmdb.MapFullError:
            database.set_mapsize(2 * database.info()["map_size"])


FORMAT = Format(read, write)
