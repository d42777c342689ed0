"""What training makes small is small exactly where it should be."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from lprkit.train.losses import ctc, ctc_rows, detection, evenly_spaced, guided  # noqa: E402
from lprkit.train.optim import rate_at  # noqa: E402
from lprkit.train.settings import Optim  # noqa: E402

STRIDE = 8


def test_ctc_of_a_certain_answer_is_zero() -> None:
    log_probs = torch.full((1, 5, 4), -30.0)
    for step, cls in enumerate((0, 3, 0, 1, 3)):  # blank is 3: reads 0, 0, 1
        log_probs[0, step, cls] = 0.0
    labels = torch.tensor([[0, 0, 1, -1, -1]])
    assert ctc(log_probs, labels).item() == pytest.approx(0, abs=1e-3)
    assert ctc(log_probs, torch.tensor([[1, 0, 1, -1, -1]])).item() > 10


@given(
    labels=st.lists(st.integers(0, 4), min_size=0, max_size=9),
    steps=st.integers(28, 88),
)
def test_a_network_that_follows_its_guide_reads_the_label(labels: list[int], steps: int) -> None:
    log_probs = torch.zeros(1, steps, 6, requires_grad=True)  # the blank is 5
    evenly_spaced(log_probs.log_softmax(dim=2), torch.tensor([[*labels, *[-1] * (10 - len(labels))]])).backward()
    wanted = log_probs.grad[0].argmin(dim=1)[log_probs.grad[0].abs().sum(dim=1) > 0].tolist()
    steady = [cls for cls, _ in itertools.groupby(wanted)]
    assert [cls for cls in steady if cls != 5] == labels
    assert all(math.isfinite(value) for value in log_probs.grad.flatten().tolist())


def test_the_guide_goes_away() -> None:
    log_probs, labels = torch.randn(2, 20, 6).log_softmax(dim=2), torch.tensor([[0, 1, 2], [3, 3, -1]])
    loss, shown = ctc(log_probs, labels).mean(), evenly_spaced(log_probs, labels)
    assert torch.equal(guided(loss, log_probs, labels, 0.0, 0.1), shown)
    assert torch.allclose(guided(loss, log_probs, labels, 0.05, 0.1), (loss + shown) / 2)
    assert guided(loss, log_probs, labels, 0.1, 0.1) is loss
    assert guided(loss, log_probs, labels, 0.0, 0.0) is loss


def things() -> torch.Tensor:
    found = torch.full((1, 2, 10), -1.0)
    found[0, 0] = torch.tensor([0, 40, 40, 100, 44, 98, 70, 38, 66, 1])
    return found


def perfect(objects: torch.Tensor, score: float = 0.999) -> torch.Tensor:
    """A map that says what is there, and nothing elsewhere."""
    output = torch.zeros(1, 13, 16, 16)
    output[:, 0] = 1e-5
    ys, xs = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    centres = (torch.stack([xs, ys], dim=0) + 0.5) * STRIDE
    points = objects[0, 0, 1:9].view(4, 2)
    low, high = points.amin(dim=0), points.amax(dim=0)
    output[0, 1:3] = (centres - low[:, None, None]).clamp(min=0.1)
    output[0, 3:5] = (high[:, None, None] - centres).clamp(min=0.1)
    output[0, 5:] = points.reshape(8)[:, None, None] - centres.repeat(4, 1, 1)
    x, y = ((low + high) / 2 / STRIDE).long().tolist()
    output[0, 0, y, x] = score
    return output


def test_detection_of_the_truth_costs_next_to_nothing_and_each_mistake_costs() -> None:
    objects, seen = things(), torch.ones(1, 1)
    best = detection(perfect(objects), objects, seen, STRIDE).item()
    assert best < 0.01
    missed = detection(perfect(objects, score=0.01), objects, seen, STRIDE).item()
    moved = perfect(objects)
    moved[0, 5] += 20
    alarm = perfect(objects)
    alarm[0, 0, 2, 13] = 0.9
    for wrong in (moved, alarm):
        assert detection(wrong, objects, seen, STRIDE).item() > best + 0.1
    assert missed > best + 1


def test_an_alarm_where_the_label_is_not_complete_costs_nothing() -> None:
    objects = things()
    alarm = perfect(objects)
    alarm[0, 0, 2, 13] = 0.9
    assert detection(alarm, objects, torch.zeros(1, 1), STRIDE).item() < 0.01


def test_an_alarm_on_a_plate_too_small_to_ask_for_costs_nothing() -> None:
    objects = things()
    objects[0, 1] = torch.tensor([-2, 104, 18, 110, 18, 110, 21, 104, 21, 0])
    alarm = perfect(objects)
    alarm[0, 0, 2, 13] = 0.9
    assert detection(alarm, objects, torch.ones(1, 1), STRIDE).item() < 0.01


def test_the_rate_rises_then_falls_and_never_rises_again() -> None:
    optim = Optim(rate=1.0, warmup=0.1, final=0.01)
    rates = [rate_at(step, 100, optim) for step in range(130)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(1.0) and 8 <= top <= 11
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)


def test_two_printed_rows_are_asked_for_where_they_stand() -> None:
    """The text of a two-line plate costs nothing in its rows, and much when both lines share one."""
    log_probs = torch.full((2, 8, 4), -30.0)
    for step, cls in enumerate((0, 3, 1, 3, 2, 3, 3, 3)):  # blank is 3: row one reads 0, 1; row two reads 2
        log_probs[0, step, cls] = 0.0
    for step, cls in enumerate((0, 1, 2, 3, 3, 3, 3, 3)):
        log_probs[1, step, cls] = 0.0
    labels = torch.tensor([[0, 1, 2, -1], [0, 1, 2, -1]])
    both, one_line = torch.tensor([2, 2]), torch.tensor([0, 0])
    assert ctc_rows(log_probs[:1], labels[:1], both[:1], 2).item() == pytest.approx(0, abs=1e-3)
    assert ctc_rows(log_probs[1:], labels[1:], both[1:], 2).item() > 10
    assert ctc_rows(log_probs, labels, one_line, 2).item() == pytest.approx(0, abs=1e-3)
    mixed = ctc_rows(log_probs, labels, torch.tensor([2, 3]), 2)
    assert mixed.item() == pytest.approx(0, abs=1e-3)
    assert ctc_rows(log_probs[:1], labels[:1], torch.tensor([3]), 2).item() > 10  # one row, but its text is in two


def test_one_printed_row_may_stand_in_either_row_of_the_map() -> None:
    log_probs = torch.full((1, 8, 4), -30.0)
    for step, cls in enumerate((3, 3, 3, 3, 0, 3, 1, 3)):
        log_probs[0, step, cls] = 0.0
    labels = torch.tensor([[0, 1, -1]])
    assert ctc_rows(log_probs, labels, torch.tensor([2]), 2).item() == pytest.approx(0, abs=1e-3)
    assert ctc_rows(log_probs, labels, torch.tensor([1]), 2).item() > 10  # two rows, but all is in the second


def test_a_row_without_text_teaches_the_blank() -> None:
    scores = torch.zeros(1, 8, 4)
    scores[0, 1, 0] = scores[0, 2, 1] = 9.0  # so the text stands above
    scores.requires_grad_()
    ctc_rows(scores.log_softmax(dim=2), torch.tensor([[0, 1, -1]]), torch.tensor([2]), 2).backward()
    assert scores.grad is not None
    assert bool((scores.grad[0, 4:, 3] < 0).all()) and bool((scores.grad[0, 4:, :3] > 0).all())
