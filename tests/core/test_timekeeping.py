"""What the time of day is on a machine without a clock: first starts, reboots, steps, no time server for weeks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.clock import ClockReading, ManualClock, read_clock
from edge.core.timekeeping import STEP_MS, Quality, TimeChange, Timekeeper, estimated_offsets, from_ms, to_ms

steady = settings(derandomize=True, deadline=None, max_examples=150)
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
NOON_MS = to_ms(NOON)
LONG_AGO = datetime(1970, 1, 1, 0, 0, 20, tzinfo=timezone.utc)
HOUR_S, HOUR_MS = 3600.0, 3_600_000


def reading(uptime_s: float, utc: datetime, *, synced: bool = False) -> ClockReading:
    return ClockReading(uptime_s, utc, synced)


def test_a_first_start_knows_nothing_whatever_the_clock_says() -> None:
    keeper = Timekeeper()
    assert keeper.see(reading(20, LONG_AGO)) is None
    assert keeper.see(reading(30, datetime(2025, 6, 1, tzinfo=timezone.utc))) is None, "a build date is no time"
    assert keeper.quality is Quality.UNSET
    assert keeper.at(30) is None


def test_the_first_sync_gives_the_whole_boot_its_time() -> None:
    keeper = Timekeeper()
    keeper.see(reading(20, LONG_AGO))
    change = keeper.see(reading(600, NOON, synced=True))
    assert change == TimeChange(Quality.SYNCED, NOON_MS - 600_000, restamp=True)
    assert keeper.at(0) == NOON - timedelta(seconds=600)
    assert keeper.see(reading(610, NOON + timedelta(seconds=10), synced=True)) is None


def test_a_reboot_without_network_carries_on() -> None:
    keeper = Timekeeper(floor_ms=NOON_MS)
    change = keeper.see(reading(15, NOON + timedelta(minutes=5)))
    assert change == TimeChange(Quality.HOLDOVER, NOON_MS + 285_000, restamp=True)
    assert not keeper.certain


def test_now_is_not_before_the_last_record() -> None:
    keeper = Timekeeper(floor_ms=NOON_MS)
    change = keeper.see(reading(15, LONG_AGO))
    assert change == TimeChange(Quality.HOLDOVER, NOON_MS, restamp=True)
    assert keeper.at(15) == NOON + timedelta(seconds=15)


def test_a_carried_time_gives_way_to_a_server() -> None:
    keeper = Timekeeper(floor_ms=NOON_MS)
    keeper.see(reading(15, NOON))
    change = keeper.see(reading(600, NOON + timedelta(days=3), synced=True))
    assert change is not None
    assert change.restamp
    assert keeper.at(600) == NOON + timedelta(days=3)


def test_once_a_server_was_heard_no_hand_moves_the_clock() -> None:
    keeper = Timekeeper()
    keeper.see(reading(10, NOON, synced=True))
    change = keeper.see(reading(20, NOON - timedelta(hours=2)))
    assert change == TimeChange(Quality.HOLDOVER, NOON_MS - 10_000, restamp=False)
    assert keeper.at(20) == NOON + timedelta(seconds=10)
    assert keeper.see(reading(30, NOON + timedelta(hours=5))) is None


def test_a_server_may_set_it_either_way_from_then_on() -> None:
    keeper = Timekeeper()
    keeper.see(reading(10, NOON, synced=True))
    back = keeper.see(reading(20, NOON - timedelta(hours=2), synced=True))
    assert back == TimeChange(Quality.SYNCED, NOON_MS - 20_000 - 2 * HOUR_MS, restamp=False)
    forth = keeper.see(reading(30, NOON + timedelta(hours=1), synced=True))
    assert forth == TimeChange(Quality.SYNCED, NOON_MS - 30_000 + HOUR_MS, restamp=False)


def test_the_network_comes_back_and_nothing_has_moved() -> None:
    keeper = Timekeeper()
    keeper.see(reading(10, NOON, synced=True))
    keeper.see(reading(20, NOON + timedelta(seconds=10)))
    offset_ms = keeper.offset_ms
    change = keeper.see(reading(3610, NOON + timedelta(hours=1, milliseconds=STEP_MS - 1), synced=True))
    assert change == TimeChange(Quality.SYNCED, NOON_MS - 10_000, restamp=False)
    assert keeper.offset_ms == offset_ms


def test_a_program_started_again_in_the_same_boot_goes_on() -> None:
    keeper = Timekeeper(floor_ms=NOON_MS, offset_ms=NOON_MS + HOUR_MS, certain=True)
    assert keeper.at(5) == NOON + timedelta(hours=1, seconds=5)
    assert keeper.see(reading(700, LONG_AGO)) is None, "it was certain; a clock that has no server is not asked"
    change = keeper.see(reading(710, NOON + timedelta(hours=1, seconds=710), synced=True))
    assert change == TimeChange(Quality.SYNCED, NOON_MS + HOUR_MS, restamp=False)


def test_earlier_boots_are_put_right_before_the_one_that_knows() -> None:
    unknown = [(60_000, None), (5_000, None)]
    assert list(estimated_offsets(unknown, NOON_MS)) == [NOON_MS - 60_000, NOON_MS - 65_000]
    assert list(estimated_offsets([(60_000, NOON_MS - HOUR_MS), (5_000, None)], NOON_MS)) == [
        NOON_MS - HOUR_MS,
        NOON_MS - HOUR_MS - 5_000,
    ]


def test_a_boot_cannot_have_been_on_after_the_next_one_began() -> None:
    boots = [(60_000, NOON_MS + HOUR_MS), (5_000, NOON_MS - 59_000)]
    assert list(estimated_offsets(boots, NOON_MS)) == [NOON_MS - 60_000, NOON_MS - 65_000]


def test_a_clock_is_read_within_its_shortest_pause() -> None:
    class Stuttering(ManualClock):
        pauses = iter([0.2, 0.001, 0.3, 0.0, 0.0, 0.0])

        def utc_now(self) -> datetime:
            self.advance(next(self.pauses))
            return super().utc_now()

    clock = Stuttering(100.0, NOON)
    seen = read_clock(clock, synced=True)
    assert abs(to_ms(seen.utc) - NOON_MS - round((seen.uptime_s - 100) * 1000)) <= 1


@steady
@given(
    st.lists(
        st.tuples(st.floats(0.01, 1e5), st.integers(-(10**9), 10**9), st.booleans()), min_size=1, max_size=30
    ),
    st.none() | st.integers(10**12, 2 * 10**12),
)
def test_whatever_the_clock_does(steps: list[tuple[float, int, bool]], floor_ms: int | None) -> None:
    """Only what a server said, or what may not be earlier than the records, is ever taken for the time."""
    keeper, uptime_s, heard = Timekeeper(floor_ms), 0.0, False
    for pause_s, step_ms, synced in steps:
        uptime_s += pause_s
        utc = from_ms(NOON_MS + step_ms)
        change = keeper.see(reading(uptime_s, utc, synced=synced))
        assert change is None or not (change.restamp and heard), "what a server vouched for is never moved"
        heard = heard or synced
        now_ms = keeper.at_ms(uptime_s)
        if synced:
            assert keeper.quality is Quality.SYNCED
            assert now_ms is not None
            assert abs(now_ms - to_ms(utc)) <= STEP_MS
        elif not heard:
            assert keeper.quality is (Quality.UNSET if floor_ms is None else Quality.HOLDOVER)
            assert floor_ms is None or (now_ms is not None and now_ms >= floor_ms - STEP_MS)


@steady
@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(timezone.utc)))  # noqa: DTZ001 - limits are naive by contract
def test_milliseconds_and_times_are_the_same(at: datetime) -> None:
    assert timedelta(0) <= at - from_ms(to_ms(at)) < timedelta(milliseconds=1)
