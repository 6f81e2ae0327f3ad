"""Carries one batch after the other to the hub, and notes what became of it. When to go is not its business."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge import __version__
from edge.core.errors import HubFailedError, InputError, UpstreamError
from edge.core.notices import RECORDS_ARE_OLD_COPY, ROWS_SET_ASIDE, SENDING_WENT_BACK
from edge.core.shipment import NO_CURSOR, Receipt, Standing, Verdict
from edge.core.timekeeping import to_ms
from edge.services.sync_ahead import Ahead, point
from edge.services.sync_doubt import Doubt
from edge.storage.outbox import Outbox
from edge.storage.outbox_receipts import caught_up, refuse_other
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge.core.notice import Fact
    from edge.core.ports import Upstream
    from edge.core.shipment import Shipment
    from edge.storage.outbox import Backlog, Draft
    from edge.storage.sending import Progress
    from edge.storage.store import Store

WHY_NOT = "it does not say why"


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the hub, and by which name this device is known there."""

    device: str
    upstream: Upstream


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: so many rows the hub now has, and bytes that went. ``more``: it is worth going again at once.

    ``asked``: whether the hub was asked at all. ``backlog``: what is left, None if the records could not be had.
    """

    rows: int = 0
    sent_bytes: int = 0
    more: bool = False
    asked: bool = False
    backlog: Backlog | None = None


class Courier:
    """Takes the next rows out of the records at ``place`` and hands them over.

    ``store`` gives the records open for writing, None while they are not; how far things have come is noted there,
    and only once the hub has said so: a batch whose answer is lost is sent again, and does no harm.
    """

    def __init__(self, place: Path, store: Callable[[], Store | None], tell: Callable[[Fact], None]) -> None:
        self._place, self._store, self._tell = place, store, tell
        self._doubt, self._ahead = Doubt(), Ahead(place)

    def deliver(self, way: Way, most: int, now_s: float, *, even_empty: bool = False) -> Delivery:
        """Send the next batch, of at most so many rows; without rows only if ``even_empty``.

        Raises ``UpstreamError`` and its kinds if it is to be tried again later, ``StorageError`` if the records cannot
        be read or written now.
        """
        store = self._store()
        if store is None or not self._place.exists():
            return Delivery()
        with Outbox(self._place, way.device) as outbox:
            if outbox.epoch != store.epoch:
                # Just now other records were put in the place of these.
                return Delivery()
            of_this = _Round(store, outbox, way, self._doubt, self._ahead, self._tell)
            return of_this.go(most, now_s, even_empty=even_empty)

    def take(self, epoch: str, cursor: int, revised: int, aside: Sequence[tuple[int, str]]) -> None:
        """The hub has these records up to ``cursor`` by another way than ours, and does not take the rows ``aside``.

        ``revised``: it has the changes of times up to this number. ``InputError`` if it is about other records.
        """
        store = self._store()
        if store is None:
            raise InputError("The records cannot be written now; acm status tells why. Try again later.")
        refuse_other(epoch, store.epoch)
        with Outbox(self._place, "") as outbox:
            highest = outbox.highest()
        store.note_sent(caught_up(store.progress, cursor, revised, highest), tuple(aside))

    def look(self) -> Backlog | None:
        """See what is waiting, without sending; None if the records cannot be had."""
        store = self._store()
        if store is None or not self._place.exists():
            return None
        with Outbox(self._place, "") as outbox:
            return outbox.backlog(store.progress)


class _Round:
    """One batch, from the records to the hub's receipt being noted."""

    def __init__(  # noqa: PLR0913, PLR0917 - from where, by which way, what is remembered from round to round
        self, store: Store, outbox: Outbox, way: Way, doubt: Doubt, ahead: Ahead, tell: Callable[[Fact], None]
    ) -> None:
        self._store, self._outbox, self._doubt, self._ahead, self._tell = store, outbox, doubt, ahead, tell
        self._device, self._upstream = way.device, way.upstream
        self._at_ms: int | None = None
        self._body: bytes | None = None

    def go(self, usual: int, now_s: float, *, even_empty: bool) -> Delivery:
        at = self._store.at(now_s)
        self._at_ms = None if at is None else to_ms(at)
        progress = self._outbox.passed_over(self._store.progress)
        backlog = self._outbox.backlog(progress)
        draft = self._draft(progress, backlog, self._doubt.most(usual), now_s)
        if not draft.shipment.rows and not draft.unsendable:
            if draft.change:
                self._store.note_sent(_moved(progress, draft))
                return Delivery(more=True, backlog=backlog)
            if not even_empty:
                return Delivery(backlog=backlog)
        went = self._sent(draft, progress)
        return replace(went, backlog=self._outbox.backlog(self._store.progress))

    def _draft(self, progress: Progress, backlog: Backlog, most: int, now_s: float) -> Draft:
        """What is to be sent next: changes of times first, since they are about older rows."""
        clock = self._store.quality.word
        standing = Standing(__version__, max(0, backlog.rows), backlog.oldest_ms, clock, int(now_s))
        revised = self._outbox.revised(progress, standing, most)
        if revised is None:
            return self._fresh(progress, standing, most)
        if progress.revised_seq == NO_CURSOR and backlog.set_aside:
            # With another time the hub may well take what it would not before.
            self._store.note_sent(progress, again=(revised.shipment.after_seq + 1, revised.change_last_seq))
        return revised

    def _fresh(self, progress: Progress, standing: Standing, most: int) -> Draft:
        """The next rows never sent, by what was made ready if that is it; what follows is begun at once."""
        at = point(self._outbox, self._device, progress, most)
        ready = self._ahead.take(at)
        if ready is None:
            draft = self._outbox.fresh(progress, standing, most)
        else:
            draft, self._body = ready
        if draft.more and not draft.unsendable:
            self._ahead.prepare(replace(at, progress=replace(_moved(progress, draft), told="")), standing)
        return draft

    def _sent(self, draft: Draft, progress: Progress) -> Delivery:
        shipment = draft.shipment
        body, self._body = self._body or encode(shipment), None
        try:
            receipt = self._upstream.send(body)
        except HubFailedError as error:
            if not self._doubt.failed_again(shipment):
                raise
            receipt = Receipt(Verdict.REJECTED, sentence=str(error))
        went = Delivery(0, len(body), more=True, asked=True)
        if receipt.verdict is Verdict.ACCEPTED:
            return self._accepted(draft, progress, receipt, went)
        if receipt.verdict is Verdict.KEPT:
            self._go_back(progress, shipment, receipt)
        else:
            self._rejected(draft, progress, receipt)
        return went

    def _accepted(self, draft: Draft, progress: Progress, receipt: Receipt, went: Delivery) -> Delivery:
        shipment = draft.shipment
        self._doubt.accepted(shipment)
        if receipt.cursor > max(self._outbox.highest(), shipment.last_seq):
            # It has rows of these records that are not in them.
            self._store.begin_epoch()
            self._tell(RECORDS_ARE_OLD_COPY.fact(epoch=self._store.epoch))
            return went
        sent = set(shipment.seqs().tolist()) if receipt.rejected else set()
        rejected = [(seq, why) for seq, why in receipt.rejected if seq in sent]
        taken = shipment.rows - len(rejected)
        self._note(_moved(progress, draft), receipt, taken, [*draft.unsendable, *rejected])
        return replace(went, rows=taken, more=draft.more or draft.change > 0)

    def _note(
        self, progress: Progress, receipt: Receipt, rows: int, aside: Sequence[tuple[int, str]] = ()
    ) -> None:
        """An answer that changes nothing is not worth a write."""
        if not aside and progress == self._store.progress:
            return
        told = {
            "at_ms": self._at_ms, "verdict": receipt.verdict.value, "rows": rows, "sentence": receipt.sentence,
        }  # fmt: skip
        self._store.note_sent(replace(progress, told=json.dumps(told, ensure_ascii=False)), tuple(aside))
        if aside:
            seq, reason = aside[0]
            self._tell(ROWS_SET_ASIDE.fact(rows=len(aside), seq=seq, reason=reason))

    def _go_back(self, progress: Progress, shipment: Shipment, receipt: Receipt) -> None:
        """The hub has less than it was sent: it was put back to an older copy, or is another one.

        Or we are: it has the rows before these, and other ones by the same numbers.
        """
        if receipt.cursor > shipment.after_seq and not shipment.revised and not self._doubt.went_back:
            self._doubt.went_back = True
            self._store.begin_epoch()
            self._tell(RECORDS_ARE_OLD_COPY.fact(epoch=self._store.epoch))
            return
        if receipt.cursor >= max(shipment.after_seq, progress.cursor) or self._doubt.went_back:
            self._doubt.went_back = False
            told = receipt.sentence or WHY_NOT
            raise UpstreamError(f"The hub asks for what follows row {receipt.cursor}, and does not take it: {told}")
        self._doubt.went_back = True
        self._tell(SENDING_WENT_BACK.fact(cursor=receipt.cursor, sent=progress.cursor))
        # Rows it still has may have lost their later times with the others: those are sent again, too.
        back = replace(progress, cursor=receipt.cursor, revised=0, revised_seq=NO_CURSOR)
        self._note(back, receipt, 0)

    def _rejected(self, draft: Draft, progress: Progress, receipt: Receipt) -> None:
        """Some row in it is at fault, or the hub takes nothing at all: then no row must suffer for it."""
        shipment = draft.shipment
        if shipment.rows <= 1 or not self._doubt.blames_rows:
            self._probe(shipment)
        if shipment.rows > 1:
            self._doubt.halve(shipment)
            return
        self._doubt.found()
        aside = [(seq, receipt.sentence or WHY_NOT) for seq in shipment.seqs().tolist()]
        # Of rows never sent the hub knows nothing: the next batch begins where this one did, without this row.
        moved = _moved(progress, draft) if shipment.revised else progress
        self._note(moved, receipt, 0, [*aside, *draft.unsendable])

    def _probe(self, shipment: Shipment) -> None:
        """See whether the hub takes the same batch without its rows; ``UpstreamError`` if not."""
        self._doubt.blames_rows = False
        receipt = self._upstream.send(encode(shipment.part(shipment.after_seq, shipment.after_seq)))
        if receipt.verdict is not Verdict.ACCEPTED:
            raise UpstreamError(f"The hub does not even take a batch without rows: {receipt.sentence or WHY_NOT}")
        self._doubt.blames_rows = True


def _moved(progress: Progress, draft: Draft) -> Progress:
    """How far things have come once the hub has a batch."""
    if not draft.change:
        moved = draft.shipment.last_seq > draft.shipment.after_seq
        return replace(progress, cursor=draft.shipment.last_seq) if moved else progress
    if draft.more:
        return replace(progress, revised_seq=draft.shipment.last_seq)
    return replace(progress, revised=draft.change, revised_seq=NO_CURSOR)
