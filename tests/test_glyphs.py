import pickle
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from lprkit.core.errors import DataError
from lprkit.core.image import save
from lprkit.core.types import Style
from lprkit.plates.region import codes
from lprkit.plates.region import region as read_region
from lprkit.synth import faces, folders, fonts, glyphs, hands, strokes
from lprkit.synth.faces import FolderSource, GlyphFace, Shape, StrokeSource

STYLE = Style("plain", 520, 110, (0, 0, 0), (255, 255, 255), (75.0,), 47.5)
BOOK = glyphs.find()
STROKES = glyphs.find(system=False)
SHARED = Path(__file__).parents[2] / "shared" / "assets" / "glyphs"


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("family", sorted(hands.FAMILIES))
def test_strokes_draw_every_sign_from_edge_to_edge(family: str) -> None:
    for sign in strokes.SIGNS:
        mask = strokes.draw_sign(sign, hands.hand(f"{family}-3"))
        assert mask.shape[0] == strokes.CANON_PX
        rows = np.flatnonzero(mask.max(axis=1) > 127)
        assert rows[0] <= 3 and rows[-1] >= strokes.CANON_PX - 4, sign


@pytest.mark.parametrize("family", ["fe", "din", "highway", "wright", "narrow", "square"])
def test_no_two_signs_of_a_stroke_face_look_alike(family: str) -> None:
    signs = sorted(strokes.SIGNS - set("0O"))
    hand = hands.hand(f"{family}-1")
    drawn = {sign: strokes.draw_sign(sign, hand) for sign in signs}
    for i, a in enumerate(signs):
        for b in signs[i + 1 :]:
            if drawn[a].shape == drawn[b].shape:
                difference = np.abs(drawn[a].astype(int) - drawn[b].astype(int)).mean()
                assert difference > 4, f"{a} and {b} of {hand}"


@pytest.mark.parametrize("family", sorted(hands.FAMILIES))
def test_signs_that_are_easily_taken_for_each_other_differ_in_every_face(family: str) -> None:
    for number in range(glyphs.STROKE_FACES):
        hand = hands.hand(f"{family}-{number}")
        for pair in ("DO", "DQ", "OQ", "CG", "68", "89", "8B", "5S"):
            one, other = (strokes.draw_sign(sign, hand) for sign in pair)
            other = cv2.resize(other, one.shape[::-1], interpolation=cv2.INTER_AREA)
            difference = np.abs(one.astype(int) - other.astype(int)).mean()
            assert difference > (6 if hand.box else 2), f"{pair} of {hand}"


def test_second_forms_are_forms_of_their_own_and_some_faces_have_them() -> None:
    for family, hand in hands.FAMILIES.items():
        for sign in strokes.SECOND:
            first, second = (strokes.draw_sign(sign, replace(hand, variants=form)) for form in ("", sign))
            assert first.shape != second.shape or not np.array_equal(first, second), f"{sign} of {family}"
    faces = [hands.hand(f"{family}-{n}") for family in hands.FAMILIES for n in range(glyphs.STROKE_FACES)]
    for sign in strokes.SECOND:
        assert 0 < sum(sign in face.variants for face in faces) < len(faces) / 2, sign


def test_rectangular_o_and_spurred_d_are_among_the_faces_of_every_family() -> None:
    for family in hands.FAMILIES:
        boxed = [hand for n in range(glyphs.STROKE_FACES) if (hand := hands.hand(f"{family}-{n}")).box]
        assert 0 < len(boxed) < glyphs.STROKE_FACES / 2, family
        for hand in boxed:
            corner = strokes.draw_sign("O", replace(hand, slant=0.0, round_ends=False))[:6, :6].mean()
            assert corner > strokes.draw_sign("O", replace(hand, slant=0.0, box=0.0))[:6, :6].mean()


def test_signs_of_even_faces_are_equally_wide_but_i_and_1() -> None:
    for family, hand in hands.FAMILIES.items():
        widths = {sign: strokes.draw_sign(sign, hand).shape[1] for sign in strokes.SIGNS - set("I1")}
        assert (len(set(widths.values())) == 1) == hand.even, family


def test_dies_cut_by_themselves_differ_from_sign_to_sign_and_not_from_time_to_time() -> None:
    hand = replace(hands.FAMILIES["din"], dies=7)
    assert np.array_equal(strokes.draw_sign("S", hand), strokes.draw_sign("S", hand))
    widths = {sign: strokes.draw_sign(sign, hand).shape[1] for sign in "0AHSUX"}
    alike = {sign: strokes.draw_sign(sign, replace(hand, dies=0)).shape[1] for sign in widths}
    assert len(set(widths.values())) > len(set(alike.values())) == 1


def test_a_stroke_face_depends_on_its_name_only() -> None:
    hands.hand.cache_clear()
    first = hands.hand("din-5")
    hands.hand.cache_clear()
    assert hands.hand("din-5") == first != hands.hand("din-6")


def test_a_letter_is_as_wide_as_asked() -> None:
    for source in STROKES.sources[::10]:
        for aspect in (0.4, 0.55, 0.7):
            glyph = GlyphFace((source,)).glyph("H", Shape(aspect, 0.12))
            assert glyph.width == pytest.approx(aspect, abs=0.12)


@pytest.mark.parametrize("code", codes())
def test_every_token_of_a_region_has_a_glyph(code: str) -> None:
    for token in read_region(code).tokens:
        if fonts.is_wide(token) and not any(s.covers(token[0]) for s in BOOK.sources):
            pytest.skip(f"no font on this machine has {token}")
        face = BOOK.pick(STYLE, [token, "0"], rng(), code)
        glyph = face.glyph(token, Shape(0.6, 0.12))
        assert glyph.mask.max() > 200 and 0.03 < glyph.width < 4 + len(token), token


def test_strokes_alone_cover_latin_plates_and_say_what_they_lack() -> None:
    assert STROKES.pick(STYLE, ["A", "Ü", "7"], rng()).name.startswith("strokes:")
    with pytest.raises(DataError, match="fonts-noto-cjk"):
        STROKES.pick(STYLE, ["京", "A"], rng())
    with pytest.raises(DataError, match="--glyphs"):
        STROKES.pick(STYLE, ["<?>"], rng())


def test_a_style_mostly_gets_the_typefaces_it_asks_for() -> None:
    style = Style("fe", 520, 110, (0, 0, 0), (255, 255, 255), (75.0,), 47.5, glyphs=("strokes:fe",))
    draws = rng()
    names = [STROKES.pick(style, ["A"], draws).name for _ in range(400)]
    share = sum(name.startswith("strokes:fe") for name in names) / len(names)
    assert 0.65 < share < 0.9


def test_typefaces_can_be_left_out_or_kept() -> None:
    assert not any(s.name.startswith("strokes:din") for s in glyphs.find(without=["strokes:din"]).sources)
    assert {s.name.split("-")[0] for s in glyphs.find(only=["strokes:din"]).sources} == {"strokes:din"}
    with pytest.raises(DataError, match="Leave out fewer"):
        glyphs.find(without=[""])


def test_a_book_survives_pickling() -> None:
    BOOK.pick(STYLE, ["A"], rng())
    copy = pickle.loads(pickle.dumps(BOOK))
    for seed in range(20):
        assert copy.pick(STYLE, ["A", "7"], rng(seed)).name == BOOK.pick(STYLE, ["A", "7"], rng(seed)).name


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(DataError, match="nowhere"):
        glyphs.find([Path("nowhere")])


def test_thicken_changes_lines_and_not_the_size() -> None:
    mask = strokes.draw_sign("H", hands.hand("din"))
    assert faces.thicken(mask, 0.0) is mask
    heavy, light = faces.thicken(mask, 2.0), faces.thicken(mask, -2.0)
    assert heavy.shape == light.shape == mask.shape
    assert light.sum() < mask.sum() < heavy.sum()


def test_stacked_syllables_stand_one_over_the_other() -> None:
    face = GlyphFace((StrokeSource("strokes:din-0"),))
    side, stack = face.glyph("AB", Shape(0.6, 0.12)), face.glyph("AB", Shape(0.6, 0.12), stacked=True)
    assert side.width > 1.5 * stack.width


def test_a_folder_of_pictures_is_a_typeface(tmp_path: Path) -> None:
    for sign, colour in (("A", 0), ("0", 0), ("서울", 0)):
        picture = np.full((80, 50, 3), 255, dtype=np.uint8)
        picture[10:70, 15:35] = colour
        save(tmp_path / "mine" / f"{sign}.png", picture)
    (face,) = folders.find_folders(tmp_path)
    source = FolderSource(face.name, face)
    assert face.name == "mine" and source.covers("A") and source.covers("서울")
    mask = source.mask("A", 0.0)
    assert mask.shape == (strokes.CANON_PX, round(20 / 60 * strokes.CANON_PX)) and mask.min() > 200


def test_bright_signs_on_dark_paper_are_turned(tmp_path: Path) -> None:
    picture = np.full((80, 50, 3), (0, 90, 30), dtype=np.uint8)
    picture[10:70, 15:35] = 250
    save(tmp_path / "7.png", picture)
    (face,) = folders.find_folders(tmp_path)
    assert folders.folder_mask(face, "7").min() > 200


def test_prefixes_and_romanised_names_are_understood(tmp_path: Path) -> None:
    picture = np.full((20, 10, 3), 255, dtype=np.uint8)
    picture[5:15, 3:7] = 0
    for name in ("cn/140_A", "cn/140_0", "cn/220_0", "cn/220_up_A", "cn/220_down_A", "kr/chars/ga", "kr/chars/a",
                 "kr/nums/0", "ko/char1/rk", "ir/SAD", "ir/T"):  # fmt: skip
        save(tmp_path / f"{name}.png", picture)
    found = {face.name: {sign for sign, _ in face.files} for face in folders.find_folders(tmp_path)}
    assert found == {
        "cn:140": {"A", "0"},
        "cn:220down": {"A", "0"},
        "cn:220up": {"A"},
        "kr": {"가", "아", "0"},
        "ko": {"가"},
    }


def test_a_file_that_is_no_font_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert fonts.find_fonts([tmp_path], every=True) == {}


def test_fonts_say_what_they_lack() -> None:
    found = fonts.find_fonts(fonts.font_folders())
    path = next((str(path) for name, path in found.items() if name.startswith("dejavu:")), None)
    if path is None:
        pytest.skip("DejaVu is not installed")
    assert fonts.font_covers(path, "A") and not fonts.font_covers(path, "京")
    with pytest.raises(DataError, match="has no sign"):
        fonts.font_mask(path, " ")


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_national_glyphs_are_found_and_preferred() -> None:
    book = glyphs.find([SHARED])
    draws = rng()
    names = [book.pick(STYLE, ["京", "A", "8"], draws, "cn").name for _ in range(60)]
    assert sum(name.startswith("cn_") for name in names) > 30
    assert any(book.pick(STYLE, ["1", "가"], draws, "kr").name.startswith("kr_") for _ in range(10))
