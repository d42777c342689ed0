"""`lprkit data convert` between every format that can be read and every one that can be written."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit import data
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, box_of, quad_of
from lprkit.core.image import pixels, save
from lprkit.core.types import Image, Plate, Sample
from test_cli import said
from test_formats import record

TEXTS = ("AQY6388", "皖AY339S")
SIZE = (120, 60)
BOX = Box(20, 24, 64, 16)
CROP, FRAME = "crop", "frame"
CCPD = "025-95_113-20&24_84&40-84&40_20&40_20&24_84&24-{}-37-15.png"
CCPD_INDICES = ("0_24_16_24_30_27_32", "0_22_27_27_33_16_24")
INDICES_TEXTS = ("皖AS068", "皖Y339S0")


def drawn(n: int) -> Image:
    width, height = SIZE
    return np.random.default_rng(n).integers(0, 256, (height, width, 3), dtype=np.uint8)


def picture(folder: Path, name: str, n: int) -> Path:
    save(folder / name, drawn(n))
    return folder / name


def by_library(name: str, folder: Path) -> None:
    """A set that the format's own writer makes."""
    whole = "crops" in data.find(name).keeps
    quad = None if whole else quad_of(BOX)
    samples = [Sample((Plate(text, quad),), f"{n}", drawn(n), whole=whole) for n, text in enumerate(TEXTS)]
    data.write(name, samples, folder)


def czech(folder: Path) -> None:
    rows = [f"t{n},{picture(folder, f'{n}.png', n).name},{text},1" for n, text in enumerate(TEXTS)]
    (folder / "trainVal.csv").write_text("\r\n".join(["track_id,image_path,lp,train", *rows]), encoding="utf-8-sig")


def korean(folder: Path) -> None:
    records = [
        {"images": {"filename": picture(folder, f"{n}.png", n).name}, "annotations": {"text": text}}
        for n, text in enumerate(TEXTS)
    ]
    (folder / "label.json").write_text(json.dumps({"data": records}), encoding="utf-8-sig")


def openalpr(folder: Path) -> None:
    for n, text in enumerate(TEXTS):
        line = "\t".join([picture(folder, f"{n}.png", n).name, *(f"{value:g}" for value in BOX), text])
        (folder / f"{n}.txt").write_bytes(f"\ufeff{line}\r\n".encode())


def sidecars(folder: Path) -> None:
    for n, text in enumerate(TEXTS):
        told = picture(folder, f"track1/{n}.png", n).with_suffix(".txt")
        lines = f"\ufefftype: car\r\nplate: {text}\r\ncorners: 20,24 84,24 84,40 20,40\r\n"
        told.write_bytes(lines.encode())


def tfrecord(folder: Path) -> None:
    jpegs = [picture(folder, f"{n}.png", n).read_bytes() for n in range(len(TEXTS))]
    records = [record(image_jpeg=jpeg, plate=text.encode()) for jpeg, text in zip(jpegs, TEXTS, strict=True)]
    (folder / "a.tfrecord").write_bytes(b"".join(records))


def ccpd(folder: Path) -> None:
    for n, indices in enumerate(CCPD_INDICES):
        picture(folder, CCPD.format(indices), n)


MADE: dict[str, Callable[[Path], None]] = {
    "ccpd": ccpd,
    "ccpd-box": ccpd,
    "czech": czech,
    "korean-json": korean,
    "openalpr": openalpr,
    "rodosol": sidecars,
    "tfrecord": tfrecord,
    "ufpr": sidecars,
}
"""Sets of the formats that lprkit does not write."""

WRITTEN = [name for name in data.FORMATS if data.find(name).write]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A set of two plates in every format."""
    folder = tmp_path_factory.mktemp("été 皖")
    for name in data.FORMATS:
        (folder / name).mkdir()
        MADE.get(name, lambda path, name=name: by_library(name, path))(folder / name)
    return {name: folder / name for name in data.FORMATS}


def cropped(spec: str) -> bool:
    return all(sample.whole for sample in data.read(spec))


@pytest.mark.parametrize("source", data.FORMATS)
@pytest.mark.parametrize("target", WRITTEN)
def test_every_format_becomes_every_other(
    source: str, target: str, sets: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into, out = f"{source}:{sets[source]}", f"{target}:{tmp_path / 'out'}"
    keeps = data.find(target).keeps
    texts = [plate.text for sample in data.read(into) for plate in sample.plates]
    is_cut = not cropped(into) and "frames" not in keeps and target != "paths"
    code, shown, told = said(capsys, "data", "convert", into, out, *(["--crop", "box"] if is_cut else []))
    if "text" in keeps and "frames" not in keeps and not any(texts):  # lists of texts take none without
        assert code == 2 and ("has no text" in told or "has nothing" in told) and not (tmp_path / "out").exists()
        return
    assert (code, told) == (0, "") and "2 count" in shown
    again = list(data.read(out))
    if "text" in keeps:
        assert Counter(plate.text for sample in again for plate in sample.plates) == Counter(texts)
    size = (round(BOX.h), round(BOX.w)) if is_cut else SIZE[::-1]
    assert [pixels(sample).shape[:2] for sample in again] == [size] * 2
    place = BOX if not cropped(into) else Box(0, 0, *SIZE)
    boxes = [box_of(plate.quad) for sample in again for plate in sample.plates if plate.quad]
    assert all(np.allclose(box, place, atol=0.01) for box in boxes)
    assert len(boxes) == (0 if all(sample.whole for sample in again) else 2)


@pytest.mark.parametrize("how", ["box", "corners"])
def test_real_ccpd_frames_become_a_list_of_crops(
    how: str, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nine frames under the names that CCPD gave them; `labels.csv` says what they show."""
    folder = shared_data / "dev" / "cn_ccpd_frames"
    lines = (folder / "sources.csv").read_text(encoding="utf-8").splitlines()[1:]
    names = dict(line.split(",") for line in lines)
    (tmp_path / "ccpd").mkdir()
    for file, original in names.items():
        (tmp_path / "ccpd" / Path(original).name).symlink_to(folder / "images" / file)
    truth = Counter(sample.plates[0].text for sample in data.read(f"plates-csv:{folder}"))
    out = f"annotation:{tmp_path / 'out'}"
    code, shown, _ = said(capsys, "data", "convert", f"ccpd:{tmp_path / 'ccpd'}", out, "--crop", how, "--margin", "0.1")
    assert code == 0 and "9 count" in shown
    found = list(data.read(out))
    assert Counter(sample.plates[0].text for sample in found) == truth
    assert all(2 < pixels(sample).shape[1] / pixels(sample).shape[0] < 5 for sample in found)


LETTERS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Z"), blacklist_characters="<>-‐‑‒–—_.,·•:/"),
    min_size=1,
    max_size=9,
)
NAMES = st.lists(st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0"), min_size=1, max_size=20)


@pytest.mark.parametrize("name", [name for name in data.FORMATS if data.find(name).refer])
@given(text=LETTERS, letters=NAMES)
def test_any_text_and_any_name_survive_a_list(
    name: str, text: str, letters: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / f"any-{name}"
    plate = Plate(text.upper())
    sample = Sample((plate,), str(folder / "".join(["p", *letters])), whole=True)
    try:
        data.refer(name, [sample], folder)
    except DataError as error:
        assert "a list cannot hold this name" in str(error)
        return
    (again,) = data.read(f"{name}:{folder}")
    assert again.source == sample.source
    assert again.plates == ((plate,) if name != "paths" else (replace(plate, text=""),))
