"""Reading under a region's patterns: legal texts only, and the best of them."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lprkit import decode, plates
from lprkit.core.alphabet import concatenated
from lprkit.core.card import InputSpec, ModelCard
from lprkit.core.types import Pattern, Reading, Region, Slot, Style
from lprkit.decode.beam import beam
from lprkit.decode.ctc import log_probability
from lprkit.decode.grammar import Grammar, grammar_of
from lprkit.decode.syntax import TOLD, syntax_of

Scores = NDArray[np.float32]
SEEDS = st.integers(0, 2**32 - 1)
TOKENS = ("A", "B", "1")
PLAIN = Style("plain", 520, 110, (0, 0, 0), (255, 255, 255), (75,), 45)


def pattern(name: str, *slots: str, rows: int = 1) -> Pattern:
    printed: tuple[int | str, ...] = tuple(range(len(slots)))
    return Pattern(name, tuple(Slot(tuple(slot)) for slot in slots), printed if rows == 1 else (0, "/", *printed[1:]))


@st.composite
def grammars(draw: st.DrawFn) -> tuple[Pattern, ...]:
    """Up to four patterns of one to four places, each of any of the tokens."""
    slot = st.sets(st.sampled_from(TOKENS), min_size=1).map(lambda some: "".join(sorted(some)))
    several = draw(st.lists(st.lists(slot, min_size=1, max_size=4), min_size=1, max_size=4))
    return tuple(pattern(str(n), *slots) for n, slots in enumerate(several))


def legal_texts(patterns: tuple[Pattern, ...]) -> set[tuple[int, ...]]:
    return {
        tuple(TOKENS.index(token) for token in text)
        for one in patterns
        for text in itertools.product(*(slot.tokens for slot in one.slots))
    }


def noise(seed: int, steps: int, classes: int = len(TOKENS) + 1) -> Scores:
    raw = np.random.default_rng(seed).normal(0, 2, (steps, classes))
    return (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)


@given(grammars(), SEEDS, st.integers(1, 6))
def test_the_best_legal_text_is_found(patterns: tuple[Pattern, ...], seed: int, steps: int) -> None:
    scores = noise(seed, steps)
    p = {text: log_probability(scores, text) for text in legal_texts(patterns)}
    possible = {text: log_p for text, log_p in p.items() if np.isfinite(log_p)}
    found = beam(scores, 1000, Grammar(patterns, TOKENS), prune=0.0)
    assert {one.classes for one in found} == set(possible)
    if possible:
        assert found[0].log_p == pytest.approx(max(possible.values()), abs=1e-6)
        assert found[0].classes == max(possible, key=lambda text: possible[text])


@given(grammars(), SEEDS, st.integers(1, 12), st.integers(1, 10))
def test_a_narrow_beam_holds_legal_texts_only(patterns: tuple[Pattern, ...], seed: int, steps: int, width: int) -> None:
    found = beam(noise(seed, steps), width, Grammar(patterns, TOKENS))
    assert {one.classes for one in found} <= legal_texts(patterns)


@given(grammars(), st.lists(st.integers(0, 2), max_size=5).map(tuple))
def test_match_agrees_with_the_patterns(patterns: tuple[Pattern, ...], text: tuple[int, ...]) -> None:
    region = Region("t", "Test", patterns, (PLAIN,))
    assert Grammar(patterns, TOKENS).match(text) == plates.matches(region, [TOKENS[n] for n in text])


def test_match_prefers_a_pattern_with_as_many_rows() -> None:
    grammar = Grammar((pattern("one", "A", "1"), pattern("two", "A", "1", rows=2)), TOKENS)
    names = [getattr(grammar.match((0, 2), rows), "name", None) for rows in (1, 2, 3)]
    assert names == ["one", "two", "one"]


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("code", plates.codes())
def test_serials_of_every_region_pass_its_grammar(code: str, merged: bool) -> None:
    region = plates.region(code)
    alphabet = concatenated(plates.alphabet(plates.codes()), merged, merged)
    alias = tuple(alphabet.alias.items())
    grammar = grammar_of(region, alphabet.tokens, alias)
    assert grammar_of(region, alphabet.tokens, alias) is grammar
    rng = np.random.default_rng(0)
    for serial in (plates.legal(region, rng) for _ in range(100)):
        found = grammar.match(alphabet.encode(serial.text), serial.rows)
        assert found is not None
        assert found.rows == serial.rows


def test_patterns_with_tokens_that_the_network_lacks() -> None:
    grammar = Grammar((pattern("x", "AX", "1"), pattern("y", "X", "1")), TOKENS)
    assert grammar.match((0, 2)) is not None
    assert grammar.complete(grammar.after(grammar.start, 0, 0), 1) == 0
    assert [one.classes for one in beam(noise(0, 4), 100, grammar, prune=0.0)] == [(0, 2)]


def spelled(text: str, card: ModelCard, doubts: dict[int, tuple[str, float]]) -> Scores:
    """Scores that spell a text, one token every fourth step; `doubts`: a rival and its odds at some of them."""
    raw = np.full((4 * len(text) + 2, len(card.tokens) + 1), -20.0)
    raw[:, -1] = 0.0
    for n, token in enumerate(card.alphabet.encode(text)):
        raw[4 * n + 1, token] = 12.0
        if n in doubts:
            rival, odds = doubts[n]
            raw[4 * n + 1, card.alphabet.encode(rival)[0]] = 12.0 + np.log(odds)
    top = raw.max(axis=1, keepdims=True)
    return (raw - top - np.log(np.exp(raw - top).sum(axis=1, keepdims=True))).astype(np.float32)


CARD = ModelCard("test", "read", InputSpec(8, 8), plates.alphabet(("us-ca", "kr", "il")).tokens)


def likelier(text: str, other: str, region: str) -> float:
    """By how much a reader that is told this region believes in one text rather than in the other."""
    syntax = syntax_of(CARD, plates.region(region))
    assert syntax is not None
    one, two = (syntax.lift(CARD.alphabet.encode(said)) for said in (text, other))
    return math.exp(TOLD * (one - two))


def assert_alike(one: Reading, other: Reading) -> None:
    """The same but for rounding."""
    scores = [[reading.score, *(text.score for text in reading.others)] for reading in (one, other)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-9)
    assert [text.text for text in one.others] == [text.text for text in other.others]
    assert replace(one, score=0.0, others=()) == replace(other, score=0.0, others=())


def test_a_region_bends_a_reading_towards_its_patterns() -> None:
    scores = spelled("12345O7", CARD, {5: ("6", 0.02)})[None]
    free = decode.read(scores, CARD)[0]
    assert (free.text, free.region, free.pattern) == ("12345O7", None, None)
    bent = decode.read(scores, CARD, plates.region("il"))[0]
    assert (bent.text, bent.region, bent.pattern) == ("1234567", "il", "seven digits")
    assert free.score == pytest.approx(1 / 1.02, rel=1e-2)
    odds = 0.02 * likelier("1234567", "12345O7", "il")
    assert bent.score == pytest.approx(odds / (1 + odds), rel=1e-2)
    assert bent.char_scores[5] == pytest.approx(0.02 / 1.02, rel=1e-2)
    assert bent.char_scores[4] > 0.99


def test_legal_rivals_keep_a_bent_reading_unsure() -> None:
    """Told the region, two legal texts that are as likely share what there is, however improbable both are."""
    region = plates.region("il")
    alone, *_ = decode.read(spelled("12345O7", CARD, {5: ("6", 0.1)})[None], CARD, region)
    rivals, *_ = decode.read(spelled("12345O7", CARD, {4: ("6", 1.0), 5: ("6", 0.1)})[None], CARD, region)
    assert rivals.score < 0.5 < alone.score
    assert [one.score for one in rivals.others] == pytest.approx([rivals.score], rel=0.02)


def test_a_sure_legal_reading_stays() -> None:
    scores = spelled("8ABC123", CARD, {})[None]
    reading = decode.read(scores, CARD, plates.region("us-ca"))[0]
    assert (reading.text, reading.pattern, reading.others) == ("8ABC123", "car", ())
    assert reading.score > 0.99


def test_a_plate_of_another_region_is_read_freely() -> None:
    scores = spelled("8ABC123", CARD, {})[None]
    reading = decode.read(scores, CARD, plates.region("il"))[0]
    assert (reading.text, reading.region, reading.pattern) == ("8ABC123", None, None)
    assert_alike(reading, decode.read(scores, CARD)[0])


def test_a_vanity_plate_is_not_bent_to_a_far_legal_text() -> None:
    region, even = plates.region("il"), 1 / likelier("1234567", "12345O7", "il")
    near, far = (
        decode.read(spelled("12345O7", CARD, {5: ("6", odds)})[None], CARD, region)[0]
        for odds in (even * 1.1, even / 1.1)
    )
    assert (near.text, far.text) == ("1234567", "12345O7")
    assert (far.region, far.pattern) == (None, None)
    assert even == pytest.approx(1 / 700, rel=0.2)


def test_an_unsure_plate_of_another_region_keeps_its_rivals() -> None:
    scores = spelled("8ABC123", CARD, {1: ("R", 0.8), 4: ("7", 0.5)})[None]
    reading = decode.read(scores, CARD, plates.region("il"))[0]
    assert_alike(reading, decode.read(scores, CARD)[0])
    assert [other.text for other in reading.others] == ["8RBC123", "8ABC723", "8RBC723"]


def test_batches_of_any_size_read_the_same_under_a_region() -> None:
    region, rng = plates.region("us-ca"), np.random.default_rng(7)
    raw = rng.normal(0, 5, (3, 20, len(CARD.tokens) + 1))
    scores = (raw - np.log(np.exp(raw).sum(axis=2, keepdims=True))).astype(np.float32)
    together = decode.read(scores, CARD, region)
    assert together == [decode.read(one[None], CARD, region)[0] for one in scores]
    assert decode.read(scores[:0], CARD, region) == []
