"""A hub that behaves: keeps rows, cursors and versions as the real one does, and fails when a test wants it to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.core.errors import DeviceRefusedError, HubFailedError, UpstreamError
from edge.core.shipment import NO_CURSOR, Receipt, Verdict
from edge.upstream.wire import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.shipment import Shipment

# What a row says: its kind, version, time, and the rest.
Row = tuple[object, ...]


@dataclass
class FakeHub:
    """An ``Upstream`` and the hub behind it.

    ``fault`` is asked before each batch: a word for what goes wrong, "" for nothing. ``poison`` are rows over which it
    refuses a batch, ``choke`` such as make it fail, ``dislikes`` those it lists as rejected.
    """

    rows: dict[tuple[str, str], dict[int, Row]] = field(default_factory=dict)
    cursors: dict[tuple[str, str], int] = field(default_factory=dict)
    poison: set[int] = field(default_factory=set)
    choke: set[int] = field(default_factory=set)
    dislikes: dict[int, str] = field(default_factory=dict)
    fault: Callable[[], str] = lambda: ""
    batches: list[Shipment] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    closed: int = 0

    def send(self, body: bytes) -> Receipt:
        """Take a batch, or fail in the way that is wanted."""
        fault = self.fault()
        self.heard[fault] += 1
        if fault == "away":
            raise UpstreamError("The hub does not answer.")
        if fault == "busy":
            raise UpstreamError("The hub is busy.", retry_after_s=120.0)
        if fault == "failed":
            raise HubFailedError("The hub failed (500).")
        if fault == "refused":
            raise DeviceRefusedError("The hub does not know this device any more.")
        if fault == "too old":
            return Receipt(Verdict.REJECTED, sentence="nothing of that kind is taken here")
        self.bodies.append(body)
        receipt = self.take(decode(body))
        if fault == "answer lost":
            raise UpstreamError("The answer was lost.")
        return receipt

    def take(self, batch: Shipment) -> Receipt:
        """What the hub does with a batch."""
        name = (batch.device, batch.epoch)
        cursor, seqs = self.cursors.get(name, NO_CURSOR), set(batch.seqs().tolist())
        if seqs & self.choke:
            raise HubFailedError("The hub failed (500).")
        if seqs & self.poison:
            return Receipt(Verdict.REJECTED, cursor, sentence="a row of it is no good")
        if not batch.revised and batch.after_seq > max(cursor, 0) and batch.after_seq >= batch.kept_from_seq:
            return Receipt(Verdict.KEPT, cursor, sentence="rows before these are missing")
        kept = self.rows.setdefault(name, {})
        for seq, row in rows_of(batch).items():
            if seq not in self.dislikes and (seq not in kept or row[1] > kept[seq][1]):  # type: ignore[operator] # both are versions
                kept[seq] = row
        if not batch.revised:
            self.cursors[name] = max(cursor, batch.last_seq)
        self.batches.append(batch)
        rejected = tuple((seq, why) for seq, why in self.dislikes.items() if seq in seqs)
        return Receipt(Verdict.ACCEPTED, self.cursors.get(name, NO_CURSOR), rejected)

    def close(self) -> None:
        """Count how often somebody hung up."""
        self.closed += 1

    @property
    def everything(self) -> dict[int, Row]:
        """All rows of all devices and epochs, by number; there must be no two with the same."""
        found: dict[int, Row] = {}
        for rows in self.rows.values():
            assert not set(found) & set(rows), "the same row under two names"
            found |= rows
        return found


def rows_of(batch: Shipment) -> dict[int, Row]:
    """What each row of a batch says, with names instead of places."""
    rows: dict[int, Row] = {}
    for kind, columns in (
        ("crossing", batch.crossings), ("visit", batch.visits), ("zone_stay", batch.zone_stays),
    ):  # fmt: skip
        values = columns.direction if kind == "crossing" else columns.stay_ds if kind == "visit" else columns.dwell_ds
        for seq, version, at_ms, place, value in zip(
            columns.seq.tolist(), columns.version.tolist(), columns.at_ms.tolist(), columns.subject.tolist(),
            values.tolist(), strict=True,
        ):  # fmt: skip
            subject = batch.subjects[place]
            rows[seq] = (kind, version, at_ms, subject.camera, subject.name, value)
    fixes, notices = batch.corrections, batch.notices
    for place, seq in enumerate(fixes.seq.tolist()):
        rows[seq] = ("correction", int(fixes.version[place]), int(fixes.at_ms[place]), "", "", int(fixes.change[place]))
    for place, seq in enumerate(notices.seq.tolist()):
        told = (notices.event[place], notices.told[place])
        rows[seq] = ("notice", int(notices.version[place]), int(notices.at_ms[place]), "", *told)
    return rows
