"""The writer over real records: nothing counted is lost while the disk is in trouble, and nothing is written twice."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.occupancy import CorrectionReason
from edge.core.clock import ClockReading, ManualClock
from edge.core.events import LineCrossed, ZoneExited
from edge.core.model import Direction
from edge.core.notices import CAMERA_LOST, CROSSING
from edge.services.happening import Happening
from edge.services.ledger import Ledger
from edge.services.persist import BATCH, SPARE_EVERY_S, Persist
from edge.storage.errors import Cause, StorageWaitError
from edge.storage.records import Crossing, Heat
from edge.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.core.notice import Fact

IN, OUT = Direction.IN, Direction.OUT
NOON = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)


def crossed(direction: Direction, t_s: float, track: int = 1) -> LineCrossed:
    return LineCrossed(t_s, "door", direction, track, t_s, t_s)


class Desk:
    """A writer with its ledger, on records in a folder; the machine was started 1000 s ago."""

    def __init__(
        self,
        folder: Path,
        boot: str = "first",
        opener: Callable[[], Store] | None = None,
        trouble: Fact | None = None,
    ) -> None:
        self.path = folder / "records.db"
        self.clock = ManualClock(1000.0, NOON)
        self.facts: list[Fact] = []
        self.acknowledged: list[tuple[int, float, Direction]] = []
        self.boot = boot
        self.persist = Persist(
            self.path, opener or self.opened, self.clock, self.facts.append, self._committed, trouble=trouble
        )
        self.ledger = Ledger(self.persist.keep)

    def opened(self) -> Store:
        reading = ClockReading(self.clock.monotonic_s(), self.clock.utc_now(), synced=True)
        return Store.open(self.path, boot=self.boot, reading=reading)

    def _committed(self, record: Crossing, event: LineCrossed, seq: int) -> None:
        assert event.direction is record.direction
        self.acknowledged.append((seq, record.uptime_s, record.direction))

    def cross(self, direction: Direction, *, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(1.0)
            now_s = self.clock.monotonic_s()
            self.ledger.cross("front", crossed(direction, now_s), now_s)

    def work(self, seconds: float = 0.0) -> None:
        """Step as the runner would, for so long."""
        end_s = self.clock.monotonic_s() + seconds
        while True:
            pause_s = self.persist.step(self.clock.monotonic_s())
            left_s = end_s - self.clock.monotonic_s()
            if pause_s > 0 and left_s <= 0:
                return
            self.clock.advance(min(pause_s, max(0.0, left_s)))

    def events(self) -> list[str]:
        return [fact.event for fact in self.facts]

    def rows(self, table: str = "crossing") -> int:
        link = sqlite3.connect(self.path)
        try:
            return int(link.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own table
        finally:
            link.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_was_counted_is_written_acknowledged_and_taken_over_by_the_next_run(desk: Desk, tmp_path: Path) -> None:
    desk.cross(IN, times=3)
    desk.cross(OUT)
    desk.work()
    assert [(direction, at_s) for _, at_s, direction in desk.acknowledged] == [
        (IN, 1001.0), (IN, 1002.0), (IN, 1003.0), (OUT, 1004.0),
    ]  # fmt: skip
    desk.persist.close()
    again = Desk(tmp_path)
    again.clock.advance(60.0)
    again.persist.take_over_books(again.ledger)
    again.work()
    assert again.ledger.totals == {("front", "door"): {IN: 3, OUT: 1}}
    assert (again.ledger.inside, again.ledger.in_out) == (2, (3, 1))
    again.cross(OUT)
    again.work()
    assert again.rows("visit") == 2, "an arrival of before the restart is paired with a departure after it"
    again.persist.close()


def test_a_departure_nobody_came_in_for_is_corrected_in_the_books_and_in_the_records(desk: Desk) -> None:
    desk.cross(OUT, times=2)
    desk.cross(IN)
    desk.work()
    assert desk.ledger.inside == 1
    assert desk.persist.store is not None
    assert desk.persist.store.inside == 1
    assert desk.rows("correction") == 2
    desk.persist.close()


def test_stays_in_zones_are_kept_and_other_events_are_not(desk: Desk) -> None:
    desk.persist.take([Happening("front", ZoneExited(5.0, "till", 1, 30.0), 1000.0, 1000.0)])
    desk.persist.take([Happening("front", crossed(IN, 5.0), 1000.0, 1000.0)])
    desk.work()
    assert (desk.rows("zone_stay"), desk.rows("crossing")) == (1, 0)
    desk.persist.close()


def test_what_does_not_count_waits_for_a_crossing_or_half_a_minute(desk: Desk) -> None:
    desk.work()
    heat = Heat(1000.0, "front", 60.0, 2, (1.0, 2.0))
    desk.persist.note(heat)
    desk.work(SPARE_EVERY_S - 1)
    assert desk.persist.waiting == 1
    desk.work(2.0)
    assert desk.persist.waiting == 0
    desk.persist.note(heat)
    desk.cross(IN)
    desk.work()
    assert (desk.persist.waiting, desk.rows("heat")) == (0, 2)
    desk.persist.close()


def test_notices_a_person_would_read_later_are_kept(desk: Desk) -> None:
    desk.persist.heard(CAMERA_LOST.fact(camera="front", reason="unplugged"))
    desk.persist.heard(CROSSING.fact(camera="front", line="door", direction="in"))
    desk.persist.close()
    assert desk.rows("notice") == 1


def locked(path: Path) -> sqlite3.Connection:
    link = sqlite3.connect(path, timeout=0, isolation_level=None)
    link.execute("BEGIN IMMEDIATE")
    return link


def impatient(desk: Desk) -> None:
    """Waiting for another program is SQLite's own business and lasts 5 s; the test has no time."""
    assert desk.persist.store is not None
    desk.persist.store._database.execute_sql("PRAGMA busy_timeout = 0")  # noqa: SLF001 - no time


def test_while_another_program_holds_the_records_they_wait_in_memory(desk: Desk) -> None:
    desk.cross(IN)
    desk.work()
    impatient(desk)
    other = locked(desk.path)
    desk.cross(IN, times=5)
    desk.work(60.0)
    assert desk.persist.waiting == 5
    assert desk.persist.told(0.0)["state"] == "database-locked"
    assert set(desk.events()) == {"database-locked"}
    assert len(desk.acknowledged) == 1
    other.rollback()
    other.close()
    desk.work(10.0)
    assert (desk.persist.waiting, desk.rows(), len(desk.acknowledged)) == (0, 6, 6)
    assert desk.events()[-1] == "database-back"
    assert desk.facts[-1].values["waiting"] == 5
    desk.persist.close()


def test_trouble_that_was_told_at_the_start_is_said_to_be_over(tmp_path: Path) -> None:
    told = StorageWaitError(tmp_path / "records.db", Cause.LOCKED).fact
    assert told.message == f"Records wait: another program holds {tmp_path}/records.db."
    desk = Desk(tmp_path, trouble=told)
    assert desk.persist.told(0.0)["state"] == "database-locked"
    desk.cross(IN)
    desk.work()
    assert desk.events() == ["database-back"]
    assert desk.persist.told(0.0)["state"] == "written"
    desk.persist.close()


def test_what_could_not_be_written_before_the_stop_is_not_lost_in_silence(tmp_path: Path) -> None:
    def opener() -> Store:
        raise StorageWaitError(tmp_path / "records.db", Cause.FULL)

    desk = Desk(tmp_path, opener=opener)
    desk.cross(IN, times=3)
    desk.work()
    desk.persist.close()
    assert desk.events()[-1] == "records-dropped"
    assert desk.facts[-1].values["dropped"] == 3


def test_records_that_cannot_be_opened_at_first_are_opened_later(tmp_path: Path) -> None:
    troubles = [StorageWaitError(tmp_path / "records.db", cause) for cause in (Cause.FULL, Cause.READ_ONLY)]

    def opener() -> Store:
        if troubles:
            raise troubles.pop(0)
        return desk.opened()

    desk = Desk(tmp_path, opener=opener)
    desk.cross(IN, times=3)
    desk.work(20.0)
    assert desk.events() == ["database-full", "database-read-only", "database-back"]
    assert desk.rows() == 3
    desk.persist.close()


def test_a_file_that_is_damaged_while_in_use_is_set_aside_and_what_waits_goes_into_the_new_one(desk: Desk) -> None:
    desk.cross(IN, times=200)
    desk.work()
    assert desk.persist.store is not None
    desk.persist.store.rest()
    with desk.path.open("r+b") as file:
        file.seek(1024)
        file.write(os.urandom(desk.path.stat().st_size - 1024))
    desk.persist.store._database.execute_sql("PRAGMA shrink_memory")  # noqa: SLF001 - forget what was read before
    desk.cross(IN, times=3)
    desk.work(30.0)
    assert "database-corrupt" in desk.events()
    assert desk.persist.waiting == 0
    assert desk.rows() >= 3
    assert len(list(desk.path.parent.glob("records.db.corrupt-*"))) >= 1
    desk.persist.close()


def test_too_much_for_memory_is_told_and_what_came_first_is_kept(desk: Desk) -> None:
    desk.work()
    impatient(desk)
    other = locked(desk.path)
    room = desk.persist._counted.room  # noqa: SLF001 - how much fits
    desk.persist.keep([Crossing(float(number), "front", "door", IN) for number in range(room + 7)], None)
    desk.work()
    assert desk.persist.dropped == 7
    assert desk.facts[0].event == "records-dropped"
    other.rollback()
    other.close()
    desk.work(10.0)
    assert desk.persist.written == room
    desk.persist.close()


def test_a_record_the_store_chokes_on_is_found_and_given_up(desk: Desk) -> None:
    desk.work()
    bad = Crossing(float("nan"), "front", "door", IN)
    good = [Crossing(1000.0 + number, "front", "door", IN) for number in range(4)]
    desk.persist.keep([*good[:2], bad, *good[2:]], None)
    with pytest.raises(ValueError, match="NaN"):
        desk.work()
    with pytest.raises(ValueError, match="NaN"):
        desk.work()
    desk.work()
    assert (desk.rows(), desk.persist.dropped, desk.persist.waiting) == (4, 1, 0)
    assert desk.facts[-1].event == "records-dropped"
    desk.persist.close()


def test_the_books_are_taken_over_with_all_that_was_booked_meanwhile(desk: Desk) -> None:
    desk.cross(IN, times=BATCH * 2)
    desk.persist.take_over_books(desk.ledger)
    desk.cross(IN, times=5)
    desk.work()
    assert desk.ledger.totals == {("front", "door"): {IN: BATCH * 2 + 5, OUT: 0}}
    assert desk.ledger.inside == BATCH * 2 + 5
    desk.persist.close()


def test_closing_writes_the_rest(desk: Desk) -> None:
    desk.work()
    desk.cross(IN, times=BATCH + 100)
    desk.persist.note(Heat(1000.0, "front", 60.0, 2, (1.0, 2.0)))
    desk.persist.close()
    assert (desk.rows(), desk.rows("heat")) == (BATCH + 100, 1)


def test_closing_with_a_disk_in_trouble_ends(desk: Desk) -> None:
    desk.work()
    impatient(desk)
    other = locked(desk.path)
    desk.cross(IN)
    desk.persist.close()
    other.rollback()
    other.close()
    assert desk.persist.waiting == 1


def test_a_correction_by_hand_is_recorded_with_its_reason(desk: Desk) -> None:
    desk.cross(IN, times=3)
    assert desk.ledger.correct(1, 1004.0, CorrectionReason.MANUAL) == -2
    assert desk.ledger.correct(1, 1005.0, CorrectionReason.MANUAL) == 0
    desk.work()
    assert desk.rows("correction") == 1
    assert desk.persist.store is not None
    assert desk.persist.store.inside == 1
    desk.persist.close()


Steps = st.lists(
    st.tuples(st.sampled_from(["front", "back"]), st.sampled_from([IN, OUT]), st.booleans(), st.booleans()), max_size=30
)


@settings(max_examples=25)
@given(steps=Steps)
def test_books_and_records_always_agree_through_restarts(
    steps: list[tuple[str, Direction, bool, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("books")
    desk = Desk(folder)
    for camera, direction, door, restart in steps:
        desk.clock.advance(1.0)
        now_s = desk.clock.monotonic_s()
        desk.ledger.cross(camera, crossed(direction, now_s), now_s, door=door)
        desk.work()
        assert desk.persist.store is not None
        assert desk.persist.store.inside == desk.ledger.inside >= 0
        if restart:
            before, totals, clock = desk.ledger.inside, desk.ledger.totals, desk.clock
            desk.persist.close()
            desk = Desk(folder)
            desk.clock.advance(clock.monotonic_s() - desk.clock.monotonic_s())
            desk.persist.take_over_books(desk.ledger)
            desk.work()
            assert (desk.ledger.inside, desk.ledger.totals) == (before, totals)
    desk.persist.close()
