"""What the records tell, for reading beside the writer: figures by hour and day, and the rows themselves.

Days are the site's; a year of them is some hundred rows for each line.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from peewee import SQL, fn

from edge.analytics.stays import Stays
from edge.core.calendar import HOUR_MS, day_number, day_of_number
from edge.core.timekeeping import from_ms, to_ms
from edge.storage import about
from edge.storage.calendars import calendars_of
from edge.storage.codes import DS
from edge.storage.database import close, connect_reader, run, schema_of
from edge.storage.errors import StorageError, telling
from edge.storage.figures import MINUTE_MS
from edge.storage.kept import KINDS, MAKERS, Kept, Restamped, first_of, kept_between, restamps
from edge.storage.migrations import refuse_newer
from edge.storage.models import SITE, DayFigure, HourFigure, highest_seq
from edge.storage.packing import unpack_bins
from edge.storage.records import Correction, Crossing, Heat, Visit, ZoneStay
from edge.storage.subjects import LINE, Subjects

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray
    from peewee import Expression, Field
    from typing_extensions import Self

    from edge.storage.models import Happened
    from edge.storage.records import Record
    from edge.storage.subjects import Named

HOUR_MIN, DAY_MIN = 60, 1440
# Day 0 was a Thursday.
WEEKLY = """SELECT (day + 3) % 7, clock_hour, sum(ins), sum(outs) FROM hour_figure JOIN subject ON subject.id = subject
    WHERE door = 1 AND day BETWEEN ? AND ? GROUP BY 1, 2"""
DAY_MS = DAY_MIN * MINUTE_MS
# Those that figures are made of, and found by.
COUNTED_KINDS: tuple[type[Record], ...] = (Crossing, Visit, ZoneStay, Correction)


@dataclass(frozen=True, slots=True)
class When:
    """An hour or a day: ``start`` (UTC) and ``clock_hour`` are None for a day."""

    day: date
    start: datetime | None = None
    clock_hour: int | None = None


@dataclass(frozen=True, slots=True)
class LineFigure:
    """How many came in and went out over a line. ``door``: whether that changed how many were inside."""

    when: When
    camera: str
    line: str
    door: bool
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class StayFigure:
    """Stays that ended: in a zone, or (``zone`` empty) in the shop, seen by the camera they were seen leaving by."""

    when: When
    camera: str
    zone: str
    stays: Stays


@dataclass(frozen=True, slots=True)
class LevelFigure:
    """How many were inside: the most at once, and after the last change."""

    when: When
    peak: int
    inside: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Some days together. ``entered`` and ``left`` are those of all doors, ``visits`` the stays in the shop."""

    entered: int
    left: int
    peak: int
    visits: Stays

    @property
    def drift(self) -> float | None:
        """``|in - out| / in``: a free meter of accuracy. None if nobody came in."""
        return abs(self.entered - self.left) / self.entered if self.entered else None


class Records:
    """The records, open for reading; as a context manager, or ``close`` it. Short-lived: a new file may take its place.

    Every call sees one state of the records. Days are given from the first to the last, both included.
    """

    def __init__(self, path: Path) -> None:
        """Open for reading. Raises ``StorageError`` and its kinds."""
        self.path = path
        self._database = connect_reader(path)
        try:
            _refuse_unreadable(path, schema_of(self._database, path))
            with telling(path):
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

    def lines_by_day(self, first: date, last: date) -> list[LineFigure]:
        """In and out of each line and day on which somebody crossed it, in order of day, camera and line."""
        return self._lines(DayFigure, first, last)

    def lines_by_hour(self, first: date, last: date) -> list[LineFigure]:
        """The same for each hour."""
        return self._lines(HourFigure, first, last)

    def stays_by_day(self, first: date, last: date) -> list[StayFigure]:
        """Visits and stays in zones that ended on each day, with how they are spread."""
        return self._stays(DayFigure, first, last)

    def stays_by_hour(self, first: date, last: date) -> list[StayFigure]:
        """The same for each hour, number and mean only."""
        return self._stays(HourFigure, first, last)

    def levels_by_day(self, first: date, last: date) -> list[LevelFigure]:
        """How many were inside on each day on which that changed."""
        return self._levels(DayFigure, first, last)

    def levels_by_hour(self, first: date, last: date) -> list[LevelFigure]:
        """The same for each hour; in one that is not there, it stayed as it was."""
        return self._levels(HourFigure, first, last)

    def weekly(self, first: date, last: date) -> dict[tuple[int, int], tuple[int, int]]:
        """How many came in and went out by all doors in each hour of the week: by weekday (0 is Monday) and clock hour.

        For years at once: they are added up where they lie.
        """
        with self._reading():
            rows = run(self._database, WEEKLY, day_number(first), day_number(last)).fetchall()
        return {(weekday, hour): (ins, outs) for weekday, hour, ins, outs in rows}

    def totals(self, first: date, last: date) -> Totals:
        """Some days together."""
        with self._reading():
            doors = [figure for figure in self.lines_by_day(first, last) if figure.door]
            visits = [figure.stays for figure in self.stays_by_day(first, last) if not figure.zone]
            levels = self.levels_by_day(first, last)
        return Totals(
            sum(figure.ins for figure in doors),
            sum(figure.outs for figure in doors),
            max((figure.peak for figure in levels), default=0),
            sum(visits, Stays()),
        )

    def after(self, seq: int, limit: int | None = None, kinds: Collection[type[Record]] = KINDS) -> list[Kept]:
        """Rows after one, in the order they were written: ``seq`` is the cursor of whoever sends or copies them."""
        with self._reading() as named:
            last = highest_seq(self._database)
            return first_of(kept_between(self._database, named, (seq + 1, last), kinds), limit)

    def restamped_after(self, number: int) -> list[Restamped]:
        """Rows that were given other times, after the change of that number."""
        with self._reading():
            return restamps(self._database, number)

    def days(self) -> tuple[date, date]:
        """The first and the last day of which there are figures; both 1970-01-01 if there are none."""
        with self._reading():
            query = DayFigure.select(fn.min(DayFigure.day), fn.max(DayFigure.day)).tuples()
            ((first, last),) = query.execute(self._database)
        return day_of_number(first or 0), day_of_number(last or 0)

    def on_days(self, first: date, last: date, kinds: Collection[type[Record]]) -> list[Kept]:
        """Rows of some days of the site, in the order they were written."""
        with self._reading():
            calendars = calendars_of(self._database)
            # A day more on either side: a site may have moved to where it is earlier.
            start = from_ms(calendars.latest.start_ms(first) - DAY_MS)
            end = from_ms(calendars.latest.start_ms(last) + 2 * DAY_MS + HOUR_MS)
            return [
                kept
                for kept in self.between(start, end, kinds)
                if kept.at is not None and first <= calendars.at(kept.seq).day_of(to_ms(kept.at)) <= last
            ]

    def between(self, start: datetime, end: datetime, kinds: Collection[type[Record]]) -> list[Kept]:
        """Rows of what happened from ``start`` up to but without ``end``, in the order they were written."""
        span_ms = (to_ms(start), to_ms(end) - 1)
        counted = [kind for kind in kinds if kind in COUNTED_KINDS]
        others = [kind for kind in kinds if kind not in COUNTED_KINDS]
        with self._reading() as named:
            everything = (0, highest_seq(self._database))
            found = list(kept_between(self._database, named, self._seqs(span_ms), counted, span_ms))
            found += kept_between(self._database, named, everything, others, span_ms)
        return sorted(found, key=lambda kept: kept.seq)

    def latest(self, limit: int, kinds: Collection[type[Record]]) -> list[Kept]:
        """The last rows of these kinds, the last one first."""
        with self._reading() as named:
            tables = [MAKERS[kind][0] for kind in kinds]
            seqs = [seq for table in tables for seq in self._last_seqs(table, limit)]
            first = min(sorted(seqs)[-limit:], default=1)
            found = list(kept_between(self._database, named, (first, highest_seq(self._database)), kinds))
        return found[::-1]

    def heat(self, camera: str, start: datetime, end: datetime) -> NDArray[np.float64] | None:
        """Person-seconds of each cell of a camera's picture, rows x columns; None if there are none.

        Of grids of several sizes only the last one's size counts.
        """
        grids = [kept.record for kept in self.between(start, end, (Heat,)) if isinstance(kept.record, Heat)]
        grids = [grid for grid in grids if grid.camera == camera]
        if not grids:
            return None
        shape = (grids[-1].columns, len(grids[-1].cells))
        alike = [grid.cells for grid in grids if (grid.columns, len(grid.cells)) == shape]
        summed: NDArray[np.float64] = np.asarray(alike, dtype=np.float64).sum(axis=0)
        return summed.reshape(-1, grids[-1].columns)

    @contextmanager
    def _reading(self) -> Iterator[dict[int, Named]]:
        """One state of the records for everything inside; gives what the subjects' numbers stand for."""
        with telling(self.path), self._database.atomic():
            yield Subjects(self._database).by_id()

    def _lines(self, table: type[HourFigure | DayFigure], first: date, last: date) -> list[LineFigure]:
        with self._reading() as named:
            lines = {subject: of for subject, of in named.items() if of.kind == LINE}
            found = [
                LineFigure(when, lines[subject].camera, lines[subject].name, lines[subject].door, ins, outs)
                for when, subject, (ins, outs) in self._figures(table, first, last, lines, table.ins, table.outs)
            ]
        return sorted(found, key=lambda figure: (_order(figure.when), figure.camera, figure.line))

    def _stays(self, table: type[HourFigure | DayFigure], first: date, last: date) -> list[StayFigure]:
        found = []
        bins = (table.bins,) if issubclass(table, DayFigure) else ()
        with self._reading() as named:
            places = {subject: of for subject, of in named.items() if of.kind != LINE}
            for when, subject, row in self._figures(table, first, last, places, table.stays, table.stay_ds, *bins):
                spread = unpack_bins(row[2]) if bins else {}
                stays = Stays(row[0], row[1] / DS, spread)
                found.append(StayFigure(when, places[subject].camera, places[subject].name, stays))
        return sorted(found, key=lambda figure: (_order(figure.when), figure.camera, figure.zone))

    def _levels(self, table: type[HourFigure | DayFigure], first: date, last: date) -> list[LevelFigure]:
        with self._reading():
            figures = self._figures(table, first, last, (SITE,), table.peak, table.inside)
            found = [LevelFigure(when, peak, max(0, inside)) for when, _, (peak, inside) in figures]
        return sorted(found, key=lambda figure: _order(figure.when))

    def _figures(
        self,
        table: type[HourFigure | DayFigure],
        first: date,
        last: date,
        subjects: Iterable[int],
        *columns: Field[Any],
    ) -> Iterator[tuple[When, int, Sequence[Any]]]:
        hours = (table.start_min, table.clock_hour) if issubclass(table, HourFigure) else (SQL("NULL"), SQL("NULL"))
        query = table.select(table.day, table.subject, *hours, *columns)
        query = query.where(_within(table, first, last), table.subject.in_(list(subjects)))
        for day, subject, start_min, clock_hour, *row in query.tuples().execute(self._database):
            start = None if start_min is None else from_ms(start_min * MINUTE_MS)
            yield When(day_of_number(day), start, clock_hour), subject, row

    def _seqs(self, span_ms: tuple[int, int]) -> tuple[int, int]:
        """Numbers between which all counted rows of a time are."""
        start_min, end_min = span_ms[0] // MINUTE_MS, span_ms[1] // MINUTE_MS
        # A day's number is that of its date in UTC, give or take a zone's offset and the hour a day starts.
        day = HourFigure.day.between(start_min // DAY_MIN - 3, end_min // DAY_MIN + 3)
        hour = HourFigure.start_min.between(start_min - HOUR_MIN, end_min)
        reach = HourFigure.select(fn.min(HourFigure.first_seq), fn.max(HourFigure.last_seq)).where(day, hour)
        ((first, last),) = reach.tuples().execute(self._database)
        return (first, last) if first is not None else (1, 0)

    def _last_seqs(self, table: type[Happened], limit: int) -> list[int]:
        query = table.select(table.seq).order_by(table.seq.desc()).limit(limit)
        return [int(seq) for (seq,) in query.tuples().execute(self._database)]


def _refuse_unreadable(path: Path, schema: int) -> None:
    refuse_newer(path, schema)
    if not schema:
        raise StorageError(f"{path}: there are no records in it yet; start acm run first.")


def _within(table: type[HourFigure | DayFigure], first: date, last: date) -> Expression:
    return table.day.between(day_number(first), day_number(last))


def _order(when: When) -> tuple[date, int, int]:
    """In time; the two parts of an hour in which the clock was set otherwise are told apart by what it showed."""
    return when.day, 0 if when.start is None else to_ms(when.start), when.clock_hour or 0
