"""Chores: days and clocks, the nightly copy, the machine, and that one that fails keeps none of the others back."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge.core.calendar import SiteCalendar
from edge.core.clock import ManualClock, read_clock
from edge.core.events import LineCrossed
from edge.core.model import Direction
from edge.host.health import Health, HealthLimits, HealthWatch
from edge.services.analysis import Analysis, CountingPlan, Outlet
from edge.services.board import CameraPost
from edge.services.capture import CameraState, CameraWatch
from edge.services.days import DayHabits, Days
from edge.services.housekeeping import Habits, Housekeeping
from edge.services.inbox import Inbox
from edge.services.ledger import Ledger
from edge.services.machine import SLOW_FOR_S, MachineCare
from edge.services.overflow import Overflow
from edge.services.persist import Persist
from edge.services.upkeep import Chore, Upkeep
from edge.storage.retention import Keeping
from edge.storage.store import Store

if TYPE_CHECKING:
    from edge.core.frame import Frame
    from edge.core.model import Sighting
    from edge.core.notice import Fact

IN, OUT = Direction.IN, Direction.OUT
PARIS = ZoneInfo("Europe/Paris")
EVENING = datetime(2026, 5, 4, 21, 50, tzinfo=timezone.utc)


class Shop:
    """Books, records and the clock chore, moved on by hand; the machine was started a minute ago."""

    def __init__(
        self, folder: Path, utc: datetime = EVENING, *, synced: bool | None = True, boot: str = "first",
        empty_at_day_start: bool = True,
    ) -> None:  # fmt: skip
        self.clock, self.synced = ManualClock(60.0, utc), synced
        self.facts: list[Fact] = []
        self.path, self.boot = folder / "records.db", boot
        self.calendar = SiteCalendar(PARIS)
        self.persist = Persist(self.path, self._opened, self.clock, self.facts.append, lambda *_: None)
        self.ledger = Ledger(self.persist.keep)
        habits = DayHabits(self.calendar, empty_at_day_start=empty_at_day_start)
        self.days = Days(
            self.persist, self.ledger, habits, self.clock, synced=lambda: self.synced, tell=self.facts.append
        )
        self.persist.take_over_books(self.ledger, empty_carried=empty_at_day_start)
        self.run(1.0)

    def _opened(self) -> Store:
        reading = read_clock(self.clock, synced=self.synced is True)
        return Store.open(self.path, boot=self.boot, reading=reading, calendar=self.calendar)

    def cross(self, direction: Direction, times: int = 1) -> None:
        for _ in range(times):
            now_s = self.clock.monotonic_s()
            self.ledger.cross("front", LineCrossed(now_s, "door", direction, 1, now_s, now_s), now_s)
            self.run(1.0)

    def run(self, seconds: float) -> None:
        end_s = self.clock.monotonic_s() + seconds
        while self.clock.monotonic_s() < end_s:
            self.days.look(self.clock.monotonic_s())
            self.persist.step(self.clock.monotonic_s())
            self.clock.advance(min(5.0, end_s - self.clock.monotonic_s()))

    def events(self) -> list[str]:
        return [fact.event for fact in self.facts]

    def rows(self, sql: str) -> list[tuple[int, ...]]:
        link = sqlite3.connect(self.path)
        try:
            return link.execute(sql).fetchall()
        finally:
            link.close()


def test_a_new_day_begins_by_the_shops_clock_and_with_nobody_inside(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.cross(IN, 3)
    assert (shop.ledger.day, shop.ledger.in_out, shop.ledger.inside) == (date(2026, 5, 4), (3, 0), 3)
    shop.run(700.0)
    assert (shop.ledger.day, shop.ledger.in_out, shop.ledger.inside) == (date(2026, 5, 5), (0, 0), 0)
    shop.persist.close()
    assert shop.rows("SELECT change FROM correction") == [(-3,)]


def test_a_shop_that_never_empties_carries_its_people_over(tmp_path: Path) -> None:
    shop = Shop(tmp_path, empty_at_day_start=False)
    shop.cross(IN, 3)
    shop.run(700.0)
    assert (shop.ledger.in_out, shop.ledger.inside) == ((0, 0), 3)
    shop.persist.close()


@pytest.mark.parametrize("restarts", [1, 3])
def test_who_was_inside_when_the_power_went_for_the_night_has_left(tmp_path: Path, restarts: int) -> None:
    shop = Shop(tmp_path)
    shop.cross(IN, 3)
    shop.persist.close()
    for number in range(restarts):
        shop = Shop(tmp_path, EVENING + timedelta(hours=10 + number), boot=f"boot {number}")
        assert (shop.ledger.in_out, shop.ledger.inside) == ((number, 0), number)
        shop.cross(IN)
        shop.persist.close()
    assert shop.rows("SELECT change FROM correction") == [(-3,)], "once, however often it is started"


def test_without_the_time_counting_goes_on_and_rows_are_given_their_times_later(tmp_path: Path) -> None:
    shop = Shop(tmp_path, datetime(1970, 1, 1, tzinfo=timezone.utc), synced=False)
    shop.cross(IN, 5)
    shop.cross(OUT, 2)
    shop.run(600.0)
    assert "clock-unset" in shop.events()
    assert (shop.ledger.day, shop.ledger.in_out) == (None, (5, 2))
    shop.clock.set_utc(EVENING)
    shop.synced = True
    shop.run(10.0)
    assert shop.facts[-1].event == "clock-synced"
    assert shop.facts[-1].values["restamped"] >= 7
    assert (shop.ledger.day, shop.ledger.in_out, shop.ledger.inside) == (date(2026, 5, 4), (5, 2), 3)
    shop.cross(IN)
    assert shop.ledger.in_out == (6, 2)
    shop.persist.close()
    times = [at_ms for (at_ms,) in shop.rows("SELECT at_ms FROM crossing ORDER BY seq")]
    assert times == sorted(times)
    assert times[0] > EVENING.timestamp() * 1000 - 700_000


def test_a_clock_that_jumps_is_told_and_the_day_follows(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.cross(IN, 2)
    shop.clock.set_utc(shop.clock.utc_now() - timedelta(hours=30))
    shop.run(10.0)
    assert shop.facts[-1].event == "clock-stepped"
    assert shop.facts[-1].values["step_s"] == pytest.approx(-108_000, abs=5)
    assert shop.ledger.day == date(2026, 5, 3)
    shop.persist.close()


def test_a_clock_nobody_hears_a_server_for_is_told_after_a_day(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.synced = False
    shop.run(90_000.0)
    assert "clock-unchecked" in shop.events()
    shop.persist.close()


def test_the_copy_is_made_once_a_night(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.cross(IN)
    habits = Habits(Keeping(), time(3, 30), PARIS)
    house = Housekeeping(shop.persist, shop.path, habits, shop.facts.append)
    made: list[str] = []
    for _ in range(48):
        house.copy_nightly(shop.clock.monotonic_s())
        local = shop.clock.utc_now().astimezone(PARIS)
        made += [f"{local:%d %H}" for event in shop.events() if event == "backup-made"]
        shop.facts.clear()
        shop.clock.advance(3600.0)
    assert made == ["05 03", "06 03"]
    copies = [path for path in tmp_path.iterdir() if "copy" in path.name]
    assert len(copies) == 1
    shop.persist.close()


def test_a_copy_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    (tmp_path / "records.db.copy").mkdir()
    house = Housekeeping(shop.persist, shop.path, Habits(Keeping(), time(23, 55), PARIS), shop.facts.append)
    house.copy_nightly(shop.clock.monotonic_s())
    shop.clock.advance(400.0)
    house.copy_nightly(shop.clock.monotonic_s())
    assert shop.facts[-1].event == "backup-failed"
    shop.persist.close()


def test_tidying_and_resting_do_no_harm_while_people_come(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    house = Housekeeping(shop.persist, shop.path, Habits(Keeping(), time(3), PARIS), shop.facts.append)
    for _ in range(5):
        shop.cross(IN)
        house.rest(0.0)
        house.tidy(0.0)
    shop.persist.close()
    assert shop.rows("SELECT count(*) FROM crossing") == [(5,)]


class Blind:
    def see(self, frame: Frame) -> Sighting:
        raise AssertionError(frame)


class Box:
    """A camera's figures, and a machine whose heat is made up."""

    def __init__(self) -> None:
        self.clock = ManualClock(0.0)
        analysis = Analysis("front", CountingPlan(()), Blind, Outlet(Ledger()), self.clock)
        self.watch = CameraWatch("front", self.clock, lambda _: None)
        self.post = CameraPost(self.watch, analysis, 10.0)
        self.facts: list[Fact] = []
        self.celsius = 50.0
        watch = HealthWatch(HealthLimits(), Path("/"))
        self.care = MachineCare(lambda: Health(celsius=self.celsius), watch, [self.post], self.facts.append)

    def run(self, seconds: float, fps: float = 10.0) -> None:
        end_s = self.clock.monotonic_s() + seconds
        while self.clock.monotonic_s() < end_s:
            self.watch.becomes(CameraState.RUNNING)
            for number in range(int(10 * fps)):
                self.post.analysis.rate.note(self.clock.monotonic_s() + number / fps)
            self.clock.advance(10.0)
            self.care.look(self.clock.monotonic_s())


def test_a_hot_processor_looks_at_fewer_pictures_and_at_all_again_when_it_is_cool() -> None:
    box = Box()
    box.run(60.0)
    assert box.post.analysis.spacing_s == 0.0
    box.celsius = 79.0
    box.run(60.0, fps=6.0)
    assert box.post.analysis.spacing_s == pytest.approx(0.9 / 6)
    box.celsius = 50.0
    box.run(200.0)
    assert box.post.analysis.spacing_s == 0.0
    assert [fact.event for fact in box.facts] == ["hot", "cool"]
    assert box.care.told(0.0)["celsius"] == 50.0


def test_a_camera_that_gives_too_few_pictures_for_a_while_is_told() -> None:
    box = Box()
    box.run(SLOW_FOR_S + 30, fps=10.0)
    assert box.facts == []
    box.run(SLOW_FOR_S + 30, fps=4.0)
    assert {fact.event for fact in box.facts} == {"camera-slow"}
    assert box.facts[0].values["fps"] == pytest.approx(4.0, abs=0.3)


def test_what_a_slow_sink_dropped_is_told_once() -> None:
    inbox, facts = Inbox[int](2, Flag()), list["Fact"]()
    overflow = Overflow({"relays": lambda: inbox.dropped}, facts.append)
    for number in range(5):
        inbox.put(number)
    for _ in range(3):
        overflow.look(0.0)
    inbox.put(9)
    overflow.look(0.0)
    assert [fact.values["dropped"] for fact in facts] == [3, 1]


def test_chores_have_their_own_rhythm_and_one_that_fails_holds_up_none() -> None:
    done: list[tuple[str, float]] = []

    def fail(now_s: float) -> None:
        done.append(("bad", now_s))
        raise ValueError("broken")

    upkeep = Upkeep([
        Chore("bad", fail, 10.0), Chore("often", lambda now_s: done.append(("often", now_s)), 2.0),
        Chore("late", lambda now_s: done.append(("late", now_s)), 10.0, 5.0),
    ])  # fmt: skip
    failures = 0
    for now_s in range(11):
        try:
            upkeep.step(float(now_s))
        except ValueError:  # noqa: PERF203 - it is expected now and then
            failures += 1
    assert failures == 2
    assert [now_s for name, now_s in done if name == "often"] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert [now_s for name, now_s in done if name == "late"] == [5.0]
