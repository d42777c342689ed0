import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.geometry import (
    Box,
    Quad,
    box_of,
    grow,
    iou,
    is_upright,
    order_corners,
    plate_in,
    quad_from,
    quad_of,
    scale,
    shift,
    turn,
)

px = st.floats(-4000, 4000)
sizes = st.floats(0.5, 2000)
boxes = st.builds(Box, px, px, sizes, sizes)


@st.composite
def turned(draw: st.DrawFn) -> Quad:
    """A rectangle turned by up to 40 degrees, clockwise from its top-left corner."""
    box, angle = draw(boxes), math.radians(draw(st.floats(-40, 40)))
    along, down = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    points = [
        (box.x + a * box.w * along[0] + d * box.h * down[0], box.y + a * box.w * along[1] + d * box.h * down[1])
        for a, d in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    return quad_from(points)


@given(turned())
def test_corners_are_ordered_whatever_order_they_came_in(quad: Quad) -> None:
    assert all(order_corners(points) == quad for points in itertools.permutations(quad))


@given(boxes)
def test_a_box_is_its_own_quad(box: Box) -> None:
    assert box_of(quad_of(box)) == pytest.approx(box)
    assert order_corners(quad_of(box)) == quad_of(box)


@given(boxes, boxes)
def test_iou_is_symmetric_and_a_share(a: Box, b: Box) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0 <= iou(a, b) <= 1


@given(boxes)
def test_iou_is_one_with_itself_and_zero_with_nothing(box: Box) -> None:
    assert iou(box, box) == pytest.approx(1)
    assert iou(box, Box(box.x, box.y, 0, 0)) == 0
    assert iou(box, Box(box.x + box.w + 1, box.y, box.w, box.h)) == 0


def test_iou_of_a_half_and_a_quarter() -> None:
    assert iou(Box(0, 0, 10, 10), Box(0, 0, 10, 5)) == pytest.approx(1 / 2)
    assert iou(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)


@given(turned(), st.floats(0, 1), st.floats(0, 1))
def test_what_grew_shrinks_back(quad: Quad, share_x: float, share_y: float) -> None:
    grown = grow(quad, share_x, share_y)
    back = grow(grown, -share_x / (1 + 2 * share_x), -share_y / (1 + 2 * share_y))
    np.testing.assert_allclose(back, quad, atol=1e-6)


def test_grow_adds_its_share_on_every_side() -> None:
    assert grow(quad_of(Box(10, 10, 100, 20)), 0.1, 0.5) == quad_of(Box(0, 0, 120, 40))


@given(turned(), st.floats(-30, 30))
def test_a_rectangle_turns_about_its_middle_and_back(quad: Quad, degrees: float) -> None:
    other = turn(quad, degrees)
    np.testing.assert_allclose(np.mean(other, axis=0), np.mean(quad, axis=0), atol=1e-6)
    assert math.dist(other[0], other[2]) == pytest.approx(math.dist(quad[0], quad[2]))
    np.testing.assert_allclose(turn(other, -degrees), quad, atol=1e-6)


@given(boxes, st.floats(-40, 40))
def test_the_plate_in_an_upright_box_touches_all_its_sides(box: Box, degrees: float) -> None:
    if inside := plate_in(quad_of(box), degrees):
        np.testing.assert_allclose(box_of(inside), box, atol=1e-6)
        (left, top), (right, lower) = inside[:2]
        assert np.degrees(np.arctan2(lower - top, right - left)) == pytest.approx(degrees, abs=1e-6)


def test_no_turned_plate_is_looked_for_in_a_long_box_or_another_quad() -> None:
    long, leaning = quad_of(Box(0.0, 0.0, 100.0, 15.0)), ((0.0, 0.0), (100.0, 5.0), (100.0, 45.0), (0.0, 40.0))
    upside_down = quad_of(Box(100.0, 50.0, -100.0, -50.0))
    assert all(plate_in(quad, 12.0) is None for quad in (long, leaning, upside_down))
    assert plate_in(quad_of(Box(0.0, 0.0, 100.0, 25.0)), 12.0) is not None
    assert [is_upright(quad) for quad in (long, leaning, upside_down)] == [True, False, False]


def test_what_turns_clockwise_lowers_its_right_side() -> None:
    (_, left), (_, right), *_ = turn(quad_of(Box(0, 0, 100, 20)), 10)
    assert right - left == pytest.approx(100 * math.sin(math.radians(10)))


@given(turned(), st.floats(0.1, 10), st.floats(0.1, 10), px, px)
def test_scale_and_shift_undo_themselves(quad: Quad, across: float, down: float, dx: float, dy: float) -> None:
    np.testing.assert_allclose(scale(scale(quad, across, down), 1 / across, 1 / down), quad, atol=1e-6)
    np.testing.assert_allclose(shift(shift(quad, dx, dy), -dx, -dy), quad, atol=1e-6)


def test_a_quad_has_four_points() -> None:
    with pytest.raises(AssertionError):
        quad_from([(0, 0), (1, 0), (1, 1)])
