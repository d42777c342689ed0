"""European regions: formats as they are seen on the road, letters that are never used, sizes of the law."""

import pytest

from lprkit import plates

SEEN = """
at W12345A standard | at GU123AB standard | at FR1SFK standard | at W123456 black | at WD12345 diplomatic
be 1ABC123 standard | be ABC123 letters-first | be 123ABC digits-first | be TXAA123 taxi
bg CA1234KH standard | bg B5678CT standard | bg C0412 diplomatic
ch ZH123456 front | ch AI12 front | ch M12345 army
cy MAA123 current | cz 1A23456 standard | cz 1AB3456 standard | cz EL012AB electric | cz ABC1234 old
dk AB12345 standard | ee 123ABC standard | ee CD1234 diplomatic
es 1234BCD standard | es M1234AB province | es SE1234BZ province
fi ABC123 standard | fi ÅLA123 aland | gr ZKB1234 standard
hr ZG1234AB standard | hr ČK123A standard | hr HV123AB army
hu ABC123 to-2022 | hu AABC123 current | ie 131D12345 half-year | ie 07WX156 year | is ABD12 current | is AB123 to-2007
it AB123CD standard | it ZA123BC standard-two-rows | it AB12345 motorcycle | it MI1A2345 None
li FL12345 front | lt ABC123 standard | lt T12345 taxi | lt EV1234 electric | lt 12ABC moped
lu AB1234 current | lu 12345 old
lv AB1234 standard | lv EX123 electric | mt ABC123 standard | mt TAXI123M taxi
nl 12ABC3 None | nl GB001B cars | nl G001BB cars | nl 99JKL9 cars | nl MB12FG motorcycle
no EL12345 electric | no DP70231 standard | no AB1234 motorcycle
pl WA12345 district-of-one-letter | pl KNS1H98 district-of-two-letters | pl W0PUPIL chosen
pt AA01BC current | pt 12AB34 to-2020 | pt 1234AB to-2005 | pt AB1234 to-1992
ro CJ12ABC county | ro B123ABC bucharest | ro B12ABC bucharest | se ABC123 standard | se ABC12D with-a-last-letter
si NME4794 standard | si LJCP248 standard | sk BA123AB district | sk EL123AB electric
al AA123BC current | al TR1234A district | am 12AB345 person | am 123AB45 company
ba A12B345 None | ba A12K345 standard | ba TA123456 taxi | by 1234AB7 car | by AB12345 lorry-and-bus
by E123AB5 electric
ge AB123CD current | kz 123ABC02 person | kz A123BCD to-2012 | md ABC123 current | md CHAB123 to-2015
me PGAB123 standard | me ŽBAB123 standard | mk SK1234AB current | mk SK123AB to-2012
rs BG123AB standard | rs ČA1234XY None | rs ŠA123ĆŽ to-2017
ru A123BC77 standard | ru A123BC777 standard | ru AB12377 taxi | ru 123CD477 diplomatic | ru 1234AB77 motorcycle
tr 34ABC123 standard | tr 06A1234 standard | tr 34TAA12 standard | tr 82AB123 None
ua AA1234BB standard | ua KA1234ZA electric | ua D001001 diplomatic | xk 01123AB standard | xk 08123AB None
"""

NEVER = [
    ("es", "AEIOUÑQ", "1234{}BC"),
    ("it", "IOQU", "{}B123CD"),
    ("hr", "QWXY", "ZG1234{}A"),
    ("pt", "IOQ", "AA01B{}"),
    ("se", "IQV", "AB{}123"),
    ("cz", "GOQW", "1A{}1234"),
    ("dk", "IOQ", "A{}12345"),
    ("no", "GIMOQW", "A{}12345"),
    ("nl", "AEIOUCQMWY", "12GB{}3"),
    ("ru", "DFGIJLNQRSUVWZ", "{}123AB77"),
    ("ua", "DFGJLNQRSUVWYZ", "AA1234A{}"),
    ("by", "DFGJLNQRSUVWYZ", "1234A{}7"),
    ("gr", "CDFGJLQRSUVW", "ZK{}1234"),
    ("bg", "DFGIJLNQRSUVWZ", "CA1234A{}"),
    ("ba", "BCDFGHILNPQRSUVWXYZ", "{}12A345"),
    ("tr", "QWX", "34AB{}123"),
    ("lt", "QWX", "AB{}123"),
    ("lu", "IO", "A{}1234"),
    ("ro", "IO", "B123{}AB"),
    ("sk", "QW", "BA123A{}"),
    ("pl", "BDIOZQ", "WA1234{}"),
    ("mk", "QWXY", "SK1234A{}"),
    ("lv", "IQWXY", "A{}1234"),
]

SIZES = {
    "at": (520, 120), "be": (520, 110), "by": (520, 112), "ch": (500, 110), "dk": (504, 120), "ee": (520, 113),
    "fi": (442, 118), "kz": (520, 112), "li": (300, 80), "lt": (520, 110), "md": (520, 112), "nl": (520, 110),
    "pl": (520, 114), "ru": (520, 112), "se": (480, 110), "ua": (520, 112),
}  # fmt: skip

IN_THE_UNION = {
    "at", "be", "bg", "cy", "cz", "dk", "ee", "es", "fi", "gr", "hr", "hu", "ie", "it", "lt", "lu", "lv", "mt",
    "nl", "pl", "pt", "ro", "se", "si", "sk",
}  # fmt: skip
OTHERS = {
    "al", "am", "ba", "by", "ch", "ge", "is", "kz", "li", "md", "me", "mk", "no", "rs", "ru", "tr", "ua", "xk",
}  # fmt: skip


@pytest.mark.parametrize("line", [part.strip() for part in SEEN.replace("\n", "|").split("|") if part.strip()])
def test_formats_seen_on_the_road(line: str) -> None:
    code, text, name = line.split()
    region = plates.region(code)
    known = set(text) <= set(region.tokens)
    pattern = plates.matches(region, plates.split(region, text)) if known else None
    assert (pattern.name.replace(" ", "-") if pattern else "None") == name


@pytest.mark.parametrize(("code", "letters", "where"), NEVER, ids=[code for code, _, _ in NEVER])
def test_letters_that_are_never_used(code: str, letters: str, where: str) -> None:
    region = plates.region(code)
    fitting = [letter for letter in region.tokens if letter.isalpha() and _fits(code, where.format(letter))]
    assert fitting and not set(fitting) & set(letters)


def _fits(code: str, text: str) -> bool:
    region = plates.region(code)
    return plates.matches(region, tuple(text)) is not None


@pytest.mark.parametrize("code", SIZES)
def test_plates_have_the_sizes_of_the_law(code: str) -> None:
    assert SIZES[code] in {(style.width_mm, style.height_mm) for style in plates.region(code).styles}


@pytest.mark.parametrize("code", sorted(IN_THE_UNION | OTHERS))
def test_only_members_of_the_union_have_stars(code: str) -> None:
    bands = [band for style in plates.region(code).styles for band in style.bands]
    starred = [band for band in bands if band.stars]
    assert bool(starred) == (code in IN_THE_UNION)
    assert all(band.side == "left" and band.text for band in starred)
