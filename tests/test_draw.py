import unicodedata
from dataclasses import replace

import numpy as np
import pytest

from lprkit.core.errors import DataError
from lprkit.core.geometry import Box, box_of
from lprkit.core.types import Band, Serial, Style
from lprkit.plates.region import codes
from lprkit.plates.region import region as read_region
from lprkit.plates.serial import legal, loose
from lprkit.synth import glyphs, look, marks, seals, strokes
from lprkit.synth.draw import Drawn, draw
from lprkit.synth.faces import missing
from lprkit.synth.layout import Area, arrange
from lprkit.synth.look import Look
from lprkit.synth.sheet import contact_sheet

BOOK = glyphs.find(system=False)
OFF = look.only()
ONE = Style("one", 520, 110, (10, 10, 10), (240, 240, 240), (75.0,), 47.5, stroke_mm=10)
TWO = replace(ONE, name="two", width_mm=280, height_mm=200, row_heights_mm=(70.0, 80.0))


def serial(text: str = "M-AB 123", style: Style = ONE, region: str = "de") -> Serial:
    return Serial(tuple(text), style, region)


def drawn(number: Serial, seed: int = 0, settings: Look = OFF, height_px: int | None = 88) -> Drawn:
    return draw(number, BOOK, np.random.default_rng(seed), height_px, settings)


def test_a_plate_has_the_shape_of_its_style_and_fills_the_picture() -> None:
    plate = drawn(serial())
    assert plate.image.shape == (88, 416, 3) and plate.image.dtype == np.uint8
    assert plate.ink.shape == (88, 416)
    assert box_of(plate.quad) == Box(0, 0, 416, 88)
    assert (plate.text, plate.rows) == ("MAB123", 1)


def test_two_rows_stand_one_over_the_other() -> None:
    plate = drawn(serial("59-X1/123.45", TWO, "vn"), height_px=160)
    filled = plate.ink.max(axis=1) > 127
    starts = np.flatnonzero(np.diff(filled.astype(int)) == 1)
    assert (plate.text, plate.rows, len(starts)) == ("59X112345", 2, 2)


def test_the_same_seed_draws_the_same_plate() -> None:
    for seed in range(5):
        first, second = (drawn(serial(), seed, Look()) for _ in range(2))
        assert np.array_equal(first.image, second.image) and first.face == second.face
    assert not np.array_equal(drawn(serial(), 1, Look()).image, drawn(serial(), 2, Look()).image)


def test_with_everything_off_a_plate_is_ink_on_paper() -> None:
    for seed in range(10):
        plate = drawn(serial(), seed)
        cover = plate.ink[:, :, None] / 255
        wanted = np.array(ONE.paper) * (1 - cover) + np.array(ONE.ink) * cover
        assert np.abs(plate.image - wanted).max() <= 2


def test_the_number_stays_on_the_plate_and_apart() -> None:
    for seed in range(30):
        plate = drawn(serial("WWW MW 8888"), seed, Look(), 80)
        columns = plate.ink.max(axis=0) > 100
        assert not columns[:2].any() and not columns[-2:].any()
        groups = np.count_nonzero(np.diff(columns.astype(int)) == 1)
        assert groups >= 6, f"letters run together with seed {seed}"


@pytest.mark.parametrize("name", ["border", "band", "frame", "screws", "stickers", "seals", "caption"])
def test_what_is_added_does_not_hide_the_number(name: str) -> None:
    band = Band("left", 45, (0, 50, 160), text="D", stars=True)
    style = replace(ONE, bands=(band,), border=(0, 0, 0), caption=("A CAPTION",))
    for seed in range(20):
        plate = drawn(serial(style=style), seed, look.only(**{name: 1.0}))
        strong = plate.ink > 250
        covered = np.abs(plate.image[strong].astype(int) - np.array(ONE.ink)).max(axis=1) > 60
        most = 0.2 if name == "frame" else 0.08  # a frame may lie over the feet of letters
        assert covered.mean() < most, f"{name} hides {covered.mean():.0%} of the ink with seed {seed}"


@pytest.mark.parametrize("name", ["border", "band", "frame", "stickers", "seals", "caption", "emboss", "dirt", "worn"])
def test_each_kind_of_thing_shows_when_it_is_on(name: str) -> None:
    band = Band("left", 45, (0, 50, 160), text="D", stars=True)
    style = replace(ONE, bands=(band,), border=(0, 0, 0), caption=("A CAPTION",))
    seen = 0
    for seed in range(10):
        settings = look.only(**{name: 1.0})
        with_it, without = drawn(serial(style=style), seed, settings), drawn(serial(style=style), seed)
        seen += not np.array_equal(with_it.image, without.image)
    assert seen >= 8


def test_a_band_that_runs_under_the_number_leaves_it_its_room() -> None:
    beside = replace(ONE, bands=(Band("left", 128, (250, 180, 0)),))
    under = replace(ONE, bands=(Band("left", 128, (250, 180, 0), under=True),))
    left = [np.flatnonzero(drawn(serial(style=s), 3, look.only(band=1.0)).ink.max(axis=0))[0] for s in (beside, under)]
    assert left[0] > 128 * 0.8 > left[1]


def test_letters_are_as_high_as_the_law_says() -> None:
    for seed in range(5):
        rows = np.flatnonzero(drawn(serial("HH888"), seed).ink.max(axis=1) > 127)
        assert rows[-1] - rows[0] + 1 == pytest.approx(75 * 0.8, abs=2)


@pytest.mark.parametrize("code", codes())
def test_every_region_can_be_drawn(code: str) -> None:
    book = glyphs.find()
    where = read_region(code)
    rng = np.random.default_rng(0)
    for n in range(24):
        number = legal(where, rng) if n % 2 else loose(where, rng)
        try:
            plate = draw(number, book, rng)
        except DataError as error:
            assert str(error) == str(missing("")) or "font (Debian" in str(error)
            pytest.skip("no font of its script on this machine")
        height, width = plate.image.shape[:2]
        assert width / height == pytest.approx(number.style.width_mm / number.style.height_mm, rel=0.03)
        assert 64 <= height <= 170 and plate.ink.max() == 255
        assert plate.text == number.text


def in_latin(code: str) -> bool:
    signs = set("".join(read_region(code).tokens))
    return all(sign.isascii() or unicodedata.name(sign).startswith("LATIN") for sign in signs)


def test_strokes_alone_draw_every_region_in_latin_letters() -> None:
    latin = [code for code in codes() if in_latin(code)]
    assert {"fi", "hr", "me", "rs", "se", "de", "us-ca", "vn"} <= set(latin)
    rng = np.random.default_rng(0)
    for code in latin:
        where = read_region(code)
        lacking = {token for token in where.tokens if not strokes.SIGNS.issuperset(token)}
        assert not lacking, f"strokes lack {lacking} of {code}"
        assert draw(legal(where, rng), BOOK, rng).face.startswith("strokes:")


def test_a_band_in_the_colour_of_the_paper_does_not_show() -> None:
    style = replace(ONE, bands=(Band("left", 60, ONE.paper),))
    for seed in range(10):
        image = drawn(serial(style=style), seed, look.only(band=1.0, colour_jitter=1.0)).image
        assert np.ptp(image[:, :40].reshape(-1, 3), axis=0).max() == 0
        assert np.array_equal(image[44, 10], image[1, -2])


def test_letters_of_a_band_are_no_bars() -> None:
    for stars in (True, False):
        style = replace(ONE, bands=(Band("left", 45, (0, 0, 0), (255, 255, 255), "I", stars),))
        image = drawn(serial(style=style), 1, look.only(band=1.0)).image[:, :34]
        rows = np.flatnonzero((image.min(axis=2) > 128).any(axis=1))
        assert 10 <= np.ptp(rows) + 1 <= 0.6 * 45 * 0.8


def test_emblems_stand_in_some_gaps() -> None:
    settings = look.only(seals=1.0)
    plates = [drawn(serial("AB 1234", region="us-ca"), seed, settings).image for seed in range(40)]
    coloured = [image for image in plates if np.ptp(image.astype(int), axis=2).max() > 40]
    assert 8 <= len(coloured) <= 30


def test_a_serial_without_tokens_is_refused() -> None:
    with pytest.raises(DataError, match="no tokens"):
        drawn(Serial(("-", "/"), ONE, "de"))


def test_a_style_without_a_size_is_refused() -> None:
    with pytest.raises(DataError, match="above 0"):
        drawn(serial(style=replace(ONE, width_mm=0.0)))


def test_a_sheet_holds_every_picture() -> None:
    images = [np.full((20, 30 + n, 3), n * 20, dtype=np.uint8) for n in range(5)]
    sheet = contact_sheet(images, [str(n) for n in range(5)], columns=2)
    assert sheet.shape[1] >= 2 * 34 and sheet.shape[0] >= 3 * 20
    assert all((sheet == n * 20).all(axis=2).sum() >= 20 * 30 for n in range(5))
    with pytest.raises(DataError, match="no picture"):
        contact_sheet([])


@pytest.mark.parametrize("seed", range(6))
def test_what_stands_beside_a_short_row_leaves_the_letters_alone(seed):
    rng = np.random.default_rng(seed)
    serial = next(s for s in (legal(read_region("ch"), rng) for _ in range(400)) if s.rows == 2)
    book = glyphs.find([], system=False)
    face = book.pick(serial.style, serial.tokens, rng, serial.region)
    plate = Area(0, 0, serial.style.width_mm, serial.style.height_mm)
    layout = arrange(serial, face, plate, plate, look.only(), rng)
    canvas = marks.Canvas(np.full((round(plate.bottom), round(plate.right), 3), 255, np.uint8), 1.0)
    for _ in range(5):
        seals.draw_beside_rows(canvas, layout, marks.Print(book, rng))
    painted = (canvas.image != 255).any(axis=2)
    letters = np.zeros_like(painted)
    for spot in layout.spots:
        letters[round(spot.y) : round(spot.y + spot.h), round(spot.x) : round(spot.x + spot.w)] = True
    assert painted.any()
    assert (painted & letters).sum() < 0.03 * letters.sum()  # the top of a crown at most
