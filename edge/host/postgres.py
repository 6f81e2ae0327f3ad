"""A PostgreSQL of one's own for a while, of the system's programs, in a temporary folder; gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.core.errors import AcmError, InputError

if TYPE_CHECKING:
    from typing_extensions import Self

VERSIONS = Path("/usr/lib/postgresql")
HOST, USER, DATABASE = "127.0.0.1", "acm", "postgres"
# It refuses to run as root; Debian's package brings this user.
OWNER = "postgres"
START_S, STOP_S = 30.0, 20.0
# Ends the server when we do, however we end: its standard input closes then.
GUARD = '"$@" & server=$!; read _; kill -INT $server 2>/dev/null; wait $server'
UNTIL_IT_ANSWERS = 'until "$@"; do sleep 0.05; done'


class ThrowawayPostgres:
    """Runs from ``with`` to its end, and writes to the disk as a server does that must lose nothing.

    Raises ``InputError`` if there is none to start here, ``AcmError`` if it does not start.
    """

    def __init__(self, versions: Path = VERSIONS) -> None:
        self._programs = _newest(versions)
        self._folder = Path()
        self._guard: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The address of its database, which is empty at first."""
        return f"postgresql://{USER}@{HOST}:{self._port}/{DATABASE}"

    def __enter__(self) -> Self:
        """Make a database in a folder of its own, and serve it."""
        self._folder = Path(tempfile.mkdtemp(prefix="acm-postgres-"))
        try:
            if os.getuid() == 0:
                shutil.chown(self._folder, OWNER, OWNER)
            self._do("initdb", "-D", "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            self._start()
        except BaseException:  # whatever went wrong, nothing is left behind; raised again
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it and remove all that it had."""
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            self._guard.wait(STOP_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        self._port = _free_port()
        options = {"port": self._port, "listen_addresses": HOST, "unix_socket_directories": self._folder}
        words = [f"--{name}={value}" for name, value in options.items()]
        command = ["sh", "-c", GUARD, "sh", str(self._programs / "postgres"), "-D", "data", *words]
        with (self._folder / "log").open("ab") as log:
            self._guard = subprocess.Popen(  # noqa: S603 - words of ours, no shell but the guard
                command, cwd=self._folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                **_owned(),
            )  # fmt: skip
        self._do("pg_isready", "-h", HOST, "-p", str(self._port), "-q", until_it_does=True)

    def _do(self, program: str, *words: str, until_it_does: bool = False) -> None:
        command = [str(self._programs / program), *words]
        if until_it_does:
            command = ["timeout", str(START_S), "sh", "-c", UNTIL_IT_ANSWERS, "sh", *command]
        done = subprocess.run(  # noqa: S603 - as above
            command, cwd=self._folder, capture_output=True, text=True, check=False, **_owned()
        )
        if done.returncode:
            said = (done.stderr.strip() or _last_of(self._folder / "log")).splitlines()[-1:]
            raise AcmError(f"PostgreSQL does not start here ({''.join(said)}); name one that runs with --database.")


def _newest(versions: Path) -> Path:
    found = sorted(versions.glob("*/bin/postgres"), key=lambda path: _number(path.parts[-3]))
    if not found:
        raise InputError(
            "There is no PostgreSQL here; install Debian's package postgresql, or name one that runs with --database."
        )
    if os.getuid() == 0 and not _known(OWNER):
        raise InputError(f"PostgreSQL does not run as root, and there is no user {OWNER}; say this as another user.")
    return found[-1].parent


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _known(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _owned() -> dict[str, Any]:
    return {"user": OWNER, "group": OWNER, "extra_groups": []} if os.getuid() == 0 else {}


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


def _last_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-1000:] if log.exists() else ""
