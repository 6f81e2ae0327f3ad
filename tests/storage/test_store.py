"""What is written comes back, whole or not at all, in order, and goes on after a restart."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from storage_kit import IN, MONDAY, OUT, Box, figures_differing, kept, sql, visit

from edge.analytics.occupancy import CorrectionReason, Occupancy
from edge.core.events import LineCrossed, LineTouched, VisitEnded, ZoneExited
from edge.core.notices import CAMERA_LOST
from edge.core.timekeeping import Quality
from edge.storage.models import HAPPENED, TABLES
from edge.storage.records import (
    Correction,
    Crossing,
    Heat,
    Step,
    Told,
    Visit,
    Walk,
    ZoneStay,
    record_of,
)
from edge.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.storage.records import Record


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder on a disk: where other tests work may be in memory, to which nothing is written."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "acm.db")


ALL_KINDS: list[Record] = [
    Crossing(20.0, "door", "entrance", IN),
    Crossing(21.5, "door", "till", OUT, door=False),
    Visit(30.25, "door", 10.3),
    ZoneStay(31.0, "door", "counter", 4.5),
    Correction(32.0, 2, CorrectionReason.MANUAL),
    Walk(33.0, "yard", (Step(0.0, 0.25, 0.5), Step(0.4, 0.3, 0.55))),
    Heat(34.0, "yard", 3600, 3, (0.0, 1.5, 0.0, 0.0, 20.0, 0.1)),
    Told(35.0, CAMERA_LOST.fact(camera="door", reason="unplugged")),
]


def test_every_kind_comes_back_as_it_was(box: Box) -> None:
    store = box.start()
    assert store.append(ALL_KINDS) == len(ALL_KINDS)
    found = kept(box.path)
    assert [row.record for row in found] == ALL_KINDS
    assert [row.seq for row in found] == list(range(1, len(ALL_KINDS) + 1))
    assert {(row.version, row.quality, row.boot) for row in found} == {(1, Quality.SYNCED, 1)}
    assert found[0].at == MONDAY + timedelta(seconds=20)
    store.close()


def test_one_crossing_by_itself(box: Box) -> None:
    store = box.start()
    assert store.crossing("door", "entrance", IN, 20.0) == 1
    assert store.append([]) == 1
    assert store.inside == 1
    store.close()


def test_what_events_are_kept_as() -> None:
    crossed = LineCrossed(1.0, "entrance", IN, 7, 0.9, 1.2)
    assert record_of(crossed, "door", 100.0, door=False) == Crossing(100.0, "door", "entrance", IN, door=False)
    assert record_of(VisitEnded(1.0, 60.0), "door", 100.0) == Visit(100.0, "door", 60.0)
    assert record_of(ZoneExited(1.0, "counter", 7, 4.0), "door", 100.0) == ZoneStay(100.0, "door", "counter", 4.0)
    assert record_of(LineTouched(1.0, "entrance", IN, 7), "door", 100.0) is None


def test_all_of_a_batch_or_none(box: Box) -> None:
    store = box.start()
    store.append([Crossing(20.0, "door", "entrance", IN)])
    broken = Correction(22.0, 1, "no such reason")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not in tuple"):
        store.append([Crossing(21.0, "new camera", "new line", IN), broken])
    assert len(kept(box.path)) == 1
    assert store.inside == 1
    assert sql(box.path, "SELECT count(*) FROM subject") == [(1,)]
    assert store.append([Crossing(23.0, "new camera", "new line", IN)]) == 2
    store.close()
    assert figures_differing(box.path) == 0


def test_numbers_and_epoch_go_on_after_a_restart(box: Box) -> None:
    store = box.start()
    epoch = store.epoch
    store.append(visit(20.0, 60.0))
    store.close()
    box.wait(100)
    store = box.start()
    assert store.facts == ()
    assert store.epoch == epoch
    assert store.append(visit(130.0, 60.0)) == 6
    assert {row.boot for row in kept(box.path)} == {1}
    store.close()


def test_another_file_is_another_epoch(tmp_path: Path) -> None:
    epochs = set()
    for name in ("a.db", "b.db"):
        box = Box(tmp_path / name)
        epochs.add(box.start().epoch)
        box.stop()
    assert len(epochs) == 2


def test_two_threads_write_one_after_the_other(box: Box) -> None:
    store = box.start()

    def write(camera: str) -> None:
        for turn in range(20):
            store.append(visit(20.0 + turn, 5.0, camera))

    threads = [Thread(target=write, args=(camera,)) for camera in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.seq for row in kept(box.path)] == list(range(1, 121))
    store.close()
    assert figures_differing(box.path) == 0


def test_every_column_says_what_it_holds() -> None:
    for table in TABLES:
        for name, column in table._meta.fields.items():  # noqa: SLF001 - peewee's own way
            assert column.help_text, f"{table.__name__}.{name} is not described"
        assert table.__doc__


def test_tables_are_strict_and_rows_need_no_index(box: Box) -> None:
    box.start().close()
    declared = sql(box.path, "SELECT sql FROM sqlite_master WHERE type = 'table'")
    assert len(declared) == len(TABLES)
    assert all("STRICT" in str(text) for (text,) in declared)
    indexed = {name for (name,) in sql(box.path, "SELECT tbl_name FROM sqlite_master WHERE type = 'index'")}
    assert indexed.isdisjoint({table._meta.table_name for table in HAPPENED})  # noqa: SLF001 - peewee's own way


def test_keys_stand_first_in_tables_without_rowid() -> None:
    """Otherwise SQLite 3.40, which Debian 12 has, takes a sound file for a damaged one."""
    for table in TABLES:
        meta = table._meta  # noqa: SLF001 - peewee's own way
        if meta.without_rowid:
            key = meta.primary_key.field_names if meta.composite_key else (meta.primary_key.name,)
            assert tuple(meta.sorted_field_names[: len(key)]) == tuple(key)


def test_it_is_set_up_to_survive_a_power_cut(box: Box) -> None:
    store = box.start()
    database = store._database  # noqa: SLF001 - nothing outside shows it
    assert database.journal_mode == "wal"
    assert database.synchronous == 2, "FULL"
    assert database.wal_autocheckpoint == 256
    assert database.pragma("busy_timeout") == 5000
    store.close()


def test_writing_is_counted(disk: Path) -> None:
    box = Box(disk / "acm.db")
    store = box.start()
    before = store.statistics()
    for turn in range(50):
        store.append(visit(20.0 + turn, 0.5))
    after = store.statistics()
    assert (after.rows - before.rows, after.commits - before.commits) == (150, 50)
    cost = after.written_since_open_bytes - before.written_since_open_bytes
    assert 50 * 1024 < cost < 50 * 40_000
    assert after.file_bytes > 0
    assert after.log_bytes > 0
    assert store.rest()
    assert store.statistics().log_bytes == 0
    written = store.statistics().written_bytes
    store.close()
    store = box.start()
    assert store.statistics().written_bytes >= written, "it is a count of the file's whole life"
    store.close()


def test_closing_twice_is_no_matter(box: Box) -> None:
    store = box.start()
    store.close()
    store.close()
    assert not (box.path.with_name("acm.db-wal")).exists()


def test_opened_without_a_calendar_it_goes_by_utc(box: Box) -> None:
    store = Store.open(box.path, boot="b", reading=box.reading())
    assert store.calendar.zone_name == "UTC"
    store.close()
    store = Store.open(box.path, boot="b", reading=box.reading())
    assert not store.set_calendar(store.calendar)
    store.close()


class TestToday:
    def test_the_books_go_on_after_a_restart(self, box: Box) -> None:
        store = box.start()
        book = Occupancy()
        crossings = [("front", IN), ("front", IN), ("back", OUT), ("front", OUT), ("back", OUT), ("front", IN)]
        for turn, (line, direction) in enumerate(crossings):
            at_s = 20.0 + turn
            corrections = len(book.corrections)
            book.cross(direction, at_s)
            new = [Correction(at_s, c.change, c.reason) for c in book.corrections[corrections:]]
            store.append([Crossing(at_s, "door", line, direction), *new])
        store.append([Crossing(40.0, "door", "till", OUT, door=False)])
        box.wait(600)
        store.close()
        store = box.start()
        books = store.today()
        assert (books.entered, books.left, books.inside) == (book.entered, book.left, book.inside)
        assert books.totals == {("door", "front"): (3, 1), ("door", "back"): (0, 2), ("door", "till"): (0, 1)}
        assert [(c.change, c.reason) for c in books.corrections] == [(1, CorrectionReason.NEGATIVE)]
        assert list(books.arrivals_s) == [25.0]
        assert books.day == MONDAY.date()
        assert store.inside == book.inside
        store.close()

    def test_a_new_day_begins_with_who_stayed(self, box: Box) -> None:
        store = box.start()
        store.append([Crossing(20.0, "door", "entrance", IN)])
        box.wait(24 * 3600)
        box.look()
        books = store.today()
        assert (books.carried, books.entered, books.inside, books.totals) == (1, 0, 1, {})
        store.append([Correction(box.uptime_s, -1, CorrectionReason.CLOSING)])
        assert store.today().inside == 0
        store.close()

    def test_a_clock_that_was_a_day_ahead_for_a_while(self, box: Box) -> None:
        store = box.start()
        for step_s in (0, 86400, -86400):
            box.step_clock(step_s)
            box.look()
            store.append(visit(box.wait(10), 5.0))
        assert (store.today().entered, store.today().day) == (2, MONDAY.date())
        store.close()

    def test_close_of_business_ends_open_arrivals(self, box: Box) -> None:
        store = box.start()
        store.append([Crossing(20.0, "door", "entrance", IN), Correction(30.0, -1, CorrectionReason.CLOSING)])
        store.append([Crossing(40.0, "door", "entrance", IN)])
        assert list(store.today().arrivals_s) == [40.0]
        store.close()

    def test_arrivals_before_a_reboot_lie_before_it(self, box: Box) -> None:
        store = box.start()
        store.append([Crossing(20.0, "door", "entrance", IN)])
        store = box.reboot(MONDAY + timedelta(seconds=320), synced=True)
        assert list(store.today().arrivals_s) == [pytest.approx(-290.0)]
        store.close()

    def test_without_the_time_it_goes_back_to_the_start(self, tmp_path: Path) -> None:
        box = Box(tmp_path / "acm.db", synced=False)
        store = box.start()
        store.append([Crossing(20.0, "door", "entrance", IN)])
        store.close()
        store = box.start()
        books = store.today()
        assert (books.day, books.entered, list(books.arrivals_s)) == (None, 1, [20.0])
        store.close()
