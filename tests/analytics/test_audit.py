"""Counting along: pairs are the best there are, and shares are told with how sure they are."""

from __future__ import annotations

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.audit import audit, best_pairs, wilson
from edge.core.model import Direction

IN, OUT = Direction.IN, Direction.OUT
TIMES = st.lists(st.integers(0, 40).map(lambda tenth: tenth / 2), max_size=5).map(sorted)


def test_all_right_and_a_finger_that_is_late() -> None:
    counted = [(10.0 * turn, IN if turn % 2 else OUT) for turn in range(1, 21)]
    taps = [(at_s + 0.8, way) for at_s, way in counted]
    found = audit(taps, counted)
    assert (found.tapped_in, found.tapped_out, found.counted_in, found.counted_out) == (10, 10, 10, 10)
    assert len(found.pairs) == 20
    assert found.late_s == pytest.approx(0.8)
    assert (found.missed, found.doubles, found.turned, found.extra) == ((), (), (), ())
    share = found.found
    assert (share.value, share.high) == (1.0, pytest.approx(1.0))
    assert share.low == pytest.approx(0.8389, abs=1e-4), "20 of 20 do not prove more"


def test_each_kind_of_fault() -> None:
    taps = [(10.0, IN), (20.0, IN), (30.0, OUT), (40.0, IN), (50.0, OUT), (60.0, IN)]
    counted = [(10.2, IN), (11.4, IN), (30.1, OUT), (40.0, OUT), (50.0, OUT), (60.0, IN), (80.0, OUT)]
    found = audit(taps, counted)
    assert found.missed == ((20.0, IN),)
    assert found.doubles == ((11.4, IN),)
    assert found.turned == ((40.0, 40.0, IN),)
    assert found.extra == ((80.0, OUT),)
    assert (found.found.hits, found.found.n, found.right.n) == (4, 6, 7)


def test_people_close_behind_each_other_are_paired_in_order() -> None:
    """Greedy pairing of the nearest would leave one of them alone."""
    found = audit([(10.0, IN), (12.0, IN)], [(7.5, IN), (10.5, IN)], window_s=3.0)
    assert [pair[:2] for pair in found.pairs] == [(10.0, 7.5), (12.0, 10.5)]


def test_taps_in_any_order_and_nothing_at_all() -> None:
    assert len(audit([(20.0, IN), (10.0, IN)], [(10.0, IN), (20.0, IN)]).pairs) == 2
    empty = audit([], [])
    assert (empty.found.value, empty.found.low, empty.pairs) == (None, None, ())


def best_by_trial(one: list[float], other: list[float], window_s: float) -> tuple[int, float]:
    best = (0, 0.0)
    for size in range(min(len(one), len(other)) + 1):
        for some in combinations(one, size):
            for rest in permutations(other, size):
                apart = [abs(a - b) for a, b in zip(some, rest, strict=True)]
                if all(distance <= window_s for distance in apart):
                    best = max(best, (size, -sum(apart)))
    return best


@given(TIMES, TIMES, st.sampled_from([0.5, 1.5, 3.0]))
def test_no_other_pairing_is_better(one: list[float], other: list[float], window_s: float) -> None:
    pairs = best_pairs(one, other, window_s)
    apart = [abs(one[i] - other[j]) for i, j in pairs]
    assert all(distance <= window_s for distance in apart)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    number, nearness = best_by_trial(one, other, window_s)
    assert (len(pairs), -sum(apart)) == (number, pytest.approx(nearness))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17, 1998, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_as_printed(hits: int, n: int, low: float, high: float) -> None:
    share = wilson(hits, n)
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


def test_the_true_share_lies_between_the_bounds_as_often_as_said() -> None:
    dice = Random(1)
    held = 0
    for _ in range(2000):
        share = wilson(sum(dice.random() < 0.93 for _ in range(60)), 60)
        assert share.low is not None
        assert share.high is not None
        held += share.low <= 0.93 <= share.high
    assert 0.93 < held / 2000 < 0.98


def test_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)
