"""What plates say anywhere settles what one picture leaves open, and nothing else."""

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lprkit import decode, plates
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.types import Pattern, Region, Slot, Style
from lprkit.decode.beam import Found
from lprkit.decode.syntax import ODD, Syntax, syntax_of

TOKENS = ("A", "B", "1")
PLAIN = Style("plain", 520, 110, (0, 0, 0), (255, 255, 255), (75,), 45)
NAMES = ("us-ca", "kr", "il")


@st.composite
def regions(draw: st.DrawFn) -> Region:
    """One to three patterns of one to three places, each of any of the tokens."""
    slot = st.sets(st.sampled_from(TOKENS), min_size=1).map(lambda some: Slot(tuple(sorted(some))))
    places = draw(st.lists(st.lists(slot, min_size=1, max_size=3), min_size=1, max_size=3))
    weights = draw(st.lists(st.floats(0.1, 9), min_size=len(places), max_size=len(places)))
    found = [
        Pattern(str(n), tuple(slots), tuple(range(len(slots))), weight)
        for n, (slots, weight) in enumerate(zip(places, weights, strict=True))
    ]
    return Region("zz", "Nowhere", tuple(found), (PLAIN,))


@pytest.mark.parametrize(("tokens", "alias"), [(TOKENS, ()), (TOKENS[:2], [("1", "B")])], ids=["apart", "as one"])
@given(some=st.lists(regions(), min_size=1, max_size=3))
def test_all_texts_together_are_certain(
    tokens: tuple[str, ...], alias: list[tuple[str, str]], some: list[Region]
) -> None:
    syntax = Syntax(some, tokens, alias)
    texts = [text for length in range(7) for text in itertools.product(range(len(tokens)), repeat=length)]
    assert sum(math.exp(syntax.lift(text)) / len(tokens) ** len(text) for text in texts) == pytest.approx(1 + 7 * ODD)
    assert syntax.lift(()) == syntax.lift((0,) * 6) == min(map(syntax.lift, texts)), "no pattern has these lengths"


@given(st.lists(regions(), min_size=1, max_size=2), st.lists(st.floats(-9, -1), min_size=1, max_size=6, unique=True))
def test_weighing_moves_probability_and_makes_none(some: list[Region], log_p: list[float]) -> None:
    found = [Found(text, p) for text, p in zip(itertools.product(range(3), repeat=2), log_p, strict=False)]
    syntax = Syntax(some, TOKENS)
    weighed = syntax.weighed(found)
    assert [one.classes for one in weighed] == [one.classes for one in found]
    assert np.logaddexp.reduce([one.log_p for one in weighed]) == pytest.approx(
        np.logaddexp.reduce(log_p[: len(found)])
    )
    for (a, b), (c, d) in itertools.combinations(zip(found, weighed, strict=True), 2):
        likelier = syntax.lift(a.classes) - syntax.lift(c.classes)
        assert (b.log_p - d.log_p) - (a.log_p - c.log_p) == pytest.approx(0.35 * likelier, abs=1e-9)


def card(**drawn: Any) -> ModelCard:
    plain = ModelCard("test", "read", InputSpec(8, 8), plates.alphabet(NAMES).tokens)
    return replace(plain, origin={"config": {"drawn": drawn}}) if drawn else plain


def spelled(text: str, rival: str, odds: float) -> NDArray[np.float32]:
    """A text without doubt but for its sixth place, where `rival` has these odds against it."""
    tokens = card().tokens
    shares = np.full((1, 2 * len(text), len(tokens) + 1), 1e-9)
    shares[:, 1::2, -1] = 1
    for place, token in enumerate(text):
        shares[0, 2 * place, tokens.index(token)] = 1
    shares[0, 10, tokens.index(rival)] = odds
    return np.log(shares / shares.sum(axis=2, keepdims=True)).astype(np.float32)


def test_a_doubt_is_settled_by_what_plates_say() -> None:
    told, untold = card(regions=NAMES), card()
    doubtful = spelled("12345O7", "6", 0.5)
    assert decode.read(doubtful, untold)[0].text == "12345O7"
    reading = decode.read(doubtful, told)[0]
    assert (reading.text, reading.region) == ("1234567", None)
    assert [other.text for other in reading.others] == ["12345O7"]
    assert reading.score > reading.others[0].score > 0.01
    assert reading.score + reading.others[0].score == pytest.approx(1, abs=1e-3)


def test_what_is_beyond_doubt_stays() -> None:
    sure = spelled("12345O7", "6", 0.005)
    assert decode.read(sure, card(regions=NAMES)) == decode.read(sure, card())


def test_only_regions_that_are_here_have_a_syntax() -> None:
    assert syntax_of(card(regions=NAMES)) is syntax_of(card(regions=list(NAMES)))
    assert syntax_of(card(regions=["us-*", "kr"])) is not None
    assert syntax_of(card()) is None
    assert syntax_of(card(regions=["mine.toml"])) is None
    assert syntax_of(card(regions=NAMES, preset="hailo-digits")) is None
