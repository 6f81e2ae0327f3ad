"""The next batch for the hub, read beside the writer, in columns: tuples become arrays without a record in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from edge.core.shipment import NO_CURSOR, Shipment
from edge.storage import about
from edge.storage.calendars import calendars_of
from edge.storage.database import close, connect_reader, run, schema_of
from edge.storage.errors import StorageError, telling
from edge.storage.kept import restamps
from edge.storage.migrations import refuse_newer
from edge.storage.outbox_columns import COLUMNS, NAMES, NOTICE, NUMBERS, Found, Numbering, Versions, batch_columns
from edge.storage.sending import Progress, progress_of
from edge.storage.subjects import Subjects

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from edge.core.shipment import Standing

# The tables for sending came with this schema.
FIRST_SCHEMA = 2
# Rows are read once and in order, so that a cache would only cost memory.
CACHE_KIB = 256
WAITING = "seq > ? AND seq NOT IN (SELECT seq FROM set_aside)"
WITHIN = "seq > ? AND seq <= ?"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to be sent.

    So many ``rows``, the oldest of which happened at ``oldest_ms``: None if there is none, or if its time is not known
    and it ``waits_for_clock``. ``set_aside`` were so many on the whole, since the hub does not take them.
    """

    rows: int
    oldest_ms: int | None
    waits_for_clock: bool
    set_aside: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch, and rows that no batch can hold (number and reason). ``more``: whether others wait behind it.

    ``change``: the number of the change of times it is about, 0 for rows that were never sent; ``change_last_seq``: up
    to which row that goes.
    """

    shipment: Shipment
    unsendable: tuple[tuple[int, str], ...]
    more: bool
    change: int = 0
    change_last_seq: int = 0


class Outbox:
    """What the hub has not got yet; as a context manager, or ``close`` it. ``device`` names the sender in every batch.

    Short-lived, and so is every call: an open transaction would keep the log from being emptied.
    """

    def __init__(self, path: Path, device: str) -> None:
        """Open for reading. Raises ``StorageError`` and its kinds."""
        self.path, self._device = path, device
        self._database = connect_reader(path)
        try:
            _refuse_unsendable(path, schema_of(self._database, path))
            with telling(path):
                run(self._database, f"PRAGMA cache_size = -{CACHE_KIB}")
                self.epoch = about.fact(self._database, about.EPOCH) or ""
        except BaseException:  # whatever went wrong, the file is let go of; raised again
            close(self._database, path)
            raise

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        close(self._database, self.path)

    def __enter__(self) -> Self:
        """Nothing more to do: it is open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file."""
        self.close()

    def progress(self) -> Progress:
        """How far sending has come, by what was noted last."""
        with telling(self.path):
            return progress_of(self._database)

    def highest(self) -> int:
        """The number of the last row that is sent, 0 if there is none."""
        statements = [f"SELECT coalesce(max(seq), 0) FROM {name}" for name in NAMES]  # noqa: S608 - names of ours
        with telling(self.path):
            return max(int(run(self._database, statement).fetchone()[0]) for statement in statements)

    def last_change(self) -> int:
        """The number of the last change of rows' times, 0 if there is none."""
        with telling(self.path):
            return int(run(self._database, "SELECT coalesce(max(id), 0) FROM restamp").fetchone()[0])

    def set_aside(self) -> list[tuple[int, str]]:
        """Rows the hub does not take, each with the reason."""
        with telling(self.path):
            return run(self._database, "SELECT seq, reason FROM set_aside ORDER BY seq").fetchall()

    def backlog(self, progress: Progress) -> Backlog:
        """How much is still to be sent."""
        after, rows, firsts = _after(progress), 0, []
        with telling(self.path), self._database.atomic():
            for name in NAMES:
                rows += self._count(name, after)
                statement = f"SELECT seq, at_ms FROM {name} WHERE {WAITING} ORDER BY seq LIMIT 1"  # noqa: S608 - names of ours
                firsts += run(self._database, statement, after).fetchall()
            rows -= self._count("set_aside", after)
            aside = self._count("set_aside", NO_CURSOR)
        oldest_ms = min(firsts)[1] if firsts else None
        waits = oldest_ms is not None and oldest_ms < 0
        return Backlog(rows, None if waits else oldest_ms, waits, aside)

    def passed_over(self, progress: Progress) -> Progress:
        """The same, with those of the next changes of times passed over that are about rows never sent."""
        with telling(self.path):
            for change in restamps(self._database, progress.revised):
                if change.first_seq <= progress.cursor:
                    break
                progress = replace(progress, revised=change.number, revised_seq=NO_CURSOR)
        return progress

    def fresh(self, progress: Progress, standing: Standing, most: int) -> Draft:
        """The next rows that were never sent, at most so many; none if there are none.

        It ends before the first row whose time is not known: what comes after that waits, too.
        """
        after = _after(progress)
        with telling(self.path), self._database.atomic():
            found, more = self._found(WAITING, (after,), most)
            known = found.before_unset()
            seqs, known_seqs = found.seqs(), known.seqs()
            last = int(known_seqs[-1]) if len(known_seqs) else after
            more = more and len(seqs) == len(known_seqs)
            return self._draft(known, (after, last), progress, standing, more=more)

    def revised(self, progress: Progress, standing: Standing, most: int) -> Draft | None:
        """Rows sent before that were given another time since, of the next such change; None if there is none.

        At most so many; without rows if they are gone. ``passed_over`` comes first.
        """
        with telling(self.path), self._database.atomic():
            for change in restamps(self._database, progress.revised)[:1]:
                after = max(change.first_seq - 1, progress.first_seq - 1, progress.revised_seq)
                last = max(after, min(change.last_seq, progress.cursor))
                found, more = self._found(WITHIN, (after, last), most)
                last = int(found.seqs()[-1]) if more else last
                span = (after, last)
                return self._draft(found, span, progress, standing, more=more, change=(change.number, change.last_seq))
        return None

    def _count(self, table: str, after: int) -> int:
        statement = f"SELECT count(*) FROM {table} WHERE seq > ?"  # noqa: S608 - names of ours
        return int(run(self._database, statement, after).fetchone()[0])

    def _found(self, where: str, values: tuple[int, ...], most: int) -> tuple[Found, bool]:
        """The first rows of all kinds together, and whether there are more."""
        select = f"SELECT seq, at_ms, {{}} FROM {{}} WHERE {where} ORDER BY seq LIMIT ?"  # noqa: S608 - names of ours
        numbers = {}
        for name, columns in NUMBERS:
            rows = run(self._database, select.format(columns, name), *values, most + 1).fetchall()
            numbers[name] = np.array(rows, dtype=np.int64).reshape(-1, COLUMNS)
        notices = run(self._database, select.format("event, told", NOTICE), *values, most + 1).fetchall()
        found = Found(numbers, notices)
        seqs = found.seqs()
        return (found.up_to(int(seqs[most - 1])), True) if len(seqs) > most else (found, False)

    def _draft(  # noqa: PLR0913 - what a batch is made of
        self,
        found: Found,
        span: tuple[int, int],
        progress: Progress,
        standing: Standing,
        *,
        more: bool,
        change: tuple[int, int] = (0, 0),
    ) -> Draft:
        aside = dict(found.unsendable())
        found = found.without(aside)
        versions = Versions(restamps(self._database, 0))
        numbering = Numbering(found, Subjects(self._database).by_id())
        days = calendars_of(self._database).latest
        kept_from = max(about.number(self._database, about.KEPT_FROM_SEQ), progress.first_seq)
        shipment = Shipment(
            self._device, self.epoch, *span, kept_from, change[0] > 0, days.zone_name, days.day_starts_h, standing,
            numbering.subjects, **batch_columns(found, numbering, versions),
        )  # fmt: skip
        return Draft(shipment, tuple(sorted(aside.items())), more, *change)


def _refuse_unsendable(path: Path, schema: int) -> None:
    refuse_newer(path, schema)
    if schema < FIRST_SCHEMA:
        raise StorageError(f"{path}: nothing can be sent from these records yet; start acm run first.")


def _after(progress: Progress) -> int:
    """What is sent next comes after this row."""
    return max(0, progress.cursor, progress.first_seq - 1)
