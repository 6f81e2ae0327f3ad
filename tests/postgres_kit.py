"""A real PostgreSQL for tests, Debian's own, in a folder of its own and gone afterwards.

Ask for the fixture ``postgres``: one server for all tests of a run, and ``postgres.database()`` for an empty database.
A test that stops, breaks or changes a server makes one for itself: ``with Postgres() as server: ...``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

VERSIONS = Path("/usr/lib/postgresql")
# It refuses to run as root.
OWNER = "postgres"
START_S, STOP_S = 30.0, 20.0
# What was committed survives the server's end, however it ends; it is the machine's end that is not tried here.
QUICK = {"fsync": "off", "full_page_writes": "off"}
USUAL = {"shared_buffers": "64MB", "max_connections": "60", "logging_collector": "off", "autovacuum_naptime": "5s"}
# Ends the server when this process does, however it ends: its standard input closes then.
GUARD = '"$@" & pid=$!; read _; kill -INT $pid 2>/dev/null; wait $pid'


class Postgres:
    """A server, running from ``with`` to its end. ``durable`` writes to the disk as a real one does."""

    def __init__(self, *, durable: bool = False, **settings: str) -> None:
        self.port = free_port()
        self._settings = {**USUAL, **({} if durable else QUICK), **settings}
        self._numbers = count(1)
        self._guard: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="acm-postgres-"))

    def __enter__(self) -> Self:
        if os.getuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        self._do("initdb", "-D", "data", "-U", "acm", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it answers. What it says goes to ``log`` in its folder."""
        options = {
            **self._settings, "port": str(self.port), "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        }  # fmt: skip
        words = [f"--{name}={value}" for name, value in options.items()]
        command = ["sh", "-c", GUARD, "sh", str(_program("postgres")), "-D", "data", *words]
        with (self.folder / "log").open("ab") as log:
            self._guard = subprocess.Popen(  # noqa: S603 - words of ours
                command, cwd=self.folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                **_as_owner(),
            )  # fmt: skip
        self._do("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q", until_it_does=True)

    def stop(self) -> None:
        """Stop it in good order; whoever is connected is thrown out."""
        if self._guard is None:
            return
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(STOP_S)
        self._guard = None

    def crash(self) -> None:
        """Stop it at once, without writing down what it holds in memory; ``start`` has to recover then."""
        assert self._guard is not None
        pid = int((self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        os.kill(pid, signal.SIGQUIT)
        while _alive(pid):
            os.sched_yield()
        self.stop()

    def database(self) -> str:
        """The address of a new and empty database."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, database: str, port: int | None = None) -> str:
        """The address of a database; ``port`` is another one if there is a proxy in between."""
        return f"postgresql://acm@127.0.0.1:{port or self.port}/{database}"

    def _do(self, program: str, *words: str, until_it_does: bool = False) -> None:
        command = [str(_program(program)), *words]
        if until_it_does:
            command = ["timeout", str(START_S), "sh", "-c", 'until "$@"; do sleep 0.05; done', "sh", *command]
        done = subprocess.run(  # noqa: S603 - words of ours
            command, cwd=self.folder, capture_output=True, text=True, check=False, **_as_owner()
        )
        if done.returncode:
            log = self.folder / "log"
            told = log.read_text(encoding="utf-8")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} did not do it: {done.stdout}{done.stderr}{told}")


def _program(name: str) -> Path:
    """A program of the newest version there is here."""
    found = sorted(VERSIONS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("There is no PostgreSQL here; install Debian's package postgresql.")
    return found[-1]


def _as_owner() -> dict[str, object]:
    return {"user": OWNER, "group": OWNER, "extra_groups": []} if os.getuid() == 0 else {}


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a run; each takes a database of its own from it."""
    with Postgres() as server:
        yield server
