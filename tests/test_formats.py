"""Every format of the table: written and read again it is the same, bad input is told with file and line."""

import csv
import io
import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit import data, plates
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.geometry import Box, box_of, order_corners, quad_of
from lprkit.core.image import pixels, save
from lprkit.core.types import Plate, Sample
from lprkit.data.formats import ccpd
from lprkit.data.formats.tfrecord import checksum
from lprkit.data.text import plain, tokens

SLANTED = ((10.0, 12.0), (52.5, 8.0), (53.0, 22.25), (10.5, 26.0))
CAR = quad_of(Box(2.0, 3.0, 60.0, 40.0))

WRITTEN = [name for name in data.FORMATS if data.find(name).write]
LISTS = [name for name in data.FORMATS if data.find(name).refer]

LABEL_FILES = {
    "annotation": "annotation.txt",
    "autoria": "ann/a.json",
    "coco": "annotations.json",
    "csv": "annotations.csv",
    "czech": "trainVal.csv",
    "korean-json": "label.json",
    "lmdb": "data.mdb",
    "openalpr": "a.txt",
    "paddle": "rec_gt.txt",
    "paths": "paths.txt",
    "plates-csv": "labels.csv",
    "rodosol": "a.txt",
    "tao": "labels/a.txt",
    "tfrecord": "a.tfrecord",
    "ufpr": "a.txt",
    "voc": "a.xml",
    "yolo": "labels/a.txt",
    "yolo-corners": "labels/a.txt",
}
"""What is damaged in the tests; the formats `filename` and `ccpd` have no file of labels."""

PICTURES = {
    "autoria": "img/a.png",
    "rodosol": "a.png",
    "tao": "images/a.png",
    "ufpr": "a.png",
    "yolo": "images/a.png",
    "yolo-corners": "images/a.png",
}
"""Pictures without which these formats do not look for labels."""

HEADERS = {
    "csv": "image_path,plate_text\n",
    "plates-csv": "file,text,x,y,w,h,country\n",
    "czech": "track_id,image_path,lp,train\n",
    "korean-json": '{"data": [{"images": {"filename": "a"}, "annotations": {"text": "A1"}}',
    "coco": '{"categories": [{"id": 1, "name": "plate"}], "annotations": [], "images": [',
    "autoria": '{"description": ',
    "voc": "<annotation><filename>a</filename><object><name>plate</name>",
    "rodosol": "type: car\nplate: A1\ncorners: ",
    "ufpr": "type: car\nplate: A1\nposition_plate: ",
    "openalpr": "a.jpg\t1\t2\t3\t",
}
"""Good beginnings, so that random bytes also reach what comes after them."""

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
    ("plates-csv", "file,text,breaks\na.png,AB1,x\n", "line 2"),
    ("plates-csv", "file,text\na.png,AB1\nb.png,AB2\na.png,AB3\n", "line 4"),
    ("annotation", b"a.png AB1\r\nb.png \xff\xfe\r\n", "line 2"),
    ("csv", b"image_path,plate_text\na.png,AB1\nb.png,\xff\n", "line 3"),
    ("csv", 'image_path,plate_text\na.png,"AB1"x\n', "line 2"),
    ("paddle", "a.png\tAB1\nb.png AB2\n", "line 2"),
    ("paddle", "a.png\t-\n", "line 1"),
    ("paths", "a.png\n\0\n", "line 2"),
    ("tao", "AB1\nAB2\n", "line 2"),
    ("tao", "", "line 1"),
    ("autoria", '{"description":\n 7}', "'description' must be there and be a text"),
    ("autoria", '{"description":\n', "line 2"),
    ("autoria", '{"description": "A\\ud800"}', "'description' has half a letter"),
    ("korean-json", '{"data": [{"images": {"filename": "\\udcff"}, "annotations": {"text": "A1"}}]}', "data[0]"),
    ("autoria", '{"description": "-"}', "'description' is empty"),
    ("czech", "track_id,image_path,lp,train\nt,a.png,AB1,2\n", "line 2"),
    ("czech", "track_id,image_path,lp\nt,a.png,\n", "line 2"),
    ("czech", "image_path,lp\n", "line 1"),
    ("ufpr", "type: car\nplate: A1\ncorners: 1,2 3,4\n", "line 3"),
    ("ufpr", "type: car\nplate: A1\nposition_plate: 1 2 0 4\n", "line 3"),
    ("ufpr", "type: car\nplate: A1\n", "has no line 'corners'"),
    ("rodosol", "type: car\nplate: -\ncorners: 1,2 3,4 5,6 7,8\n", "line 2"),
    ("rodosol", "type: car\nplate\n", "line 2"),
    ("korean-json", '{"data": [{"images": {}}]}', "data[0]"),
    ("korean-json", "[\n\n}", "line 3"),
    ("openalpr", "a.jpg\t1\t2\t3\t4\tAB1\na.jpg\t1\t2\t0\t4\tAB1\n", "line 2"),
    ("openalpr", "a.jpg\t1\t2\t3\n", "line 1"),
    ("coco", '{"categories": [{"id": 1, "name": "cat"}]}', "'cat' is not one of"),
    ("coco", '{"categories": [{"id": 1, "name": "plate"}], "images": [{"id": 1}], "annotations": []}', "images[0]"),
    ("voc", "<annotation>\n<object>", "line 2"),
    ("voc", '<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', "declares a document type"),
    ("voc", "<annotation><object><name>cat</name></object></annotation>", "'cat' is not one of"),
    ("yolo", "0 0.5 0.5 0.1\n", "line 1"),
    ("yolo", "0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n", "line 2"),
    ("yolo", "0 0.5 0.5 0 0.1\n", "line 1"),
    ("yolo", "0 0.5 0.5 99 0.1\n", "line 1"),
    ("yolo", "-1 0.5 0.5 0.1 0.1\n", "line 1"),
]


def drawn(n: int, height: int = 24, width: int = 94) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (height, width, 3), dtype=np.uint8)


def crops() -> Iterator[Sample]:
    plates = [
        Plate("AB123CD", region="it", kind="taxi", rows=1),
        Plate("皖A0N718", region="cn", rows=2, breaks=(2,)),
        Plate("서울32자6493"),
    ]
    for n, plate in enumerate(plates):
        yield Sample((plate,), f"drawn:0:{n}", drawn(n), split="val", whole=True, track=f"t{n // 2}")


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
        values = (plate.text, plate.region, plate.kind, plate.rows, plate.breaks)
        named = zip(("text", "region", "kind", "rows", "breaks"), values, strict=True)
        lines.append((plate.label, numbers, *(value for name, value in named if name in keeps)))
    return lines


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    form = data.find(name)
    samples = crops if "crops" in form.keeps else frames
    assert data.write(name, samples(), tmp_path / "set") == len(list(samples()))
    again = list(data.read(f"{name}:{tmp_path / 'set'}"))
    assert len(again) == len(list(samples()))
    again.sort(key=lambda sample: Path(sample.source).stem.rpartition("-")[2])
    for old, new in zip(samples(), again, strict=True):
        assert kept(new, form.keeps) == kept(old, form.keeps)
        assert (new.whole, new.labelled) == (old.whole, old.labelled)
        assert new.split == (old.split if "split" in form.keeps else "")
        assert new.track == (old.track if "track" in form.keeps else "")
        assert pixels(new).shape == pixels(old).shape
        assert not old.whole or np.array_equal(pixels(new), pixels(old))


@pytest.mark.parametrize("name", ["plates-csv", "coco"])
def test_frames_with_plates_and_cars_survive_where_crops_do(name: str, tmp_path: Path) -> None:
    data.write(name, frames(), tmp_path)
    again = list(data.read(f"{name}:{tmp_path}"))
    keeps = data.find(name).keeps
    assert [kept(sample, keeps) for sample in again] == [kept(sample, keeps) for sample in frames()]
    assert again[1].plates == () and again[1].labelled == ("license_plate", "car")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_set_can_be_written_again_from_its_files(name: str, tmp_path: Path) -> None:
    samples = crops if "crops" in data.find(name).keeps else frames
    data.write(name, samples(), tmp_path / "one")
    count = data.write(name, data.read(f"{name}:{tmp_path / 'one'}"), tmp_path / "two")
    assert count == len(list(data.read(f"{name}:{tmp_path / 'two'}"))) == len(list(samples()))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_can_name_pictures_where_they_are(name: str, tmp_path: Path) -> None:
    data.write("csv", crops(), tmp_path / "my pictures 皖")
    count = data.refer(name, data.read(f"csv:{tmp_path / 'my pictures 皖'}"), tmp_path / "list")
    again = list(data.read(f"{name}:{tmp_path / 'list'}"))
    assert count == len(again) == 3
    assert [path.is_file() for path in map(Path, (sample.source for sample in again))] == [True] * 3
    assert [path for path in (tmp_path / "list").rglob("*") if path.suffix == ".png"] == []
    with pytest.raises(DataError, match="in no file of its own"):
        data.refer(name, crops(), tmp_path / "drawn")


@pytest.mark.parametrize("name", [name for name in data.FORMATS if name not in WRITTEN])
def test_what_cannot_be_written_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can be read but not written"):
        data.write(name, crops(), tmp_path)
    with pytest.raises(ConfigError, match="Those that are: annotation, csv, paddle, paths"):
        data.refer(name, crops(), tmp_path)


@pytest.mark.parametrize(("name", "text", "line"), BAD_LINES)
def test_a_bad_line_is_named(name: str, text: str | bytes, line: str, tmp_path: Path) -> None:
    file = label_file(name, tmp_path)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DataError) as told:
        list(data.read(f"{name}:{tmp_path}"))
    assert str(file) in str(told.value) or "cat" in line
    assert line in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["annotation", "csv", "paddle", "plates-csv", "czech", "openalpr"])
def test_what_follows_a_bad_line_is_read(name: str, tmp_path: Path) -> None:
    good = {
        "annotation": "{}.png AB1\r\n",
        "csv": "{}.png,AB1\r\n",
        "paddle": "{}.png\tAB1\r\n",
        "plates-csv": "{}.png,AB1,,,,,\r\n",
        "czech": "t,{}.png,AB1,1\r\n",
        "openalpr": "{}.png\t1\t2\t3\t4\tAB1\r\n",
    }[name]
    header = "" if name == "openalpr" else HEADERS.get(name, "")
    text = "\ufeff" + header + good.format("my été 皖") + "bad\r\n" + good.format("b")
    label_file(name, tmp_path).write_bytes(text.encode() + b"\xff\xff" + good.format("c").encode())
    found = list(data.entries(f"{name}:{tmp_path}"))
    assert [isinstance(entry.content, DataError) for entry in found] == [False, True, False, True]
    assert [entry.where.rpartition(" ")[2] for entry in found] == [str(n + (header != "")) for n in range(1, 5)]
    assert Path(found[0].sample.source).stem == "my été 皖"
    assert [p.text for p in found[2].sample.plates] == ["AB1"]
    with pytest.raises(DataError):
        _ = found[1].sample


@pytest.mark.parametrize("name", LABEL_FILES)
@given(content=st.one_of(st.binary(max_size=200), st.text(alphabet='a1,."[]{}: \n\t<>/皖\r\0-', max_size=80)))
def test_random_bytes_are_read_or_told(
    name: str, content: bytes | str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / f"random-{name}"
    raw = content.encode() if isinstance(content, str) else content
    for header in dict.fromkeys(("", HEADERS.get(name, ""))):
        label_file(name, folder).write_bytes(header.encode() + raw)
        try:
            samples = list(data.read(f"{name}:{folder}"))
        except DataError as error:
            assert str(folder) in str(error)
        else:
            assert all(isinstance(sample, Sample) for sample in samples)


@pytest.mark.parametrize("name", ["annotation", "autoria", "csv", "filename", "lmdb", "paddle", "tao"])
def test_lists_of_crops_refuse_frames(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no crop of one plate"):
        data.write(name, frames(), tmp_path)


@pytest.mark.parametrize("name", ["plates-csv", "yolo", "coco"])
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
    (tmp_path / "labels.csv").write_text("file,text,x,y,w,h,country\na.png,A1,10,10,40,20,\n")
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


def test_yolo_reads_a_darknet_folder(tmp_path: Path) -> None:
    save(tmp_path / "a.png", drawn(0, 64, 80))
    (tmp_path / "a.txt").write_text("1 0.5 0.5 0.5 0.25\n0 0.5 0.5 0.1 0.1\n")
    (tmp_path / "obj.names").write_text("traffic light\nLicense Plate\n")
    (sample,) = data.read(f"yolo:{tmp_path}")
    assert sample.labelled == ("license_plate",)
    assert sample.plates == (Plate(quad=quad_of(Box(20, 24, 40, 16))),)  # the traffic light is left out


CCPD = "025-95_113-154&383_386&473-386&473_177&454_154&383_363&402-0_0_22_27_27_33_16-37-15.jpg"
CCPD_GREEN = "0225-94_250-268&430_451&495-451&490_276&495_268&436_443&430-0_0_3_28_32_31_24_26-179-57.jpg"


def test_ccpd_reads_names(tmp_path: Path) -> None:
    for name in (CCPD, CCPD_GREEN):
        save(tmp_path / name, drawn(0))
    save(tmp_path / "ccpd_np" / "1000.jpg", drawn(0))
    green, blue, none = data.read(f"ccpd:{tmp_path}")  # by name
    quad = ((154.0, 383.0), (363.0, 402.0), (386.0, 473.0), (177.0, 454.0))
    assert blue.plates == (Plate("皖AY339S", quad, "cn", rows=1),)
    assert green.plates[0].text == "皖AD4870" + "2" and green.plates[0].kind == "electric"
    assert none.plates == () and none.labelled == ("license_plate",)
    _, boxed, _ = data.read(f"ccpd-box:{tmp_path}")
    assert boxed.plates[0].quad == quad_of(Box(154, 383, 232, 90))


@given(name=st.one_of(st.text(max_size=60), st.text(alphabet="0123456789&_-", max_size=90)), at=st.integers(0, 80))
def test_ccpd_tells_what_is_wrong_with_a_name(name: str, at: int) -> None:
    for stem in (name, CCPD[:at] + name + CCPD[at + 1 : -4]):
        for place in (ccpd.corners, ccpd.bounds):
            try:
                assert isinstance(ccpd.parse(stem, place, "a.jpg"), Plate)
            except DataError as error:
                assert str(error).startswith("a.jpg: ")


def test_ccpd_agrees_with_the_labels_of_real_frames(shared_data: Path) -> None:
    folder = shared_data / "dev" / "cn_ccpd_frames"
    labelled = {Path(sample.source).name: sample.plates[0] for sample in data.read(f"plates-csv:{folder}")}
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        names = {row["file"]: Path(row["original_path"]).stem for row in csv.DictReader(file)}
    assert len(names) == 9
    for file_name, stem in names.items():
        plate, truth = ccpd.parse(stem, ccpd.corners, stem), labelled[file_name]
        assert plate.text == truth.text and plate.region == truth.region
        assert plate.quad is not None and truth.quad is not None
        scale = 0.9931  # of extra.csv; the stored pictures are a little smaller than CCPD's
        near = np.array(order_corners(plate.quad)) * scale - np.array(order_corners(truth.quad))
        assert np.abs(near).max() < 0.2


def test_czech_reads_tracks_and_splits(tmp_path: Path) -> None:
    table = "track_id,image_path,lp,train\ns01_l01_1,s01_l01/1_1.png,7C24698,1\ns01_l01_2,s01_l01/2_1.png,1B5 7431,0\n"
    (tmp_path / "trainVal.csv").write_text(table)
    first, second = data.read(f"czech:{tmp_path}")
    assert first == Sample(
        (Plate("7C24698", region="cz"),),
        str(tmp_path / "s01_l01/1_1.png"),
        split="train",
        whole=True,
        track="s01_l01_1",
    )
    assert (second.plates[0].text, second.split) == ("1B57431", "val")


UFPR = """camera: GoPro Hero4 Silver
position_vehicle: 804 367 279 244
\ttype: car
\tmake: GM Chevrolet
plate: AQY-6388
corners: 909,483 986,484 987,507 909,507
\tchar 1: 912 491 9 15
"""


def test_ufpr_reads_both_releases(tmp_path: Path) -> None:
    folder = tmp_path / "validation" / "track0091"
    older = UFPR.replace("corners: 909,483 986,484 987,507 909,507", "position_plate: 909 483 78 24")
    for name, text in (("a[01]", UFPR), ("a[02]", older.replace("car", "motorcycle"))):
        save(folder / f"{name}.png", drawn(0))
        (folder / f"{name}.txt").write_text(text)
    newer, old = data.read(f"ufpr:{tmp_path}")
    assert (newer.split, newer.track, newer.labelled) == ("val", "track0091", ("license_plate",))
    corners = ((909.0, 483.0), (986.0, 484.0), (987.0, 507.0), (909.0, 507.0))
    assert newer.plates == (Plate("AQY6388", corners, "br", rows=1),)
    assert old.plates == (Plate("AQY6388", quad_of(Box(909, 483, 78, 24)), "br", rows=2),)


def test_rodosol_reads_the_files_beside_the_pictures(tmp_path: Path) -> None:
    save(tmp_path / "images/cars-br/img_000001.jpg", drawn(0))
    text = "type: car\nplate: OVJ6688\nlayout: Brazilian\ncorners: 441,425 570,424 572,468 444,467\n"
    (tmp_path / "images/cars-br/img_000001.txt").write_text(text)
    (sample,) = data.read(f"rodosol:{tmp_path}")
    corners = ((441.0, 425.0), (570.0, 424.0), (572.0, 468.0), (444.0, 467.0))
    assert sample.plates == (Plate("OVJ6688", corners, "br", rows=1),) and not sample.whole


def test_korean_json_reads_its_list(tmp_path: Path) -> None:
    records = [{"images": {"filename": f"000{n}.jpg"}, "annotations": {"text": f"12가345{n}"}} for n in range(2)]
    (tmp_path / "label.json").write_text(json.dumps({"class_names": ["0"], "data": records}), encoding="utf-8")
    first, second = data.read(f"korean-json:{tmp_path}")
    assert first.source == str(tmp_path / "0000.jpg") and first.plates == (Plate("12가3450", region="kr"),)
    (tmp_path / "images").mkdir()
    assert next(data.read(f"korean-json:{tmp_path}")).source == str(tmp_path / "images" / "0000.jpg")
    assert second.whole


def test_openalpr_reads_several_plates_of_a_picture(tmp_path: Path) -> None:
    (tmp_path / "eu1.txt").write_text("eu1.jpg\t396\t340\t203\t46\tM5 XSX\neu1.jpg\t1\t2\t30\t40\t\n")
    (sample,) = data.read(f"openalpr:{tmp_path}")
    assert sample.source == str(tmp_path / "eu1.jpg") and not sample.whole
    assert sample.plates == (Plate("M5XSX", quad_of(Box(396, 340, 203, 46))), Plate("", quad_of(Box(1, 2, 30, 40))))


def test_paths_reads_a_folder_without_a_list(tmp_path: Path) -> None:
    save(tmp_path / "a b" / "1.png", drawn(0))
    (sample,) = data.read(f"paths:{tmp_path}")
    assert sample.source == str(tmp_path / "a b" / "1.png") and sample.whole and sample.plates == (Plate(),)


def test_tao_knows_its_characters(tmp_path: Path) -> None:
    data.write("tao", crops(), tmp_path)
    listed = (tmp_path / "characters_list.txt").read_text(encoding="utf-8").split()
    assert listed == sorted(set("AB123CD皖A0N718서울32자6493"))
    (tmp_path / "characters_list.txt").write_text("\n".join("AB123CD"), encoding="utf-8")
    with pytest.raises(DataError, match=r"000001.txt line 1: '皖A0N718' has '皖'.*characters_list"):
        list(data.read(f"tao:{tmp_path}"))
    (tmp_path / "labels" / "000000.txt").unlink()
    first = next(data.entries(f"tao:{tmp_path}"))
    assert isinstance(first.content, DataError) and "000000.txt" in str(first.content)


def test_autoria_keeps_splits_in_folders(tmp_path: Path) -> None:
    samples = [replace(sample, split=split) for sample, split in zip(crops(), ("train", "val", ""), strict=True)]
    data.write("autoria", samples[:2], tmp_path)
    assert json.loads((tmp_path / "train/ann/000000.json").read_text())["size"] == {"width": 94, "height": 24}
    assert [sample.split for sample in data.read(f"autoria:{tmp_path}")] == ["train", "val"]
    assert [sample.split for sample in data.read(f"autoria:{tmp_path / 'val'}")] == [""]


def message(*parts: tuple[int, bytes]) -> bytes:
    """A protobuf message with these fields of bytes."""
    return b"".join(bytes([number << 3 | 2]) + length(len(value)) + value for number, value in parts)


def length(value: int) -> bytes:
    """A protobuf variable-length number."""
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + length(value >> 7)


def record(**features: bytes | int) -> bytes:
    """A TFRecord of a tf.train.Example with these features."""
    entries = [
        message((1, name.encode()), (2, message((1, message((1, value)))) if isinstance(value, bytes) else b"\x1a\x00"))
        for name, value in features.items()
    ]
    content = message((1, message(*((1, entry) for entry in entries))))
    head = struct.pack("<Q", len(content))
    return head + struct.pack("<I", checksum(head)) + content + struct.pack("<I", checksum(content))


def jpeg() -> bytes:
    from PIL import Image as PilImage

    file = io.BytesIO()
    PilImage.fromarray(drawn(0, 75, 300)).save(file, "JPEG")
    return file.getvalue()


def test_the_checksum_is_the_one_of_the_standard() -> None:
    # RFC 3720, B.4: CRC-32C of 32 zero bytes is 0x8A9136AA; TensorFlow masks it.
    rotated = (0x8A9136AA >> 15 | 0x8A9136AA << 17) & 0xFFFFFFFF
    assert checksum(bytes(32)) == (rotated + 0xA282EAD8) & 0xFFFFFFFF


def test_tfrecord_reads_without_tensorflow(tmp_path: Path) -> None:
    good = record(height=75, width=300, image_name=b"1234567.png", image_jpeg=jpeg(), plate=b"1234567")
    bare = record(plate=b"12")
    (tmp_path / "a.tfrecord").write_bytes(good + good[:-1] + b"x" + bare + good)
    found = list(data.entries(f"tfrecord:{tmp_path}"))
    assert [isinstance(entry.content, DataError) for entry in found] == [False, True, True, False]
    assert found[0].sample.plates == (Plate("1234567"),) and found[0].sample.whole
    assert pixels(found[0].sample).shape == (75, 300, 3)
    assert "record 2: is damaged" in str(found[1].content) and "no feature 'image_jpeg'" in str(found[2].content)
    (tmp_path / "a.tfrecord").write_bytes(good[:-20])
    with pytest.raises(DataError, match="record 1: is cut short"):
        list(data.read(f"tfrecord:{tmp_path / 'a.tfrecord'}"))


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), end=st.integers(0, 10_000))
def test_damaged_containers_are_told(at: int, byte: int, end: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "damaged"
    if not folder.exists():
        data.write("lmdb", crops(), folder / "good")
        (folder / "lmdb").mkdir()
    raw = (folder / "good" / "data.mdb").read_bytes()
    damaged = raw[: at * 3] + bytes([byte]) + raw[at * 3 + 1 :]
    (folder / "lmdb" / "data.mdb").write_bytes(damaged[: max(1, len(raw) - end)])
    content = record(plate=b"12", image_jpeg=b"12")
    (folder / "a.tfrecord").write_bytes(content[: at % 60] + bytes([byte]) + content[at % 60 + 1 :])
    for spec in (f"lmdb:{folder / 'lmdb'}", f"tfrecord:{folder / 'a.tfrecord'}"):
        try:
            assert all(isinstance(entry.content, Sample | DataError) for entry in data.entries(spec))
        except DataError as error:
            assert str(folder) in str(error)


def test_lmdb_grows_with_what_is_put_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lprkit.data.formats.lmdb_store.FIRST_BYTES", 65_536)
    many = (Sample((Plate(f"A{n}"),), f"drawn:0:{n}", drawn(n), whole=True) for n in range(40))
    assert data.write("lmdb", many, tmp_path) == 40
    assert [sample.plates[0].text for sample in data.read(f"lmdb:{tmp_path}")] == [f"A{n}" for n in range(40)]


def test_voc_finds_moved_pictures_by_their_names(tmp_path: Path) -> None:
    thing = (
        "<object><name>{}</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>31</xmax><ymax>12</ymax></bndbox></object>"
    )
    things = thing.format("licence") + thing.format("tree")
    (tmp_path / "a.xml").write_text(f"<annotation><filename>C:\\old\\a.jpg</filename>{things}</annotation>")
    (sample,) = data.read(f"voc:{tmp_path}")
    assert sample.source == str(tmp_path / "a.jpg") and sample.labelled == ("license_plate",)
    assert sample.plates == (Plate(quad=quad_of(Box(1, 2, 30, 10))),)


def test_coco_takes_boxes_where_corners_are_not_labelled(tmp_path: Path) -> None:
    thing = {"image_id": 7, "category_id": 3, "bbox": [1, 2, 30, 10], "keypoints": [0, 0, 0] * 4}
    whole = {
        "categories": [{"id": 3, "name": "License_Plate"}, {"id": 4, "name": "dog"}],
        "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 8, "file_name": "b.jpg"}],
        "annotations": [thing, {"image_id": 7, "category_id": 4, "bbox": [0, 0, 1, 1]}],
    }
    (tmp_path / "some.json").write_text(json.dumps(whole))
    first, second = data.read(f"coco:{tmp_path / 'some.json'}")
    assert first.plates == (Plate(quad=quad_of(Box(1, 2, 30, 10))),) and second.plates == ()
    assert first.labelled == ("license_plate",) and first.source == str(tmp_path / "a.jpg")


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


@pytest.mark.parametrize("code", plates.codes())
def test_every_token_of_a_region_survives_being_written_down(code: str) -> None:
    assert [token for token in plates.region(code).tokens if plain(token) != token] == []


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
    if name in PICTURES and not (folder / PICTURES[name]).exists():
        save(folder / PICTURES[name], drawn(0, 64, 80))
    return file


def test_plates_csv_believes_the_box_when_the_corners_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,text,x,y,w,h,country\na.png,A1,10,10,80,20,\nb.png,A1,10,10,80,20,\n")
    (tmp_path / "extra.csv").write_text(
        "file,corners\na.png,60 60 140 60 140 80 60 80\nb.png,10 12 88 10 90 28 12 30\n"
    )
    wrong, right = data.read(f"plates-csv:{tmp_path}")
    assert wrong.plates[0].quad == quad_of(Box(10, 10, 80, 20))
    assert right.plates[0].quad == ((10, 12), (88, 10), (90, 28), (12, 30))
