"""The one writer of the records: what ``append`` returned from is on the disk and survives a power cut."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING

from edge.core.calendar import SiteCalendar
from edge.core.timekeeping import Quality, uptime_ms
from edge.storage import about, sending, times
from edge.storage.calendars import alike, calendars_of, go_by
from edge.storage.database import close, empty_log, insert, writing
from edge.storage.derive import inside_before, remake
from edge.storage.entries import entry
from edge.storage.errors import StorageDamagedError, StorageWaitError, telling
from edge.storage.figures import Calendars, Tally
from edge.storage.models import UNKNOWN_MS, highest_seq
from edge.storage.opening import fresh_epoch, open_database
from edge.storage.place import MOUNTS, companions
from edge.storage.records import Crossing
from edge.storage.retention import let_go
from edge.storage.subjects import Subjects
from edge.storage.today import Standpoint, today
from edge.storage.written import Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.core.clock import ClockReading
    from edge.core.model import Direction
    from edge.storage.models import Happened
    from edge.storage.opening import Opened
    from edge.storage.records import Record
    from edge.storage.retention import Gone, Keeping
    from edge.storage.sending import Progress
    from edge.storage.today import Today


@dataclass(frozen=True, slots=True)
class ClockNews:
    """The time of day is come by another way: how now, and the jump in seconds if it was known before.

    ``restamped`` rows were given another time.
    """

    quality: Quality
    step_s: float | None
    restamped: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What keeping the records costs.

    ``rows``, ``commits`` and ``written_since_open_bytes`` (to the card) since the file was opened, ``written_bytes`` in
    its whole life; ``file_bytes`` and ``log_bytes`` are how big it and its log are now.
    """

    rows: int
    commits: int
    written_bytes: int
    written_since_open_bytes: int
    file_bytes: int
    log_bytes: int


class Store:
    """The records, open for writing. Calls may come from any thread, and wait for each other.

    ``StorageWaitError`` from any of them means that nothing was done: keep what was to be written and try again.
    ``StorageDamagedError`` means that the file is damaged: ``close`` and ``open`` again. ``facts`` has what is to be
    told about the opening (a damaged file set aside, a schema brought up to date).
    """

    def __init__(self, path: Path, opened: Opened, boot: str, reading: ClockReading) -> None:
        """Use ``open``."""
        self.path, self.facts = path, opened.facts
        self._database, self._file_lock = opened.database, opened.lock
        self._lock = RLock()
        self._written = Written()
        self._rows = self._commits = 0
        self._closed = self._damaged = False
        self._unsaved: Progress | None = None
        self._uptime_ms = uptime_ms(reading.uptime_s)
        self._subjects = Subjects(self._database)
        with self._writing():
            self.epoch = about.fact(self._database, about.EPOCH) or ""
            self._written_before = about.number(self._database, about.WRITTEN_BYTES)
            self._next_seq = 1 + max(highest_seq(self._database), about.number(self._database, about.NEXT_SEQ) - 1)
            self._boot = times.begin_boot(self._database, boot, self._next_seq, self._uptime_ms)
            self.progress = sending.progress_of(self._database)
        self._calendars = calendars_of(self._database)
        self._keeper = times.timekeeper(self._database, self._boot, self._next_seq - 1)
        self._inside = inside_before(self._database, self._subjects.doors(), self._next_seq)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        boot: str,
        reading: ClockReading,
        calendar: SiteCalendar | None = None,
        mounts: Path = MOUNTS,
    ) -> Store:
        """Open the records at ``path`` for writing; new ones are begun if there are none, or damaged ones.

        ``boot`` names this start of the machine (``/proc/sys/kernel/random/boot_id``), ``reading`` is what the clocks
        say, ``calendar`` which days the site goes by (UTC, if not told). Raises ``StorageError`` and its kinds.
        """
        try:
            return cls._begun(open_database(path, mounts), path, boot, reading, calendar)
        except StorageDamagedError as error:
            # It was closed properly, and so not looked over: what is damaged is found by those who read it.
            opened = open_database(path, mounts, error.reason)
        return cls._begun(opened, path, boot, reading, calendar)

    @classmethod
    def _begun(
        cls, opened: Opened, path: Path, boot: str, reading: ClockReading, calendar: SiteCalendar | None
    ) -> Store:
        try:
            with telling(path):
                store = cls(path, opened, boot, reading)
                store.set_calendar(calendar or SiteCalendar())
                store.observe(reading)
        except BaseException:  # whatever went wrong, nothing half done stays; raised again
            close(opened.database, path)
            opened.lock.release()
            raise
        return store

    @property
    def quality(self) -> Quality:
        """How the time of day is come by."""
        return self._keeper.quality

    def at(self, uptime_s: float) -> datetime | None:
        """The time of day (aware) at a monotonic time of this start; None while nothing is known."""
        return self._keeper.at(uptime_s)

    @property
    def inside(self) -> int:
        """How many people are inside, by all that was written."""
        return self._inside

    @property
    def calendar(self) -> SiteCalendar:
        """Which days the site goes by."""
        return self._calendars.latest

    def append(self, records: Sequence[Record]) -> int:
        """Write records, all of them or none; return the number of the last row.

        When it returns, they are on the disk. The more at once, the less it costs the card.
        """
        with self._lock:
            tally = Tally(self._calendars, self._inside)
            seq = self._next_seq
            rows: dict[type[Happened], list[tuple[int | str | bytes, ...]]] = defaultdict(list)
            with self._writing():
                for record in records:
                    at_ms = uptime_ms(record.uptime_s) + self._offset_ms
                    made = entry(record, seq, at_ms, self._subjects)
                    rows[made.table].append(made.values)
                    if made.counted is not None:
                        tally.add(made.counted)
                    seq += 1
                for table, values in rows.items():
                    insert(self._database, table, values)
                tally.post(self._database)
            self._rows += seq - self._next_seq
            self._next_seq, self._inside = seq, tally.inside
            return seq - 1

    def crossing(self, camera: str, line: str, direction: Direction, uptime_s: float, *, door: bool = True) -> int:
        """Write one crossing; return the number of its row."""
        return self.append([Crossing(uptime_s, camera, line, direction, door)])

    def observe(self, reading: ClockReading) -> ClockNews | None:
        """Look at the clocks: to be called every few seconds. Returns what has changed about the time of day.

        When the time becomes known, all rows of this start of the machine are given theirs, and those of earlier ones
        a best guess, in one transaction.
        """
        with self._lock:
            self._uptime_ms = max(self._uptime_ms, uptime_ms(reading.uptime_s))
            keeper = copy(self._keeper)
            before_ms, change = keeper.offset_ms, keeper.see(reading)
            if change is None:
                return None
            with self._writing():
                moved = times.change_time(self._database, self._calendars, self._boot, change, self._next_seq - 1)
                if moved.days:
                    reach = (moved.first_seq, moved.last_seq)
                    remake(self._database, self._calendars, self._subjects.doors(), moved.days, reach)
            self._keeper = keeper
            step_s = None if before_ms is None else (change.offset_ms - before_ms) / 1000
            return ClockNews(change.quality, step_s, moved.rows)

    def set_calendar(self, calendar: SiteCalendar) -> bool:
        """Go by other days from now on; True if they are others than before."""
        with self._lock:
            runs = self._calendars.runs
            if runs and alike(runs[-1][1], calendar):
                return False
            first = self._next_seq if runs else 0
            with self._writing():
                go_by(self._database, first, calendar)
            self._calendars = Calendars([*(run for run in runs if run[0] < first), (first, calendar)])
            return bool(runs)

    def rebuild(self) -> int:
        """Make all figures anew from the rows; return how many rows were read. Takes a minute for years of them."""
        with self._lock, self._writing():
            return remake(self._database, self._calendars, self._subjects.doors())

    def today(self) -> Today:
        """The books of the site's day so far, to go on from after a restart."""
        with self._lock, self._minding(), telling(self.path):
            return today(self._database, self._subjects, self._here())

    def tidy(self, keeping: Keeping) -> Gone:
        """Let go of what is too old, and note how far things have come: to be called about once an hour."""
        with self._lock, self._writing():
            self._note_uptime()
            doors, certain = self._subjects.doors(), self._keeper.certain
            unsent = sending.unsent_from(self._database, self.progress) if keeping.until_sent else None
            return let_go(self._database, doors, self._here(), keeping, certain=certain, unsent_from=unsent)

    def note_sent(
        self, progress: Progress, aside: Iterable[tuple[int, str]] = (), again: tuple[int, int] | None = None
    ) -> None:
        """How far sending has come; ``aside`` are rows the hub does not take, each with the reason.

        ``again`` are the first and the last of rows to be taken up again that were set aside. Without either it is
        written with whatever is written next: to spare the card, and since rows that are sent twice do no harm.
        """
        with self._lock:
            if not aside and again is None:
                self.progress = self._unsaved = progress
                return
            with self._noting(progress):
                if again is not None:
                    sending.take_up_again(self._database, *again)
                sending.put_aside(self._database, aside)

    def save_sent(self) -> None:
        """Write down how far sending has come, if that is not done yet."""
        with self._lock:
            if self._unsaved is not None:
                with self._writing():
                    pass

    def begin_epoch(self) -> None:
        """The hub knows rows that these records do not: they are an old copy. What was not sent gets other names."""
        with self._lock:
            epoch = fresh_epoch()
            with self._noting(replace(self.progress, first_seq=self.progress.cursor + 1)):
                about.note(self._database, about.EPOCH, epoch)
            self.epoch = epoch

    def rest(self) -> bool:
        """Empty the log while there is nothing to write; False if a reader is in the way."""
        with self._lock, self._minding(), self._written.counting():
            return empty_log(self._database, self.path)

    def statistics(self) -> Statistics:
        """What keeping the records costs."""
        log, _ = companions(self.path)
        now = self._written.bytes
        return Statistics(self._rows, self._commits, self._written_before + now, now, _size(self.path), _size(log))

    def close(self) -> None:
        """Stop properly; may be called twice. Whatever the disk says, nothing is open afterwards."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                if not self._damaged:
                    with self._writing():
                        self._note_uptime()
                        about.note(self._database, about.STOPPED, about.CLEAN)
                    empty_log(self._database, self.path)
            except (StorageWaitError, StorageDamagedError):
                # Then the file is checked when it is opened again.
                pass
            finally:
                close(self._database, self.path)
                self._file_lock.release()

    @contextmanager
    def _noting(self, progress: Progress) -> Iterator[None]:
        """A transaction at the end of which sending has come as far as that."""
        before, self._unsaved = self._unsaved, progress
        try:
            with self._writing():
                yield
        except BaseException:  # whatever went wrong, nothing was noted; raised again
            self._unsaved = before
            raise
        self.progress = progress

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that is on the disk at its end, or undone."""
        try:
            with self._minding(), self._written.counting(), writing(self._database, self.path):
                yield
                if self._unsaved is not None:
                    sending.note_progress(self._database, self._unsaved)
        except BaseException:  # whatever went wrong, nothing half done stays; raised again
            self._subjects.settle(kept=False)
            raise
        self._subjects.settle(kept=True)
        self._unsaved = None
        self._commits += 1

    @contextmanager
    def _minding(self) -> Iterator[None]:
        """A file that was found to be damaged must not be said to have been closed properly."""
        try:
            yield
        except StorageDamagedError:
            self._damaged = True
            raise

    def _note_uptime(self) -> None:
        times.note_uptime(self._database, self._boot, self._uptime_ms)
        about.note(self._database, about.WRITTEN_BYTES, self._written_before + self._written.bytes)

    def _here(self) -> Standpoint:
        return Standpoint(
            self._calendars.latest, self._boot, self._uptime_ms, self._keeper.offset_ms, self._next_seq
        )

    @property
    def _offset_ms(self) -> int:
        """What is added to the uptime of a row."""
        return UNKNOWN_MS if self._keeper.offset_ms is None else self._keeper.offset_ms


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
