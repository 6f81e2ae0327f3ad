"""One line for each fact, with fields to search by: to the journal if this runs under it, else to standard error.

``journalctl -u acm -x`` explains each line by the catalog, ``journalctl ACM_EVENT=crossing -o json`` gives the fields.
The journal's own protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
"""

from __future__ import annotations

import os
import re
import socket
import sys
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from edge.core.masking import masked
from edge.core.notice import Priority
from edge.host.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from edge.core.notice import Fact

SOCKET = "/run/systemd/journal/socket"
IDENTIFIER = "acm"
FIELD = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
# A datagram that is too big for the socket is refused, so none is: 64 values of this length fit the usual 208 kB.
MOST_BYTES, MOST_FIELDS = 3_000, 60
CUT = " ..."
WORDS = {
    Priority.CRITICAL: "critical: ", Priority.ERROR: "error: ", Priority.WARNING: "warning: ", Priority.NOTICE: "",
    Priority.INFO: "",
}  # fmt: skip


class Sink(Protocol):
    """Takes one entry; False if it could not."""

    def __call__(self, entry: Mapping[str, str]) -> bool:
        """Write an entry: ``MESSAGE``, ``PRIORITY`` (a syslog number) and other fields."""


class Journal:
    """Tells facts. It may be called from every thread and never raises: news must not break what it is about.

    ``spare`` takes what ``sink`` could not.
    """

    def __init__(self, sink: Sink, spare: Sink | None = None) -> None:
        self._sink, self._spare = sink, spare
        self._repeats = Repeats()
        self._lock = Lock()

    def tell(self, fact: Fact, now_s: float) -> bool:
        """Say a fact, unless the same was said just now (see ``Notice.repeat_s``); return whether it was said.

        ``now_s`` is monotonic time.
        """
        with self._lock:
            admitted = self._repeats.admit(fact, now_s)
        if admitted:
            self._write(fact)
        return admitted

    def step(self, now_s: float) -> None:
        """Sum up what was held back, when it is time. To be called every minute or so."""
        with self._lock:
            told = self._repeats.over(now_s)
        for fact in told:
            self._write(fact)

    def close(self, now_s: float) -> None:
        """Sum up all that was held back."""
        with self._lock:
            told = self._repeats.rest(now_s)
        for fact in told:
            self._write(fact)

    def _write(self, fact: Fact) -> None:
        entry = entry_of(fact)
        if not self._sink(entry) and self._spare is not None:
            self._spare(entry)


def entry_of(fact: Fact) -> dict[str, str]:
    """The journal's fields of a fact, bounded, without secrets of addresses in them."""
    fields = {
        "MESSAGE": fact.message,
        "PRIORITY": str(int(fact.notice.priority)),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        **fact.fields(),
    }
    named = [(name, _cut(masked(value))) for name, value in fields.items() if FIELD.fullmatch(name)]
    return dict(named[:MOST_FIELDS])


def _cut(value: str) -> str:
    data = value.encode("utf-8", "replace")
    return data.decode() if len(data) <= MOST_BYTES else data[:MOST_BYTES].decode("utf-8", "ignore") + CUT


def encoded(entry: Mapping[str, str]) -> bytes:
    """An entry in the journal's own protocol: ``NAME=value``, or for a value with line breaks its length in front."""
    told = bytearray()
    for name, value in entry.items():
        data = value.encode("utf-8", "replace")
        if b"\n" in data:
            told += name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"
        else:
            told += name.encode() + b"=" + data + b"\n"
    return bytes(told)


class NativeSink:
    """Speaks the journal's own protocol."""

    def __init__(self, path: str = SOCKET) -> None:
        self._path = path

    def __call__(self, entry: Mapping[str, str]) -> bool:
        """Send one entry; False while the journal is not there or has no room."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
                # A journal that hangs must not stop the shop's counting.
                link.settimeout(0)
                link.sendto(encoded(entry), self._path)
        except OSError:
            return False
        return True


class LibrarySink:
    """Speaks through systemd's own library (``systemd.journal``)."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 - a module
        self._library = library

    def __call__(self, entry: Mapping[str, str]) -> bool:
        """Send one entry; False if the journal does not take it."""
        try:
            self._library.sendv(*(f"{name}={value}" for name, value in entry.items()))
        except (OSError, ValueError):
            return False
        return True


class LineSink:
    """Writes lines to a stream: ``<4>sentence`` for a journal that reads it, ``acm: warning: sentence`` for people."""

    def __init__(self, stream: TextIO, *, for_journal: bool) -> None:
        self._stream, self._for_journal = stream, for_journal

    def __call__(self, entry: Mapping[str, str]) -> bool:
        """Write one entry; False if nobody reads any more."""
        priority = int(entry["PRIORITY"])
        head = f"<{priority}>" if self._for_journal else f"{IDENTIFIER}: {WORDS[Priority(priority)]}"
        text = " ".join(entry["MESSAGE"].split())
        try:
            self._stream.write(f"{head}{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            # A closed pipe, or a stream that was closed; there is nobody left to tell.
            return False
        return True


def open_journal(environ: Mapping[str, str] = os.environ, stream: TextIO | None = None, path: str = SOCKET) -> Journal:
    """The journal, if ``stream`` (standard error) leads there; otherwise that stream, for people to read."""
    stream = sys.stderr if stream is None else stream
    if not leads_to_journal(environ, stream):
        return Journal(LineSink(stream, for_journal=False))
    library = _library() if path == SOCKET else None
    sink = LibrarySink(library) if library is not None else NativeSink(path)
    return Journal(sink, LineSink(stream, for_journal=True))


def leads_to_journal(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether a stream was connected to the journal by the service manager (man systemd.exec, JOURNAL_STREAM)."""
    named = environ.get("JOURNAL_STREAM", "")
    try:
        there = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return bool(named) and named == f"{there.st_dev}:{there.st_ino}"


def _library() -> Any | None:  # noqa: ANN401 - a module
    try:
        return import_module("systemd.journal")
    except ImportError:
        return None
