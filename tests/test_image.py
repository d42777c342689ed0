import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

from lprkit.core import image as pictures
from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, quad_of
from lprkit.core.types import Plate, Sample

LEFT, RIGHT = (200, 40, 40), (40, 40, 200)
UPRIGHT, TURNED_RIGHT = 1, 6
"""Values of the EXIF tag 0x0112."""


def two_halves() -> PilImage.Image:
    """A red and a blue half side by side, 40x20 px."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20], pixels[:, 20:] = LEFT, RIGHT
    return PilImage.fromarray(pixels)


def encoded(picture: PilImage.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


COLOURED = {
    "jpeg": encoded(two_halves(), "JPEG", quality=95),
    "cmyk jpeg": encoded(two_halves().convert("CMYK"), "JPEG", quality=95),
    "png": encoded(two_halves(), "PNG"),
    "palette png": encoded(two_halves().convert("P", palette=PilImage.Palette.ADAPTIVE), "PNG"),
    "clear palette png": encoded(two_halves().quantize(4), "PNG", transparency=3),
    "png with alpha": encoded(two_halves().convert("RGBA"), "PNG"),
    "webp": encoded(two_halves(), "WEBP", quality=95),
    "bmp": encoded(two_halves(), "BMP"),
    "tiff": encoded(two_halves(), "TIFF"),
    "cmyk tiff": encoded(two_halves().convert("CMYK"), "TIFF"),
    "packed tiff": encoded(two_halves(), "TIFF", compression="tiff_lzw"),
}
RAMP = np.linspace(0, 1, 64).reshape(8, 8)
GREY = {
    "8-bit png": encoded(PilImage.fromarray((RAMP * 255).astype(np.uint8)), "PNG"),
    "16-bit png": encoded(PilImage.fromarray((RAMP * 65535).astype(np.uint16)), "PNG"),
    "16-bit tiff": encoded(PilImage.fromarray((RAMP * 65535).astype(np.uint16)), "TIFF"),
    "32-bit tiff": encoded(PilImage.fromarray((RAMP * 65535).astype(np.int32)), "TIFF"),
    "float tiff": encoded(PilImage.fromarray((RAMP * 7).astype(np.float32)), "TIFF"),
    "grey jpeg": encoded(PilImage.fromarray((RAMP * 255).astype(np.uint8)), "JPEG", quality=100),
    "grey with alpha": encoded(PilImage.fromarray((RAMP * 255).astype(np.uint8)).convert("LA"), "PNG"),
}


@pytest.mark.parametrize("name", COLOURED)
def test_every_mode_becomes_rgb(name: str) -> None:
    image = pictures.decode(COLOURED[name], name)
    assert (image.shape, image.dtype) == ((20, 40, 3), np.uint8)
    assert np.abs(image[10, 5].astype(int) - LEFT).max() < 12
    assert np.abs(image[10, 35].astype(int) - RIGHT).max() < 12


@pytest.mark.parametrize("name", GREY)
def test_greys_of_any_depth_are_scaled_to_8_bits(name: str) -> None:
    image = pictures.decode(GREY[name], name)
    assert (image[..., 0] == image[..., 2]).all()
    assert np.abs(image[..., 0] - RAMP * 255).max() < 4


def test_one_bit_and_one_pixel() -> None:
    assert pictures.decode(encoded(PilImage.new("1", (9, 5), 1), "PNG"), "x").min() == 255
    assert pictures.decode(encoded(PilImage.new("RGB", (1, 1), LEFT), "PNG"), "x").tolist() == [[list(LEFT)]]


def test_what_is_clear_is_white() -> None:
    image = pictures.decode(encoded(PilImage.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"), "x")
    assert image.min() == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_exif_turn_is_honoured(kind: str) -> None:
    exif = PilImage.Exif()
    exif[0x0112] = TURNED_RIGHT
    image = pictures.decode(encoded(two_halves(), kind, exif=exif), "x")
    assert image.shape == (40, 20, 3)
    assert image[5, 10, 0] > image[35, 10, 0]  # the left half is on top


def bomb(side: int) -> bytes:
    """A PNG of a few hundred bytes that says it has side x side pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(c)) + t + c + struct.pack(">I", zlib.crc32(t + c)) for t, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


BAD = {
    "empty": (b"", "is empty"),
    "text": (b"this is no picture\n" * 9, "is not a picture that can be read"),
    "cut short": (COLOURED["jpeg"][:300], "is damaged or cut short"),
    "half a png": (COLOURED["png"][:60], "is damaged or cut short"),
    "bomb": (bomb(10_000), "10000x10000 pixels, more than 64,000,000"),
    "large bomb": (bomb(100_000), "has more than 64,000,000 pixels"),
    "gif": (encoded(two_halves(), "GIF"), "is not a picture that can be read"),
    "eps": (encoded(two_halves(), "EPS"), "is not a picture that can be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_content_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    content, said = BAD[name]
    file = tmp_path / "bad.jpg"
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        pictures.load(file)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        pictures.load(tmp_path / "none.jpg")
    with pytest.raises(DataError, match="is a folder"):
        pictures.load(tmp_path)


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(COLOURED["png"])
    monkeypatch.setattr(pictures, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="bytes, more than the 10 that a picture may have"):
        pictures.load(file)


@given(st.sampled_from(sorted(COLOURED)), st.data())
def test_any_bytes_are_a_picture_or_a_data_error(name: str, data: st.DataObject) -> None:
    content = bytearray(COLOURED[name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = pictures.decode(bytes(content), "x")
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff"])
def test_what_is_saved_is_loaded(suffix: str, tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    file = tmp_path / "deeper" / f"a{suffix}"
    pictures.save(file, image)
    assert (pictures.load(file) == image).all()
    assert (pictures.pixels(Sample((Plate(),), str(file))) == image).all()
    assert pictures.pixels(Sample((Plate(),), "drawn:0:0", image)) is image


def test_pictures_are_found_below_a_folder(tmp_path: Path) -> None:
    for name in ("b.JPG", "a/c.png", "notes.txt", "d.jpg.part"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert pictures.find_images(tmp_path) == [tmp_path / "a/c.png", tmp_path / "b.JPG"]


def test_rectifying_the_whole_picture_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 40, 3), dtype=np.uint8)
    assert (pictures.rectify(image, quad_of(Box(0, 0, 40, 20)), 40, 20) == image).all()


def test_rectifying_cuts_out_and_turns() -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    image[20:40, 30:70] = np.asarray(two_halves())
    cut = pictures.rectify(image, quad_of(Box(30, 20, 40, 20)), 40, 20)
    assert (cut == np.asarray(two_halves())).all()
    top_left, top_right, bottom_right, bottom_left = quad_of(Box(30, 20, 40, 20))
    head_over = pictures.rectify(image, (bottom_right, bottom_left, top_left, top_right), 40, 20)
    assert (head_over == np.asarray(two_halves())[::-1, ::-1]).all()


def test_a_quad_of_no_area_still_gives_a_picture_of_the_asked_size() -> None:
    image = np.asarray(two_halves())
    assert pictures.rectify(image, ((5, 5),) * 4, 94, 24).shape == (24, 94, 3)
    assert pictures.rectify(image, quad_of(Box(-500, -500, 20, 10)), 94, 24).shape == (24, 94, 3)
