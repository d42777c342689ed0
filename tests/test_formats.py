"""Every format of the table: written and read again it is the same, bad input is told with file and line."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit import data
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.geometry import Box, box_of, quad_of
from lprkit.core.image import pixels, save
from lprkit.core.types import Plate, Sample
from lprkit.data.text import plain, tokens

SLANTED = ((10.0, 12.0), (52.5, 8.0), (53.0, 22.25), (10.5, 26.0))
CAR = quad_of(Box(2.0, 3.0, 60.0, 40.0))

LABEL_FILES = {
    "annotation": "annotation.txt",
    "csv": "annotations.csv",
    "plates-csv": "labels.csv",
    "yolo": "labels/a.txt",
    "yolo-corners": "labels/a.txt",
}
"""What is damaged in the tests; the format `filename` has no file of labels."""

HEADERS = {"csv": "image_path,plate_text\n", "plates-csv": "file,text,x,y,w,h,country\n"}

BAD_LINES = [
    ("annotation", "a.png\n", "line 1"),
    ("annotation", "a.png AB123\n\nb.png -\n", "line 3"),
    ("csv", "image_path,text\n", "line 1"),
    ("csv", "image_path,plate_text\na.png,AB1\nb.png,\n", "line 3"),
    ("csv", "image_path,plate_text\na.png,AB1,xx,yy\n", "line 2"),
    ("csv", "image_path,plate_text\n,AB1\n", "line 2"),
    ("plates-csv", "file\na.png\n", "line 1"),
    ("plates-csv", "file,text,x,y,w,h,country\na.png,AB1,1,2,3\n", "line 2"),
    ("plates-csv", "file,text,x,y,w,h,country\na.png,AB1,1,2,x,4,DE\n", "line 2"),
    ("plates-csv", "file,text,x,y,w,h,country\na.png,AB1,1,2,nan,4,DE\n", "line 2"),
    ("plates-csv", "file,text,x,y,w,h,country\na.png,AB1,1,2,0,4,DE\n", "line 2"),
    ("plates-csv", "file,text,x,y,w,h,country\n../a.png,AB1,,,,,DE\n", "line 2"),
    ("plates-csv", "file,text,corners\na.png,AB1,1 2 3\n", "line 2"),
    ("plates-csv", "file,text,kind\na.png,AB1,spaceship\n", "line 2"),
    ("plates-csv", "file,text\na.png,AB1\nb.png,AB2\na.png,AB3\n", "line 4"),
    ("yolo", "0 0.5 0.5 0.1\n", "line 1"),
    ("yolo", "0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n", "line 2"),
    ("yolo", "0 0.5 0.5 0 0.1\n", "line 1"),
    ("yolo", "0 0.5 0.5 99 0.1\n", "line 1"),
    ("yolo", "-1 0.5 0.5 0.1 0.1\n", "line 1"),
]


def drawn(n: int, height: int = 24, width: int = 94) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (height, width, 3), dtype=np.uint8)


def crops() -> Iterator[Sample]:
    plates = [Plate("AB123CD", region="it", kind="taxi", rows=1), Plate("皖A0N718", region="cn"), Plate("서울32자6493")]
    for n, plate in enumerate(plates):
        yield Sample((plate,), f"drawn:0:{n}", drawn(n), split="val", whole=True)


def frames() -> Iterator[Sample]:
    first = (Plate("AB123CD", SLANTED, "it"), Plate("", quad_of(Box(1, 2, 30, 10))), Plate(quad=CAR, label="car"))
    yield Sample(first, "drawn:0:0", drawn(0, 64, 80), labelled=("license_plate", "car"))
    yield Sample((), "drawn:0:1", drawn(1, 64, 80), labelled=("license_plate", "car"))


def kept(sample: Sample, keeps: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Of every plate what the format promises to keep, numbers rounded to 0.1 px."""
    lines = []
    for plate in sample.plates:
        quad = plate.quad and (plate.quad if "quad" in keeps and plate.label != "car" else quad_of(box_of(plate.quad)))
        numbers = quad and tuple(round(value, 1) for corner in quad for value in corner)
        values = (plate.text, plate.region, plate.kind, plate.rows)
        named = zip(("text", "region", "kind", "rows"), values, strict=True)
        lines.append((plate.label, numbers, *(value for name, value in named if name in keeps)))
    return lines


@pytest.mark.parametrize("name", data.FORMATS)
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    form = data.find(name)
    samples = frames if "frames" in form.keeps and "text" not in form.keeps else crops
    assert data.write(name, samples(), tmp_path / "set") == len(list(samples()))
    again = list(data.read(f"{name}:{tmp_path / 'set'}"))
    again.sort(key=lambda sample: Path(sample.source).stem.rpartition("-")[2])
    for old, new in zip(samples(), again, strict=True):
        assert kept(new, form.keeps) == kept(old, form.keeps)
        assert (new.whole, new.labelled) == (old.whole, old.labelled)
        assert new.split == (old.split if "split" in form.keeps else "")
        assert pixels(new).shape == pixels(old).shape
        assert not old.whole or np.array_equal(pixels(new), pixels(old))


def test_frames_with_plates_and_cars_survive_in_plates_csv(tmp_path: Path) -> None:
    data.write("plates-csv", frames(), tmp_path)
    again = list(data.read(f"plates-csv:{tmp_path}"))
    keeps = data.find("plates-csv").keeps
    assert [kept(sample, keeps) for sample in again] == [kept(sample, keeps) for sample in frames()]
    assert again[1].plates == () and again[1].labelled == ("license_plate", "car")


@pytest.mark.parametrize("name", data.FORMATS)
def test_a_written_set_can_be_written_again_from_its_files(name: str, tmp_path: Path) -> None:
    samples = frames if name.startswith("yolo") else crops
    data.write(name, samples(), tmp_path / "one")
    count = data.write(name, data.read(f"{name}:{tmp_path / 'one'}"), tmp_path / "two")
    assert count == len(list(data.read(f"{name}:{tmp_path / 'two'}"))) == len(list(samples()))


@pytest.mark.parametrize(("name", "text", "line"), BAD_LINES)
def test_a_bad_line_is_named(name: str, text: str, line: str, tmp_path: Path) -> None:
    file = label_file(name, tmp_path)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as told:
        list(data.read(f"{name}:{tmp_path}"))
    assert f"{file} {line}" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", LABEL_FILES)
@given(content=st.one_of(st.binary(max_size=200), st.text(alphabet='a1,." \n\t<>皖\r\0-', max_size=80)))
def test_random_bytes_are_read_or_told(
    name: str, content: bytes | str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("random")
    raw = content.encode() if isinstance(content, str) else content
    for header in ("", HEADERS.get(name, "")):
        label_file(name, folder).write_bytes(header.encode() + raw)
        try:
            samples = list(data.read(f"{name}:{folder}"))
        except DataError as error:
            assert str(folder) in str(error)
        else:
            assert all(isinstance(sample, Sample) for sample in samples)


@pytest.mark.parametrize("name", ["annotation", "csv", "filename"])
def test_lists_of_crops_refuse_frames(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no crop of one plate"):
        data.write(name, frames(), tmp_path)


@pytest.mark.parametrize("name", ["plates-csv", "yolo"])
def test_sets_label_cars_everywhere_or_nowhere(name: str, tmp_path: Path) -> None:
    mixed = [*frames(), replace(next(frames()), plates=(), labelled=("license_plate",))]
    with pytest.raises(DataError, match="drawn:0:0"):
        data.write(name, mixed, tmp_path)


def test_reading_is_lazy(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,text\na.png,AB1\nb.png,AB2\n,\n")
    samples = data.read(f"plates-csv:{tmp_path}")
    assert next(samples).plates[0].text == "AB1"  # neither the pictures nor the bad last line matter yet


def test_plates_csv_tells_crops_frames_and_empty_pictures_apart(tmp_path: Path) -> None:
    rows = "file,text,x,y,w,h,country\na.png,ab 123-c,,,,,DE\n"
    samples = {}
    for name in ("my_crops", "my_frames"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.csv").write_text(rows + "b.png,,,,,,EU\n")
        samples[name] = list(data.read(f"plates-csv:{tmp_path / name}"))
    crop, unlabelled = samples["my_crops"]
    assert crop.whole and crop.plates == (Plate("AB123C", region="de"),)
    assert unlabelled.whole and unlabelled.plates == (Plate(),)
    text_only, empty = samples["my_frames"]
    assert not text_only.whole and text_only.plates[0].quad is None
    assert text_only.labelled == ()  # where the plate is nobody knows: nothing can be said about detections
    assert empty.plates == () and empty.labelled == ("license_plate",)


def test_plates_csv_scales_original_corners_and_orders_them(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,text,x,y,w,h,country\na.png,A1,1,2,3,4,\n")
    (tmp_path / "extra.csv").write_text(
        "file,corners_in_original_px,scale\na.png,100 60 20 60 20 20 100 20,0.5\n"  # starts at the bottom right
    )
    quad = next(data.read(f"plates-csv:{tmp_path}")).plates[0].quad
    assert quad == ((10, 10), (50, 10), (50, 30), (10, 30))


@pytest.mark.parametrize("corners", ["307 285 386 198 407 217 328 304", "407 217 328 304 307 285 386 198"])
def test_plates_csv_finds_the_beginning_of_steeply_tilted_text(corners: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,text\na.png,A1\n")
    (tmp_path / "extra.csv").write_text(f"file,corners\na.png,{corners}\n")
    quad = next(data.read(f"plates-csv:{tmp_path}")).plates[0].quad
    assert quad == ((307, 285), (386, 198), (407, 217), (328, 304))  # read upwards to the right


def test_plates_csv_extra_must_go_row_by_row(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,text\na.png,A1\n")
    (tmp_path / "extra.csv").write_text("file,split\nb.png,train\n")
    with pytest.raises(DataError, match=r"extra.csv line 2: .* row by row"):
        list(data.read(f"plates-csv:{tmp_path}"))


def test_plates_csv_reads_another_table_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mix_crops"
    folder.mkdir()
    (folder / "digits.csv").write_text("file,text\n7.png,1234567\n")
    (sample,) = data.read(f"plates-csv:{folder / 'digits.csv'}")
    assert sample.whole and sample.source == str(folder / "images" / "7.png")


def test_annotation_knows_the_tokens_of_chinese_lists(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("my crops/1.png WJ<Beijing>1234<police>\n2.png <other>12\n", encoding="utf-8")
    first, second = data.read(f"annotation:{tmp_path / 'list.txt'}")
    assert first.plates[0].text == "WJ京1234警" and first.source == str(tmp_path / "my crops/1.png")
    assert second.plates[0].text == "<other>12"
    data.write("annotation", crops(), tmp_path / "out")
    assert "<Anhui>A0N718" in (tmp_path / "out" / "annotation.txt").read_text(encoding="utf-8")


def test_filename_cuts_at_dash_and_underscore(tmp_path: Path) -> None:
    for name in ("AB123CD.png", "ab124cd-000017.png", "沪C21F13_2.jpg"):
        save(tmp_path / name, drawn(0))
    texts = sorted(sample.plates[0].text for sample in data.read(f"filename:{tmp_path}"))
    assert texts == ["AB123CD", "AB124CD", "沪C21F13"]
    save(tmp_path / "_.png", drawn(0))
    with pytest.raises(DataError, match=r"_\.png"):
        list(data.read(f"filename:{tmp_path}"))
    with pytest.raises(DataError, match="cannot be a file's name"):
        data.write("filename", [Sample((Plate("<police>1"),), "drawn:0:0", drawn(0), whole=True)], tmp_path)


def test_yolo_reads_its_own_classes(tmp_path: Path) -> None:
    label_file("yolo", tmp_path).write_text("1 0.5 0.5 0.5 0.25\n")
    (tmp_path / "classes.txt").write_text("car\nlicense_plate\n")
    (sample,) = data.read(f"yolo:{tmp_path}")
    assert sample.labelled == ("car", "license_plate")
    assert sample.plates == (Plate(quad=quad_of(Box(20, 24, 40, 16))),)
    (tmp_path / "classes.txt").write_text("cat\n")
    with pytest.raises(DataError, match=r"classes.txt line 1: 'cat'"):
        list(data.read(f"yolo:{tmp_path}"))


@pytest.mark.parametrize(
    ("spec", "hint"),
    [("plates.csv", "write FORMAT:PATH"), ("plate-csv:x", "Did you mean 'plates-csv'"), ("csv:", "write FORMAT:PATH")],
)
def test_a_wrong_spec_is_told(spec: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        data.read(spec)


@pytest.mark.parametrize("name", data.FORMATS)
def test_a_missing_path_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="absent"):
        list(data.read(f"{name}:{tmp_path / 'absent'}"))


def test_plain_text() -> None:
    assert plain(" ab-12·c.d ") == "AB12CD"
    assert plain("<police>a 1") == "<police>A1"
    assert tokens("京A<police>") == ("京", "A", "<police>")


def test_every_real_set_is_read_and_counted(shared_data: Path) -> None:
    tables = sorted(shared_data.glob("*/*/labels.csv"))
    assert tables
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        samples = list(data.read(f"plates-csv:{table.parent}"))
        plates = [plate for sample in samples for plate in sample.plates if plate.label == "license_plate"]
        is_crops = table.parent.name.endswith("_crops")
        assert len(samples) == len({row["file"] for row in rows})
        assert len(plates) == sum(bool(row["text"] or row["x"] or is_crops) for row in rows), table
        assert [plate.text for plate in plates if plate.text] == [row["text"] for row in rows if row["text"]]
        assert all(sample.whole == is_crops for sample in samples)
        assert all(Path(sample.source).is_file() for sample in samples)


def label_file(name: str, folder: Path) -> Path:
    """The format's file of labels, with the pictures there that it needs."""
    file = folder / LABEL_FILES[name]
    file.parent.mkdir(parents=True, exist_ok=True)
    if name.startswith("yolo") and not (folder / "images").exists():
        save(folder / "images" / "a.png", drawn(0, 64, 80))
    return file
