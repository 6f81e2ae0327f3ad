"""The hub's tables; ``help_text`` says what each column holds.

What a device sent is told apart by device, epoch (which database of the device) and seq. Numbers stand for names, so
that a crossing takes 68 bytes on PostgreSQL and not 100; wide columns come first, so that little of it is padding.

``month`` is the month in which the hub first had the row (months since 1970). It depends on device, epoch and seq alone
(table ``arrival``), so the key is an identity, and tables can be cut into months that are let go of at once.

Models are bound to no database; each query is told which one (``query.execute(database)``).
"""

# ruff: noqa: D106 - what peewee's inner class Meta is stands in peewee's manual; the table's own words stand above it

from __future__ import annotations

import peewee
from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CompositeKey,
    IntegerField,
    SmallIntegerField,
    TextField,
)

# The subject of figures about a device as a whole.
SITE = 0


class Table(peewee.Model):
    """A table of the hub's; none of peewee's own naming of old."""

    class Meta:
        legacy_table_names = False


class About(Table):
    """Facts about the database itself."""

    key = TextField(primary_key=True, help_text="what it is about, as in storage/hub/about.py")
    value = TextField(help_text="the fact, numbers in decimal")

    class Meta:
        table_name = "about"


class Site(Table):
    """A shop."""

    number = AutoField(help_text="the small number it is known by")
    name = TextField(unique=True, help_text="what it is called")
    zone = TextField(help_text="the time zone's name, such as Europe/Paris; hours and days go by it")
    day_starts_h = SmallIntegerField(help_text="what the wall clock shows when a day begins, 0 to 23")
    made_ms = BigIntegerField(help_text="when it was added: UTC in ms since 1970, as all times here")

    class Meta:
        table_name = "site"


class Device(Table):
    """A box that may send."""

    number = AutoField(help_text="the small number it is known by")
    id = TextField(unique=True, help_text="the fingerprint of its public key, 16 letters")
    site = IntegerField(help_text="site.number")
    name = TextField(help_text="what it is called")
    public_key = TextField(help_text="its Ed25519 key, base64")
    version = TextField(help_text="the program's version when it enrolled")
    enrolled_ms = BigIntegerField(help_text="when it enrolled")
    revoked_ms = BigIntegerField(null=True, help_text="from when on it may send no more; NULL: it may")

    class Meta:
        table_name = "device"


class Claim(Table):
    """A code by which one device may enrol, once."""

    code_hash = TextField(primary_key=True, help_text="SHA-256 of the code, hex")
    site = IntegerField(help_text="site.number")
    name = TextField(help_text="what the device is to be called, empty to go by its own name")
    made_ms = BigIntegerField(help_text="when it was made")
    expires_ms = BigIntegerField(help_text="until when it may be used")
    device = IntegerField(null=True, help_text="device.number of the device that used it")

    class Meta:
        table_name = "claim"


class Token(Table):
    """What a device shows with each batch."""

    hash = TextField(primary_key=True, help_text="SHA-256 of the token, hex")
    device = IntegerField(index=True, help_text="device.number")
    made_ms = BigIntegerField(help_text="when it was given out")
    used_ms = BigIntegerField(null=True, help_text="when it was used first; older ones ended then")

    class Meta:
        table_name = "token"


class Reader(Table):
    """A program or person that may read figures."""

    name = TextField(primary_key=True, help_text="what it is called")
    token_hash = TextField(unique=True, help_text="SHA-256 of its token, hex")
    made_ms = BigIntegerField(help_text="when it was added")

    class Meta:
        table_name = "reader"


class Pace(Table):
    """How much of its allowance somebody has used who asks from outside (enrolment, tokens)."""

    key = TextField(primary_key=True, help_text="who, hashed: an address, a code, a device")
    allowance = BigIntegerField(help_text="thousandths of a request left at at_ms")
    at_ms = BigIntegerField(help_text="when that was")

    class Meta:
        table_name = "pace"


class Stream(Table):
    """Rows of one database of one device, and how the device stood when it last sent. Its row is the lock."""

    device = IntegerField(help_text="device.number")
    epoch = SmallIntegerField(help_text="1 for the first database of the device, 2 for the next")
    name = TextField(help_text="the database's own random name")
    cursor = BigIntegerField(help_text="every row up to this one has been had, -1 before the first batch")
    month = SmallIntegerField(help_text="the latest arrival.month, 0 for none")
    kept_from_seq = BigIntegerField(help_text="rows before it are gone on the device")
    seen_ms = BigIntegerField(help_text="when it last sent")
    version = TextField(help_text="the program's version")
    waiting = BigIntegerField(help_text="rows that waited on the device when it sent this batch, the batch included")
    oldest_waiting_ms = BigIntegerField(help_text="when the oldest of them happened, 0 for none")
    clock = TextField(help_text="how the device came by the time of day: unset, estimated, holdover or synced")
    uptime_s = BigIntegerField(help_text="for how long its machine had run, in seconds")
    zone = TextField(help_text="the time zone the device goes by")
    day_starts_h = SmallIntegerField(help_text="when its days begin")
    allowance = BigIntegerField(help_text="thousandths of a batch it could still send at seen_ms")

    class Meta:
        table_name = "stream"
        primary_key = CompositeKey("device", "epoch")
        indexes = ((("device", "name"), True),)


class Arrival(Table):
    """Which rows of a stream the hub first had in which month."""

    device = IntegerField(help_text="device.number")
    epoch = SmallIntegerField(help_text="stream.epoch")
    month = SmallIntegerField(help_text="months since January 1970")
    first_seq = BigIntegerField(help_text="rows from here to the next month's first are of this month")

    class Meta:
        table_name = "arrival"
        primary_key = CompositeKey("device", "epoch", "month")


class Subject(Table):
    """What rows and figures are about. Never altered: a line that becomes a door is a new one."""

    device = IntegerField(help_text="device.number")
    number = IntegerField(help_text="the small number, from 1 for each device")
    kind = TextField(help_text="camera, line or zone")
    camera = TextField(help_text="the camera's name")
    name = TextField(help_text="the line's or zone's name, empty for a camera")
    door = SmallIntegerField(help_text="1 if crossings of the line move the number of people inside, else 0")

    class Meta:
        table_name = "subject"
        primary_key = CompositeKey("device", "number")
        indexes = ((("device", "kind", "camera", "name", "door"), True),)


class CrossingRow(Table):
    """Somebody crossed a line."""

    seq = BigIntegerField(help_text="the row's number on the device, over all kinds")
    at_ms = BigIntegerField(help_text="when it happened")
    device = IntegerField(help_text="device.number")
    subject = IntegerField(help_text="subject.number of the line")
    version = IntegerField(help_text="1, and one more each time the device gave it another time")
    epoch = SmallIntegerField(help_text="stream.epoch")
    month = SmallIntegerField(help_text="arrival.month")
    direction = SmallIntegerField(help_text="0 in, 1 out")

    class Meta:
        table_name = "crossing"
        primary_key = CompositeKey("device", "epoch", "month", "seq")


class VisitRow(Table):
    """Somebody left; paired with the oldest open arrival, never by who it was."""

    seq = BigIntegerField(help_text="as crossing.seq")
    at_ms = BigIntegerField(help_text="when it ended")
    stay_ds = BigIntegerField(help_text="how long it was, in tenths of a second")
    device = IntegerField(help_text="device.number")
    subject = IntegerField(help_text="subject.number of the camera")
    version = IntegerField(help_text="as crossing.version")
    epoch = SmallIntegerField(help_text="stream.epoch")
    month = SmallIntegerField(help_text="arrival.month")

    class Meta:
        table_name = "visit"
        primary_key = CompositeKey("device", "epoch", "month", "seq")


class ZoneStayRow(Table):
    """Somebody left a zone."""

    seq = BigIntegerField(help_text="as crossing.seq")
    at_ms = BigIntegerField(help_text="when it ended")
    dwell_ds = BigIntegerField(help_text="how long it was, in tenths of a second")
    device = IntegerField(help_text="device.number")
    subject = IntegerField(help_text="subject.number of the zone")
    version = IntegerField(help_text="as crossing.version")
    epoch = SmallIntegerField(help_text="stream.epoch")
    month = SmallIntegerField(help_text="arrival.month")

    class Meta:
        table_name = "zone_stay"
        primary_key = CompositeKey("device", "epoch", "month", "seq")


class CorrectionRow(Table):
    """A row of the ledger of people inside that is no crossing."""

    seq = BigIntegerField(help_text="as crossing.seq")
    at_ms = BigIntegerField(help_text="when it was made")
    change = BigIntegerField(help_text="how many were added; negative: taken off")
    device = IntegerField(help_text="device.number")
    version = IntegerField(help_text="as crossing.version")
    epoch = SmallIntegerField(help_text="stream.epoch")
    month = SmallIntegerField(help_text="arrival.month")
    reason = SmallIntegerField(help_text="0 more left than had come in, 1 close of business, 2 set by hand")

    class Meta:
        table_name = "correction"
        primary_key = CompositeKey("device", "epoch", "month", "seq")


class NoticeRow(Table):
    """What a box said about itself."""

    seq = BigIntegerField(help_text="as crossing.seq")
    at_ms = BigIntegerField(help_text="when it was said")
    device = IntegerField(help_text="device.number")
    version = IntegerField(help_text="as crossing.version")
    epoch = SmallIntegerField(help_text="stream.epoch")
    month = SmallIntegerField(help_text="arrival.month")
    event = TextField(help_text="the kind, as in core/notices.py")
    told = TextField(help_text="its values, as JSON")

    class Meta:
        table_name = "notice"
        primary_key = CompositeKey("device", "epoch", "month", "seq")
        indexes = ((("device", "at_ms"), False),)


class HourFigure(Table):
    """An hour by the wall clock of the site, of one subject; counted together from rows, whose sum it always is.

    Of a line: ins, outs. Of a camera or zone: stays, stay_ds. Of the device as a whole (subject 0): change.
    """

    stay_ds = BigIntegerField(help_text="all stays together, in tenths of a second")
    change = BigIntegerField(help_text="all corrections together")
    device = IntegerField(help_text="device.number")
    day = IntegerField(help_text="the site's day it belongs to, as days since 1970-01-01")
    start_min = IntegerField(help_text="when it began: UTC in minutes since 1970")
    subject = IntegerField(help_text="subject.number, or 0 for the device as a whole")
    ins = IntegerField(help_text="how many came in over the line")
    outs = IntegerField(help_text="how many went out over it")
    stays = IntegerField(help_text="how many stays ended (visits of a camera, stays in a zone)")
    counted = IntegerField(help_text="how many rows went into it")
    clock_hour = SmallIntegerField(help_text="what the wall clock showed when it began, 0 to 23")

    class Meta:
        table_name = "hour_figure"
        primary_key = CompositeKey("device", "day", "start_min", "clock_hour", "subject")


class StayFigure(Table):
    """How many stays of about one length ended on a day of the site, at a camera (visits) or in a zone."""

    device = IntegerField(help_text="device.number")
    day = IntegerField(help_text="as hour_figure.day")
    subject = IntegerField(help_text="subject.number")
    bin = IntegerField(help_text="the length: a bin of analytics/stays.py")
    stays = IntegerField(help_text="how many")

    class Meta:
        table_name = "stay_figure"
        primary_key = CompositeKey("device", "day", "subject", "bin")


class LevelFigure(Table):
    """How an hour changed how many were inside by the ledger of one device. Hours in which it did not are left out."""

    net = BigIntegerField(help_text="how many more were inside at its end than when it began")
    rise = BigIntegerField(help_text="the same when most were inside, after any of its rows; below 0 if it only fell")
    device = IntegerField(help_text="device.number")
    day = IntegerField(help_text="as hour_figure.day")
    start_min = IntegerField(help_text="as hour_figure.start_min")
    clock_hour = SmallIntegerField(help_text="as hour_figure.clock_hour")

    class Meta:
        table_name = "level_figure"
        primary_key = CompositeKey("device", "day", "start_min", "clock_hour")


class ReportFile(Table):
    """A file of a report that a device made by itself. The body stands last: whoever lists files is not to read it."""

    number = BigIntegerField(help_text="the moment it was sent or the next free one: the later, the higher")
    sent_ms = BigIntegerField(help_text="when it was sent")
    device = IntegerField(help_text="device.number")
    first_day = IntegerField(help_text="the first day it is of, as days since 1970-01-01")
    last_day = IntegerField(help_text="the last one")
    size_bytes = IntegerField(help_text="how long the body is")
    report = TextField(help_text="what the report is called on the device")
    every = TextField(help_text="how often it comes round: day, week or month")
    file = TextField(help_text="what the file is called, such as report-2026-W47.pdf")
    body = BlobField(help_text="what is in it")

    class Meta:
        table_name = "report_file"
        primary_key = CompositeKey("device", "number")
        indexes = ((("device", "report", "every", "first_day", "file"), True), (("sent_ms",), False))


# Cut into months on PostgreSQL.
MONTHLY: tuple[type[Table], ...] = (CrossingRow, VisitRow, ZoneStayRow, CorrectionRow, NoticeRow)
TABLES: tuple[type[Table], ...] = (
    About, Site, Device, Claim, Token, Reader, Pace, Stream, Arrival, Subject, *MONTHLY, HourFigure, StayFigure,
    LevelFigure, ReportFile,
)  # fmt: skip
