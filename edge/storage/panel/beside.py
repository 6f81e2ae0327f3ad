"""What people left on the panel, read beside it: notes on days, and the last count by hand."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edge.core.calendar import day_number, day_of_number
from edge.storage.database import close, connect_reader, run
from edge.storage.errors import telling
from edge.storage.panel.written import Note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    import peewee

NOTES = """SELECT id, first_day, last_day, kind, text, made_by FROM note WHERE first_day <= ? AND last_day >= ?
    ORDER BY first_day, id LIMIT ?"""
LAST_COUNT = "SELECT ended_ms, result FROM count_along WHERE ended_ms <= ? ORDER BY id DESC LIMIT 1"
# More are not read by anybody.
MOST_NOTES = 200


def notes_beside(path: Path, first: date, last: date) -> list[Note]:
    """Notes on any of these days, in order. Raises ``StorageError`` if they cannot be read."""
    with _open(path) as database:
        rows = run(database, NOTES, day_number(last), day_number(first), MOST_NOTES).fetchall()
    return [Note(number, day_of_number(a), day_of_number(b), *rest) for number, a, b, *rest in rows]


def last_count_beside(path: Path, until_ms: int) -> tuple[int, dict[str, Any]] | None:
    """When the last count by hand ended (UTC, ms since 1970), and the figures made of it; None if there was none."""
    with _open(path) as database:
        row = run(database, LAST_COUNT, until_ms).fetchone()
    return None if row is None else (int(row[0]), json.loads(row[1]))


@contextmanager
def _open(path: Path) -> Iterator[peewee.SqliteDatabase]:
    database = connect_reader(path)
    try:
        with telling(path):
            yield database
    finally:
        close(database, path)
