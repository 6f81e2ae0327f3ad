"""What is too old goes, what was counted stays counted, and no clock takes years with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from storage_kit import MONDAY, Box, figures_differing, kept, sql, visit

from edge.core.notices import CAMERA_LOST
from edge.storage.queries import Records
from edge.storage.records import Crossing, Heat, Step, Told, Walk, ZoneStay
from edge.storage.retention import Keeping

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86400.0
WALK = (Step(0, 0.5, 0.5), Step(0.5, 0.6, 0.5))
ANY = (date(2026, 1, 1), date(2030, 1, 1))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "acm.db")


def days_of_work(box: Box, days: int) -> None:
    assert box.store is not None
    for day in range(days):
        at_s = 20.0 + day * DAY_S
        box.store.append([
            *visit(at_s, 600.0), ZoneStay(at_s, "door", "counter", 9.0), Heat(at_s, "door", 3600, 1, (1.0,)),
            Told(at_s, CAMERA_LOST.fact(camera="door")),
        ])  # fmt: skip
    box.uptime_s = 20.0 + days * DAY_S
    box.look()


def lines(path: Path) -> list[tuple[date, int, int]]:
    with Records(path) as records:
        return [(figure.when.day, figure.ins, figure.outs) for figure in records.lines_by_day(*ANY)]


def test_old_rows_go_and_their_figures_stay(box: Box) -> None:
    store = box.start()
    days_of_work(box, 60)
    before = lines(box.path)
    gone = store.tidy(Keeping(counted_days=40, heat_days=30, notices_days=50))
    assert (gone.heat, gone.notices, gone.counted) == (30, 10, 20 * 4)
    assert lines(box.path) == before
    assert len(kept(box.path, Crossing)) == 80
    assert figures_differing(box.path) == 0
    store.rebuild()
    assert lines(box.path) == before, "what was let go of cannot be counted anew, and is not lost"
    assert figures_differing(box.path) == 0
    assert store.tidy(Keeping(counted_days=40, heat_days=30, notices_days=50)).counted == 0
    store.close()


def test_a_day_of_which_half_went_stays_whole(box: Box) -> None:
    store = box.start()
    day = [record for hour in range(10) for record in visit(20.0 + hour * 3600, 60.0)]
    store.append(day)
    box.uptime_s = 5 * 3600.0 + 30 * DAY_S
    box.look()
    before = lines(box.path)
    gone = store.tidy(Keeping(counted_days=30))
    assert 0 < gone.counted < len(day)
    assert lines(box.path) == before == [(MONDAY.date(), 10, 10)]
    store.rebuild()
    assert lines(box.path) == before
    assert figures_differing(box.path) == 0
    assert store.inside == 0
    store.close()


def test_who_is_inside_does_not_depend_on_rows_that_went(box: Box) -> None:
    store = box.start()
    store.append(visit(20.0, 5.0)[:1] * 7)
    days_of_work(box, 60)
    store.tidy(Keeping(counted_days=30))
    assert store.inside == 7
    store.close()
    store = box.start()
    assert store.inside == 7
    store.rebuild()
    with Records(box.path) as records:
        assert records.levels_by_day(*ANY)[-1].inside == 7
    store.close()


def test_numbers_are_not_used_again_when_all_rows_are_gone(box: Box) -> None:
    store = box.start()
    store.append(visit(20.0, 5.0))
    box.uptime_s = 100 * DAY_S
    box.look()
    store.tidy(Keeping(counted_days=1))
    assert kept(box.path) == []
    store.close()
    assert box.start().append(visit(box.uptime_s, 5.0)) == 6
    box.stop()


def test_a_clock_that_runs_ahead_does_not_take_years_with_it(box: Box) -> None:
    store = box.start()
    days_of_work(box, 100)
    box.step_clock(10 * 365 * DAY_S)
    box.look()
    store.tidy(Keeping(counted_days=40, heat_days=40, notices_days=40))
    assert len(kept(box.path, Crossing)) == 2 * (100 - 31)
    store.close()


def test_for_ever(box: Box) -> None:
    store = box.start()
    days_of_work(box, 60)
    gone = store.tidy(Keeping(counted_days=0, heat_days=0, notices_days=0))
    assert (gone.counted, gone.heat, gone.notices) == (0, 0, 0)
    store.close()


class TestWalks:
    def test_two_days_and_no_longer(self, box: Box) -> None:
        store = box.start()
        store.append([Walk(20.0 + hour * 3600, "door", WALK) for hour in range(72)])
        box.uptime_s = 20.0 + 72 * 3600
        box.look()
        assert store.tidy(Keeping()).walks == 24
        assert len(kept(box.path, Walk)) == 48
        store.close()

    def test_without_a_clock_either(self, tmp_path: Path) -> None:
        box = Box(tmp_path / "acm.db", clock=datetime(1970, 1, 1, tzinfo=timezone.utc), synced=False)
        store = box.start()
        store.append([Walk(20.0, "door", WALK)])
        store = box.reboot(datetime(1970, 1, 1, tzinfo=timezone.utc), synced=False)
        store.append([Walk(20.0 + hour * 3600, "door", WALK) for hour in range(72)])
        box.uptime_s = 40 * 3600.0
        box.look()
        assert store.tidy(Keeping()).walks == 0
        box.uptime_s = 20.0 + 72 * 3600
        box.look()
        assert store.tidy(Keeping()).walks == 24 + 1
        assert len(kept(box.path, Walk)) == 48
        store.close()

    def test_those_of_a_clock_that_ran_ahead(self, box: Box) -> None:
        box.step_clock(1000 * DAY_S)
        store = box.start()
        store.append([Walk(20.0, "door", WALK)])
        box.step_clock(-1000 * DAY_S)
        box.look()
        assert store.tidy(Keeping()).walks == 1
        store.close()

    def test_the_file_does_not_grow_for_ever(self, box: Box) -> None:
        """What goes makes room for what comes."""
        store = box.start()
        sizes = []
        for day in range(8):
            store.append([Walk(20.0 + day * DAY_S + turn * 100, "door", WALK * 40) for turn in range(300)])
            box.uptime_s = 20.0 + (day + 1) * DAY_S
            box.look()
            store.tidy(Keeping())
            store.rest()
            sizes.append(box.path.stat().st_size)
        assert sizes[-1] <= 1.1 * sizes[3]
        store.close()


def test_progress_is_noted(box: Box) -> None:
    store = box.start()
    box.wait(500)
    box.look()
    store.tidy(Keeping())
    assert sql(box.path, "SELECT last_uptime_ms FROM boot") == [(510_000,)]
    store.close()


def test_the_time_of_day_has_to_be_certain(tmp_path: Path) -> None:
    box = Box(tmp_path / "acm.db")
    box.start()
    days_of_work(box, 60)
    store = box.reboot(MONDAY + timedelta(days=3000), synced=False)
    gone = store.tidy(Keeping(counted_days=10, heat_days=10, notices_days=10))
    assert (gone.counted, gone.heat, gone.notices) == (0, 0, 0)
    store.close()
