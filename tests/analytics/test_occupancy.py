"""The occupancy ledger and stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.occupancy import Correction, CorrectionReason, Occupancy, Visits
from edge.core.model import Direction

IN, OUT = Direction.IN, Direction.OUT
steps = st.lists(st.one_of(st.sampled_from([IN, OUT]), st.integers(0, 50)), max_size=60)


def test_in_and_out() -> None:
    ledger = Occupancy()
    assert [ledger.cross(way, t) for t, way in enumerate((IN, IN, OUT, IN))] == [1, 2, 1, 2]
    assert (ledger.entered, ledger.left, ledger.inside) == (3, 1, 2)
    assert ledger.corrections == []


def test_nobody_can_be_less_than_nobody() -> None:
    ledger = Occupancy()
    assert ledger.cross(OUT, 3.0) == 0
    assert (ledger.entered, ledger.left) == (0, 1)
    assert ledger.corrections == [Correction(3.0, 1, CorrectionReason.NEGATIVE)]
    assert ledger.cross(IN, 4.0) == 1


def test_close_of_business_is_a_row_and_leaves_the_totals_alone() -> None:
    ledger = Occupancy()
    for t in range(5):
        ledger.cross(IN, t)
    ledger.cross(OUT, 6.0)
    row = ledger.correct(0, 9.0, CorrectionReason.CLOSING)
    assert row == Correction(9.0, -4, CorrectionReason.CLOSING)
    assert (ledger.inside, ledger.entered, ledger.left) == (0, 5, 1)
    assert ledger.drift == pytest.approx(4 / 5)


def test_set_by_hand() -> None:
    ledger = Occupancy()
    assert ledger.correct(7, 1.0, CorrectionReason.MANUAL).change == 7
    assert ledger.correct(3, 2.0, CorrectionReason.MANUAL).change == -4
    assert ledger.inside == 3
    with pytest.raises(ValueError, match="-1"):
        ledger.correct(-1, 3.0, CorrectionReason.MANUAL)
    assert len(ledger.corrections) == 2


def test_drift_is_unknown_before_anybody_came() -> None:
    ledger = Occupancy()
    assert ledger.drift is None
    ledger.cross(OUT, 0.0)
    assert ledger.drift is None


@settings(derandomize=True, deadline=None)
@given(steps)
def test_the_ledger_sums_and_is_never_negative(day: list[Direction | int]) -> None:
    ledger, previous_rows = Occupancy(), []
    for t, step in enumerate(day):
        if isinstance(step, Direction):
            assert ledger.cross(step, t) == ledger.inside
        else:
            ledger.correct(step, t, CorrectionReason.MANUAL)
            assert ledger.inside == step
        assert ledger.inside >= 0
        assert ledger.inside == ledger.entered - ledger.left + sum(row.change for row in ledger.corrections)
        assert ledger.corrections[: len(previous_rows)] == previous_rows
        previous_rows = list(ledger.corrections)
    assert (ledger.entered, ledger.left) == (day.count(IN), day.count(OUT))


def test_stays_pair_departures_with_the_oldest_arrival() -> None:
    visits = Visits()
    assert [visits.cross(IN, t) for t in (0.0, 10.0)] == [None, None]
    assert visits.cross(OUT, 30.0) == 30.0
    assert visits.cross(OUT, 35.0) == 25.0
    assert visits.cross(OUT, 40.0) is None


def test_stays_are_forgotten_at_closing() -> None:
    visits = Visits()
    visits.cross(IN, 0.0)
    visits.close()
    assert visits.cross(OUT, 5.0) is None


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 500), st.floats(1, 300)), min_size=1, max_size=30))
def test_the_mean_stay_is_right_whoever_was_whom(people: list[tuple[float, float]]) -> None:
    booked = sorted([(a, 0) for a, _ in people] + [(a + stay, 1) for a, stay in people])
    visits = Visits()
    stays = [visits.cross(OUT if leaves else IN, t) for t, leaves in booked]
    paired = [stay for stay in stays if stay is not None]
    assert len(paired) == len(people)
    assert sum(paired) == pytest.approx(sum(stay for _, stay in people))
    assert min(paired) >= 0


def test_missed_departures_do_not_pile_up_for_ever() -> None:
    visits = Visits()
    for t in range(Visits.MOST_OPEN + 5):
        visits.cross(IN, float(t))
    assert visits.cross(OUT, 20_000.0) == 20_000.0 - 5


def test_years_of_corrections_are_counted_in_and_only_the_latest_kept() -> None:
    occupancy = Occupancy()
    for t_s in range(3000):
        occupancy.cross(Direction.OUT, float(t_s))
    assert occupancy.inside == 0
    assert len(occupancy.corrections) == Occupancy.MOST_CORRECTIONS
    assert occupancy.corrections[-1].t_s == 2999.0
    assert occupancy.cross(Direction.IN, 3000.0) == 1
