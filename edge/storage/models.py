"""The tables; ``help_text`` says what each column holds.

Rows of what happened share one ``seq`` over all tables: it only grows, is never used twice, and is the cursor for
sending. Their ``at_ms`` is UTC in ms since 1970 where the time was known. Where it was not, it is the uptime in ms plus
``UNKNOWN_MS``: negative, and as wide, so that a row keeps its size when it is given its time.

Models are bound to no database; each query is told which one (``query.execute(database)``).
"""

# ruff: noqa: D106 - what peewee's inner class Meta is stands in peewee's manual; the table's own words stand above it

from __future__ import annotations

import peewee
from peewee import AutoField, BlobField, CompositeKey, IntegerField, TextField

UNKNOWN_MS = -(2**46)
# The subject of figures about the whole site.
SITE = 0


class Table(peewee.Model):
    """Values have the types they are declared to have."""

    class Meta:
        strict_tables = True
        legacy_table_names = False


class Happened(Table):
    """What every row of something that happened begins with."""

    seq = IntegerField(primary_key=True, help_text="the row's number over all tables, in order of writing")
    at_ms = IntegerField(help_text="when: UTC in ms since 1970, or uptime in ms + UNKNOWN_MS while that is not known")


class About(Table):
    """Facts about the database itself."""

    key = TextField(primary_key=True, help_text="what it is about, as in storage/about.py")
    value = TextField(help_text="the fact, numbers in decimal")

    class Meta:
        table_name = "about"
        without_rowid = True


class Boot(Table):
    """A start of the machine."""

    id = AutoField(help_text="number of the start, in order")
    token = TextField(help_text="the kernel's own random name for this start")
    first_seq = IntegerField(help_text="the first row written in it")
    last_uptime_ms = IntegerField(help_text="how long it is known to have run, in ms; behind until a clean stop")

    class Meta:
        table_name = "boot"


class Stretch(Table):
    """From a row on, how the time of day was come by."""

    first_seq = IntegerField(primary_key=True, help_text="the first row of the stretch; it ends before the next one's")
    boot = IntegerField(help_text="boot.id")
    quality = IntegerField(help_text="0 unset, 1 estimated, 2 holdover, 3 synced (core.timekeeping.Quality)")
    offset_ms = IntegerField(help_text="at_ms minus uptime in ms, for every row of the stretch; UNKNOWN_MS if unset")

    class Meta:
        table_name = "stretch"


class Restamp(Table):
    """Rows that were given another time. A row's version is 1 and one more for each of these that covers it."""

    id = AutoField(help_text="number of the restamp, in order; the cursor for sending new versions")
    first_seq = IntegerField(help_text="the first row that was given another time")
    last_seq = IntegerField(help_text="the last one")
    quality = IntegerField(help_text="how the new time was come by, as in stretch.quality")

    class Meta:
        table_name = "restamp"


class Days(Table):
    """From a row on, which days the site goes by."""

    first_seq = IntegerField(primary_key=True, help_text="the first row to go by it")
    zone = TextField(help_text="the time zone's name, such as Europe/Paris")
    day_starts_h = IntegerField(help_text="what the wall clock shows when a day begins, 0 to 23")

    class Meta:
        table_name = "days"


class Subject(Table):
    """What rows and figures are about, by a small number. Never altered: a line that becomes a door is a new one."""

    id = AutoField(help_text="the small number, from 1")
    kind = TextField(help_text="camera, line or zone")
    camera = TextField(help_text="the camera's name, empty for what no camera saw")
    name = TextField(help_text="the line's or zone's name, empty for a camera")
    door = IntegerField(help_text="1 if crossings of the line move the number of people inside, else 0")

    class Meta:
        table_name = "subject"
        indexes = ((("kind", "camera", "name", "door"), True),)


class CrossingRow(Happened):
    """Somebody crossed a line."""

    line = IntegerField(help_text="subject.id of the line")
    direction = IntegerField(help_text="0 in, 1 out")

    class Meta:
        table_name = "crossing"


class VisitRow(Happened):
    """Somebody left; paired with the oldest open arrival, never by who it was."""

    camera = IntegerField(help_text="subject.id of the camera that saw the leaving")
    stay_ds = IntegerField(help_text="how long since the arrival it was paired with, in tenths of a second")

    class Meta:
        table_name = "visit"


class ZoneStayRow(Happened):
    """Somebody left a zone."""

    zone = IntegerField(help_text="subject.id of the zone")
    dwell_ds = IntegerField(help_text="how long it was, in tenths of a second")

    class Meta:
        table_name = "zone_stay"


class CorrectionRow(Happened):
    """A row of the ledger of people inside that is no crossing."""

    change = IntegerField(help_text="how many were added; negative: taken off")
    reason = IntegerField(help_text="0 more left than had come in, 1 close of business, 2 set by hand")

    class Meta:
        table_name = "correction"


class WalkRow(Happened):
    """Where somebody walked: places and times only, for two days. ``at_ms`` is the first place's."""

    camera = IntegerField(help_text="subject.id of the camera")
    points = BlobField(help_text="steps of time and place, as storage/packing.py describes")

    class Meta:
        table_name = "walk"


class HeatRow(Happened):
    """For how long people stood where, over a while that ended at ``at_ms``."""

    camera = IntegerField(help_text="subject.id of the camera")
    span_s = IntegerField(help_text="how long the while was, in seconds")
    columns = IntegerField(help_text="how many cells the picture is wide")
    cells = BlobField(help_text="person-seconds of each cell, row by row, as storage/packing.py describes")

    class Meta:
        table_name = "heat"


class NoticeRow(Happened):
    """What the box said about itself."""

    event = TextField(help_text="the kind, as in core/notices.py")
    told = TextField(help_text="its values, as JSON")

    class Meta:
        table_name = "notice"


class SendingRow(Table):
    """How far sending to the hub has come. One row, none before anything was sent."""

    id = IntegerField(primary_key=True, help_text="always 1")
    cursor = IntegerField(help_text="the hub has every row up to this one, but for those set aside; -1 for none")
    revised = IntegerField(help_text="changes of rows' times up to this restamp.id were sent on")
    revised_seq = IntegerField(help_text="of the next change, rows up to this one were sent on; -1 for none")
    first_seq = IntegerField(help_text="rows before it were sent under another epoch, from before a copy was put back")
    told = TextField(help_text="the last answer of the hub, as JSON; empty for none")

    class Meta:
        table_name = "sending"


class SetAsideRow(Table):
    """A row that the hub does not take, so that it keeps none of the others from being sent."""

    seq = IntegerField(primary_key=True, help_text="the row's number")
    reason = TextField(help_text="why, in a sentence")

    class Meta:
        table_name = "set_aside"


class OfHour(Table):
    """Which hour by the wall clock. Made before ``Figure``, so that the key stands first in the table.

    Where it does not, SQLite 3.40 finds NULLs that are not there when it checks a table without rowid.
    """

    day = IntegerField(help_text="the site's day it belongs to, as days since 1970-01-01")
    start_min = IntegerField(help_text="when it began: UTC in minutes since 1970")
    subject = IntegerField(help_text="subject.id, or 0 for the site")
    clock_hour = IntegerField(help_text="what the wall clock showed when it began, 0 to 23")


class OfDay(Table):
    """Which day of the site."""

    day = IntegerField(help_text="the site's day, as days since 1970-01-01")
    subject = IntegerField(help_text="subject.id, or 0 for the site")


class Figure(Table):
    """Counted together from rows; can be made anew from them (``acm db rebuild``).

    Of a line: ins, outs. Of a camera or zone: stays, stay_ds. Of the site (subject 0): peak, inside.
    """

    ins = IntegerField(help_text="how many came in over the line")
    outs = IntegerField(help_text="how many went out over it")
    stays = IntegerField(help_text="how many stays ended (visits of a camera, stays in a zone)")
    stay_ds = IntegerField(help_text="all these stays together, in tenths of a second")
    peak = IntegerField(help_text="the most people inside at once, by the running ledger")
    inside = IntegerField(help_text="people inside after last_seq, below 0 if a correction is missing")
    first_seq = IntegerField(help_text="the first row that went into it; between it and last_seq all of them are found")
    last_seq = IntegerField(help_text="the last row that went into it")


class HourFigure(OfHour, Figure):
    """An hour by the wall clock."""

    class Meta:
        table_name = "hour_figure"
        primary_key = CompositeKey("day", "start_min", "subject", "clock_hour")
        without_rowid = True


class DayFigure(OfDay, Figure):
    """A day of the site."""

    bins = BlobField(help_text="how many stays were how long, as storage/packing.py describes; empty for none")

    class Meta:
        table_name = "day_figure"
        primary_key = CompositeKey("day", "subject")
        without_rowid = True


# Rows of what happened, each with seq and at_ms.
HAPPENED: tuple[type[Happened], ...] = (
    CrossingRow, VisitRow, ZoneStayRow, CorrectionRow, WalkRow, HeatRow, NoticeRow,
)  # fmt: skip
# Those that figures are made of; they are kept and let go of together.
COUNTED: tuple[type[Happened], ...] = (CrossingRow, VisitRow, ZoneStayRow, CorrectionRow)
TABLES: tuple[type[Table], ...] = (
    About, Boot, Stretch, Restamp, Days, Subject, *HAPPENED, HourFigure, DayFigure, SendingRow, SetAsideRow,
)  # fmt: skip

MOST_SEQ = 2**63 - 1
LATEST = tuple(
    f"SELECT seq, at_ms FROM {table._meta.table_name} WHERE seq <= ? ORDER BY seq DESC LIMIT 1"  # noqa: S608, SLF001 - names of ours; peewee's own way
    for table in HAPPENED
)


def latest(database: peewee.SqliteDatabase, up_to_seq: int | None = None) -> tuple[int, int]:
    """Number and ``at_ms`` of the last row of all, or of all up to a row; 0 and UNKNOWN_MS if there is none."""
    rows = [(0, UNKNOWN_MS)]
    for statement in LATEST:
        # Asked for each start of the machine: putting it into words would take longer than the answer.
        rows += database.execute_sql(statement, (MOST_SEQ if up_to_seq is None else up_to_seq,))  # type: ignore[no-untyped-call]
    return max(rows)


def highest_seq(database: peewee.SqliteDatabase) -> int:
    """The number of the last row of all."""
    return latest(database)[0]
