"""Streams: rows of one database of one device, in their order. A stream's row is locked while a batch is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edge.core.shipment import NO_CURSOR, column
from edge.storage.hub import about
from edge.storage.hub.migrations import add_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from edge.core.shipment import Column, Shipment, Subject
    from edge.storage.hub.database import HubDatabase

# A device that names more lines, zones and cameras than this is out of order.
MOST_SUBJECTS = 10_000
TRIES = 5
FOUND = "SELECT device, epoch, cursor, month, allowance, seen_ms FROM stream WHERE device = %s AND name = %s"
BEGUN = (
    "INSERT INTO stream (device, epoch, name, cursor, month, kept_from_seq, seen_ms, version, waiting, "
    "oldest_waiting_ms, clock, uptime_s, zone, day_starts_h, allowance) "
    "SELECT %s, coalesce(max(epoch), 0) + 1, %s, %s, 0, 0, 0, '', 0, 0, '', 0, '', 0, 0 "
    "FROM stream WHERE device = %s ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Stream:
    """A locked stream. ``month`` is that of the rows which came last, 0 for none."""

    device: int
    epoch: int
    cursor: int
    month: int
    allowance: int
    seen_ms: int


def lock(database: HubDatabase, device: int, name: str) -> Stream:
    """Lock a device's stream until the end of the transaction; a new one if the device never sent of it before."""
    for _ in range(TRIES):
        found = database.run(
            FOUND + (" FOR UPDATE" if database.on_postgres else ""), device, name
        ).fetchone()
        if found is not None:
            return Stream(*found)
        # Another process may do so at the same moment: whoever is later finds the other's, or takes the next number.
        database.run(BEGUN, device, name, NO_CURSOR, device)
    raise RuntimeError(f"no stream could be made for device {device}")


def note(database: HubDatabase, stream: Stream, shipment: Shipment) -> None:
    """Note up to where rows have been had now, and how the device stands."""
    standing = shipment.standing
    database.run(
        "UPDATE stream SET cursor = %s, month = %s, kept_from_seq = %s, seen_ms = %s, version = %s, waiting = %s, "
        "oldest_waiting_ms = %s, clock = %s, uptime_s = %s, zone = %s, day_starts_h = %s, allowance = %s "
        "WHERE device = %s AND epoch = %s",
        stream.cursor, stream.month, shipment.kept_from_seq, stream.seen_ms, standing.product, standing.waiting,
        standing.oldest_ms or 0, standing.clock, standing.uptime_s, shipment.zone, shipment.day_starts_h,
        stream.allowance, stream.device, stream.epoch,
    )  # fmt: skip


def arrival_month(database: HubDatabase, stream: Stream, now: datetime) -> int:
    """The month new rows belong to, with a place for them."""
    month = max((now.year - 1970) * 12 + now.month - 1, stream.month)
    if month != stream.month:
        add_month(database, month)
        database.run(
            "INSERT INTO arrival (device, epoch, month, first_seq) VALUES (%s, %s, %s, %s)",
            stream.device, stream.epoch, month, stream.cursor + 1,
        )  # fmt: skip
    return month


def months_of(database: HubDatabase, stream: Stream, seq: Column) -> Iterator[tuple[int, Column]]:
    """The months in which known rows first came, each with a mask over ``seq``; those let go of are left out."""
    found = database.run(
        "SELECT first_seq, month FROM arrival WHERE device = %s AND epoch = %s ORDER BY first_seq, month",
        stream.device, stream.epoch,
    ).fetchall()  # fmt: skip
    kept_from = about.number(database, about.KEPT_FROM_MONTH)
    places = np.searchsorted(column(*(first for first, _ in found)), seq, side="right") - 1
    for place, (_, month) in enumerate(found):
        mask = places == place
        if month >= kept_from and mask.any():
            yield month, mask


def subject_numbers(database: HubDatabase, device: int, subjects: Sequence[Subject]) -> Column:
    """The number of each subject in our tables, made if need be; 0 where a device has named too many."""
    wanted = [(subject.kind, subject.camera, subject.name, int(subject.door)) for subject in subjects]
    numbers: dict[tuple[str, str, str, int], int] = {}
    for _ in range(TRIES if wanted else 0):
        found = database.run("SELECT kind, camera, name, door, number FROM subject WHERE device = %s", device)
        numbers = {(kind, camera, name, door): number for kind, camera, name, door, number in found.fetchall()}
        room = MOST_SUBJECTS - len(numbers)
        missing = [key for key in dict.fromkeys(wanted) if key not in numbers][: max(0, room)]
        if not missing:
            break
        # Another stream of the device may name some at the same moment; then they are looked for again.
        for place, key in enumerate(missing, start=1 + max(numbers.values(), default=0)):
            database.run(
                "INSERT INTO subject (device, number, kind, camera, name, door) VALUES (%s, %s, %s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                device, place, *key,
            )  # fmt: skip
    return column(*(numbers.get(key, 0) for key in wanted))
