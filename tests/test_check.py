"""What is wrong with a set is told with file and line, and a copy without it, or with it mended, can be written."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from lprkit import data, plates
from lprkit.core.alphabet import Alphabet
from lprkit.core.geometry import Box, quad_of
from lprkit.core.image import save
from lprkit.core.types import Image, Plate, Sample
from lprkit.data.check import Problem, Rules, Verdict, examine, mended, sound
from lprkit.data.duplicates import CLOSE, Look, Seen, difference_hash, shrunk

DE = plates.region("de")


def drawn(n: int, height: int = 24, width: int = 94) -> Image:
    """A picture with some structure: coarse noise, so that it survives being resized."""
    coarse = np.random.default_rng(n).integers(0, 256, (4, 8, 3), dtype=np.uint8)
    return np.asarray(PilImage.fromarray(coarse).resize((width, height), PilImage.Resampling.BICUBIC))


def crop(n: int, text: str) -> Sample:
    return Sample((Plate(text, region="de"),), f"{n}.png", drawn(n), whole=True)


def frame(n: int, box: Box, text: str = "B1") -> Sample:
    return Sample((Plate(text, quad_of(box)),), f"{n}.png", drawn(n, 60, 80))


def verdicts(samples: list[Sample], rules: Rules, seen: Seen | None = None) -> list[Verdict]:
    entries = (data.Entry(f"list.txt line {n}", sample) for n, sample in enumerate(samples, 1))
    return list(examine(entries, rules, seen))


def told(samples: list[Sample], rules: Rules) -> list[Problem]:
    return [problem for verdict in verdicts(samples, rules) for problem in verdict.problems]


PROBLEMS = [
    (crop(0, ""), Rules(), "text", "has no text"),
    (crop(0, "BÄ1Ж"), Rules(alphabet=Alphabet(tuple("AB1"))), "character", "'BÄ1Ж' has 'ÄЖ', which the model"),
    (crop(0, "BЖ1"), Rules(region_of=lambda plate: DE), "character", "has 'Ж', which region de does not know"),
    (crop(0, "12345"), Rules(region_of=lambda plate: DE), "illegal", "'12345' fits no pattern of region de"),
    (crop(0, "A@B?1"), Rules(), "character", "'A@B?1' has '@?', which is no letter and no digit"),
    (crop(0, "<police>品川330あ・・12"), Rules(), None, ""),
    (crop(0, "กระบี่"), Rules(), None, ""),
    (crop(0, "AAB1"), Rules(steps=4), "length", "'AAB1' needs 5 steps, and there are 4"),
    (crop(0, "AAB1"), Rules(steps=4, alphabet=Alphabet(("AA", "B", "1"))), None, ""),
    (crop(0, "BX123"), Rules(region_of=lambda plate: DE, steps=5), None, ""),
    (frame(0, Box(70, 10, 20, 10)), Rules(), "box", "the box of a license_plate, 70,10 to 90,20, leaves the picture"),
    (frame(0, Box(-1, 10, 20, 10)), Rules(), None, ""),
    (Sample((Plate("A1"),), "absent.png", whole=True), Rules(), "picture", "no such file"),
]


@pytest.mark.parametrize(("sample", "rules", "kind", "message"), PROBLEMS)
def test_each_problem_is_told(sample: Sample, rules: Rules, kind: str | None, message: str) -> None:
    found = told([sample], rules)
    assert [problem.kind for problem in found] == ([kind] if kind else [])
    assert all(message in p.message and p.where == "list.txt line 1" and p.source == sample.source for p in found)


def test_broken_lines_are_problems_and_the_rest_is_examined(tmp_path: Path) -> None:
    save(tmp_path / "a.png", drawn(1))
    save(tmp_path / "b.png", drawn(2))
    (tmp_path / "annotation.txt").write_text("a.png AB1\nb.png\n\nb.png AB2\nc.png AB3\n")
    found = [p for v in examine(data.entries(f"annotation:{tmp_path}"), Rules()) for p in v.problems]
    assert [(p.kind, p.where.rpartition(" ")[2]) for p in found] == [("label", "2"), ("picture", "5")]
    assert not found[0].message.startswith(str(tmp_path))  # the place is told once


def again(image: Image) -> Image:
    """The picture smaller, brighter, and out of a JPEG file."""
    small = PilImage.fromarray(image).resize((80, 20)).point(lambda value: min(255, value + 5))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return np.asarray(PilImage.open(file).convert("RGB"))


def test_duplicates_are_found_although_they_were_resized_and_compressed() -> None:
    first = [crop(n, f"AB{n}") for n in range(20)]
    copies = [Sample(sample.plates, "x", again(drawn(n)), whole=True) for n, sample in enumerate(first)]
    assert told(first, Rules()) == []
    found = told([*first, *copies], Rules())
    assert [problem.kind for problem in found] == ["duplicate"] * 20
    assert found[3].message == "the same picture as in list.txt line 4"
    assert told([*first, *copies], Rules(duplicates=False)) == []


def test_duplicates_are_found_across_sets_and_with_other_labels() -> None:
    seen = Seen()
    assert all(not verdict.problems for verdict in verdicts([crop(1, "AB1")], Rules(), seen))
    (verdict,) = verdicts([crop(1, "AB7")], Rules(), seen)
    assert verdict.problems[0].message.endswith("but labelled 'AB1' there and 'AB7' here")


def test_duplicates_say_when_they_are_in_two_splits() -> None:
    one, other = replace(crop(1, "AB1"), split="train"), replace(crop(1, "AB1"), split="val")
    (problem,) = told([one, other], Rules())
    assert problem.message == "the same picture as in list.txt line 1, which is in train, and this in val"


def hash_of(image: Image) -> int:
    return difference_hash(shrunk(image))


def test_the_hash_tells_pictures_apart() -> None:
    hashes = [hash_of(drawn(n)) for n in range(60)]
    apart = [(a ^ b).bit_count() for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(apart) > CLOSE
    assert max((hash_of(again(drawn(n))) ^ hashes[n]).bit_count() for n in range(60)) <= CLOSE


def test_black_bars_make_no_duplicates() -> None:
    """The hash of a plain picture between black bars says little: the pictures themselves are compared."""
    bars = [np.zeros((60, 80, 3), np.uint8) for _ in range(2)]
    for n, image in enumerate(bars):
        image[15:45] = 140
        image[15:45, 40 * n : 40 + 40 * n] = 160
    first, second = (Look.of(image, "") for image in bars)
    assert (first.hash ^ second.hash).bit_count() <= CLOSE and not second.is_of(first)
    assert Look.of(again(bars[0]), "").is_of(first)
    assert Look.of(np.zeros((9, 9, 3), np.uint8), "").is_of(Look.of(np.zeros((24, 94, 3), np.uint8), ""))


def test_near_pictures_share_a_part() -> None:
    """Every hash within CLOSE bits is found, wherever the bits are."""
    rng = np.random.default_rng(0)
    seen, look = Seen(), Look.of(drawn(0), "a", "T")
    assert seen.find(look) is None
    for _ in range(200):
        other = look.hash
        for bit in rng.choice(128, CLOSE, replace=False):
            other ^= 1 << int(bit)
        assert seen.find(replace(look, where="b", hash=other)) is look


def test_a_sound_copy_has_no_problems() -> None:
    samples = [crop(0, "BX123"), crop(1, ""), crop(0, "BX123"), crop(2, "12345")]
    rules = Rules(region_of=lambda plate: DE)
    assert list(sound(verdicts(samples, rules))) == samples[:1]


MENDED = [
    (crop(0, "BX123"), "BX123"),
    (crop(0, "ВХ123"), "BX123"),  # the first two are Cyrillic
    (crop(0, "MA7O7"), "MA707"),
    (crop(0, "12345"), None),
    (crop(0, ""), None),
    (frame(0, Box(70, 10, 20, 10), "BX123"), "BX123"),
    (frame(0, Box(90, 10, 20, 10), "BX123"), None),  # nothing of it is in the picture
]


@pytest.mark.parametrize(("sample", "text"), MENDED)
def test_what_can_be_mended_is(sample: Sample, text: str | None) -> None:
    rules = Rules(region_of=lambda plate: DE)
    found = list(mended(verdicts([sample], rules), rules))
    assert [one.plates[0].text for one in found] == ([] if text is None else [text])
    assert told(found, rules) == []


def test_an_ambiguous_text_is_not_mended() -> None:
    """0 or O: both are legal in a region where a place holds either, so nobody knows."""
    rules = Rules(alphabet=Alphabet(tuple("ABO01")), region_of=lambda plate: None, steps=3)
    assert list(mended(verdicts([crop(0, "AAO1")], rules), rules)) == []
