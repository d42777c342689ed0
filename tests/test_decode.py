"""Decoding: what was encoded comes back, probabilities are exact, the beam finds the best texts."""

import itertools
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lprkit import decode
from lprkit.core.alphabet import Alphabet, steps_needed
from lprkit.core.card import Calibration, InputSpec, ModelCard
from lprkit.core.errors import ModelError
from lprkit.decode import calibrate
from lprkit.decode.beam import beam
from lprkit.decode.ctc import align, greedy, log_probabilities, log_probability, log_probability_each

Scores = NDArray[np.float32]
SEEDS = st.integers(0, 2**32 - 1)


def normalised(raw: NDArray[np.floating]) -> Scores:
    """Log-softmax over the last axis."""
    top = raw - raw.max(axis=-1, keepdims=True)
    return (top - np.log(np.exp(top).sum(axis=-1, keepdims=True))).astype(np.float32)


def noise(seed: int, *shape: int, sharpness: float = 2.0) -> Scores:
    return normalised(np.random.default_rng(seed).normal(0, sharpness, shape))


def encoded(classes: Iterable[int], steps: int, count: int, rng: np.random.Generator, gain: float = 30.0) -> Scores:
    """Scores whose best alignment spells `classes`: at random steps, some over several, blanks between equals."""
    need, before = [], -1
    for token in classes:
        need += [count - 1, token] if token == before else [token]
        before = token
    lengths = np.ones(len(need), int)
    for _ in range(int(rng.integers(0, steps - len(need) + 1)) if need else 0):
        lengths[rng.integers(len(need))] += 1
    path = np.repeat(np.array(need, int), lengths)
    left = int(rng.integers(0, steps - len(path) + 1))
    whole = np.full(steps, count - 1)
    whole[left : left + len(path)] = path
    raw = rng.normal(0, 1, (steps, count))
    raw[np.arange(steps), whole] += gain
    return normalised(raw)


@st.composite
def texts(draw: st.DrawFn) -> tuple[tuple[int, ...], int, int, int]:
    """A text of few different classes, so with many doubles; the steps it gets; the classes; a seed."""
    count = draw(st.integers(2, 130))
    pool = draw(st.lists(st.integers(0, count - 2), min_size=1, max_size=3))
    classes = tuple(draw(st.lists(st.sampled_from(pool), max_size=12)))
    need = max(1, steps_needed(classes))
    return classes, draw(st.sampled_from([need, need + 1, need + 7, 88])), count, draw(SEEDS)


def card(count: int, rows: int = 1, calibration: Calibration | None = None) -> ModelCard:
    tokens = tuple(chr(0x4E00 + n) for n in range(count - 1))
    return ModelCard("test", "read", InputSpec(8, 8), tokens, rows=rows, calibration=calibration or Calibration())


def text_of(classes: Iterable[int], model: ModelCard) -> str:
    return Alphabet(model.tokens).decode(tuple(classes))


@given(texts())
def test_what_was_encoded_is_decoded(case: tuple[tuple[int, ...], int, int, int]) -> None:
    classes, steps, count, seed = case
    scores = encoded(classes, steps, count, np.random.default_rng(seed))
    path = greedy(scores[None])[0]
    assert path.classes == classes
    assert list(path.steps) == sorted(path.steps)
    assert all(scores[step].argmax() == token for step, token in zip(path.steps, path.classes, strict=True))
    assert beam(scores)[0].classes == classes
    reading = decode.read(scores[None], card(count))[0]
    assert reading.text == text_of(classes, card(count))
    assert reading.score > 0.99
    assert len(reading.char_scores) == len(classes)
    assert min(reading.char_scores, default=1.0) > 0.99


def every_text(classes: int, steps: int) -> list[tuple[int, ...]]:
    return [text for length in range(steps + 1) for text in itertools.product(range(classes - 1), repeat=length)]


def by_alignments(scores: Scores) -> dict[tuple[int, ...], float]:
    """P of every text, summed over all paths one by one."""
    steps, classes = scores.shape
    sums: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(classes), repeat=steps):
        text = tuple(token for token, _ in itertools.groupby(path) if token != classes - 1)
        sums[text] += float(np.exp(sum(float(scores[t, c]) for t, c in enumerate(path))))
    return sums


@given(SEEDS, st.integers(1, 5), st.integers(2, 4))
def test_probability_is_exact_and_sums_to_one(seed: int, steps: int, classes: int) -> None:
    scores = noise(seed, steps, classes)
    everything = every_text(classes, steps)
    true = by_alignments(scores)
    p = np.exp(log_probabilities(scores, everything))
    assert p.sum() == pytest.approx(1.0, abs=1e-5)
    assert p == pytest.approx([true.get(text, 0.0) for text in everything], abs=1e-6)


@given(SEEDS, st.integers(1, 4), st.integers(2, 4))
def test_a_wide_beam_finds_every_text_in_order(seed: int, steps: int, classes: int) -> None:
    scores = noise(seed, steps, classes)
    true = by_alignments(scores)
    found = beam(scores, width=1000, prune=0.0)
    assert {one.classes for one in found} == set(true)
    assert [one.log_p for one in found] == sorted((one.log_p for one in found), reverse=True)
    assert [np.exp(one.log_p) for one in found] == pytest.approx([true[one.classes] for one in found], abs=1e-6)


@given(SEEDS, st.integers(1, 40), st.integers(2, 12), st.integers(1, 20))
def test_a_narrow_beam_holds_distinct_texts_best_first(seed: int, steps: int, classes: int, width: int) -> None:
    found = beam(noise(seed, steps, classes), width)
    assert 1 <= len(found) <= width
    assert len({one.classes for one in found}) == len(found)
    assert [one.log_p for one in found] == sorted((one.log_p for one in found), reverse=True)
    assert np.exp([one.log_p for one in found]).sum() <= 1 + 1e-5


def plain_beam(scores: Scores, width: int) -> set[tuple[int, ...]]:
    """The texts that prefix beam search ends with, every prefix grown by every token."""
    *tokens, blank = range(scores.shape[1])
    beams = {(): (1.0, 0.0)}
    for p in np.exp(scores.astype(np.float64)):
        after: dict[tuple[int, ...], NDArray[np.float64]] = defaultdict(lambda: np.zeros(2))
        for text, (in_blank, in_token) in beams.items():
            after[text] += ((in_blank + in_token) * p[blank], in_token * p[text[-1]] if text else 0.0)
            for token in tokens:
                after[(*text, token)][1] += p[token] * (in_blank + in_token * (text[-1:] != (token,)))
        possible = [text for text in after if after[text].any()]
        best = sorted(possible, key=lambda text: -after[text].sum())[:width]
        beams = {text: (float(after[text][0]), float(after[text][1])) for text in best}
    return set(beams)


@given(SEEDS, st.integers(1, 12), st.integers(2, 6), st.integers(1, 8))
def test_a_narrow_beam_is_the_plain_one(seed: int, steps: int, classes: int, width: int) -> None:
    scores = noise(seed, steps, classes)
    assert {one.classes for one in beam(scores, width, prune=0.0)} == plain_beam(scores, width)


def log_domain(scores: Scores, text: tuple[int, ...]) -> float:
    """log P by adding logarithms, slow and plain."""
    blank = scores.shape[1] - 1
    states = [blank, *itertools.chain.from_iterable((token, blank) for token in text)]
    alpha = np.full(len(states), -np.inf)
    alpha[:2] = scores[0, states[:2]]
    for row in scores[1:].astype(np.float64):
        before = alpha.copy()
        for s, token in enumerate(states):
            ways = [before[s], *before[max(0, s - 1) : s]]
            if s > 1 and token not in (blank, states[s - 2]):
                ways.append(before[s - 2])
            alpha[s] = np.logaddexp.reduce(ways) + row[token]
    return float(np.logaddexp.reduce(alpha[-2:] if text else alpha))


@given(texts(), st.booleans())
def test_probability_of_unlikely_texts(case: tuple[tuple[int, ...], int, int, int], reverse: bool) -> None:
    classes, steps, count, seed = case
    scores = encoded(classes, steps, count, np.random.default_rng(seed))
    asked = classes[::-1] if reverse else tuple((c + 1) % (count - 1) for c in classes)
    with np.errstate(invalid="ignore"):
        expected = log_domain(scores, asked) if steps else 0.0
    assert log_probability(scores, asked) == pytest.approx(min(expected, 0.0), rel=1e-6, abs=1e-5)


def test_texts_that_do_not_fit_have_no_probability() -> None:
    scores = noise(1, 3, 4)
    assert np.isneginf(log_probabilities(scores, [(0, 0, 1), (0, 1, 2, 0)])).all()
    assert np.isfinite(log_probability(scores, (0, 0)))


def test_certain_and_impossible_scores() -> None:
    scores = np.full((4, 3), -np.inf, np.float32)
    scores[[0, 1, 2, 3], [0, 2, 0, 1]] = 0.0
    assert log_probability(scores, (0, 0, 1)) == 0.0
    assert np.isneginf(log_probability(scores, (0, 1)))
    assert [one.classes for one in beam(scores)] == [(0, 0, 1)]
    assert beam(scores, prune=0.0)[0] == ((0, 0, 1), 0.0)
    assert greedy(scores[None])[0].peaks == (1.0, 1.0, 1.0)


def test_no_steps_read_as_nothing() -> None:
    scores = np.zeros((2, 0, 5), np.float32)
    assert [path.classes for path in greedy(scores)] == [(), ()]
    assert log_probability(scores[0], ()) == 0.0
    assert beam(scores[0]) == [((), 0.0)]


@given(SEEDS, st.integers(1, 30), st.integers(2, 8))
def test_many_plates_have_the_probabilities_of_each(seed: int, steps: int, classes: int) -> None:
    scores = noise(seed, 5, steps, classes)
    said = [path.classes for path in greedy(scores)]
    together = log_probability_each(scores, said)
    assert together == pytest.approx([log_probability(one, text) for one, text in zip(scores, said, strict=True)])


@given(SEEDS, st.integers(2, 6), st.integers(2, 4))
def test_alignment_is_the_best_of_all(seed: int, steps: int, classes: int) -> None:
    scores = noise(seed, steps, classes)
    best: dict[tuple[int, ...], float] = defaultdict(lambda: -np.inf)
    for path in itertools.product(range(classes), repeat=steps):
        text = tuple(token for token, _ in itertools.groupby(path) if token != classes - 1)
        best[text] = max(best[text], sum(float(scores[t, c]) for t, c in enumerate(path)))
    plain = greedy(scores[None])[0]
    assert align(scores, plain.classes).classes == plain.classes
    assert align(scores, plain.classes).peaks == pytest.approx(plain.peaks)
    for text, most in best.items():
        path = align(scores, text)
        through = scores[list(path.steps), list(text)].sum() if text else 0.0
        assert list(path.steps) == sorted(set(path.steps))
        assert through >= most - 1e-4
        assert path.peaks == pytest.approx(np.exp(scores[list(path.steps), list(text)]) if text else ())


@given(SEEDS, st.integers(1, 20), st.integers(2, 9))
def test_batches_of_any_size_read_the_same(seed: int, steps: int, classes: int) -> None:
    scores = noise(seed, 3, steps, classes, sharpness=4.0)
    model = card(classes)
    together = decode.read(scores, model)
    assert together == [decode.read(one[None], model)[0] for one in scores]
    assert decode.read(scores[:0], model) == []


@given(SEEDS, st.integers(1, 30), st.integers(3, 9), st.sampled_from([1, 2, 10]))
def test_readings_are_the_best_text_with_its_rivals(seed: int, steps: int, classes: int, width: int) -> None:
    scores = noise(seed, steps, classes, sharpness=3.0)
    model = card(classes)
    reading = decode.read(scores[None], model, width=width)[0]
    exact = calibrate.apply(model.calibration, log_probability(scores, Alphabet(model.tokens).encode(reading.text)))
    assert reading.score == pytest.approx(exact, abs=1e-5)
    plain = log_probability(scores, greedy(scores[None])[0].classes)
    assert reading.score >= calibrate.apply(model.calibration, plain) - 1e-6
    assert all(reading.score >= other.score > 0.0099 for other in reading.others)
    assert reading.text not in {other.text for other in reading.others}
    assert reading.score + sum(other.score for other in reading.others) <= 1 + 1e-5


def test_a_beam_beats_the_best_alignment() -> None:
    """The example of Graves (2012), figure 7.5 in spirit: blanks are likeliest at each step, yet not together."""
    scores = np.log(np.array([[0.4, 0.6], [0.4, 0.6]], np.float32))
    assert greedy(scores[None])[0].classes == ()
    reading = decode.read(scores[None], card(2))[0]
    assert (reading.text, len(reading.others)) == ("一", 1)
    assert reading.score == pytest.approx(0.64, abs=1e-6)
    assert reading.others[0].score == pytest.approx(0.36, abs=1e-6)
    assert reading.char_scores == pytest.approx((0.4,))


@pytest.mark.parametrize("seed", [8, 24, 30, 44])
def test_a_narrow_beam_does_not_lose_the_best_alignment(seed: int) -> None:
    scores, model = noise(seed, 6, 4, sharpness=1.0), card(4)
    plain = greedy(scores[None])[0].classes
    lost = beam(scores, width=1)[0]
    assert lost.classes != plain
    assert lost.log_p < log_probability(scores, plain)
    assert decode.read(scores[None], model, width=1)[0].text == text_of(plain, model)


def test_scores_are_calibrated() -> None:
    scores = np.log(np.array([[0.4, 0.6], [0.4, 0.6]], np.float32))
    flat = decode.read(scores[None], card(2, calibration=Calibration(0.0, 0.0)))[0]
    assert flat.score == 0.5
    wary = decode.read(scores[None], card(2, calibration=Calibration(1.0, -2.0)))[0]
    assert wary.score == pytest.approx(1 / (1 + np.exp(-(np.log(0.64 / 0.36) - 2))), abs=1e-5)


def at(places: dict[int, int], steps: int = 64, count: int = 10) -> Scores:
    """Scores that emit class c at step t for each t: c."""
    raw = np.zeros((steps, count))
    raw[:, -1] = 20.0
    for step, token in places.items():
        raw[step, token] = 40.0
    return normalised(raw)


@pytest.mark.parametrize(
    ("places", "rows"),
    [
        ({}, 1),
        ({5: 1}, 1),
        ({2: 1, 10: 2, 20: 3, 28: 4}, 1),  # all in the upper row of the map
        ({34: 1, 42: 2, 60: 3}, 1),  # all in the lower
        ({2: 1, 8: 2, 14: 3, 32 + 19: 4, 32 + 25: 5}, 1),  # left part above, right part below
        ({2: 1, 8: 2, 16: 3, 32 + 15: 4, 32 + 20: 5, 32 + 28: 6}, 1),  # they touch
        ({4: 1, 14: 2, 24: 3, 32 + 3: 4, 32 + 12: 5, 32 + 28: 6}, 2),
        ({12: 1, 18: 2, 32 + 2: 3, 32 + 10: 4, 32 + 20: 5, 32 + 29: 6}, 2),  # short row over a long one
        ({15: 1, 32 + 2: 3, 32 + 29: 6}, 2),  # one token over two
    ],
)
def test_rows_are_told_from_where_tokens_stand(places: dict[int, int], rows: int) -> None:
    reading = decode.read(at(places)[None], card(10, rows=2))[0]
    assert reading.text == text_of((places[step] for step in sorted(places)), card(10))
    assert reading.rows == rows
    assert decode.read(at(places)[None], card(10, rows=1))[0].rows == 1


def test_scores_of_another_shape_are_refused() -> None:
    with pytest.raises(ModelError, match=r"shape \(1, 7, 5\).*N, T, 6.*Export"):
        decode.read(np.zeros((1, 7, 5), np.float32), card(6))
    with pytest.raises(ModelError, match="in 2 equal row"):
        decode.read(np.zeros((1, 7, 5), np.float32), card(5, rows=2))
    with pytest.raises(ModelError, match="NaN"):
        decode.read(np.full((1, 8, 5), np.nan, np.float32), card(5))
