"""Tar files of pictures and labels: ours keep everything, those of others are read, damaged ones are told."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit import data
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, quad_of
from lprkit.core.image import encode
from lprkit.core.types import Plate, Sample

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 94, 3), dtype=np.uint8)
CROP = Sample(
    (Plate("京A12345", quad_of(Box(1, 2, 90, 20)), "cn", "electric", rows=2, breaks=(2,)),),
    "drawn:0:0",
    PICTURE,
    split="val",
    whole=True,
    track="t1",
)
FRAME = Sample((Plate(quad=quad_of(Box(1, 2, 30, 10)), label="car"),), "drawn:0:1", PICTURE, labelled=("car",))


def tarred(path: Path, **content: bytes) -> Path:
    """A tar file; two underscores in a name stand for the dot."""
    with tarfile.open(path, "w") as tar:
        for name, each in content.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(each)
            tar.addfile(entry, io.BytesIO(each))
    return path


def test_everything_of_a_sample_is_kept(tmp_path: Path) -> None:
    assert data.write("webdataset", [CROP, FRAME, replace(CROP, plates=())], tmp_path / "a.tar") == 3
    found = list(data.read(f"webdataset:{tmp_path / 'a.tar'}"))
    assert np.array_equal(found[0].image, PICTURE)
    assert [one.source for one in found] == [f"{tmp_path / 'a.tar'} {n:06d}" for n in range(3)]
    for old, new in zip((CROP, FRAME, replace(CROP, plates=())), found, strict=True):
        assert replace(new, source=old.source, image=old.image) == old


def test_the_same_samples_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        data.write("webdataset", [CROP, FRAME], tmp_path / name)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_tars_of_others_are_read(tmp_path: Path) -> None:
    png = encode(PICTURE, ".png")
    tarred(tmp_path / "a.tar", x__png=png, x__txt=b"\xef\xbb\xbfab-12\n", y__cls=b"7", y__png=png, y__txt=b"CD34")
    tarred(tmp_path / "b.tar", z__jpg=encode(PICTURE, ".jpg"), z__json=json.dumps({"text": "EF 56"}).encode())
    found = list(data.read(f"webdataset:{tmp_path}"))
    assert [one.plates for one in found] == [(Plate("AB12"),), (Plate("CD34"),), (Plate("EF56"),)]
    assert all(one.whole for one in found)


PLATES = '{"plates": [%s]}'
WRONG = {
    "no picture": ({"a__png": None, "a__txt": b"AB1"}, "a: has no picture"),
    "an empty picture": ({"a__png": b""}, "is empty"),
    "label without text": ({"a__txt": b" - "}, "a.txt: is empty"),
    "label of other bytes": ({"a__txt": b"\xff"}, "a.txt: is not UTF-8"),
    "no JSON": ({"a__json": b"{"}, "a.json: is not JSON"),
    "no object": ({"a__json": b"[]"}, "a.json: 'text' must be there"),
    "plates that are none": ({"a__json": b'{"plates": 3}'}, "'plates' must be there and be a list"),
    "a plate that is none": ({"a__json": (PLATES % "3").encode()}, "a.json plates[0]: 'label' must be there"),
    "an unknown label": ({"a__json": (PLATES % '{"label": "cat"}').encode()}, "'cat' is not one of license_plate"),
    "three corners": (
        {"a__json": (PLATES % '{"label": "car", "quad": [[1, 2]]}').encode()},
        "'quad' must be four corners",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_a_sample_is_told_and_the_next_is_read(name: str, tmp_path: Path) -> None:
    content, expected = WRONG[name]
    png = encode(PICTURE, ".png")
    wrong = {key: value for key, value in {"a__png": png, **content}.items() if value is not None}
    path = tarred(tmp_path / "a.tar", **wrong, b__png=png, b__txt=b"AB1")
    first, second = data.entries(f"webdataset:{path}")
    assert isinstance(first.content, DataError)
    assert expected in str(first.content)
    assert str(path) in str(first.content)
    assert second.sample.plates == (Plate("AB1"),)


def test_a_picture_without_a_label_is_told(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", a__png=encode(PICTURE, ".png"))
    with pytest.raises(DataError, match=r"neither a \.json nor a \.txt"):
        list(data.read(f"webdataset:{path}"))
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match=r"has no \.tar file"):
        list(data.read(f"webdataset:{tmp_path / 'none'}"))


@given(content=st.binary(max_size=2000), at=st.integers(0, 9000), end=st.integers(0, 9000))
def test_damaged_tars_are_read_or_told(
    content: bytes, at: int, end: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "damaged-tar"
    if not folder.exists():
        data.write("webdataset", [CROP, FRAME], folder / "good.tar")
    raw = (folder / "good.tar").read_bytes()
    damaged = raw[:at] + content + raw[at + len(content) :]
    for each in (content, damaged[: max(1, len(damaged) - end)]):
        (folder / "a.tar").write_bytes(each)
        try:
            assert all(
                isinstance(e.content, Sample | DataError) for e in data.entries(f"webdataset:{folder / 'a.tar'}")
            )
        except DataError as error:
            assert str(folder) in str(error)
