"""Honest times: what was recorded before the time was known gets the right one, in order, and nothing twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest
from storage_kit import IN, MONDAY, Box, figures_differing, in_order, kept, sql, visit

from edge.core.timekeeping import Quality
from edge.storage.errors import StorageWaitError
from edge.storage.queries import Records
from edge.storage.records import Crossing, Heat, Step, Visit, Walk, ZoneStay

if TYPE_CHECKING:
    from pathlib import Path

LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def lost(tmp_path: Path) -> Box:
    """A box that wakes up in 1970 and hears nobody."""
    return Box(tmp_path / "acm.db", clock=LONG_AGO, synced=False)


def learns_the_time(box: Box, now: datetime) -> None:
    box.clock, box.synced = now - timedelta(seconds=box.uptime_s), True
    box.look()


def test_fifty_events_before_the_first_sync(lost: Box) -> None:
    store = lost.start()
    started = MONDAY - timedelta(seconds=600)
    arrivals = [lost.wait(12) for _ in range(25)]
    for arrival in arrivals:
        store.append(visit(arrival, 5.0)[:1])
        store.append(visit(arrival, 5.0)[1:])
        lost.look()
    assert store.quality is Quality.UNSET
    assert all(row.at is None for row in kept(lost.path))
    assert figures_differing(lost.path) == 0
    lost.uptime_s = 600.0
    learns_the_time(lost, MONDAY)
    assert store.quality is Quality.SYNCED
    store.append(visit(lost.wait(1), 5.0))
    rows = kept(lost.path)
    crossings = [row for row in rows if isinstance(row.record, Crossing)]
    assert [row.at for row in crossings[:50:2]] == [started + timedelta(seconds=arrival) for arrival in arrivals]
    assert all(before <= after for before, after in pairwise(in_order(row.at for row in rows)))
    stays = [row.record.stay_s for row in rows if isinstance(row.record, Visit)]
    assert stays == [5.0] * 26
    assert {row.quality for row in rows} == {Quality.SYNCED}
    assert {row.version for row in rows[:75]} == {2}
    assert {row.version for row in rows[75:]} == {1}
    assert figures_differing(lost.path) == 0
    with Records(lost.path) as records:
        assert records.totals(MONDAY.date(), MONDAY.date()).entered == 26
        (restamped,) = records.restamped_after(0)
    assert (restamped.first_seq, restamped.last_seq) == (1, 75)
    lost.stop()


def test_the_news_says_what_happened(lost: Box) -> None:
    store = lost.start()
    store.append(visit(20.0, 5.0))
    lost.uptime_s, lost.clock, lost.synced = 100.0, MONDAY, True
    news = store.observe(lost.reading())
    assert news is not None
    assert (news.quality, news.step_s, news.restamped) == (Quality.SYNCED, None, 3)
    lost.step_clock(-7200)
    news = store.observe(lost.reading())
    assert news is not None
    assert (news.step_s, news.restamped) == (-7200, 0)
    assert store.observe(lost.reading()) is None
    store.close()


def test_every_kind_is_given_its_time(lost: Box) -> None:
    store = lost.start()
    store.append([
        *visit(20.0, 5.0), ZoneStay(26.0, "door", "counter", 3.0), Walk(27.0, "door", (Step(0, 0, 0),)),
        Heat(28.0, "door", 60, 1, (1.0,)),
    ])  # fmt: skip
    lost.uptime_s = 100.0
    learns_the_time(lost, MONDAY)
    for row in kept(lost.path):
        assert row.at == MONDAY + timedelta(seconds=row.record.uptime_s - 100)
    store.close()


def test_the_program_may_be_started_again_before_the_sync(lost: Box) -> None:
    lost.start().append(visit(20.0, 5.0))
    lost.stop()
    lost.wait(100)
    store = lost.start()
    store.append(visit(130.0, 5.0))
    lost.uptime_s = 600.0
    learns_the_time(lost, MONDAY)
    assert [row.at for row in kept(lost.path, Crossing)][::2] == [
        MONDAY - timedelta(seconds=580), MONDAY - timedelta(seconds=470),
    ]  # fmt: skip
    store.close()


def test_two_starts_before_the_first_sync(lost: Box) -> None:
    """The earlier one ended, as far as anybody can tell, just before the later began; its rows say so."""
    store = lost.start()
    store.append(visit(20.0, 5.0))
    store.append(visit(300.0, 5.0))
    store = lost.reboot(LONG_AGO, synced=False)
    store.append(visit(50.0, 5.0))
    lost.uptime_s = 600.0
    learns_the_time(lost, MONDAY)
    rows = kept(lost.path, Crossing)
    second_start = MONDAY - timedelta(seconds=600)
    assert [row.quality for row in rows] == [Quality.ESTIMATED] * 4 + [Quality.SYNCED] * 2
    assert rows[3].at == second_start, "its last sign of life"
    assert rows[0].at == second_start - timedelta(seconds=285)
    assert rows[4].at == second_start + timedelta(seconds=50)
    assert [row.boot for row in rows] == [1, 1, 1, 1, 2, 2]
    assert list(in_order(row.at for row in rows)) == sorted(in_order(row.at for row in rows))
    assert figures_differing(lost.path) == 0
    store.close()


def test_a_start_that_ran_on_after_its_last_row(lost: Box) -> None:
    """A proper stop notes how long it ran, so the guess is better."""
    store = lost.start()
    store.append(visit(20.0, 5.0))
    lost.uptime_s = 1000.0
    lost.look()
    store = lost.reboot(LONG_AGO, synced=False)
    lost.uptime_s = 600.0
    learns_the_time(lost, MONDAY)
    assert kept(lost.path, Crossing)[0].at == MONDAY - timedelta(seconds=600 + 980)
    store.close()


def test_a_reboot_without_network(tmp_path: Path) -> None:
    """The machine's clock stood still while it was dark, and it cannot have been on before it was off."""
    box = Box(tmp_path / "acm.db")
    box.start().append(visit(20.0, 5.0))
    box.uptime_s = 100.0
    box.look()
    store = box.reboot(MONDAY + timedelta(seconds=100), synced=False)
    assert store.quality is Quality.HOLDOVER
    store.append(visit(60.0, 5.0))
    rows = kept(box.path, Crossing)
    assert rows[2].at == MONDAY + timedelta(seconds=160)
    assert [row.quality for row in rows] == [Quality.SYNCED] * 2 + [Quality.HOLDOVER] * 2
    box.uptime_s = 600.0
    learns_the_time(box, MONDAY + timedelta(days=3))
    rows = kept(box.path, Crossing)
    assert rows[0].at == MONDAY + timedelta(seconds=20), "what a server vouched for is not touched"
    assert rows[2].at == MONDAY + timedelta(days=3, seconds=60 - 600)
    assert [row.version for row in rows] == [1, 1, 2, 2]
    with Records(box.path) as records:
        days = [(figure.when.day, figure.ins) for figure in records.lines_by_day(date(2026, 11, 1), date(2026, 12, 1))]
    assert days == [(date(2026, 11, 23), 1), (date(2026, 11, 26), 1)]
    assert figures_differing(box.path) == 0
    store.close()


def test_a_clock_behind_the_records_is_not_believed(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    box.start().append(visit(20.0, 5.0))
    store = box.reboot(datetime(2025, 6, 1, tzinfo=timezone.utc), synced=False)
    store.append(visit(60.0, 5.0))
    ats = list(in_order(row.at for row in kept(box.path)))
    assert ats == sorted(ats)
    store.close()


def test_a_clock_set_to_another_year_is_found_out(tmp_path: Path) -> None:
    """Without a server it had to be believed, and so had the next start's; then a server tells."""
    box = Box(tmp_path / "acm.db")
    box.start().append(visit(20.0, 5.0))
    store = box.reboot(MONDAY + timedelta(days=3650), synced=False)
    store.append(visit(60.0, 5.0))
    store = box.reboot(MONDAY + timedelta(days=1), synced=False)
    store.append(visit(70.0, 5.0))
    assert [row.at.year for row in kept(box.path, Crossing) if row.at is not None] == [2026] * 2 + [2036] * 4
    box.uptime_s = 600.0
    learns_the_time(box, MONDAY + timedelta(days=1))
    rows = kept(box.path, Crossing)
    started = MONDAY + timedelta(days=1, seconds=-600)
    assert [row.quality for row in rows] == [Quality.SYNCED] * 2 + [Quality.ESTIMATED] * 2 + [Quality.SYNCED] * 2
    assert [row.at for row in rows][2:] == [
        started - timedelta(seconds=5), started, started + timedelta(seconds=70), started + timedelta(seconds=75),
    ]  # fmt: skip
    assert figures_differing(box.path) == 0
    store.close()


def test_it_jumps_back_two_hours(tmp_path: Path) -> None:
    """By a server: new times from then on, nothing before is touched, and stays are what they were."""
    box = Box(tmp_path / "acm.db")
    store = box.start()
    store.append(visit(20.0, 5.0)[:1])
    box.wait(3600)
    box.step_clock(-7200)
    box.look()
    store.append(visit(20.0, box.uptime_s - 20)[1:])
    rows = kept(box.path)
    assert [row.seq for row in rows] == [1, 2, 3]
    assert rows[0].at == MONDAY + timedelta(seconds=20)
    assert rows[1].at == MONDAY + timedelta(seconds=3610 - 7200)
    assert isinstance(rows[2].record, Visit)
    assert rows[2].record.stay_s == 3590.0
    assert store.inside == 0
    assert figures_differing(box.path) == 0
    store.close()


def test_somebody_sets_the_clock_by_hand(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    store = box.start()
    box.wait(100)
    box.synced = False
    box.step_clock(-7200)
    box.look()
    store.append(visit(box.uptime_s, 5.0))
    assert kept(box.path)[0].at == MONDAY + timedelta(seconds=110)
    assert kept(box.path)[0].quality is Quality.HOLDOVER
    store.close()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_clock_does_figures_are_what_rows_say(tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    box = Box(tmp_path / "acm.db", clock=LONG_AGO, synced=False)
    store = box.start()
    written = 0
    for _ in range(120):
        box.wait(dice.expovariate(1 / 3000))
        what = dice.random()
        if what < 0.6:
            arrival = box.uptime_s
            store.append(visit(arrival, dice.uniform(1, 500), dice.choice(["front", "back"])))
            written += 3
        elif what < 0.7:
            store.append([ZoneStay(box.uptime_s, "front", "counter", dice.uniform(1, 90))])
            written += 1
        elif what < 0.8:
            box.step_clock(dice.choice([-7200, 3600, 86400 * 3]))
        elif what < 0.9:
            box.synced = dice.random() < 0.6
            if box.synced:
                box.clock = MONDAY + timedelta(days=dice.randint(0, 5)) - timedelta(seconds=box.uptime_s)
        else:
            store = box.reboot(dice.choice([LONG_AGO, MONDAY, MONDAY + timedelta(days=1)]), synced=False)
        box.look()
    assert figures_differing(box.path) == 0
    rows = kept(box.path)
    assert [row.seq for row in rows] == list(range(1, written + 1))
    inside = sum(1 if row.record.direction is IN else -1 for row in rows if isinstance(row.record, Crossing))
    assert store.inside == inside
    store.rebuild()
    assert figures_differing(box.path) == 0
    store.close()


def test_a_time_that_becomes_known_while_the_disk_is_full_is_not_forgotten(lost: Box) -> None:
    store = lost.start()
    store.append([record for hour in range(200) for record in visit(20.0 + hour * 3600, 5.0)])
    pages = sql(lost.path, "PRAGMA page_count")[0][0]
    database = store._database  # noqa: SLF001 - a disk that is full at will
    database.pragma("max_page_count", pages)
    lost.uptime_s, lost.clock, lost.synced = 201 * 3600.0, MONDAY, True
    with pytest.raises(StorageWaitError, match="disk is full"):
        store.observe(lost.reading())
    assert store.quality is Quality.UNSET
    assert {row.at for row in kept(lost.path)} == {None}
    database.pragma("max_page_count", 10**6)
    news = store.observe(lost.reading())
    assert news is not None
    assert news.restamped == 600
    assert kept(lost.path)[0].at == MONDAY + timedelta(seconds=20)
    assert figures_differing(lost.path) == 0
    store.close()
