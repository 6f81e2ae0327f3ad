"""Which report is due: each period once, whatever the clocks of the zone do."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.due import LONGEST_PAUSE_S, UNITS, Round, due, may_try, pause_s
from edge.analytics.periods import DAY, Period, Unit
from edge.core.calendar import SiteCalendar
from edge.core.timekeeping import to_ms

BERLIN = ZoneInfo("Europe/Berlin")
# Half-hour steps (Lord Howe), a day left out (Apia, 2011), midnight left out (Santiago, Beirut), none at all (UTC).
ZONES = [
    "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Beirut", "Asia/Kathmandu", "UTC",
]  # fmt: skip
LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)

rounds = st.builds(
    Round, st.sampled_from(UNITS), st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.builds(SiteCalendar, st.sampled_from(ZONES).map(ZoneInfo), st.integers(0, 23)), st.integers(0, 6),
)  # fmt: skip
# From 2010 to 2031, to the minute.
moments = st.integers(0, 11_500_000).map(
    lambda minutes: datetime(2010, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    """A moment by the clock in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def weekly(**how: int) -> Round:
    return Round(Unit.WEEK, time(7), SiteCalendar(BERLIN), **how)


@given(rounds, moments)
def test_what_is_due_is_the_latest_that_has_ended(turn: Round, now: datetime) -> None:
    period = turn.latest(now)
    following = turn.period(period.last + DAY)
    assert turn.due_at(period) <= now < turn.due_at(following)
    assert turn.calendar.start_ms(period.last + DAY) <= to_ms(now), "never before its last day has ended"
    assert turn.next_at(now) == turn.due_at(following)
    assert following.first == period.last + DAY


@settings(max_examples=50)
@given(rounds, moments, st.integers(1, 40))
def test_each_period_is_made_once_however_often_one_looks(turn: Round, start: datetime, days: int) -> None:
    done: list[date] = []
    made: list[Period] = []
    for step in range(days * 8):
        now = start + timedelta(hours=3) * step
        found = due(turn, now, start, done)
        if found is not None:
            made.append(found)
            done.append(found.first)
    end = start + timedelta(hours=3) * (days * 8 - 1)
    expected, period = [], turn.latest(start)
    while turn.due_at(period) <= end:
        if turn.due_at(period) >= start:
            expected.append(period)
        period = turn.period(period.last + DAY)
    assert made == expected, "every one, in order, none twice"


@given(rounds, moments, st.lists(st.integers(-90, 90), max_size=12))
def test_no_period_is_made_twice_wherever_the_clock_goes(turn: Round, start: datetime, jumps: list[int]) -> None:
    done: list[date] = []
    for jump in jumps:
        found = due(turn, start + timedelta(days=jump), LONG_AGO, done)
        if found is not None:
            assert found.first not in done
            assert turn.due_at(found) <= start + timedelta(days=jump)
            done.append(found.first)


@given(rounds, moments, st.integers(1, 400))
def test_after_being_off_the_latest_is_made_and_no_other(turn: Round, now: datetime, days: int) -> None:
    before = turn.latest(now - timedelta(days=days)).first
    found = due(turn, now, LONG_AGO, [before])
    assert found == (None if turn.latest(now).first == before else turn.latest(now))
    if found is not None:
        assert due(turn, now, LONG_AGO, [before, found.first]) is None


@given(rounds, moments)
def test_what_was_due_before_it_was_wanted_is_not_made(turn: Round, now: datetime) -> None:
    assert due(turn, now, now + timedelta(seconds=1), []) is None or turn.due_at(turn.latest(now)) > now
    assert due(turn, turn.next_at(now), now, []) is not None


def test_a_weeks_report_is_due_on_monday_at_seven_summer_and_winter() -> None:
    turn = weekly()
    week = Period(date(2026, 3, 23), date(2026, 3, 29))  # the clocks go forward on its last day
    assert turn.due_at(week) == at("2026-03-30T07:00") == datetime(2026, 3, 30, 5, tzinfo=timezone.utc)
    assert turn.latest(at("2026-03-30T06:59")).last == date(2026, 3, 22)
    assert turn.latest(at("2026-03-30T07:00")) == week
    autumn = Period(date(2026, 10, 19), date(2026, 10, 25))
    assert turn.due_at(autumn) == datetime(2026, 10, 26, 6, tzinfo=timezone.utc)
    assert weekly(week_starts=6).latest(at("2026-03-29T07:00")).last == date(2026, 3, 28), "weeks that begin on Sunday"


def test_a_time_the_clocks_leave_out_or_have_twice_comes_once() -> None:
    turn = Round(Unit.DAY, time(2, 30), SiteCalendar(BERLIN))
    spring, autumn = Period(date(2026, 3, 28), date(2026, 3, 28)), Period(date(2026, 10, 24), date(2026, 10, 24))
    assert turn.due_at(spring) == datetime(2026, 3, 29, 1, 30, tzinfo=timezone.utc), "03:30 by the clock"
    assert turn.due_at(autumn) == datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc), "the first of the two"
    assert due(turn, datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc), LONG_AGO, [autumn.first]) is None


def test_months_have_their_own_ends() -> None:
    turn = Round(Unit.MONTH, time(7), SiteCalendar(BERLIN))
    assert turn.latest(at("2028-03-01T07:00")) == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert turn.latest(at("2028-03-01T06:59")) == Period(date(2028, 1, 1), date(2028, 1, 31))
    assert turn.next_at(at("2026-12-15T12:00")) == at("2027-01-01T07:00")


def test_a_shop_that_is_open_past_midnight_is_not_told_of_before_its_day_has_ended() -> None:
    turn = Round(Unit.DAY, time(5), SiteCalendar(BERLIN, 6))
    assert turn.due_at(Period(date(2026, 11, 24), date(2026, 11, 24))) == at("2026-11-25T06:00")


def test_a_wrong_clock_in_the_future_keeps_nothing_from_being_made_for_long() -> None:
    turn, far = weekly(), date(2027, 6, 7)
    now = at("2026-11-23T07:00")
    assert due(turn, now, LONG_AGO, [far]) == Period(date(2026, 11, 16), date(2026, 11, 22))


def test_pauses_grow_from_a_minute_to_six_hours() -> None:
    assert [pause_s(tries) for tries in (0, 1, 2, 3)] == [0, 60, 120, 240]
    assert pause_s(10) == pause_s(1000) == LONGEST_PAUSE_S
    now = at("2026-11-23T07:00")
    assert may_try(now, 0, None)
    assert not may_try(now, 1, now - timedelta(seconds=59))
    assert may_try(now, 1, now - timedelta(seconds=60))
    assert may_try(now, 9, now + timedelta(days=3)), "noted by a clock that was wrong"
