"""The books of today, for a program that was started again in the middle of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import merge
from typing import TYPE_CHECKING

from peewee import SQL, fn

from edge.analytics.occupancy import CorrectionReason
from edge.core.calendar import day_number
from edge.core.model import Direction
from edge.storage.codes import DIRECTIONS, REASONS
from edge.storage.derive import inside_before
from edge.storage.models import UNKNOWN_MS, Boot, CorrectionRow, CrossingRow, DayFigure
from edge.storage.records import Correction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import peewee

    from edge.core.calendar import SiteCalendar
    from edge.storage.subjects import Subjects

# More than any shop holds; what is older was missed on leaving.
MOST_OPEN = 10_000


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where the records are looked at: in which start of the machine, and when. ``offset_ms``: None if unset."""

    calendar: SiteCalendar
    boot: int
    uptime_ms: int
    offset_ms: int | None
    next_seq: int


@dataclass(slots=True)
class Today:
    """The books of a site's day so far.

    ``day`` is None while the time of day is not known; then they go back to the machine's start. ``totals`` are in and
    out of each (camera, line), ``entered`` and ``left`` those of the doors among them. ``carried`` were inside before.
    ``arrivals_s``: arrivals not yet paired with a leaving, oldest first, by the monotonic clock; below 0 for those
    before the machine's start.
    """

    day: date | None
    carried: int = 0
    entered: int = 0
    left: int = 0
    totals: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    arrivals_s: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_OPEN))

    @property
    def inside(self) -> int:
        """How many people are inside."""
        return self.carried + self.entered - self.left + sum(correction.change for correction in self.corrections)

    def cross(self, camera: str, line: str, direction: Direction, uptime_s: float, *, door: bool) -> None:
        """Book a crossing."""
        into = direction is Direction.IN
        ins, outs = self.totals.get((camera, line), (0, 0))
        self.totals[camera, line] = (ins + into, outs + (not into))
        if not door:
            return
        self.entered += into
        self.left += not into
        if into:
            self.arrivals_s.append(uptime_s)
        elif self.arrivals_s:
            self.arrivals_s.popleft()

    def correct(self, correction: Correction) -> None:
        """Book a correction; at close of business nobody is expected to leave any more."""
        self.corrections.append(correction)
        if correction.reason is CorrectionReason.CLOSING:
            self.arrivals_s.clear()


def today(database: peewee.SqliteDatabase, subjects: Subjects, here: Standpoint) -> Today:
    """The books of the day it is at ``here``."""
    day, first_seq, last_seq = _beginning(database, here)
    books = Today(day, inside_before(database, subjects.doors(), first_seq))
    named = subjects.by_id()
    for _, at_ms, line, code in _rows(database, first_seq, last_seq):
        if day is not None and at_ms >= 0 and here.calendar.day_of(at_ms) != day:
            continue
        uptime_s = _uptime_ms(at_ms, here) / 1000
        if line is None:
            change, reason = divmod(code, len(REASONS))
            books.correct(Correction(uptime_s, change, REASONS[reason]))
        else:
            of = named[line]
            books.cross(of.camera, of.name, DIRECTIONS[code], uptime_s, door=of.door)
    return books


def _beginning(database: peewee.SqliteDatabase, here: Standpoint) -> tuple[date | None, int, int]:
    """Which day it is, and the first and the last row that may belong to it."""
    last_seq = here.next_seq - 1
    if here.offset_ms is None:
        boots = Boot.select(Boot.first_seq).where(Boot.id == here.boot).tuples().execute(database)
        return None, next((int(first) for (first,) in boots), here.next_seq), last_seq
    day = here.calendar.day_of(here.offset_ms + here.uptime_ms)
    reach = DayFigure.select(fn.min(DayFigure.first_seq), fn.max(DayFigure.last_seq))
    ((first, last),) = reach.where(DayFigure.day == day_number(day)).tuples().execute(database)
    return (day, here.next_seq, last_seq) if first is None else (day, first, last)


def _rows(
    database: peewee.SqliteDatabase, first_seq: int, last_seq: int
) -> Iterator[tuple[int, int, int | None, int]]:
    """Number, time, line and direction of crossings; of corrections no line, and change and reason in one number."""
    crossing, fix = CrossingRow, CorrectionRow
    crossings = crossing.select(crossing.seq, crossing.at_ms, crossing.line, crossing.direction)
    fixes = fix.select(fix.seq, fix.at_ms, SQL("NULL"), fix.change * len(REASONS) + fix.reason)
    return merge(
        crossings.where(crossing.seq.between(first_seq, last_seq)).order_by(crossing.seq).tuples().execute(database),
        fixes.where(fix.seq.between(first_seq, last_seq)).order_by(fix.seq).tuples().execute(database),
        key=lambda row: row[0],
    )


def _uptime_ms(at_ms: int, here: Standpoint) -> int:
    """The time of a row by this start's monotonic clock."""
    return at_ms - (UNKNOWN_MS if at_ms < 0 else here.offset_ms or 0)
