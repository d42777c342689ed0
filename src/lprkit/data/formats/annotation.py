"""A list of crops, a picture and its text a line; special letters as `<tokens>`.

    crops/000001.png <Anhui>A12345
    crops/000002.png WJ<Beijing>1234A
    crops/000003.png AB123CD

Paths are relative to the list. The `<tokens>` of Chinese plates are read as the characters they stand for and written
as tokens again; any other one is kept as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from lprkit.core.errors import DataError
from lprkit.core.types import Plate, Sample
from lprkit.data import files, store
from lprkit.data.files import Line
from lprkit.data.format import Entry, Format, entries
from lprkit.data.text import plain, tokens

LIST = "annotation.txt"
"""The list's name in a folder."""

CHARACTERS: Mapping[str, str] = {
    "<Anhui>": "皖", "<Beijing>": "京", "<Chongqing>": "渝", "<Fujian>": "闽", "<Gansu>": "甘", "<Guangdong>": "粤",
    "<Guangxi>": "桂", "<Guizhou>": "贵", "<Hainan>": "琼", "<Hebei>": "冀", "<Heilongjiang>": "黑", "<Henan>": "豫",
    "<HongKong>": "港", "<Hubei>": "鄂", "<Hunan>": "湘", "<InnerMongolia>": "蒙", "<Jiangsu>": "苏", "<Jiangxi>": "赣",
    "<Jilin>": "吉", "<Liaoning>": "辽", "<Macau>": "澳", "<Ningxia>": "宁", "<Qinghai>": "青", "<Shaanxi>": "陕",
    "<Shandong>": "鲁", "<Shanghai>": "沪", "<Shanxi>": "晋", "<Sichuan>": "川", "<Tianjin>": "津", "<Tibet>": "藏",
    "<Xinjiang>": "新", "<Yunnan>": "云", "<Zhejiang>": "浙", "<police>": "警",
}  # fmt: skip
"""The tokens of the Chinese plate lists of OpenVINO's training extensions, and the characters on the plate."""

TOKENS = {character: token for token, character in CHARACTERS.items()}


def read(path: Path) -> Iterator[Entry]:
    """The crops of a list, or of the folder that holds one."""
    table = path / LIST if path.is_dir() else path
    return entries(files.each_line(table), partial(parse, folder=table.parent))


def parse(line: Line, folder: Path) -> Sample:
    """The sample of one line."""
    parts = line.text.rsplit(maxsplit=1)
    if len(parts) != 2:
        raise DataError(f"{line.where}: {line.text!r} is not a picture and its text with a space between them.")
    text = plain(parts[1])
    if "<" in text:
        text = "".join(CHARACTERS.get(token, token) for token in tokens(text))
    if not text:
        raise DataError(f"{line.where}: {parts[1]!r} has no letters.")
    return Sample((Plate(text),), files.beside(folder, parts[0], line.where), whole=True)


def written(text: str) -> str:
    """The text with `<tokens>` for Chinese characters."""
    return "".join(TOKENS.get(token, token) for token in tokens(text))


def _line(name: str, sample: Sample) -> str:
    return f"{name} {written(store.labelled_crop(sample).text)}"


_write = partial(store.write_lines, _line, LIST)
FORMAT = Format(read, partial(_write, store.stored), partial(_write, store.referred))
