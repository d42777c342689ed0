"""Every region file: its serials fit its own patterns and styles; broken files say what is wrong in one line."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lprkit import plates
from lprkit.core.alphabet import LATIN, Alphabet
from lprkit.core.errors import ConfigError, DataError
from lprkit.core.types import SEPARATORS, Pattern, Region, Serial, Style

CODES = plates.codes()
SAMPLED = 200


@pytest.fixture(scope="module")
def everything() -> Alphabet:
    return plates.alphabet(CODES)


@pytest.fixture(params=CODES)
def region(request: pytest.FixtureRequest) -> Region:
    return plates.region(request.param)


def fits(pattern: Pattern, tokens: tuple[str, ...]) -> bool:
    return len(pattern.slots) == len(tokens) and all(
        token in slot.tokens for slot, token in zip(pattern.slots, tokens, strict=True)
    )


def test_the_first_regions_are_there() -> None:
    assert {"br", "cn", "de", "fr", "gb", "il", "kr", "us-ca", "vn", "xx"} <= set(CODES)


def test_legal_serials_match_their_own_pattern(region: Region) -> None:
    rng = np.random.default_rng(0)
    for serial in (plates.legal(region, rng) for _ in range(SAMPLED)):
        own = [p for p in region.patterns if p.name == serial.pattern and fits(p, serial.tokens)]
        assert own, serial
        assert serial.style.name in {name for pattern in own for name in pattern.styles}
        first = plates.matches(region, serial.tokens)
        assert first is not None
        assert fits(first, serial.tokens)


def test_texts_split_and_join_unchanged(region: Region, everything: Alphabet) -> None:
    rng = np.random.default_rng(1)
    for n in range(SAMPLED):
        serial = plates.loose(region, rng) if n % 2 else plates.legal(region, rng)
        assert plates.split(region, serial.text) == serial.tokens
        assert "".join(plates.split(region, serial.text)) == serial.text
        assert everything.split(serial.text) == serial.tokens
        assert everything.decode(everything.encode(serial.text)) == serial.text


def test_styles_have_a_height_for_every_row(region: Region) -> None:
    rows = {style.name: len(style.row_heights_mm) for style in region.styles}
    assert len(rows) == len(region.styles)
    for pattern in region.patterns:
        assert pattern.styles
        assert {rows[name] for name in pattern.styles} == {pattern.rows}, pattern.name
    assert {name for pattern in region.patterns for name in pattern.styles} == set(rows), "a style nothing is drawn in"


def test_styles_are_sane(region: Region) -> None:
    for style in region.styles:
        assert 100 <= style.width_mm <= 620, style.name
        assert 80 <= style.height_mm <= 260, style.name
        assert style.stroke_mm < style.letter_width_mm / 2, style.name
        assert min(style.row_heights_mm) >= 0.25 * style.height_mm / len(style.row_heights_mm), style.name
        assert contrast(style) > 60, style.name
        assert all(band.size_mm < style.width_mm / 3 for band in style.bands), style.name


def contrast(style: Style) -> float:
    """The distance in lightness between ink and paper, where it is least."""
    luma = np.array([0.299, 0.587, 0.114])
    papers = [style.paper, style.paper_end or style.paper]
    return min(abs(float(luma @ (np.array(style.ink) - np.array(paper)))) for paper in papers)


def test_numbers_fit_on_their_plates(region: Region) -> None:
    """With signs a quarter narrower than the style says; the drawer squeezes that much."""
    styles = {style.name: style for style in region.styles}
    for pattern in region.patterns:
        longest = max(sum(isinstance(part, int) for part in row) for row in split_rows(pattern.printed))
        for style in (styles[name] for name in pattern.styles):
            beside = sum(b.size_mm for b in style.bands if b.side in ("left", "right") and not b.under)
            assert longest * style.letter_width_mm * 0.75 <= style.width_mm - beside, (pattern.name, style.name)


def split_rows(printed: tuple[int | str, ...]) -> list[list[int | str]]:
    rows: list[list[int | str]] = [[]]
    for part in printed:
        if part == "/":
            rows.append([])
        else:
            rows[-1].append(part)
    return rows


def test_patterns_are_drawn_after_their_weights(region: Region) -> None:
    rng = np.random.default_rng(2)
    drawn = Counter(plates.legal(region, rng).pattern for _ in range(3000))
    total = sum(pattern.weight for pattern in region.patterns)
    for name in {pattern.name for pattern in region.patterns}:
        share = sum(pattern.weight for pattern in region.patterns if pattern.name == name) / total
        assert drawn[name] / 3000 == pytest.approx(share, abs=0.04), name


def test_loose_serials_are_of_any_syntax(region: Region) -> None:
    rng = np.random.default_rng(3)
    serials = [plates.loose(region, rng) for _ in range(SAMPLED)]
    lengths = {len(serial.tokens) for serial in serials}
    assert lengths <= set(range(3, 10))
    assert min(lengths) <= 4
    assert max(lengths) >= 7
    assert all(serial.rows == len(serial.style.row_heights_mm) for serial in serials)
    assert all(set(serial.tokens) <= set(region.tokens) and serial.pattern is None for serial in serials)
    assert all(serial.printed[0] not in SEPARATORS and serial.printed[-1] not in SEPARATORS for serial in serials)
    doubled = sum(any(a == b for a, b in zip(s.tokens, s.tokens[1:], strict=False)) for s in serials)
    assert doubled > SAMPLED * 0.3
    illegal = sum(plates.matches(region, serial.tokens) is None for serial in serials)
    assert illegal > SAMPLED * 0.1 or region.code == "xx"


def doubled(serials: list[Serial]) -> float:
    """Share of the neighbours within a group that are the same."""
    pairs = [(a, b) for s in serials for a, b in itertools.pairwise(s.printed) if a.isdigit() and b.isdigit()]
    return sum(a == b for a, b in pairs) / len(pairs)


def test_loose_serials_double_and_show_rare_tokens_unless_told_not_to() -> None:
    china = plates.region("cn")
    rng = np.random.default_rng(3)
    more, plain = ([plates.loose(china, rng, oversample) for _ in range(1500)] for oversample in (True, False))
    assert doubled(more) > 0.22
    assert 0.06 < doubled(plain) < 0.14
    shares = []
    for serials in (more, plain, [plates.legal(china, rng) for _ in range(1500)]):
        letters = Counter(t for serial in serials for t in serial.tokens if t in LATIN and not t.isdigit())
        shares.append(letters["A"] / letters["W"])
    assert shares[0] < 1.5  # all alike
    assert shares[1] > 2.0  # A is the commonest second letter
    assert shares[2] > 2.0


@given(st.sampled_from(CODES), st.integers(0, 2**32), st.booleans())
@settings(max_examples=60, deadline=None)
def test_loose_serials_are_made_of_the_regions_tokens_in_its_styles(code: str, seed: int, oversample: bool) -> None:
    region = plates.region(code)
    serial = plates.loose(region, np.random.default_rng(seed), oversample)
    assert serial == plates.loose(region, np.random.default_rng(seed), oversample)
    assert set(serial.tokens) <= set(region.tokens)
    assert plates.split(region, serial.text) == serial.tokens
    assert serial.style in region.styles
    assert serial.rows == len(serial.style.row_heights_mm)


def test_loose_serials_show_rare_tokens() -> None:
    rng = np.random.default_rng(4)
    china = plates.region("cn")
    drawn = Counter(token for _ in range(1000) for token in plates.loose(china, rng).tokens)
    assert min(drawn[token] for token in china.tokens) > 5


@pytest.mark.parametrize("code", ["cn", "de", "rs"])
def test_foreign_tokens_mostly_begin_a_row(code: str) -> None:
    rng = np.random.default_rng(6)
    region = plates.region(code)
    rows: list[list[bool]] = [[]]
    for part in (part for _ in range(600) for part in (*plates.loose(region, rng).printed, "/")):
        if part == "/":
            rows.append([])
        elif part not in SEPARATORS:
            rows[-1].append(part not in LATIN)
    some = [row for row in rows if any(row)]
    assert 0.4 < len(some) / len(rows) < 0.6
    assert 0.72 < sum(row[0] for row in some) / len(some) < 0.88


def test_serials_depend_on_the_rng_only() -> None:
    for draw in (plates.legal, plates.loose):
        one, two = (
            [draw(plates.region("kr"), rng) for _ in range(20)]
            for rng in (np.random.default_rng(5), np.random.default_rng(5))
        )
        assert one == two


@pytest.mark.parametrize(
    ("code", "text", "name"),
    [
        ("us-ca", "8ABC123", "car"),
        ("de", "MÜAB1234", "standard"),
        ("de", "BMW12E", "electric"),
        ("fr", "AB123CD", "siv"),
        ("fr", "1234AB2A", "fni"),
        ("gb", "AB12CDE", "current"),
        ("gb", "A123BCD", "prefix"),
        ("br", "ABC1D23", "mercosur"),
        ("cn", "皖A12345", "car"),
        ("cn", "粤BD12345", "new energy"),
        ("cn", "粤Z1234港", "hong kong and macau"),
        ("cn", "京A1234警", "police"),
        ("kr", "12가3456", "two digits"),
        ("kr", "123허4567", "three digits"),
        ("kr", "서울71바8669", "commercial"),
        ("kr", "경기7나1234", "regional"),
        ("il", "12345678", "eight digits"),
        ("vn", "59X112345", "motorcycle"),
        ("vn", "29MĐ112345", "electric moped"),
        ("vn", "51A01234", "car"),
        ("us-tx", "ABC1234", "car"),
        ("us-ma", "1ABC23", "car"),
        ("us-mt", "112345A", "car"),
        ("ca-on", "ABCD123", "car"),
        ("ca-qc", "A12BCD", "car"),
        ("mx", "ABC123D", "car"),
        ("ar", "ABC123", "old"),
        ("ar", "AB123CD", "mercosur"),
        ("ar", "A123BCD", "mercosur motorcycle"),
        ("py", "ABCD123", "mercosur"),
        ("cl", "BCDF12", "car"),
        ("co", "ABC12D", "motorcycle"),
        ("pe", "A1B234", "car"),
        ("sa", "1234ABJ", "car"),
        ("eg", "١٢٣٤أبهـ", "others"),
        ("ir", "۱۲ب۳۴۵۶۷", "private"),
        ("ir", "۱۲الف۳۴۵۶۷", "government"),
        ("in", "MH12AB1234", "car"),
        ("in", "22BH1234AA", "bharat"),
        ("hk", "AB1234", "car"),
        ("mo", "MA1234", "car"),
        ("tw", "ABC1235", "car"),
        ("jp", "品川300さ1234", "car"),
        ("jp", "尾張小牧580に・・12", "car"),
        ("th", "1กก1234กรุงเทพมหานคร", "car"),
        ("sg", "SBA1234A", "car"),
        ("my", "WAA1234", "car"),
        ("id", "B1234ABC", "car"),
        ("ph", "NBC1234", "car"),
        ("au", "AB12CD", "new south wales"),
        ("nz", "ABC123", "car"),
        ("za", "BC12DFGP", "gauteng"),
        ("ma", "12345أ6", "car"),
        ("tn", "123تونس4567", "car"),
        ("ng", "ABC123DE", "car"),
        ("ke", "KAA123A", "car"),
        ("pk", "LEA123456", "punjab"),
        ("bd", "ঢাকামেট্রোগ১১১২৩৪", "metropolis"),
        ("lk", "WPCAB1234", "car"),
    ],
)
def test_real_formats_are_known(code: str, text: str, name: str) -> None:
    region = plates.region(code)
    pattern = plates.matches(region, plates.split(region, text))
    assert pattern is not None
    assert pattern.name == name


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("us-")])
@pytest.mark.parametrize("text", ["BACON", "LUVDOGS", "CATS4"])
def test_every_state_has_plates_with_words(code: str, text: str) -> None:
    assert plates.matches(plates.region(code), tuple(text))


@pytest.mark.parametrize(
    ("code", "text"), [("us-ca", "ABC12345"), ("de", "ABCDE12345"), ("il", "1234"), ("fr", "AU123CD")]
)
def test_other_texts_match_nothing(code: str, text: str) -> None:
    region = plates.region(code)
    assert plates.matches(region, plates.split(region, text)) is None


def test_korean_names_are_one_token_and_german_districts_are_spelled() -> None:
    assert plates.split(plates.region("kr"), "서울71바8669") == ("서울", "7", "1", "바", "8", "6", "6", "9")
    assert plates.split(plates.region("de"), "MÜ1") == ("M", "Ü", "1")


def test_latin_codes_are_spelled(region: Region) -> None:
    assert not [token for token in region.tokens if len(token) > 1 and token.isascii()]


def test_split_names_a_token_that_is_none() -> None:
    with pytest.raises(DataError, match=r"'A'.*not in the alphabet"):
        plates.split(plates.region("il"), "12A34")


def test_alphabet_has_latin_first_then_the_others_sorted() -> None:
    alphabet = plates.alphabet(("kr", "us-ca", "de"))
    assert "".join(alphabet.tokens[:36]) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert list(alphabet.tokens[36:]) == sorted(alphabet.tokens[36:])
    assert alphabet.tokens == plates.alphabet(("de", "kr", "us-ca")).tokens
    assert alphabet.merged("O1I") == "011"
    assert "".join(plates.alphabet(("il",)).tokens) == "0123456789"


def test_an_unknown_region_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"No region named 'us_ca'\. Did you mean 'us-ca'\?"):
        plates.region("us_ca")


GOOD = """
name = "Nowhere"
[classes]
L = "ABC"
city = ["서울", "부산"]
[weights.L]
"AB" = 2.0
[[patterns]]
name = "short"
serial = "{city} (9:3|99)L-'X'"
[[patterns]]
name = "two rows"
serial = "LL/999(|9)"
styles = ["square*"]
[[styles]]
name = "plain"
width_mm = 520
height_mm = 110
ink = "#000000"
paper = "#ffFFff"
row_heights_mm = [75]
letter_width_mm = 45
[[styles.bands]]
side = "left"
size_mm = 40
paper = "#0000ff"
[[styles]]
name = "square"
like = "plain"
row_heights_mm = [40, 40]
weight = 3.0
[merge]
A = "B"
"""


def written(text: str, folder: Path) -> Path:
    path = folder / "nowhere.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_region_file_of_ones_own(tmp_path: Path) -> None:
    region = plates.region(str(written(GOOD, tmp_path)))
    assert (region.code, region.name, len(region.patterns)) == ("nowhere", "Nowhere", 4)
    short = region.patterns[0]
    assert short.printed == (0, " ", 1, 2, "-", 3)
    assert (short.slots[2].tokens, short.slots[2].weights) == (("A", "B", "C"), (2.0, 2.0, 1.0))
    assert [pattern.weight for pattern in region.patterns] == [0.75, 0.25, 0.5, 0.5]
    assert [pattern.styles for pattern in region.patterns] == [("plain",), ("plain",), ("square",), ("square",)]
    plain, square = region.styles
    assert (plain.ink, plain.paper, plain.bands[0].paper) == ((0, 0, 0), (255, 255, 255), (0, 0, 255))
    assert (square.bands, square.weight, plain.weight) == (plain.bands, 3.0, 1.0)
    assert region.merge == {"A": "B"}


def test_a_region_of_ones_own_is_found_by_its_code_once_read(tmp_path: Path) -> None:
    own = plates.region(str(written(GOOD, tmp_path)))
    assert plates.region(own.code) is own is plates.region(str(tmp_path / "nowhere.toml"))
    (tmp_path / "de.toml").write_text(GOOD, encoding="utf-8")
    assert plates.region(str(tmp_path / "de.toml")).name == "Nowhere"
    assert plates.region("de").name == "Germany"


def test_loose_serials_can_be_split_where_tokens_overlap(tmp_path: Path) -> None:
    text = GOOD.replace('["서울", "부산"]', '["가", "나", "가나"]')
    region, rng = plates.read(written(text, tmp_path)), np.random.default_rng(0)
    serials = [plates.loose(region, rng) for _ in range(SAMPLED)]
    assert all(plates.split(region, serial.text) == serial.tokens for serial in serials)
    assert {token for serial in serials for token in serial.tokens} == set(region.tokens)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('name = "Nowhere"', "", "the setting 'name' is missing"),
        ('name = "Nowhere"', 'name = "Nowhere', "is not TOML"),
        ('name = "Nowhere"', 'name = "Nowhere"\nstyle = 1', "Did you mean 'styles'"),
        ('"{city} (9:3|99)L', '"{town} (9:3|99)L', "pattern 'short': no class 'town' (known: 9, A, L, city)"),
        ("-'X'", "-X", "no class 'X'"),
        ("(9:3|99)", "(9:many|99)", "the weight 'many' is no number above 0"),
        ("(9:3|99)", "(9:0|99)", "the weight '0' is no number above 0"),
        ("(9:3|99)", "(9|(99))", "cannot be read from"),
        ("-'X'", "- 'X'", "one separator at a time"),
        ("-'X'", "-", "start and end with a token"),
        ('styles = ["square*"]', 'styles = ["plain"]', "it has 2 row(s), style 'plain' has another number"),
        ('styles = ["square*"]', 'styles = ["sqare"]', "Did you mean 'square'?"),
        ('styles = ["square*"]', "longest = 3", "has more than longest = 3 tokens"),
        ("[40, 40]", "[40]", "pattern 'two rows': it has 2 row(s), style 'square' has another number"),
        ("[40, 40]", "[60, 60]", "its rows must fit in height_mm = 110"),
        ("[40, 40]", '["a"]', "expected float, got 'a'"),
        ('like = "plain"', 'like = "plan"', "Did you mean 'plain'?"),
        ("#ffFFff", "white", "paper: 'white' is no colour"),
        ("#0000ff", "#00f", "band: paper: '#00f' is no colour"),
        ("width_mm = 520", "width_mm = -1", "its sizes and weight must be above 0"),
        ("width_mm = 520", "wide_mm = 520", "No setting named 'wide_mm'. Did you mean 'width_mm'?"),
        ('side = "left"', 'side = "middle"', "'middle' is not one of"),
        ('name = "square"', 'name = "plain"', "a name of its own"),
        ('L = "ABC"', 'L = "ABCA"', "class 'L': 'A' is listed twice"),
        ('L = "ABC"', 'L = "AB-"', "class 'L': '-' is no token"),
        ('L = "ABC"', "L = 3", "class 'L': expected a string of characters or a list of tokens"),
        ('"AB" = 2.0', '"AD" = 2.0', "[weights.L]: 'D' is not in the class"),
        ("[weights.L]", "[weights.M]", "[weights.M] has no class 'M'"),
        ('A = "B"', 'Q = "B"', "'Q' is no token of the region"),
        ('serial = "LL/999(|9)"', 'serial = "LL/999(|9)"\nweight = 0.0', "its weight must be above 0"),
    ],
)
def test_broken_files_are_told_in_one_line(before: str, after: str, expected: str, tmp_path: Path) -> None:
    assert before in GOOD
    with pytest.raises(ConfigError) as caught:
        plates.read(written(GOOD.replace(before, after, 1), tmp_path))
    message = str(caught.value)
    assert expected in message, message
    assert "nowhere.toml" in message
    assert "\n" not in message


@pytest.mark.parametrize("key", ["patterns", "styles", "classes", "weights", "merge"])
def test_a_value_where_a_table_belongs(key: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.toml.*expected"):
        plates.read(written(f'name = "x"\n{key} = ["a"]\n', tmp_path))


def test_a_region_without_patterns(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least one"):
        plates.read(written('name = "Nowhere"\n', tmp_path))


def test_names_with_wildcards_stand_for_all_the_others_of_their_kind() -> None:
    chosen = plates.chosen(("xx", "us-ca", "us-*"), (5.0, 2.0, 10.0))
    states = [code for code in plates.codes() if code.startswith("us-")]
    assert list(chosen)[:2] == ["xx", "us-ca"]
    assert set(chosen) == {"xx", *states}
    assert chosen["us-ca"] == 2.0
    assert sum(chosen.values()) == pytest.approx(17.0)
    assert len({chosen[code] for code in states if code != "us-ca"}) == 1


def test_without_names_or_weights_all_regions_are_alike() -> None:
    assert plates.chosen() == dict.fromkeys(plates.codes(), 1.0)
    assert set(plates.chosen(("us-*",)).values()) == {1.0}


@pytest.mark.parametrize(("names", "weights"), [(("zz-*",), ()), (("de", "fr"), (1.0,)), (("de",), (-1.0,))])
def test_names_and_weights_that_make_no_sense_are_told(names: tuple[str, ...], weights: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError):
        plates.chosen(names, weights)
