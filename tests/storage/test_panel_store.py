"""The panel's own database: users, sessions, tokens, claim, audit, notes, counts by hand; what lasts, what ends."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import peewee
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from edge.core.errors import InputError
from edge.storage.database import run
from edge.storage.errors import StorageError, StorageNewerError
from edge.storage.panel.migrations import APPLICATION_ID, UPGRADES, bring_up
from edge.storage.panel.people import Session
from edge.storage.panel.store import PanelStore
from edge.storage.panel.written import Push

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = 1_800_000_000_000
HOUR = 3_600_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "panel.db"


@pytest.fixture
def store(path: Path) -> Iterator[PanelStore]:
    with PanelStore(path) as store:
        yield store


def session(key: str, user: int, *, expires_ms: int = NOON + HOUR, seen_ms: int = NOON) -> Session:
    return Session(key, user, NOON, seen_ms, expires_ms, "Firefox", "192.0.2.1")


def test_a_fresh_box_has_no_owner_and_a_claim_works_once(store: PanelStore) -> None:
    assert not store.claimed
    store.claims.make("first", NOON)
    store.claims.make("second", NOON)
    assert not store.claims.fits("first")
    assert not store.claims.take("first")
    assert store.claims.take("second")
    assert not store.claims.take("second")
    store.users.add("Ada", "hash", "owner", NOON)
    assert store.claimed


def test_users_are_found_whatever_the_case_of_their_name(store: PanelStore) -> None:
    ada = store.users.add("Ada", "hash", "owner", NOON)
    assert store.users.named("ADA") == ada == store.users.get(ada.id)
    with pytest.raises(InputError, match="There is a user ada already"):
        store.users.add("ada", "hash", "viewer", NOON)
    assert [user.name for user in store.users.all()] == ["Ada"]


def test_what_is_changed_of_a_user_is_that_alone(store: PanelStore) -> None:
    ada = store.users.add("Ada", "hash", "owner", NOON)
    store.users.change(ada.id, language="tr", theme="dark")
    changed = store.users.get(ada.id)
    assert changed is not None
    assert (changed.language, changed.theme, changed.password, changed.role) == ("tr", "dark", "hash", "owner")
    store.users.change(ada.id, language="")
    again = store.users.get(ada.id)
    assert again is not None
    assert (again.language, again.theme) == ("", "dark")


def test_the_last_owner_stays_owner(store: PanelStore) -> None:
    ada = store.users.add("Ada", "hash", "owner", NOON)
    bob = store.users.add("Bob", "hash", "viewer", NOON)
    for wrong in (lambda: store.users.remove(ada.id), lambda: store.users.change(ada.id, role="viewer")):
        with pytest.raises(InputError, match="Somebody has to be owner"):
            wrong()
    store.users.change(bob.id, role="owner")
    store.users.remove(ada.id)
    assert [user.name for user in store.users.all()] == ["Bob"]


def test_a_session_ends_by_time_by_hand_and_with_its_user(store: PanelStore) -> None:
    bob = store.users.add("Bob", "hash", "viewer", NOON)
    store.users.add("Ada", "hash", "owner", NOON)
    for number in range(3):
        store.sessions.add(session(f"key-{number}", bob.id, seen_ms=NOON + number))
    assert store.sessions.get("key-0", NOON) is not None
    assert store.sessions.get("key-0", NOON + HOUR) is None, "it has ended by itself"
    store.sessions.seen("key-0", NOON + 10, NOON + 2 * HOUR)
    assert store.sessions.get("key-0", NOON + HOUR) is not None, "they were there, so it lasts on"
    store.sessions.end("key-1")
    assert [found.key for found in store.sessions.of(bob.id, NOON)] == ["key-0", "key-2"]
    store.sessions.end_all(bob.id, but="key-2")
    assert [found.key for found in store.sessions.of(bob.id, NOON)] == ["key-2"]
    store.sessions.sweep(NOON + HOUR)
    assert store.sessions.of(bob.id, 0) == []
    store.sessions.add(session("key-3", bob.id))
    store.users.remove(bob.id)
    assert store.sessions.get("key-3", NOON) is None


def test_tokens_have_scopes_and_an_end(store: PanelStore) -> None:
    store.tokens.add("a", "till", frozenset({"read", "relay"}), made_by="Ada", now_ms=NOON)
    store.tokens.add("b", "guest", frozenset({"read"}), made_by="Ada", now_ms=NOON, expires_ms=NOON + HOUR)
    token = store.tokens.get("a", NOON + 1000 * HOUR)
    assert token is not None
    assert token.scopes == {"read", "relay"}
    assert store.tokens.get("b", NOON + HOUR - 1) is not None
    assert store.tokens.get("b", NOON + HOUR) is None
    store.tokens.seen("a", NOON + 5)
    assert [(found.name, found.seen_ms) for found in store.tokens.all()] == [("guest", None), ("till", NOON + 5)]
    store.tokens.remove(token.id)
    assert store.tokens.get("a", NOON) is None


def test_failures_are_counted_and_forgotten(store: PanelStore) -> None:
    for number in range(4):
        store.failures.add("name:ada", NOON + number)
    assert store.failures.of("name:ada") == (4, NOON + 3)
    assert store.failures.of("name:bob") == (0, 0)
    store.failures.add("name:bob", NOON)
    store.failures.forget("name:bob")
    assert store.failures.of("name:bob") == (0, 0)
    store.failures.sweep(NOON + 4)
    assert store.failures.of("name:ada") == (0, 0)


def test_changes_are_kept_in_order_with_what_undoes_them(store: PanelStore) -> None:
    for number in range(5):
        undo = {"to": number} if number % 2 else None
        what = "settings" if number % 2 else "relay"
        store.audit.add(NOON + number, "Ada", "192.0.2.1", what=what, detail={"number": number}, undo=undo)
    latest = store.audit.latest(2)
    assert [(change.detail, change.undo) for change in latest] == [({"number": 4}, None), ({"number": 3}, {"to": 3})]
    assert [change.detail["number"] for change in store.audit.latest(9, before=latest[-1].id)] == [2, 1, 0]
    assert [change.detail["number"] for change in store.audit.latest(9, what="settings")] == [3, 1]
    assert store.audit.get(latest[0].id) == latest[0]
    assert store.audit.get(99) is None


@settings(max_examples=30)
@given(first=some.integers(-30, 30), days=some.integers(0, 9), asked=some.integers(-30, 30), wide=some.integers(0, 9))
def test_a_note_is_found_on_its_days_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, first: int, days: int, asked: int, wide: int
) -> None:
    day = date(2026, 3, 1)
    with PanelStore(tmp_path_factory.mktemp("notes") / "panel.db") as store:
        span = day + timedelta(days=first), day + timedelta(days=first + days)
        number = store.notes.add(*span, "weather", "snow", "Ada")
        window = day + timedelta(days=asked), day + timedelta(days=asked + wide)
        found = store.notes.between(*window)
        assert bool(found) == (span[0] <= window[1] and span[1] >= window[0])
        assert all((note.first, note.last, note.id) == (*span, number) for note in found)
        store.notes.remove(number)
        assert store.notes.between(*span) == []


def test_counts_by_hand_pushes_and_facts_come_back_as_they_were(store: PanelStore) -> None:
    taps, counted = [(1.5, "in"), (9.0, "out")], [(1.7, "in")]
    result = {"agreement": 0.5}
    store.count_alongs.add(
        NOON, NOON + HOUR, camera="door", line="", taps=taps, counted=counted, result=result, made_by="Ada"
    )
    (trial,) = store.count_alongs.latest(5)
    assert (list(trial.taps), list(trial.counted), trial.result, trial.line) == (taps, counted, result, "")
    wants = frozenset({"health", "unusual"})
    push = Push("https://push.example/1", 1, {"p256dh": "x", "auth": "y"}, wants, "tr", "Safari", NOON)
    store.pushes.add(push)
    store.pushes.add(replace(push, wants=frozenset()))
    assert store.pushes.all() == [replace(push, wants=frozenset())]
    store.pushes.remove(push.endpoint)
    assert store.pushes.all() == []
    assert store.facts.get("push-key") is None
    store.facts.note("push-key", "a")
    store.facts.note("push-key", "b")
    assert store.facts.get("push-key") == "b"


def test_everything_is_there_again_after_a_restart_and_for_nobody_else_to_read(path: Path) -> None:
    with PanelStore(path) as store:
        store.users.add("Ada", "hash", "owner", NOON)
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    with PanelStore(path) as store:
        assert store.claimed


def test_a_transaction_that_fails_leaves_nothing(store: PanelStore) -> None:
    def half_done() -> None:
        with store.file.writing():
            store.users.add("Ada", "hash", "owner", NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert not store.claimed
    store.users.add("Ada", "hash", "owner", NOON)
    assert store.claimed


def test_a_newer_file_and_one_of_another_program_are_refused(path: Path, tmp_path: Path) -> None:
    with PanelStore(path) as store:
        run(store.file.database, f"PRAGMA user_version = {2 + len(UPGRADES)}")
    with pytest.raises(StorageNewerError, match="was written by a newer version"):
        PanelStore(path)
    other = tmp_path / "other.db"
    foreign = peewee.SqliteDatabase(str(other))
    run(foreign, "CREATE TABLE t (x)")
    foreign.close()
    with pytest.raises(StorageError, match="is a database of another program"):
        PanelStore(other)
    with pytest.raises(StorageError, match="there is no folder"):
        PanelStore(tmp_path / "nowhere" / "panel.db")


def test_an_older_file_is_brought_up_step_by_step(path: Path) -> None:
    with PanelStore(path) as store:
        database = store.file.database
        steps: list[int] = []
        upgrades = [lambda _, number=number: steps.append(number) for number in range(len(UPGRADES) + 2)]
        bring_up(database, path, upgrades)
        assert steps == list(range(len(UPGRADES), len(UPGRADES) + 2))
        assert database.pragma("user_version") == 1 + len(upgrades)
        assert database.pragma("application_id") == APPLICATION_ID


def test_what_the_first_schema_had_becomes_what_is_made_new(path: Path, tmp_path: Path) -> None:
    with PanelStore(path) as store:
        run(store.file.database, "DROP TABLE push")
        run(store.file.database, "CREATE TABLE push (endpoint TEXT NOT NULL PRIMARY KEY, user INTEGER NOT NULL)")
        run(store.file.database, "PRAGMA user_version = 1")
    with PanelStore(path) as old, PanelStore(tmp_path / "new.db") as new:
        tables = "SELECT name, sql FROM sqlite_master ORDER BY name"
        assert run(old.file.database, tables).fetchall() == run(new.file.database, tables).fetchall()
