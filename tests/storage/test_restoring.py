"""A copy in the place of the records: what it costs, who may not be restored, and whatever happens on the way."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from storage_kit import Box, visit

from edge.core.notices import RECORDS_RESTORED, RESTORE_REFUSED
from edge.storage.care import check
from edge.storage.copies import copy_to
from edge.storage.errors import StorageDamagedError, StorageError
from edge.storage.place import WriterLock, companions
from edge.storage.restoring import REQUEST, judge, loss, take, waits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.core.notice import Fact


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Records with three visits, of which the copy beside them has two; where a wish is left is a folder of its own."""
    (tmp_path / "settings").mkdir()
    records = tmp_path / "records.db"
    box = Box(records)
    store = box.start()
    for number in range(3):
        if number == 2:
            box.stop()
            copy_to(records, tmp_path / "records.db.copy")
            box.boots += 1
            store = box.start()
        box.wait(1000.0)
        store.append(visit(box.uptime_s - 700.0, 600.0))
    box.stop()
    return records


def request(place: Path) -> Path:
    return place.parent / "settings" / REQUEST


def wished(place: Path) -> Path:
    """The nightly copy, left for the counter."""
    shutil.copyfile(place.with_name("records.db.copy"), request(place))
    return request(place)


def crossings(path: Path) -> int:
    with closing(sqlite3.connect(path)) as link, link:
        return int(link.execute("SELECT count(*) FROM crossing").fetchone()[0])


def left(place: Path) -> list[str]:
    """What lies beside the records that was not there before."""
    known = {"records.db", "records.db.copy", "records.db.lock", "settings"}
    return sorted({path.name for path in place.parent.iterdir()} - known)


def event(fact: Fact | None) -> str:
    return "" if fact is None else fact.notice.event


def test_what_a_copy_costs_is_told_beforehand(place: Path, tmp_path: Path) -> None:
    found = loss(place.with_name("records.db.copy"), place)
    assert found.now is not None
    assert (found.copy.crossings, found.now.crossings, found.crossings, found.same) == (4, 6, 2, True)
    assert found.copy.latest is not None
    assert found.now.latest is not None
    assert found.copy.latest < found.now.latest
    other = Box(tmp_path / "other.db")
    other.start().append(visit(20.0, 600.0))
    other.stop()
    strange = loss(tmp_path / "other.db", place)
    assert (strange.same, strange.crossings) == (False, 6), "another box's: all is lost"
    gone = loss(place.with_name("records.db.copy"), tmp_path / "nowhere.db")
    assert (gone.now, gone.crossings) == (None, 0)


def test_a_copy_takes_the_place_of_the_records_which_are_kept(place: Path) -> None:
    wished(place)
    assert waits(request(place), place)
    assert event(take(request(place), place)) == RECORDS_RESTORED.event
    assert not waits(request(place), place)
    assert (crossings(place), crossings(place.with_name("records.db.before"))) == (4, 6)
    assert left(place) == ["records.db.before"]
    assert check(place).sound
    box = Box(place, boots=9)
    box.start().append(visit(20.0, 600.0))
    box.stop()
    assert crossings(place) == 6, "it goes on"
    assert take(request(place), place) is None
    wished(place)
    take(request(place), place)
    assert crossings(place.with_name("records.db.before")) == 6, "only those of the last time are kept"
    assert place.stat().st_uid == os.getuid()


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(3 * 1024)
        file.write(os.urandom(8192))


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("CREATE TABLE t (x)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("PRAGMA user_version = 999")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_database(path: Path) -> None:
    path.write_bytes(b"[site]\nname = 'x'\n" * 500)


@pytest.mark.parametrize("spoil", [damage, of_another_program, newer, empty, no_database])
def test_what_is_no_sound_copy_is_refused_and_asked_for_once(place: Path, spoil: Callable[[Path], None]) -> None:
    spoil(wished(place))
    with pytest.raises((StorageError, StorageDamagedError)):
        judge(request(place))
    assert event(take(request(place), place)) == RESTORE_REFUSED.event
    assert (crossings(place), left(place)) == (6, [])
    assert take(request(place), place) is None, "not at each start"


def test_a_link_is_not_followed_and_a_writer_not_disturbed(place: Path) -> None:
    request(place).symlink_to(place.with_name("records.db.copy"))
    assert event(take(request(place), place)) == RESTORE_REFUSED.event
    assert place.with_name("records.db.copy").exists()
    assert not waits(request(place), place)
    wished(place)
    lock = WriterLock(place)
    assert event(take(request(place), place)) == RESTORE_REFUSED.event
    lock.release()
    assert crossings(place) == 6
    assert waits(request(place), place), "once the other is gone it can be done"


def cut_after_claim(place: Path) -> None:
    wished(place).replace(place.with_name(f".{REQUEST}.taken"))


def cut_after_copy(place: Path) -> None:
    cut_after_claim(place)
    shutil.copyfile(place.with_name(f".{REQUEST}.taken"), place.with_name("records.db.new"))


def cut_after_log(place: Path) -> None:
    shutil.copyfile(place.with_name("records.db.copy"), place.with_name("records.db.new"))
    log, _ = companions(place)
    log.write_bytes(b"")
    log.replace(companions(place.with_name("records.db.before"))[0])


def cut_before_the_end(place: Path) -> None:
    shutil.copyfile(place.with_name("records.db.copy"), place.with_name("records.db.new"))
    place.replace(place.with_name("records.db.before"))


@pytest.mark.parametrize("cut", [cut_after_claim, cut_after_copy, cut_after_log, cut_before_the_end])
def test_a_power_cut_on_the_way_costs_nothing(place: Path, cut: Callable[[Path], None]) -> None:
    cut(place)
    assert event(take(request(place), place)) == RECORDS_RESTORED.event
    assert (crossings(place), crossings(place.with_name("records.db.before"))) == (4, 6)
    assert [name for name in left(place) if not name.startswith("records.db.before")] == []


def test_half_a_copy_is_never_taken(place: Path) -> None:
    part = place.with_name(".records.db.new.part")
    part.write_bytes(b"half")
    assert take(request(place), place) is None
    assert crossings(place) == 6
    wished(place)
    take(request(place), place)
    assert crossings(place) == 4
