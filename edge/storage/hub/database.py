"""Opens the hub's database, one connection for each thread, and has the words that SQLite and PostgreSQL say apart."""

from __future__ import annotations

import os
import re
import select
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote, urlsplit

import peewee

from edge.storage.hub.errors import HubAddressError, driver_errors, telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SQLITE, POSTGRES = "sqlite", "postgresql"
BUSY_S = 10
CONNECT_S = 5
# A statement that takes longer is stuck: behind somebody else's lock, or on a server that does not answer.
STATEMENT_S, LOCK_S = 30, 15
SQLITE_PRAGMAS = (
    ("journal_mode", "wal"),
    # FULL, not NORMAL: at a power cut NORMAL loses what devices were told is safe.
    ("synchronous", "full"),
    ("cache_size", -8192),
)
PASSWORD = re.compile(r"(password=)[^&\s]*", re.IGNORECASE)
READER_PRAGMAS = (("query_only", 1), ("cache_size", -8192))


class Rows(Protocol):
    """What a statement gives."""

    rowcount: int

    def fetchone(self) -> Any: ...  # noqa: ANN401, D102 - a row of a database
    def fetchall(self) -> list[Any]: ...  # noqa: D102 - as above
    def fetchmany(self, size: int, /) -> list[Any]: ...  # noqa: D102 - as above


class HubDatabase:
    """The database at an address; each thread that uses it has a connection of its own, made when first needed.

    ``place`` is the address as people may see it. ``reading``: nothing can be written through it.
    """

    def __init__(self, url: str, *, reading: bool = False) -> None:
        self.url = url
        self.kind = _kind(url)
        self.place = shown(url)
        self._looks_at = "" if self.kind == POSTGRES or not reading else _path(url)
        open_at = _postgres if self.kind == POSTGRES else _sqlite
        self.peewee = open_at(url, reading=reading)

    @property
    def on_postgres(self) -> bool:
        """Whether it is PostgreSQL, and not SQLite."""
        return self.kind == POSTGRES

    def run(self, sql: str, *values: object) -> Rows:
        """Run a statement; values stand as ``%s`` in it."""
        words = sql if self.on_postgres else sql.replace("%s", "?")
        return cast("Rows", self.connection().execute(words, values))

    def connection(self) -> Any:  # noqa: ANN401 - the driver's own, of psycopg or sqlite3
        """This thread's connection as the driver made it."""
        return self.peewee.connection()  # type: ignore[no-untyped-call]

    @contextmanager
    def using(self) -> Iterator[None]:
        """Look something up, outside of a transaction. Raises ``HubAwayError``."""
        with telling(self.place):
            try:
                self._connect()
                yield
            except driver_errors():
                self.close()
                raise

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Look several things up in one state of the tables. Not within another one. Raises ``HubAwayError``."""
        with self.using():
            self.peewee.begin()
            try:
                yield
            finally:
                with suppress(*driver_errors()):
                    self.peewee.rollback()
                if self._looks_at:
                    # The next look may find that somebody writes, or nobody any more.
                    self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: at its end all of it is kept, or nothing. Not within another one. Raises ``HubAwayError``."""
        with self.using():
            self.peewee.begin()
            try:
                yield
                self.peewee.commit()
            except BaseException:  # whatever went wrong, nothing half done stays; raised again
                with suppress(*driver_errors()):
                    self.peewee.rollback()
                raise

    def close(self) -> None:
        """Let go of this thread's connection; the next use makes another one."""
        with suppress(*driver_errors()):
            self.peewee.close()

    def columns(self, table: type[peewee.Model]) -> list[str]:
        """The names of a table's columns, in order."""
        return [field.column_name for field in table._meta.sorted_fields]  # noqa: SLF001 - peewee's own way

    def insert(self, table: type[peewee.Model], rows: Sequence[tuple[object, ...]]) -> None:
        """Insert whole rows, values in the table's order. Much quicker than peewee's way."""
        names = self.columns(table)
        places = ", ".join(["%s"] * len(names))
        sql = f"INSERT INTO {table._meta.table_name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608, SLF001 - names of ours
        cursor = self.connection().cursor()
        cursor.executemany(sql if self.on_postgres else sql.replace("%s", "?"), rows)

    def _connect(self) -> None:
        if self.peewee.is_closed():
            if self._looks_at:
                self.peewee.init(_looked_at(self._looks_at))
            self.peewee.connect()
        elif self.on_postgres and _hung_up(self.connection()):
            self.close()
            self.peewee.connect()


def _hung_up(connection: Any) -> bool:  # noqa: ANN401 - psycopg's own
    """Whether the server ended an idle connection: it was restarted, or somebody between them forgot about it."""
    if connection.closed:
        return True
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    return bool(look.poll(0))


def shown(url: str) -> str:
    """An address without its password."""
    text = PASSWORD.sub(r"\1***", url)
    parts = urlsplit(text)
    return text.replace(f":{parts.password}@", ":***@", 1) if parts.password else text


def _kind(url: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme in ("postgresql", "postgres"):
        return POSTGRES
    if scheme == SQLITE and urlsplit(url).path.strip("/"):
        return SQLITE
    raise HubAddressError(
        f"{shown(url)}: is no address of a database; give one such as postgresql://acm@server/acm, or "
        "sqlite:///var/lib/acm-hub/hub.db for a trial."
    )


def _sqlite(url: str, *, reading: bool) -> peewee.SqliteDatabase:
    """``sqlite:///absolute/path``; four slashes mean the same, as other programs write it."""
    path = _path(url)
    if reading:
        return peewee.SqliteDatabase(
            _looked_at(path), pragmas=READER_PRAGMAS, timeout=BUSY_S, lock_type="DEFERRED",
            autoconnect=False, uri=True,
        )  # fmt: skip
    return peewee.SqliteDatabase(
        path, pragmas=SQLITE_PRAGMAS, timeout=BUSY_S, lock_type="IMMEDIATE", autoconnect=False
    )


def _path(url: str) -> str:
    return "/" + urlsplit(url).path.lstrip("/")


def _looked_at(path: str) -> str:
    """The file for who only reads. While nobody writes, and where we may not, the log cannot be shared: as it is."""
    alone = not Path(f"{path}-wal").exists() and not os.access(Path(path).parent, os.W_OK)
    return f"file:{quote(path)}?{'immutable=1' if alone else 'mode=ro'}"


def _postgres(url: str, *, reading: bool) -> peewee.PostgresqlDatabase:
    try:
        import psycopg  # noqa: F401, PLC0415 - a trial on SQLite does without it
    except ImportError:
        raise HubAddressError(
            "PostgreSQL needs the library psycopg; install the product as customer-messenger[hub]."
        ) from None
    limits = f"-c statement_timeout={STATEMENT_S * 1000} -c lock_timeout={LOCK_S * 1000}"
    if reading:
        limits += " -c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    return peewee.PostgresqlDatabase(
        "postgresql://" + url.partition("://")[2], prefer_psycopg3=True, connect_timeout=CONNECT_S, options=limits,
        tcp_user_timeout=STATEMENT_S * 1000, keepalives_idle=STATEMENT_S, application_name="acm-hub", autoconnect=False,
    )  # fmt: skip
