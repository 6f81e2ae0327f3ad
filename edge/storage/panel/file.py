"""The panel's database file: one connection, used by one thread at a time."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import peewee

from edge.storage.database import BUSY_S, close, writing
from edge.storage.errors import telling
from edge.storage.place import refuse_missing_folder, refuse_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRAGMAS = (("journal_mode", "wal"), ("synchronous", "full"), ("cache_size", -1024))
# Sessions and hashes are nobody else's business.
MODE = 0o600


class PanelFile:
    """Runs queries on the file at ``path``. Raises ``StorageError`` and its kinds."""

    def __init__(self, path: Path) -> None:
        refuse_missing_folder(path)
        refuse_network(path)
        self.path = path
        self._lock = RLock()
        self._depth = 0
        self.database = peewee.SqliteDatabase(
            str(path), pragmas=PRAGMAS, timeout=BUSY_S, lock_type="IMMEDIATE", thread_safe=False, autoconnect=False,
            check_same_thread=False,
        )  # fmt: skip
        with telling(path):
            self.database.connect()
            path.chmod(MODE)

    def rows(self, query: peewee.BaseQuery) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with self._lock, telling(self.path):
            return [tuple(row) for row in query.tuples().execute(self.database)]

    def do(self, query: peewee.BaseQuery) -> Any:  # noqa: ANN401 - a number of rows, or a row's number
        """Do what a query says. Only within ``writing``."""
        return query.execute(self.database)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, on the disk at its end; one within another is part of it."""
        with self._lock:
            if self._depth:
                yield
                return
            self._depth += 1
            try:
                with writing(self.database, self.path):
                    yield
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        with self._lock:
            close(self.database, self.path)
