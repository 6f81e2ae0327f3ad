"""From an older schema to the one this version knows: a copy first, each step whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from storage_kit import Box, figures_differing, kept, sql, visit

from edge.storage.database import APPLICATION_ID, close, connect_writer, run, schema_of
from edge.storage.errors import StorageNewerError
from edge.storage.migrations import UPGRADES, bring_up, create

if TYPE_CHECKING:
    from collections.abc import Iterator

    import peewee

# A database as the version before sending wrote it: two crossings, a visit, a stay in a zone, a notice.
SCHEMA_1 = Path(__file__).parent / "schema-1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Records as version 1 left them."""
    path = tmp_path / "acm.db"
    link = sqlite3.connect(path)
    link.execute("PRAGMA journal_mode = wal")
    link.executescript(SCHEMA_1.read_text(encoding="utf-8"))
    link.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    link.execute("PRAGMA user_version = 1")
    link.close()
    return path


@pytest.fixture
def database(old: Path) -> Iterator[peewee.SqliteDatabase]:
    database = connect_writer(old)
    yield database
    close(database, old)


def weather(database: peewee.SqliteDatabase) -> None:
    run(database, "ALTER TABLE visit ADD COLUMN rain INTEGER NOT NULL DEFAULT 0")


def holidays(database: peewee.SqliteDatabase) -> None:
    run(database, "CREATE TABLE holiday (day INTEGER PRIMARY KEY) STRICT")
    run(database, "INSERT INTO holiday SELECT seq FROM visit")


def clumsy(database: peewee.SqliteDatabase) -> None:
    run(database, "CREATE TABLE half (done INTEGER)")
    run(database, "INSERT INTO nowhere VALUES (1)")


def test_each_step_in_its_turn(old: Path, database: peewee.SqliteDatabase) -> None:
    fact = bring_up(database, old, (weather, holidays))
    assert fact is not None
    assert (fact.values["found"], fact.values["known"]) == (1, 3)
    assert schema_of(database, old) == 3
    assert sql(old, "SELECT day FROM holiday") == [(3,)]
    assert sql(old, "SELECT rain FROM visit") == [(0,)]
    assert bring_up(database, old, (weather, holidays)) is None


def test_a_copy_is_made_first(old: Path, database: peewee.SqliteDatabase) -> None:
    bring_up(database, old, (weather,))
    copy = old.with_name("acm.db.schema-1")
    assert len(kept(copy)) == 5
    assert sql(copy, "PRAGMA user_version") == [(1,)]


def test_a_step_that_fails_leaves_what_was_before(old: Path, database: peewee.SqliteDatabase) -> None:
    with pytest.raises(Exception, match="no such table: nowhere"):
        bring_up(database, old, (weather, clumsy))
    assert schema_of(database, old) == 2
    assert sql(old, "SELECT count(*) FROM sqlite_master WHERE name = 'half'") == [(0,)]
    assert bring_up(database, old, (weather, holidays)) is not None
    assert schema_of(database, old) == 3


def test_a_newer_one_is_left_alone(old: Path, database: peewee.SqliteDatabase) -> None:
    bring_up(database, old, (weather, holidays))
    before = sql(old, "SELECT sql FROM sqlite_master")
    with pytest.raises(StorageNewerError, match=r"schema 3, this one knows 2"):
        bring_up(database, old, (weather,))
    assert sql(old, "SELECT sql FROM sqlite_master") == before


def test_an_upgraded_file_is_like_a_new_one(old: Path, tmp_path: Path) -> None:
    """What the steps make of the first schema there was is what is made of nothing."""
    Box(old).start().close()
    fresh = tmp_path / "fresh.db"
    database = connect_writer(fresh)
    create(database)
    close(database, fresh)
    declared = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    rows = []
    for path in (old, fresh):
        other = sqlite3.connect(path)
        rows.append(other.execute(declared).fetchall())
        other.close()
    assert rows[0] == rows[1]
    assert len(UPGRADES) + 1 == sql(old, "PRAGMA user_version")[0][0]


def test_what_version_1_wrote_is_read_and_written_on(old: Path) -> None:
    box = Box(old)
    store = box.start()
    assert store.progress.cursor == -1, "the hub has nothing of it yet"
    assert [fact.event for fact in store.facts] == ["database-migrated"]
    assert store.append(visit(40.0, 5.0)) == 8
    box.stop()
    assert [found.seq for found in kept(old)] == list(range(1, 9))
    assert figures_differing(old) == 0
