"""What a crossing and a visit take on the card, over 100,000 of them; and how few rows a year's report reads."""

from __future__ import annotations

from datetime import date, datetime, timezone
from random import Random
from typing import TYPE_CHECKING

import pytest
from storage_kit import IN, OUT, Box, sql, visit

from edge.storage.queries import Records
from edge.storage.records import Crossing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.storage.records import Record

N = 100_000
BATCH = 600
# A day of fourteen hours with 2,400 crossings.
SPACING_S = 14 * 3600 / 2400
CROSSING_BYTES, VISIT_BYTES = 20, 64
LONG_AGO, NEW_YEAR = datetime(1970, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, 6, tzinfo=timezone.utc)


def crossings() -> list[Record]:
    """Two cameras with two lines each, over six weeks; nights are quiet."""
    dice = Random(7)
    made: list[Record] = []
    for number in range(N):
        day, of_day = divmod(number, 2400)
        at_s = 60.0 + day * 86400 + of_day * SPACING_S + dice.random()
        camera, line = dice.choice([("front", "left"), ("front", "right"), ("back", "left"), ("back", "right")])
        made.append(Crossing(at_s, camera, line, dice.choice([IN, OUT])))
    return made


def write(box: Box, records: list[Record], by: int = BATCH) -> None:
    assert box.store is not None
    for start in range(0, len(records), by):
        box.store.append(records[start : start + by])


@pytest.fixture(scope="module")
def unset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """100,000 crossings by a box that did not know the time, until all of it was over."""
    box = Box(tmp_path_factory.mktemp("sizes") / "acm.db", clock=LONG_AGO, synced=False)
    box.start()
    write(box, crossings())
    yield box
    box.stop()


def size(box: Box) -> int:
    """Of the file, with everything in it."""
    assert box.store is not None
    assert box.store.rest()
    return box.path.stat().st_size


def test_a_crossing_without_a_time_is_no_bigger(unset: Box) -> None:
    assert size(unset) / N <= CROSSING_BYTES


def test_a_crossing_that_was_given_its_time_is_no_bigger(unset: Box) -> None:
    size_before = size(unset)
    unset.uptime_s, unset.synced = 45 * 86400.0, True
    unset.clock = datetime(2026, 10, 1, 5, tzinfo=timezone.utc)
    assert unset.store is not None
    news = unset.store.observe(unset.reading())
    assert news is not None
    assert news.restamped == N
    assert size(unset) / N <= CROSSING_BYTES
    pages = sql(unset.path, "SELECT count(*) FROM crossing WHERE at_ms < 0")
    assert pages == [(0,)]
    # What grew are the figures alone: now there are some.
    assert size(unset) - size_before < 0.02 * size_before + 300_000


def test_a_crossing_is_small(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    box.start()
    write(box, crossings())
    assert size(box) / N <= CROSSING_BYTES
    box.stop()


def test_a_visit_with_both_its_crossings_is_small(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    box.start()
    dice = Random(7)
    visits = [record for number in range(N) for record in visit(60.0 + number * 40, dice.uniform(20, 3600))]
    write(box, visits)
    assert size(box) / N <= VISIT_BYTES
    box.stop()


def test_a_years_report_reads_hundreds_of_rows(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db", clock=NEW_YEAR)
    box.start()
    # Thirty visits a day, for a year.
    arrivals = [60 + day * 86400 + turn * 900 for day in range(365) for turn in range(30)]
    write(box, [record for arrival in arrivals for record in visit(arrival, 600)])
    box.stop()
    with Records(box.path) as records:
        lines = records.lines_by_day(date(2026, 1, 1), date(2026, 12, 31))
        stays = records.stays_by_day(date(2026, 1, 1), date(2026, 12, 31))
        totals = records.totals(date(2026, 1, 1), date(2026, 12, 31))
    assert len(lines) == len(stays) == 365
    assert (totals.entered, totals.left, totals.visits.count) == (365 * 30, 365 * 30, 365 * 30)
    assert totals.visits.median_s == pytest.approx(600, rel=0.03)
    plan = sql(box.path, "EXPLAIN QUERY PLAN SELECT ins FROM day_figure WHERE day BETWEEN 1 AND 2")
    assert "USING PRIMARY KEY" in str(plan), "days outside are not read"


def test_days_are_told_apart(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db", clock=NEW_YEAR)
    box.start()
    write(box, [record for day in range(3) for record in visit(60 + day * 86400, 600)])
    box.stop()
    with Records(box.path) as records:
        assert records.days() == (date(2026, 1, 1), date(2026, 1, 3))
        figures = records.lines_by_day(date(2026, 1, 2), date(2026, 1, 9))
    assert [figure.when.day for figure in figures] == [date(2026, 1, 2), date(2026, 1, 3)]
