"""Takes batches: each whole or not at all, each row once, whatever comes twice, late, in another order or revised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from edge.core.calendar import SiteCalendar
from edge.core.errors import AcmError
from edge.core.shipment import LINE, Receipt, Verdict
from edge.core.timekeeping import to_ms
from edge.storage.hub import figures, levels, spread, streams
from edge.storage.hub.allowance import Allowance
from edge.storage.hub.database import HubDatabase
from edge.storage.hub.figures import Change
from edge.storage.hub.hours import SiteHours
from edge.storage.hub.levels import Came
from edge.storage.hub.migrations import bring_up
from edge.storage.hub.rows import Block, Place, blocks, remove, stored, write, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from edge.core.shipment import Column, Shipment
    from edge.storage.hub.streams import Stream

TOO_MANY_SUBJECTS = f"the device has named more than {streams.MOST_SUBJECTS} lines, zones and cameras"
BATCHES_A_MINUTE = 600


class UnknownDeviceError(AcmError):
    """Nobody knows the device a batch is from, or it may send no more."""


class HubStore:
    """All that the hub keeps. May be used by many threads and processes at once.

    Nothing is remembered here but how zones differ from UTC: another process may change anything at any time.
    """

    def __init__(self, database: HubDatabase, batches_a_minute: int = BATCHES_A_MINUTE) -> None:
        self.database = database
        self.allowance = Allowance(batches_a_minute)
        self._hours: dict[tuple[str, int], SiteHours] = {}

    @classmethod
    def open(cls, url: str, batches_a_minute: int = BATCHES_A_MINUTE) -> HubStore:
        """Open the database at an address, with tables of this version's.

        Raises ``HubAddressError``, ``HubNewerError``, and ``HubAwayError`` if it is not there now.
        """
        store = cls(HubDatabase(url), batches_a_minute)
        try:
            bring_up(store.database)
        except BaseException:  # whatever went wrong, the connection is let go of; raised again
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of this thread's connection."""
        self.database.close()

    def take(self, shipment: Shipment, now: datetime) -> Receipt:
        """Take a batch; when this returns with ``ACCEPTED``, it is kept for good.

        ``KEPT`` if rows before it are missing: the cursor says which come next. Also if it has other rows than the hub
        by the same numbers: then the cursor is beyond ``after_seq``. Raises ``UnknownDeviceError``, and
        ``HubAwayError`` when nothing was done.
        """
        try:
            return self._taken(shipment, now)
        except _OtherRowsError as error:
            return Receipt(Verdict.KEPT, error.cursor, sentence=str(error))

    def _taken(self, shipment: Shipment, now: datetime) -> Receipt:
        with self.database.writing():
            stream = streams.lock(self.database, self._device(shipment.device), shipment.epoch)
            seen = self._seen(stream, to_ms(now))
            missing = _missing(shipment, stream.cursor)
            if missing:
                streams.note(self.database, seen, shipment)
                return Receipt(Verdict.KEPT, stream.cursor, sentence=missing)
            numbers = streams.subject_numbers(self.database, stream.device, shipment.subjects)
            month = self._put(stream, shipment, numbers, now)
            cursor = stream.cursor if shipment.revised else max(stream.cursor, shipment.last_seq)
            streams.note(self.database, replace(seen, cursor=cursor, month=month), shipment)
        return Receipt(Verdict.ACCEPTED, cursor, tuple(_left_out(shipment, numbers)))

    def hours_of(self, device: int) -> SiteHours:
        """The hours of the site a device is at. Within ``using`` or ``writing`` only."""
        row = self.database.run(
            "SELECT zone, day_starts_h FROM site WHERE number = (SELECT site FROM device WHERE number = %s)", device
        ).fetchone()
        return self.hours_in(*row)

    def hours_in(self, zone: str, day_starts_h: int) -> SiteHours:
        """The hours of a zone."""
        key = (zone, day_starts_h)
        if key not in self._hours:
            self._hours[key] = SiteHours(SiteCalendar(ZoneInfo(zone), day_starts_h))
        return self._hours[key]

    def _device(self, name: str) -> int:
        row = self.database.run("SELECT number, revoked_ms FROM device WHERE id = %s", name).fetchone()
        if row is None:
            raise UnknownDeviceError(f"The device {name} is not known here; enrol it with a code.")
        if row[1] is not None:
            raise UnknownDeviceError(f"The device {name} was revoked; it may send no more.")
        return int(row[0])

    def _seen(self, stream: Stream, now_ms: int) -> Stream:
        """The stream after one more batch."""
        left = self.allowance.less_one(stream.allowance, stream.seen_ms, now_ms)
        return replace(stream, allowance=left, seen_ms=now_ms)

    def _put(self, stream: Stream, shipment: Shipment, numbers: Column, now: datetime) -> int:
        """Put rows and figures in; return the month the newest rows are of. ``numbers`` are the subjects'."""
        found = list(blocks(shipment, numbers))
        fresh = [block.where(block.seq > stream.cursor) for block in found]
        month = streams.arrival_month(self.database, stream, now) if any(map(len, fresh)) else stream.month
        # The zone is looked up behind the lock: who changes it holds the locks of all streams of the site.
        hours = self.hours_of(stream.device)
        parts = []
        again: list[Change] = []
        for block, new in zip(found, fresh, strict=True):
            with written(self.database, new, Place(stream.device, stream.epoch, month)):
                parts.append(figures.summed([Change(1, new)], hours))
            if len(new) < len(block):
                again += self._again(stream, block.where(block.seq <= stream.cursor), revised=shipment.revised)
        figures.add(self.database, stream.device, figures.together([*parts, figures.summed(again, hours)]))
        spread.add(self.database, stream.device, [*(Change(1, new) for new in fresh), *again], hours)
        doors = numbers[[subject.kind == LINE and subject.door for subject in shipment.subjects]]
        levels.follow(self.database, stream.device, Came(fresh, again, doors), hours)
        return month

    def _again(self, stream: Stream, block: Block, *, revised: bool) -> Iterator[Change]:
        """Rows the hub has been past: those of a greater version than what is there are taken.

        So are revised ones that are not there: they had been set aside. Others have to be there already, from an
        answer that was lost.
        """
        for month, mask in streams.months_of(self.database, stream, block.seq):
            place = Place(stream.device, stream.epoch, month)
            ours, theirs = stored(self.database, block.where(mask), place), block.where(mask)
            if not revised and not _same_rows(ours, theirs):
                raise _OtherRowsError(stream.cursor)
            newer = _versions(theirs) > _versions_at(ours, theirs.seq)
            replaced = ours.where(np.isin(ours.seq, theirs.seq[newer]))
            remove(self.database, replaced, place)
            write(self.database, theirs.where(newer), place)
            yield Change(-1, replaced)
            yield Change(1, theirs.where(newer))


class _OtherRowsError(Exception):
    """The device has rows by numbers that mean others here: its records are an older copy that went on to live."""

    def __init__(self, cursor: int) -> None:
        super().__init__(
            "Rows of the batch are not the ones that the hub has by their numbers; the device's records are an older "
            "copy, and have to go by another name."
        )
        self.cursor = cursor


def _missing(shipment: Shipment, cursor: int) -> str:
    """What is missing before a batch; empty if nothing is."""
    if shipment.revised:
        if shipment.last_seq > cursor:
            return f"Rows up to {shipment.last_seq} are revised, but the hub has rows up to {cursor} only."
        return ""
    # Rows are numbered from 1 on; and what the device has no more cannot be waited for.
    if shipment.after_seq > max(cursor, 0) and shipment.after_seq >= shipment.kept_from_seq:
        return f"The batch begins after row {shipment.after_seq}, but the hub has rows up to {cursor} only."
    return ""


def _left_out(shipment: Shipment, numbers: Column) -> Iterator[tuple[int, str]]:
    if numbers.all():
        return
    for rows in (shipment.crossings, shipment.visits, shipment.zone_stays):
        for seq in rows.seq[numbers[rows.subject] == 0].tolist():
            yield seq, TOO_MANY_SUBJECTS


def _same_rows(ours: Block, theirs: Block) -> bool:
    """Whether they are the same rows but for version and, if that is another, the time. ``ours`` are some of them."""
    if len(ours) != len(theirs):
        return False
    same = _versions(ours) == _versions(theirs)
    if (ours.values["at_ms"] != theirs.values["at_ms"])[same].any():
        return False
    others = theirs.values.keys() - {"version", "at_ms"}
    return all(np.array_equal(ours.values[name], theirs.values[name]) for name in others)


def _versions(block: Block) -> Column:
    versions: Column = block.values["version"]
    return versions


def _versions_at(ours: Block, seq: Column) -> Column:
    """The versions stored of these rows, 0 where there is none."""
    if not len(ours):
        return np.zeros(len(seq), dtype=np.int64)
    places = np.minimum(np.searchsorted(ours.seq, seq), len(ours) - 1)
    return np.where(ours.seq[places] == seq, _versions(ours)[places], 0)
