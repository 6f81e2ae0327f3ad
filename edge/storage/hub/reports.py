"""Files of the reports that devices make by themselves: the latest of each, for download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from edge.core.calendar import day_number
from edge.storage.hub.models import ReportFile
from edge.storage.hub.store import UnknownDeviceError

if TYPE_CHECKING:
    from datetime import date

    from edge.storage.hub.database import HubDatabase
    from edge.storage.hub.queries import Page

# With pictures a report is a dozen files. What was sent first goes first.
MOST_OF_REPORT, MOST_OF_DEVICE = 60, 300
SAME = "device = %s AND report = %s AND every = %s AND first_day = %s AND file = %s"
# Never the body: a list of some hundred files would be gigabytes.
LISTED = (
    "SELECT f.sent_ms, f.device, f.number, d.id, d.name, s.name, f.report, f.every, f.first_day, f.last_day, f.file, "
    "f.size_bytes FROM report_file f JOIN device d ON d.number = f.device JOIN site s ON s.number = d.site"
)
LATEST_FIRST = "ORDER BY f.sent_ms DESC, f.device DESC, f.number DESC LIMIT %s"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as a device sends it: of which report, which comes round every so often, and of which days it is."""

    report: str
    every: str
    first: date
    last: date
    file: str
    body: bytes


class KeptFile(NamedTuple):
    """A file that is there, without what is in it. The first three tell it apart, the latest being the greatest.

    ``device`` is the fingerprint, ``device_number`` the hub's own number for it; days are days since 1970.
    """

    sent_ms: int
    device_number: int
    number: int
    device: str
    device_name: str
    site: str
    report: str
    every: str
    first_day: int
    last_day: int
    file: str
    size_bytes: int


def keep(database: HubDatabase, device: str, sent: SentFile, now_ms: int) -> None:
    """Keep a file in the place of what was there under its names, and let go of the oldest beyond what is kept.

    Raises ``UnknownDeviceError`` if nobody knows the device or it was revoked.
    """
    with database.writing():
        owner = _sender(database, device)
        # The time, so that a number that was let go of is not given to another file.
        (last,) = database.run("SELECT max(number) FROM report_file WHERE device = %s", owner).fetchone()
        number = max(now_ms, 0 if last is None else last + 1)
        first_day = day_number(sent.first)
        names = (owner, sent.report, sent.every, first_day, sent.file)
        database.run(f"DELETE FROM report_file WHERE {SAME}", *names)  # noqa: S608 - names of ours
        row = {
            "number": number, "sent_ms": now_ms, "device": owner, "first_day": first_day,
            "last_day": day_number(sent.last), "size_bytes": len(sent.body), "report": sent.report,
            "every": sent.every, "file": sent.file, "body": sent.body,
        }  # fmt: skip
        database.insert(ReportFile, [tuple(row[name] for name in database.columns(ReportFile))])
        _thin_out(database, "device = %s AND report = %s", (owner, sent.report), MOST_OF_REPORT)
        _thin_out(database, "device = %s", (owner,), MOST_OF_DEVICE)


def listed(database: HubDatabase, site: str, page: Page) -> list[KeptFile]:
    """Files, the latest first, of all sites or of one. Within ``using`` only."""
    conditions, values = ["1 = 1"], []
    if site:
        conditions.append("s.name = %s")
        values.append(site)
    if page.after:
        conditions.append("(f.sent_ms, f.device, f.number) < (%s, %s, %s)")
        values += page.after
    sql = f"{LISTED} WHERE {' AND '.join(conditions)} {LATEST_FIRST}"
    return [KeptFile(*row) for row in database.run(sql, *values, page.limit).fetchall()]


def fetched(database: HubDatabase, device: str, number: int) -> tuple[str, bytes] | None:
    """What a file is called and what is in it; None if there is none of that number. Within ``using`` only."""
    row = database.run(
        "SELECT f.file, f.body FROM report_file f JOIN device d ON d.number = f.device "
        "WHERE d.id = %s AND f.number = %s",
        device, number,
    ).fetchone()  # fmt: skip
    return None if row is None else (str(row[0]), bytes(row[1]))


def let_go(database: HubDatabase, before_ms: int) -> int:
    """Let go of files that were sent before; return how many those were."""
    with database.writing():
        return database.run("DELETE FROM report_file WHERE sent_ms < %s", before_ms).rowcount


def _sender(database: HubDatabase, device: str) -> int:
    """The device's number. Its row is the lock: two files of one device are kept one after the other."""
    lock = " FOR UPDATE" if database.on_postgres else ""
    row = database.run(f"SELECT number, revoked_ms FROM device WHERE id = %s{lock}", device).fetchone()  # noqa: S608 - as above
    if row is None:
        raise UnknownDeviceError(f"The device {device} is not known here; enrol it with a code.")
    if row[1] is not None:
        raise UnknownDeviceError(f"The device {device} was revoked; it may send no more.")
    return int(row[0])


def _thin_out(database: HubDatabase, which: str, values: tuple[Any, ...], most: int) -> None:
    sql = f"SELECT number FROM report_file WHERE {which} ORDER BY number DESC LIMIT 1 OFFSET %s"  # noqa: S608 - as above
    beyond = database.run(sql, *values, most).fetchone()
    if beyond is not None:
        database.run(f"DELETE FROM report_file WHERE {which} AND number <= %s", *values, beyond[0])  # noqa: S608 - as above
