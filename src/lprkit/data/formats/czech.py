"""A table of crops in tracks, as the Czech ReId set has them.

    track_id,image_path,lp,train
    s01_l01_1,s01_l01/1_1.png,7C24698,1
    s01_l01_2,s01_l01/2_1.png,1B57431,0

Paths are relative to the table, `trainVal.csv` in a folder; `train` is 1 for training and 0 for validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files
from lprkit.data.files import Row
from lprkit.data.format import Entry, Format, entries
from lprkit.data.text import plain

TABLE = "trainVal.csv"
"""The table's name in a folder."""
SPLITS = {"1": "train", "0": "val", "": ""}


def read(path: Path) -> Iterator[Entry]:
    """The crops of a table, or of the folder that holds one."""
    table = path / TABLE if path.is_dir() else path
    return entries(files.rows(table, ("track_id", "image_path", "lp")), partial(_sample, folder=table.parent))


def _sample(row: Row, folder: Path) -> Sample:
    text, train = plain(row.get("lp")), row.get("train")
    if not text:
        raise DataError(f"{row.where}: lp is empty.")
    if train not in SPLITS:
        raise DataError(f"{row.where}: train is {train!r}; expected 1 or 0.")
    picture = files.beside(folder, row.get("image_path"), row.where)
    plate = Plate(text, region="cz")
    return Sample((plate,), picture, split=SPLITS[train], whole=True, track=row.get("track_id"))


FORMAT = Format(read, keeps=("text", "region", "split", "track", "crops"))
