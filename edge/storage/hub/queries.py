"""What readers may ask: figures by hour or day, how devices stand, what they said. Pages go on after a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.storage.hub.database import HubDatabase

BY = {"hour": ("f.day", "f.start_min", "f.clock_hour"), "day": ("f.day",)}
PER = {
    "site": ("s.name",),
    "camera": ("s.name", "d.id", "u.camera"),
    "line": ("s.name", "d.id", "u.camera", "u.name", "u.door"),
    "zone": ("s.name", "d.id", "u.camera", "u.name"),
}
JOINED = (
    "FROM hour_figure f JOIN device d ON d.number = f.device JOIN site s ON s.number = d.site "
    "JOIN subject u ON u.device = f.device AND u.number = f.subject"
)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. Days are days since 1970, the last one included; names left empty mean all of them."""

    first_day: int
    last_day: int
    by: str
    per: str
    site: str = ""
    device: str = ""
    camera: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """``limit`` rows after the one with this key; an empty key begins at the beginning."""

    limit: int
    after: Row = ()


def counts(database: HubDatabase, asked: Asked, page: Page) -> list[Row]:
    """How many went in and out: when (``BY``), what (``PER``), ins, outs. Cameras and sites count their doors only."""
    kind = "u.kind = 'line'" if asked.per == "line" else "u.kind = 'line' AND u.door = 1"
    return _figures(database, asked, page, kind, "sum(f.ins), sum(f.outs)")


def stays(database: HubDatabase, asked: Asked, page: Page) -> list[Row]:
    """How many stays ended and how long they were together in tenths of a second: when, what, stays, stay_ds."""
    kind = "u.kind = 'zone'" if asked.per == "zone" else "u.kind = 'camera'"
    return _figures(database, asked, page, kind, "sum(f.stays), sum(f.stay_ds)")


def _figures(database: HubDatabase, asked: Asked, page: Page, kind: str, sums: str) -> list[Row]:
    keys = [*BY[asked.by], *PER[asked.per]]
    conditions = [kind, "f.day BETWEEN %s AND %s"]
    values: list[Any] = [asked.first_day, asked.last_day]
    wanted = {"s.name": asked.site, "d.id": asked.device, "u.camera": asked.camera, "u.name": asked.name}
    for column, value in wanted.items():
        if value:
            conditions.append(f"{column} = %s")
            values.append(value)
    _go_on(conditions, values, keys, page, ">")
    listed = ", ".join(keys)
    which = " AND ".join(conditions)
    sql = f"SELECT {listed}, {sums} {JOINED} WHERE {which} GROUP BY {listed} ORDER BY {listed} LIMIT %s"
    return _rows(database, sql, [*values, page.limit])


def ledger(database: HubDatabase, site: str, first_day: int, last_day: int) -> tuple[int, list[Row]]:
    """How many were inside when the first day began, and (day, start_min, clock_hour, change) of hours with any."""
    sql = (
        "SELECT {what} FROM hour_figure f JOIN device d ON d.number = f.device JOIN site s ON s.number = d.site "
        "LEFT JOIN subject u ON u.device = f.device AND u.number = f.subject "
        "WHERE s.name = %s AND (u.door = 1 OR f.subject = 0) AND {days}"
    )
    total = "sum(f.ins - f.outs + f.change)"
    when = ", ".join(BY["hour"])
    (before,) = _rows(database, sql.format(what=f"coalesce({total}, 0)", days="f.day < %s"), [site, first_day])
    rows = _rows(
        database,
        sql.format(what=f"{when}, {total}", days="f.day BETWEEN %s AND %s") + f" GROUP BY {when} ORDER BY {when}",
        [site, first_day, last_day],
    )
    return int(before[0]), rows


def devices(database: HubDatabase, site: str, page: Page) -> list[Row]:
    """Devices by fingerprint: id, name, site, version, enrolled_ms, revoked_ms, and of what it last sent (NULL if
    nothing): seen_ms, version, waiting, oldest_waiting_ms, clock, uptime_s, zone, day_starts_h."""  # noqa: D205, D209 - one sentence
    conditions = ["d.id > %s"]
    values: list[Any] = [page.after[0] if page.after else ""]
    if site:
        conditions.append("s.name = %s")
        values.append(site)
    sql = (
        "SELECT d.id, d.name, s.name, d.version, d.enrolled_ms, d.revoked_ms, t.seen_ms, t.version, t.waiting, "  # noqa: S608 - names of ours
        "t.oldest_waiting_ms, t.clock, t.uptime_s, t.zone, t.day_starts_h "
        "FROM device d JOIN site s ON s.number = d.site "
        "LEFT JOIN (SELECT device, max(epoch) AS epoch FROM stream GROUP BY device) l ON l.device = d.number "
        "LEFT JOIN stream t ON t.device = l.device AND t.epoch = l.epoch "
        f"WHERE {' AND '.join(conditions)} ORDER BY d.id LIMIT %s"
    )
    return _rows(database, sql, [*values, page.limit])


def notices(database: HubDatabase, device: str, page: Page) -> list[Row]:
    """What a device said about itself, latest first: at_ms, epoch, seq, event, told (JSON)."""
    conditions = ["d.id = %s"]
    values: list[Any] = [device]
    _go_on(conditions, values, ["n.at_ms", "n.epoch", "n.seq"], page, "<")
    sql = (
        "SELECT n.at_ms, n.epoch, n.seq, n.event, n.told FROM notice n JOIN device d ON d.number = n.device "  # noqa: S608 - as above
        f"WHERE {' AND '.join(conditions)} ORDER BY n.at_ms DESC, n.epoch DESC, n.seq DESC LIMIT %s"
    )
    return _rows(database, sql, [*values, page.limit])


def _go_on(conditions: list[str], values: list[Any], keys: Sequence[str], page: Page, how: str) -> None:
    if page.after:
        conditions.append(f"({', '.join(keys)}) {how} ({', '.join(['%s'] * len(keys))})")
        values += page.after


def _rows(database: HubDatabase, sql: str, values: Sequence[object]) -> list[Row]:
    with database.using():
        return [tuple(row) for row in database.run(sql, *values).fetchall()]
