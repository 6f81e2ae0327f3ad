"""Hours and days counted together: kept up as rows come in, made anew from the rows when these were given other times.

What is counted where follows from a row's time and the calendar in force at its ``seq``; how many are inside follows
from the order of ``seq`` alone, so that no clock can upset it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from edge.analytics.stays import bin_of
from edge.core.calendar import QUARTER_MS, day_number
from edge.storage.database import run
from edge.storage.models import SITE
from edge.storage.packing import pack_bins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import peewee

    from edge.core.calendar import SiteCalendar

MINUTE_MS = 60_000
# Rows of a statement: SQLite takes 999 values at least.
CHUNK = 50
MERGED = """ins = ins + excluded.ins, outs = outs + excluded.outs,
    stays = stays + excluded.stays, stay_ds = stay_ds + excluded.stay_ds, peak = max(peak, excluded.peak),
    inside = CASE WHEN excluded.last_seq > last_seq THEN excluded.inside ELSE inside END,
    first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)"""
SUMS = "ins, outs, stays, stay_ds, peak, inside, first_seq, last_seq"
# Statements: before the rows, and after them.
ADD_HOURS = (
    f"INSERT INTO hour_figure (day, start_min, subject, clock_hour, {SUMS}) VALUES ",  # noqa: S608 - names of ours
    f" ON CONFLICT (day, start_min, subject, clock_hour) DO UPDATE SET {MERGED}",
)
ADD_DAYS = (
    f"INSERT INTO day_figure (day, subject, {SUMS}, bins) VALUES ",  # noqa: S608 - names of ours
    f" ON CONFLICT (day, subject) DO UPDATE SET {MERGED}, bins = added_bins(bins, excluded.bins)",
)
HourKey = tuple[int, int, int, int]
DayKey = tuple[int, int]
Key = TypeVar("Key", HourKey, DayKey)


class Counted(NamedTuple):
    """What a row adds to the figures of its subject. ``moves``: by how much it changes the number inside, if it may."""

    seq: int
    at_ms: int
    subject: int
    ins: int = 0
    outs: int = 0
    stays: int = 0
    stay_ds: int = 0
    moves: int | None = None


@dataclass(slots=True)
class Sum:
    """Figures of one subject over an hour or a day, as far as they were counted together here."""

    ins: int = 0
    outs: int = 0
    stays: int = 0
    stay_ds: int = 0
    peak: int = 0
    inside: int = 0
    first_seq: int = 0
    last_seq: int = 0
    bins: dict[int, int] = field(default_factory=dict)

    def add(self, row: Counted) -> None:
        """Count a row in."""
        self.ins += row.ins
        self.outs += row.outs
        self.stays += row.stays
        self.stay_ds += row.stay_ds
        if row.stays:
            number = bin_of(row.stay_ds)
            self.bins[number] = self.bins.get(number, 0) + row.stays
        self.first_seq = self.first_seq or row.seq
        self.last_seq = row.seq

    def level(self, row: Counted, inside: int) -> None:
        """Note how many are inside after a row that moved that."""
        self.peak = max(self.peak, inside)
        self.inside = inside
        self.first_seq = self.first_seq or row.seq
        self.last_seq = row.seq


class Calendars:
    """Which calendar was in force at which row: ``(first_seq, calendar)`` in order, the first from row 0 on."""

    def __init__(self, runs: Iterable[tuple[int, SiteCalendar]]) -> None:
        self.runs = list(runs)
        self._firsts = [first for first, _ in self.runs]

    @property
    def latest(self) -> SiteCalendar:
        """The one in force now."""
        return self.runs[-1][1]

    def at(self, seq: int) -> SiteCalendar:
        """The one in force at a row."""
        return self.runs[max(0, bisect_right(self._firsts, seq) - 1)][1]


class Tally:
    """Counts rows together, in order of ``seq``. ``inside`` is how many were inside before the first.

    ``wanted`` says whether a figure is to be made: the key of an hour or a day. ``post`` adds what was counted to what
    the database has.
    """

    def __init__(
        self,
        calendars: Calendars,
        inside: int,
        wanted: Callable[[HourKey | DayKey], bool] | None = None,
    ) -> None:
        self.inside = inside
        self._calendars, self._wanted = calendars, wanted
        self.hours: dict[HourKey, Sum] = {}
        self.days: dict[DayKey, Sum] = {}
        # Which hour it was in a quarter of one, by which calendar: many rows share it.
        self._known: dict[tuple[SiteCalendar, int], tuple[int, int, int]] = {}

    def add(self, row: Counted) -> None:
        """Count a row in. One without a time of day only moves the number inside."""
        if row.moves is not None:
            self.inside += row.moves
        if row.at_ms < 0:
            return
        hour = self._hour(row)
        if row.subject != SITE:
            for figure in self._figures(hour, row.subject):
                figure.add(row)
        if row.moves is not None:
            for figure in self._figures(hour, SITE):
                figure.level(row, self.inside)

    def post(self, database: peewee.SqliteDatabase) -> None:
        """Add what was counted to the figures in the database. Only within a transaction."""
        _merge(database, ADD_HOURS, self.hour_rows())
        _merge(database, ADD_DAYS, self.day_rows())
        self.hours, self.days, self._known = {}, {}, {}

    def hour_rows(self) -> list[tuple[int, ...]]:
        """What was counted by hour, in the order of the table's columns."""
        return [(*key, *_values(figure)) for key, figure in self.hours.items()]

    def day_rows(self) -> list[tuple[int | bytes, ...]]:
        """What was counted by day, in the order of the table's columns."""
        return [(*key, *_values(figure), pack_bins(figure.bins)) for key, figure in self.days.items()]

    def _hour(self, row: Counted) -> tuple[int, int, int]:
        """Day, start and clock hour of the hour a row belongs to."""
        calendar = self._calendars.at(row.seq)
        known = (calendar, row.at_ms // QUARTER_MS)
        found = self._known.get(known)
        if found is None:
            hour = calendar.hour_of(row.at_ms)
            found = self._known[known] = (day_number(hour.day), hour.start_ms // MINUTE_MS, hour.clock_hour)
        return found

    def _figures(self, hour: tuple[int, int, int], subject: int) -> Iterator[Sum]:
        day, start_min, clock_hour = hour
        hour_key, day_key = (day, start_min, subject, clock_hour), (day, subject)
        if self._wanted is None or self._wanted(hour_key):
            yield _sum(self.hours, hour_key)
        if self._wanted is None or self._wanted(day_key):
            yield _sum(self.days, day_key)


def _sum(sums: dict[Key, Sum], key: Key) -> Sum:
    found = sums.get(key)
    if found is None:
        found = sums[key] = Sum()
    return found


def _values(figure: Sum) -> tuple[int, ...]:
    return (
        figure.ins, figure.outs, figure.stays, figure.stay_ds, figure.peak, figure.inside,
        figure.first_seq, figure.last_seq,
    )  # fmt: skip


def _merge(
    database: peewee.SqliteDatabase, statement: tuple[str, str], rows: Sequence[tuple[int | bytes, ...]]
) -> None:
    """Insert figures, or add them to those that are there."""
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in some)
        run(database, places.join(statement), *(value for row in some for value in row))
