"""Pairing of counted crossings with real ones."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.truth import TOLERANCE_S, judge, together
from edge.core.model import Direction

IN, OUT = Direction.IN, Direction.OUT


def test_each_crossing_is_used_once() -> None:
    verdict = judge("door", [(5.0, IN), (5.2, IN)], [(5.1, IN)])
    assert (verdict.right, len(verdict.false), verdict.missed) == (1, 1, ())


def test_direction_must_agree() -> None:
    verdict = judge("door", [(5.0, OUT)], [(5.0, IN)])
    assert verdict.right == 0
    assert verdict.false == ((5.0, OUT),)
    assert verdict.missed == ((5.0, IN),)


@pytest.mark.parametrize(("late_s", "right"), [(1.0, 1), (-1.0, 1), (1.01, 0), (-1.01, 0)])
def test_tolerance_is_one_second_either_way(late_s: float, right: int) -> None:
    assert judge("door", [(18.9 + late_s, IN)], [(18.9, IN)]).right == right


def test_a_chain_is_paired_whole() -> None:
    """The nearest partner of 10.9 is 11.0, but then 12.0 would be left alone."""
    assert judge("door", [(10.9, IN), (11.9, IN)], [(10.0, IN), (11.0, IN)]).right == 2
    assert judge("door", [(11.0, IN), (12.0, IN)], [(10.0, IN), (11.1, IN)]).right == 2


def test_figures() -> None:
    verdict = judge("door", [(1.0, IN), (9.0, IN), (20.0, OUT)], [(1.0, IN), (20.0, OUT), (30.0, OUT), (40.0, OUT)])
    assert verdict.precision == pytest.approx(2 / 3)
    assert verdict.recall == pytest.approx(2 / 4)
    assert verdict.f1 == pytest.approx(4 / 7)


def test_an_empty_night_without_a_count_is_perfect() -> None:
    verdict = judge("door", [], [])
    assert (verdict.precision, verdict.recall, verdict.f1) == (1.0, 1.0, 1.0)
    assert judge("door", [(3.0, IN)], []).f1 == 0.0
    assert judge("door", [], [(3.0, IN)]).f1 == 0.0


def test_together_adds_up() -> None:
    both = together([judge("a", [(1.0, IN)], [(1.0, IN)]), judge("b", [(2.0, IN)], [(9.0, OUT)])])
    assert (both.right, both.false, both.missed) == (1, ((2.0, IN),), ((9.0, OUT),))


TIMES = st.lists(st.integers(0, 60).map(lambda tenths: tenths / 10), max_size=5)


@given(TIMES, TIMES)
def test_no_pairing_finds_more(told: list[float], real: list[float]) -> None:
    few, many = sorted((told, real), key=len)
    best = max(
        sum(abs(a - b) <= TOLERANCE_S + 1e-9 for a, b in zip(few, chosen, strict=True))
        for chosen in permutations(many, len(few))
    )
    verdict = judge("door", [(t, IN) for t in told], [(t, IN) for t in real])
    assert verdict.right == best
    assert len(verdict.false) == len(told) - best
    assert len(verdict.missed) == len(real) - best
