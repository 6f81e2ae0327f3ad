"""Lines and polygons."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.core.geometry import distance, distance_to_border, inside_polygon, offset_from_line, stretched

Point = tuple[float, float]
steady = settings(derandomize=True, deadline=None, max_examples=150)
numbers = st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 4))
points = st.tuples(numbers, numbers)
SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
# Like the letter L: the corner at (0.5, 0.5) is cut out.
ELL = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0))


def test_the_right_hand_of_the_line_is_positive() -> None:
    # Facing right on a picture, the right hand points down, where y grows.
    assert offset_from_line((0.5, 0.7), (0.0, 0.5), (1.0, 0.5)) == pytest.approx((0.2, 0.5))
    assert offset_from_line((0.5, 0.3), (0.0, 0.5), (1.0, 0.5)) == pytest.approx((-0.2, 0.5))
    assert offset_from_line((0.2, 0.5), (0.5, 0.0), (0.5, 1.0)) == pytest.approx((0.3, 0.5))


def test_positions_along_run_from_start_to_end_and_beyond() -> None:
    start, end = (0.2, 0.2), (0.6, 0.5)
    assert offset_from_line(start, start, end) == pytest.approx((0, 0))
    assert offset_from_line(end, start, end) == pytest.approx((0, 1))
    assert offset_from_line((1.0, 0.8), start, end) == pytest.approx((0, 2))


@steady
@given(points, points, points)
def test_exchanging_the_ends_exchanges_the_sides(point: Point, start: Point, end: Point) -> None:
    assume(distance(start, end) > 0.1)
    across, along = offset_from_line(point, start, end)
    across_back, along_back = offset_from_line(point, end, start)
    assert across_back == pytest.approx(-across, abs=1e-9)
    assert along_back == pytest.approx(1 - along, abs=1e-9)


@steady
@given(points, points, points, points)
def test_shifting_everything_changes_nothing(point: Point, start: Point, end: Point, by: Point) -> None:
    assume(distance(start, end) > 0.1)
    moved = [(x + by[0], y + by[1]) for x, y in (point, start, end)]
    assert offset_from_line(*moved) == pytest.approx(offset_from_line(point, start, end), abs=1e-8)


@steady
@given(points, points, points)
def test_across_and_along_tell_the_distance_from_the_start(point: Point, start: Point, end: Point) -> None:
    length = distance(start, end)
    assume(length > 0.1)
    across, along = offset_from_line(point, start, end)
    assert hypot(across, along * length) == pytest.approx(distance(point, start), abs=1e-9)


@pytest.mark.parametrize(
    ("point", "inside"),
    [((0.5, 0.5), True), ((0.21, 0.79), True), ((0.1, 0.5), False), ((0.5, 0.9), False), ((0.9, 0.9), False)],
)
def test_inside_a_square(point: Point, *, inside: bool) -> None:
    assert inside_polygon(point, SQUARE) is inside
    assert inside_polygon(point, SQUARE[::-1]) is inside
    assert inside_polygon(point, SQUARE[2:] + SQUARE[:2]) is inside


@pytest.mark.parametrize(("point", "inside"), [((0.75, 0.25), True), ((0.25, 0.75), True), ((0.75, 0.75), False)])
def test_inside_a_polygon_with_a_notch(point: Point, *, inside: bool) -> None:
    assert inside_polygon(point, ELL) is inside


@steady
@given(points, points, points, points)
def test_a_triangle_holds_what_is_on_the_same_hand_of_its_sides(point: Point, a: Point, b: Point, c: Point) -> None:
    assume(min(distance(a, b), distance(b, c), distance(c, a)) > 0.05)
    hands = [offset_from_line(point, *side)[0] for side in ((a, b), (b, c), (c, a))]
    assume(min(abs(hand) for hand in hands) > 1e-6)
    assume(abs(offset_from_line(c, a, b)[0]) > 0.01)
    same = len({hand > 0 for hand in hands}) == 1
    assert inside_polygon(point, (a, b, c)) is same


def test_distance_to_the_border_from_both_sides() -> None:
    assert distance_to_border((0.5, 0.3), SQUARE) == pytest.approx(0.1)
    assert distance_to_border((0.5, 0.1), SQUARE) == pytest.approx(0.1)
    assert distance_to_border((0.0, 0.0), SQUARE) == pytest.approx(hypot(0.2, 0.2))
    assert distance_to_border((0.8, 0.5), SQUARE) == pytest.approx(0.0)


def test_a_polygon_with_a_corner_named_twice_has_a_border() -> None:
    assert distance_to_border((0.5, 0.1), (SQUARE[0], *SQUARE)) == pytest.approx(0.1)


def test_stretching_makes_a_picture_as_wide_as_its_aspect() -> None:
    assert stretched((0.5, 0.5), 4 / 3) == pytest.approx((2 / 3, 0.5))
