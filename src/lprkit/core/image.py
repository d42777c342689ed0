"""Pictures in and out. A picture is uint8 H,W,3 RGB; only this file and the video reader know other orders."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np

from lprkit.core.errors import DataError, LprError
from lprkit.core.geometry import Box, Quad, quad_of
from lprkit.core.types import Image, Sample

MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are decoded: a small file can unpack to gigabytes."""
MAX_BYTES = 256 * 1024 * 1024

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
"""File names that a folder is searched for, lower case."""

FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF")
"""Pillow's names of what is decoded; a file of another kind might start a program (EPS)."""


def load(path: str | Path) -> Image:
    """The picture in a file, turned as its EXIF tag says; a DataError says what is wrong with it."""
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError:
        raise DataError(f"{path}: there is no such file. Check the path.") from None
    if path.is_dir():
        raise DataError(f"{path}: is a folder with {len(find_images(path))} pictures where one picture was expected.")
    if size > MAX_BYTES:
        raise DataError(
            f"{path}: {size:,} bytes, more than the {MAX_BYTES:,} that a picture may have. Make it smaller."
        )
    return decode(path.read_bytes(), str(path))


def size_in(path: str | Path) -> tuple[int, int]:
    """Width and height of the picture that `load` would give, from the file's beginning; the same DataErrors."""
    from PIL import Image as PilImage

    upright = (1, 2, 3, 4)  # EXIF's tag 274; the others lie on their side
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PilImage.open(path, formats=FORMATS) as picture:
                width, height = picture.size
                turned = picture.getexif().get(274, 1) not in upright
    except Exception:
        height, width = load(path).shape[:2]  # tells what is wrong
        return width, height
    return (height, width) if turned else (width, height)


def decode(content: bytes, name: str) -> Image:
    """The picture that these bytes encode (JPEG, PNG, BMP, WebP, TIFF); `name` is what errors call it."""
    from PIL import Image as PilImage
    from PIL import ImageOps, UnidentifiedImageError

    if not content:
        raise DataError(f"{name}: is empty. Copy the file again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own size limit is looser and answers with a warning
            with PilImage.open(io.BytesIO(content), formats=FORMATS) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise DataError(f"{name}: {width}x{height} pixels, more than {MAX_PIXELS:,}. Make it smaller.")
                return _rgb(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        raise DataError(f"{name}: is not a picture that can be read (JPEG, PNG, BMP, WebP, TIFF).") from None
    except PilImage.DecompressionBombError:
        raise DataError(f"{name}: has more than {MAX_PIXELS:,} pixels. Make it smaller.") from None
    except LprError:
        raise
    except Exception as error:  # damaged bytes make Pillow raise anything: OSError, struct.error, TypeError, ...
        raise DataError(f"{name}: is damaged or cut short ({error}). Copy the file again.") from None


def _rgb(picture: object) -> Image:
    """A Pillow picture of any mode as RGB: 16-bit greys scaled, transparency put on white."""
    from PIL import Image as PilImage

    assert isinstance(picture, PilImage.Image)
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if picture.mode.startswith("I") else max(float(values.max(initial=0.0)), 1.0)
        grey = np.clip(values * (255.0 / top), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if "A" in picture.getbands() or "transparency" in picture.info:
        over = picture.convert("RGBA")
        picture = PilImage.alpha_composite(PilImage.new("RGBA", over.size, "white"), over)
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"), dtype=np.uint8))


def save(path: str | Path, image: Image, quality: int = 95) -> None:
    """Writes a picture; the suffix of `path` chooses the format."""
    from PIL import Image as PilImage

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(image).save(str(path), quality=quality)


def encode(image: Image, suffix: str) -> bytes:
    """The picture as the bytes of a `.png` or `.jpg` file, written fast rather than small: for sets of millions."""
    import cv2

    options = {
        ".png": [cv2.IMWRITE_PNG_COMPRESSION, 1],  # 8 % larger than at Pillow's 6, in a third of the time
        ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 95],
    }
    done, content = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options[suffix])
    assert done, suffix
    return content.tobytes()


def pixels(sample: Sample) -> Image:
    """The picture of a sample, read from its file if it is still there."""
    return load(sample.source) if sample.image is None else sample.image


def size(sample: Sample) -> tuple[int, int]:
    """Width and height of a sample's picture."""
    if sample.image is None:
        return size_in(sample.source)
    height, width = sample.image.shape[:2]
    return width, height


def whole(image: Image) -> Quad:
    """The corners of a picture."""
    height, width = image.shape[:2]
    return quad_of(Box(0.0, 0.0, float(width), float(height)))


def rectify(image: Image, quad: Quad, width: int, height: int) -> Image:
    """What lies inside the quad, straightened to width x height px; outside the picture the edge is repeated."""
    import cv2

    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    # Corners are pixel edges, OpenCV samples at pixel centres: half a pixel between them, on both sides.
    matrix = cv2.getPerspectiveTransform(np.asarray(quad, dtype=np.float32) - 0.5, corners - 0.5)
    warped = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, dtype=np.uint8)


def find_images(folder: Path) -> list[Path]:
    """Every picture below a folder, sorted by name."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
