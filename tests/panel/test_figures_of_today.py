"""The day so far against the same weekday's usual, seen over real records; which hours are shown."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from storage_kit import BERLIN, visit
from storage_kit import Box as Recorder

from edge.core.timekeeping import to_ms
from edge.panel.figures import HourOfDay, Today, today
from edge.panel.pages.today import shown
from edge.storage.statistics.reader import StatisticsReader

if TYPE_CHECKING:
    from pathlib import Path

# A Wednesday; in Berlin it is an hour later.
NOW = datetime(2026, 11, 25, 11, 30, tzinfo=timezone.utc)
DAY_S = 86_400.0


def wednesdays(path: Path, people: dict[int, int]) -> None:
    """``people`` come between 10:00 and 11:00 (UTC) so many weeks ago, each for ten minutes."""
    recorder = Recorder(path, clock=NOW - timedelta(days=60))
    store = recorder.start()
    recorder.wait(60 * DAY_S)
    recorder.look()
    for weeks, number in sorted(people.items(), reverse=True):
        start_s = recorder.uptime_s - weeks * 7 * DAY_S - 5400.0
        rows = [row for step in range(number) for row in visit(start_s + 60.0 * step, 600.0)]
        store.append(sorted(rows, key=lambda row: row.uptime_s))
    recorder.stop()


def figures(path: Path) -> Today:
    return at(path, NOW)


def at(path: Path, now: datetime) -> Today:
    with StatisticsReader(path) as records:
        return today(records, BERLIN, now, records.usual_day(BERLIN.day_of(to_ms(now))))


def test_a_day_is_held_against_the_median_of_the_same_weekdays(tmp_path: Path) -> None:
    wednesdays(tmp_path / "r.db", {0: 30, 1: 20, 2: 10, 3: 20, 4: 500})
    found = figures(tmp_path / "r.db")
    assert (found.entered, found.left, found.inside) == (30, 30, 0)
    assert found.usual == pytest.approx(20.0)
    assert found.against_usual == pytest.approx(0.5)
    assert found.busiest is not None
    assert (found.busiest.clock_hour, found.busiest.ins) == (11, 30)
    assert found.busiest.usual == pytest.approx(20.0)
    assert (found.stay_s, found.visits, found.agreed) == (600.0, 30, 1.0)
    assert found.peak == 10
    assert len(found.arrivals) == 6
    assert found.arrivals[0].at.hour == 11
    assert found.arrivals[0].at > found.arrivals[1].at


def test_of_the_hour_that_is_under_way_only_what_is_past_is_usual(tmp_path: Path) -> None:
    wednesdays(tmp_path / "r.db", {0: 5, 1: 20, 2: 20, 3: 20})
    assert at(tmp_path / "r.db", NOW - timedelta(hours=1)).usual == pytest.approx(10.0)


def test_without_weeks_before_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    wednesdays(tmp_path / "r.db", {0: 3})
    found = figures(tmp_path / "r.db")
    assert (found.usual, found.against_usual) == (None, None)
    assert {hour.usual for hour in found.hours} == {None}


def test_a_day_on_which_nobody_came_is_empty(tmp_path: Path) -> None:
    wednesdays(tmp_path / "r.db", {})
    found = figures(tmp_path / "r.db")
    assert (found.entered, found.busiest, found.stay_s, found.peak_hour, found.agreed) == (0, None, None, None, None)
    assert shown(found) == []


def test_people_without_times_are_not_taken_for_nobody(tmp_path: Path) -> None:
    wednesdays(tmp_path / "r.db", {})
    found = figures(tmp_path / "r.db")
    told = {"in": 2, "records": {"clock": "unset"}}
    assert found.timeless(told)
    assert not found.timeless({**told, "in": 0}), "nobody came"
    assert not found.timeless({**told, "records": {"clock": "synced"}}), "they came before midnight"
    assert not found.timeless(None)


def test_the_hours_shown_are_those_with_people_and_some_around(tmp_path: Path) -> None:
    wednesdays(tmp_path / "r.db", {0: 3})
    hours = shown(figures(tmp_path / "r.db"))
    assert [hour.clock_hour for hour in hours] == list(range(6, 17))
    assert isinstance(hours[0], HourOfDay)
