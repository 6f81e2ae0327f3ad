"""Which reports were sent, and how far the others have come: a small file that a power cut leaves whole.

Two processes write it, the counter and the child that makes a report; each change is read, made and written under a
lock. It holds no figure and no picture: names of reports, days, addresses, and why something failed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from typing_extensions import Self

FILE, BUSY = "reports.json", "reports.busy"
# As many as are kept, each to as many people as there may be, with the longest names there are.
MOST_BYTES = 8_000_000
# Of one report, and of all.
MOST_EACH, MOST = 25, 300
TRYING, DONE, GIVEN_UP = "trying", "done", "given-up"
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report of one period on its way. Times are aware.

    ``filed``: its folder has it. ``at_hub``: the hub has it. ``mailed``: who has it by the mail server's word.
    ``handing``: to whom it is being handed over right now.
    ``unsure``: to whom it was when the power was cut. ``again``: how often it was asked for again by hand.
    """

    report: str
    every: str
    first: date
    last: date
    state: str = TRYING
    begun_at: datetime | None = None
    tried_at: datetime | None = None
    done_at: datetime | None = None
    tries: int = 0
    again: int = 0
    mailed: tuple[str, ...] = ()
    handing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    filed: bool = False
    at_hub: bool = False
    files: tuple[str, ...] = ()
    why: str = ""

    @property
    def key(self) -> tuple[str, str, date]:
        """What there is only one of."""
        return self.report, self.every, self.first

    def told(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Book:
    """All of it. ``box`` is a word nobody guesses, for names of mails. ``since``: from when on a report is wanted."""

    box: str = ""
    since: Mapping[str, datetime] = field(default_factory=dict)
    deliveries: tuple[Delivery, ...] = ()

    def get(self, report: str, every: str, first: date) -> Delivery | None:
        """The delivery of that period."""
        return next((one for one in self.deliveries if one.key == (report, every, first)), None)

    def of(self, report: str, every: str) -> list[Delivery]:
        """The deliveries of one report, the latest period last."""
        return sorted((one for one in self.deliveries if one.key[:2] == (report, every)), key=lambda one: one.first)

    def put(self, delivery: Delivery) -> Self:
        """The book with this in place of what was known of its period; of too many the oldest go."""
        others = [one for one in self.deliveries if one.key != delivery.key]
        mine = [one for one in others if one.key[:2] == delivery.key[:2]]
        gone = {one.key for one in sorted(mine, key=lambda one: one.first)[: max(0, len(mine) - MOST_EACH + 1)]}
        kept = [one for one in others if one.key not in gone]
        short = replace(delivery, why=delivery.why[:LONGEST])
        return replace(self, deliveries=(*kept, short)[-MOST:])


class Reported:
    """The file in ``folder``; ``write`` puts a file there, whole or not at all, so that it survives a power cut."""

    def __init__(self, folder: Path, write: Callable[[Path, bytes], None]) -> None:
        self.folder, self._path, self._busy = folder, folder / FILE, folder / BUSY
        self._lock, self._write = folder / f".{FILE}.lock", write

    def read(self) -> Book:
        """What stands in it; an empty book, if the file is not there or not ours."""
        try:
            with self._path.open("rb") as file:
                return _read(json.loads(file.read(MOST_BYTES)))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Book()

    def change(self, how: Callable[[Book], Book]) -> Book:
        """Change it; when this returns, it is on the disk. Raises what ``write`` raises."""
        with _held(self._lock):
            before = self.read()
            book = how(before if before.box else replace(before, box=secrets.token_hex(8)))
            if book != before:
                self._write(self._path, json.dumps(_told(book), indent=1).encode())
        return book

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who makes and sends: a child whose parent was killed may still be at it."""
        with _held(self._busy):
            yield


@contextmanager
def _held(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _told(book: Book) -> dict[str, Any]:
    since = {name: at.isoformat() for name, at in book.since.items()}
    return {"box": book.box, "since": since, "deliveries": [one.told() for one in book.deliveries]}


def _read(told: Any) -> Book:  # noqa: ANN401 - whatever stands in the file
    since = {str(name): _moment(at) for name, at in told["since"].items()}
    return Book(str(told["box"]), since, tuple(_delivery(one) for one in told["deliveries"][-MOST:]))


def _delivery(told: Mapping[str, Any]) -> Delivery:
    values = {one.name: told[one.name] for one in fields(Delivery) if one.name in told}
    for name in ("first", "last"):
        values[name] = date.fromisoformat(values[name])
    for name in ("begun_at", "tried_at", "done_at"):
        values[name] = None if values.get(name) is None else _moment(values[name])
    for name in ("mailed", "handing", "unsure", "files"):
        values[name] = tuple(str(one) for one in values.get(name, ()))
    return Delivery(**values)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return at
