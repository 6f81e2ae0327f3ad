"""When it may be sent where the network is dear."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.upstream import UpstreamTable
from edge.upstream.metered import LOOK_AGAIN, Metered

NIGHT = Metered(((time(22), time(6)),))
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("clock", "wait_s"),
    [("22:00", 0), ("03:00", 0), ("05:59", 0), ("06:00", 900), ("12:00", 900), ("21:50", 600), ("21:59", 60)],
)
def test_it_waits_for_its_hours_and_looks_again_in_time(clock: str, wait_s: float) -> None:
    local = datetime.combine(datetime(2026, 6, 1, tzinfo=PARIS), time.fromisoformat(clock), PARIS)
    assert NIGHT.wait_s(local) == wait_s


@given(st.datetimes(timezones=st.just(PARIS)))
def test_it_never_waits_past_the_opening(local: datetime) -> None:
    wait_s = NIGHT.wait_s(local)
    assert 0 <= wait_s <= LOOK_AGAIN.total_seconds()
    assert (wait_s == 0) == (local.hour >= 22 or local.hour < 6)
    assert Metered().wait_s(local) == 0


def test_the_limit_holds_in_the_mean() -> None:
    table = UpstreamTable(limit_kbit_s=64, window=("08:00-09:00", "13:00-14:00"))
    metered = Metered.of(table)
    assert metered.pause_s(6_500) == 1.0
    assert Metered().pause_s(10**9) == 0
    assert len(metered.windows) == 2
