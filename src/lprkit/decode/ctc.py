"""CTC: scores -> texts, and the exact probability of a text.

Scores are T, C natural-log probabilities of one plate, or N, T, C of several; the blank is class C - 1. The probability
of a text is the sum over all its alignments (Graves et al. 2006, ICML, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Classes = tuple[int, ...]
"""A text as classes, without blanks."""

Floats = NDArray[np.float64]

_RESCALE = 8
"""Steps between two rescalings of the forward sums: float64 holds e^-700, a step of a trained network e^-80."""


@dataclass(frozen=True)
class Path:
    """A text, and where it stands on its best alignment."""

    classes: Classes
    steps: tuple[int, ...] = ()
    """The step at which each token is surest."""
    peaks: tuple[float, ...] = ()
    """The probability of each token at that step, 0-1."""


def greedy(scores: NDArray[np.floating]) -> list[Path]:
    """The text of the best alignment of each plate; scores are N, T, C."""
    count, steps, classes = scores.shape
    if not count or not steps:
        return [Path(())] * count
    best = scores.argmax(axis=2).ravel()  # N * T
    sure = scores.reshape(-1, classes)[np.arange(best.size), best]
    begins = np.empty(best.size, np.bool_)
    np.not_equal(best[1:], best[:-1], out=begins[1:])
    begins[::steps] = True
    starts = np.append(np.flatnonzero(begins), best.size)
    runs: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for n in np.flatnonzero(best[starts[:-1]] != classes - 1).tolist():
        start, stop = int(starts[n]), int(starts[n + 1])
        runs[start // steps].append((int(best[start]), start + int(sure[start:stop].argmax())))
    return [_path(plate, steps, sure) for plate in runs]


def _path(runs: list[tuple[int, int]], steps: int, sure: NDArray[np.floating]) -> Path:
    peaks = np.exp(sure[[at for _, at in runs]]) if runs else ()
    return Path(
        tuple(token for token, _ in runs), tuple(at % steps for _, at in runs), tuple(min(1.0, float(p)) for p in peaks)
    )


def log_probability(scores: NDArray[np.floating], classes: Sequence[int]) -> float:
    """log P(text | plate), exact; scores are T, C. Minus infinity where the text does not fit in T steps."""
    return float(log_probabilities(scores, [classes])[0])


def log_probabilities(scores: NDArray[np.floating], texts: Sequence[Sequence[int]]) -> Floats:
    """log P of each text on one plate; scores are T, C."""
    states, lengths = _states(texts, scores.shape[1] - 1)
    return _forward(scores[:, states], states, lengths)


def log_probability_each(scores: NDArray[np.floating], texts: Sequence[Sequence[int]]) -> Floats:
    """log P of the n-th text on the n-th plate; scores are N, T, C."""
    states, lengths = _states(texts, scores.shape[2] - 1)
    chosen = np.take_along_axis(scores, states[:, None, :], axis=2)  # N, T, S
    return _forward(chosen.transpose(1, 0, 2), states, lengths)


def align(scores: NDArray[np.floating], classes: Classes) -> Path:
    """The best alignment of a text with one plate; scores are T, C. The text must fit in T steps."""
    states, _ = _states([classes], scores.shape[1] - 1)
    chosen = scores[:, states[0]].astype(np.float64)  # T, S
    track = _viterbi(chosen, _skips(states)[0])
    at = [_surest(chosen[:, 2 * n + 1], np.flatnonzero(track == 2 * n + 1)) for n in range(len(classes))]
    peaks = (min(1.0, float(np.exp(chosen[step, 2 * n + 1]))) for n, step in enumerate(at))
    return Path(tuple(classes), tuple(at), tuple(peaks))


def _surest(column: Floats, steps: NDArray[np.intp]) -> int:
    return int(steps[column[steps].argmax()])


def _viterbi(chosen: Floats, skips: Floats) -> NDArray[np.intp]:
    """The state at each step of the best alignment; `chosen` is T, S."""
    steps, count = chosen.shape
    come = np.full((3, count), -np.inf)  # from the state itself, the one before, the one before that
    best = np.full(count, -np.inf)
    best[:2] = chosen[0, :2]
    back = np.zeros((steps, count), np.intp)
    barred = np.where(skips > 0, 0.0, -np.inf)
    for t in range(1, steps):
        come[0], come[1, 1:], come[2, 2:] = best, best[:-1], best[:-2]
        come[2] += barred
        back[t] = come.argmax(axis=0)
        best = come.max(axis=0) + chosen[t]
    track = np.empty(steps, np.intp)
    track[-1] = max(count - 1, 0) if count == 1 or best[-1] >= best[-2] else count - 2
    for t in range(steps - 1, 0, -1):
        track[t - 1] = track[t] - back[t, track[t]]
    return track


def _states(texts: Sequence[Sequence[int]], blank: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """M, S classes: blank, first token, blank, second token ... blank, and how many tokens each text has."""
    lengths = np.array([len(text) for text in texts], np.intp)
    states = np.full((len(texts), 2 * int(lengths.max(initial=0)) + 1), blank, np.intp)
    for row, text in zip(states, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    return states, lengths


def _skips(states: NDArray[np.intp]) -> Floats:
    """1 where a state can be entered from the one before the last: a token that differs from the token before."""
    skips = np.zeros(states.shape)
    skips[:, 1::2] = 1.0
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    return skips


def _forward(chosen: NDArray[np.floating], states: NDArray[np.intp], lengths: NDArray[np.intp]) -> Floats:
    """log P of M texts; `chosen` is T, M, S: the scores of each text's states.

    Sums of probabilities, each step divided by its largest: adding logarithms would take ten times as long.
    """
    steps, count, size = chosen.shape
    logs = chosen.astype(np.float64)
    logs[:, np.arange(size) > 2 * lengths[:, None]] = -np.inf  # behind the end of the shorter texts
    tops = logs.max(axis=2)
    tops[np.isneginf(tops)] = 0.0
    shares = np.exp(logs - tops[:, :, None])
    total = tops.sum(axis=0)
    now, then = np.zeros((2, count, size + 2))  # two more in front: no state, and the start
    now[:, 1] = 1.0
    skips = _skips(states)
    moved = np.empty((count, size))
    for t in range(steps):
        np.multiply(skips, now[:, :-2], out=moved)
        moved += now[:, 1:-1]
        moved += now[:, 2:]
        np.multiply(moved, shares[t], out=then[:, 2:])
        now, then = then, now
        if t % _RESCALE == _RESCALE - 1:
            total += _rescale(now)
        if t == 0:
            then[:, 1] = 0.0
    each = np.arange(count)
    ends = now[each, 2 * lengths + 2] + now[each, 2 * lengths + 1]
    return np.asarray(np.minimum(total + _log(ends), 0.0))


def _rescale(sums: Floats) -> Floats:
    """Divides each text's sums by their largest, in place, and returns its logarithm."""
    largest = sums.max(axis=1)
    largest[largest == 0] = 1.0
    sums /= largest[:, None]
    return np.asarray(np.log(largest))


def _log(values: Floats) -> Floats:
    return np.asarray(np.log(values, where=values > 0, out=np.full(values.shape, -np.inf)))
