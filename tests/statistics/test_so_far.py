"""A day so far, by real records: whatever was off, or closed, or not there, nothing is said."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from edge.analytics.so_far import so_far

if TYPE_CHECKING:
    from seeded_kit import Seeded


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=timezone.utc)


def test_a_day_so_far_is_what_the_rows_say(shops: dict[str, Seeded]) -> None:
    day_shop = shops["day"]
    with day_shop.reader() as records:
        found = so_far(records, records.calendar(), day_shop.opening, at(24, 14))
        closed = so_far(records, records.calendar(), day_shop.opening, at(24, 23))
        sunday = so_far(records, records.calendar(), day_shop.opening, at(22, 14))
        first = so_far(records, records.calendar(), None, datetime(2020, 1, 1, tzinfo=timezone.utc))
    assert found is not None
    assert found.expected.low < found.expected.value < found.expected.high
    ((came,),) = day_shop.sql(
        "SELECT count(*) FROM crossing WHERE site_day(seq, at_ms) = '2026-11-24' AND direction = 0"
        " AND site_hour(seq, at_ms) < '2026-11-24T15:00:00+01:00' AND line IN"
        " (SELECT id FROM subject WHERE kind = 'line' AND door = 1)"
    )
    assert found.came == pytest.approx(came)
    assert (closed, sunday, first) == (None, None, None)
