"""Every picture that is damaged, odd or not there is told in one line, and the others are read."""

import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import tiny_models
from lprkit.cli.main import main
from tiny_models import frame

TEXT = "AB01"


def encoded(picture, kind, **options):
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def bomb() -> bytes:
    """A PNG of 10,000 x 10,000 px in a few kilobytes."""
    rows = zlib.compress(bytes(10_000 // 8 + 1) * 10_000, 9)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def turned(orientation: int) -> bytes:
    """The frame stored on its side, with the EXIF tag that puts it upright."""
    back = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270, 3: Image.Transpose.ROTATE_180}
    picture = Image.fromarray(frame(TEXT)).transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture, "PNG", exif=exif)


FRAME = Image.fromarray(frame(TEXT))
JPEG = encoded(FRAME, "JPEG", quality=100, subsampling=0)
SIXTEEN = np.asarray(FRAME.convert("L"), np.uint16) * 257

BAD = {
    "empty.jpg": b"",
    "text.jpg": b"I only say that I am a picture",
    "cut.jpg": JPEG[: len(JPEG) // 2],
    "head.jpg": JPEG[:20],
    "cut.png": encoded(FRAME, "PNG")[:-200],
    "bomb.png": bomb(),
}
READ = {
    "upright.png": encoded(FRAME, "PNG"),
    "cmyk.jpg": encoded(FRAME.convert("CMYK"), "JPEG", quality=100, subsampling=0),
    "palette.png": encoded(FRAME.convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "alpha.png": encoded(FRAME.convert("RGBA"), "PNG"),
    "turned_6.png": turned(6),
    "turned_8.png": turned(8),
    "turned_3.png": turned(3),
}
WITHOUT_COLOUR = {
    "grey.jpg": encoded(FRAME.convert("L"), "JPEG"),
    "grey.png": encoded(FRAME.convert("L"), "PNG"),
    "sixteen.png": encoded(Image.fromarray(SIXTEEN), "PNG"),
    "one_bit.png": encoded(FRAME.convert("1"), "PNG"),
    "one.png": encoded(Image.new("RGB", (1, 1)), "PNG"),
    "line.png": encoded(Image.new("RGB", (3000, 1)), "PNG"),
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    reader, detector = tiny_models.write_reader(folder / "r.onnx"), tiny_models.write_detector(folder / "d.onnx")
    return ["--reader", str(reader), "--detector", str(detector), "--runtime", "onnx"]


def read(capsys, *words):
    """Exit code, JSON lines, and what stands on stderr."""
    with pytest.raises(SystemExit) as caught:
        main(["read", "--json", *map(str, words)])
    out, err = capsys.readouterr()
    return caught.value.code or 0, [json.loads(line) for line in out.splitlines()], err


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_and_the_others_are_read(models, tmp_path, capsys, name):
    (tmp_path / name).write_bytes(BAD[name])
    (tmp_path / "zz.png").write_bytes(READ["upright.png"])
    code, (bad, good), err = read(capsys, tmp_path, *models)
    assert code == 1 and err == ""
    assert set(bad) == {"source", "error"} and bad["source"] == str(tmp_path / name)
    assert bad["error"].startswith(str(tmp_path / name)) and "\n" not in bad["error"]
    assert [plate["text"] for plate in good["plates"]] == [TEXT]


def test_the_bomb_is_refused_before_it_is_unpacked(tmp_path, models, capsys):
    assert len(BAD["bomb.png"]) < 20_000
    (tmp_path / "bomb.png").write_bytes(BAD["bomb.png"])
    _, (told,), _ = read(capsys, tmp_path / "bomb.png", *models)
    assert "10000x10000 pixels, more than" in told["error"]


@pytest.mark.parametrize("name", READ)
def test_every_kind_of_picture_reads_the_same(models, tmp_path, capsys, name):
    for one in ("upright.png", name):
        (tmp_path / one).write_bytes(READ[one])
    code, (upright, odd), _ = read(capsys, tmp_path / "upright.png", tmp_path / name, *models)
    assert code == 0
    assert (odd["width"], odd["height"]) == (upright["width"], upright["height"]) == (320, 192)
    (wanted,), (plate,) = upright["plates"], odd["plates"]
    assert plate["text"] == wanted["text"] == TEXT
    assert np.allclose(plate["quad"], wanted["quad"])


@pytest.mark.parametrize("name", WITHOUT_COLOUR)
def test_pictures_without_colour_or_size_are_read_too(models, tmp_path, capsys, name):
    """The tiny detector knows plates by a red square, so it finds none here."""
    (tmp_path / name).write_bytes(WITHOUT_COLOUR[name])
    code, (record,), err = read(capsys, tmp_path / name, *models)
    assert (code, record["plates"], err) == (0, [], "")


@pytest.mark.parametrize("name", ["grey.png", "sixteen.png"])
def test_grey_plates_are_read(models, tmp_path, capsys, name):
    plate = np.asarray(tiny_models.bars(TEXT, 128, 32))[..., 0]
    picture = plate if name == "grey.png" else plate.astype(np.uint16) * 257
    (tmp_path / name).write_bytes(encoded(Image.fromarray(picture), "PNG"))
    code, (record,), _ = read(capsys, "--crop", tmp_path / name, *models)
    assert code == 0 and record["plates"][0]["text"] == TEXT


def test_one_pixel_may_be_a_plate(models, tmp_path, capsys):
    (tmp_path / "one.png").write_bytes(WITHOUT_COLOUR["one.png"])
    code, (record,), _ = read(capsys, "--crop", tmp_path / "one.png", *models)
    assert code == 0 and len(record["plates"]) == 1


def test_what_is_not_there_is_told(models, tmp_path, capsys):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "notes.txt").write_text("no picture")
    (tmp_path / "a.png").write_bytes(READ["upright.png"])
    words = [tmp_path / "bare", tmp_path / "gone.jpg", tmp_path / "*.gif", tmp_path / "a.png"]
    code, (bare, gone, none, good), _ = read(capsys, *words, *models)
    assert code == 1
    assert "is a folder with 0 pictures" in bare["error"]
    assert "there is no such file" in gone["error"] and "there is no such file" in none["error"]
    assert good["plates"][0]["text"] == TEXT


def test_errors_stand_beside_the_readings_without_json(models, tmp_path, capsys):
    for name, content in BAD.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "good.png").write_bytes(READ["upright.png"])
    with pytest.raises(SystemExit) as caught:
        main(["read", str(tmp_path), *models])
    out, err = capsys.readouterr()
    assert caught.value.code == 1
    assert len(err.splitlines()) == len(BAD) and len(out.splitlines()) == 1 and TEXT in out
