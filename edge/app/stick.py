"""``acm sync --export`` and ``--import``: what waits goes to the hub on a stick, and its receipts come back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge import __version__
from edge.app.hub_way import keyring_in
from edge.app.run import RECORDS
from edge.app.upstream import state_of
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.core.shipment import NO_CURSOR, Standing, Verdict
from edge.core.timekeeping import to_ms
from edge.host.control_client import ControlClient
from edge.host.control_wire import QUESTION_BYTES, NotRunningError, line_of
from edge.host.whole_file import WholeFile
from edge.storage.outbox import Outbox
from edge.storage.outbox_receipts import note_receipts
from edge.upstream.parcel import Manifest, read_receipts, write_parcel
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any, TextIO

    from edge.app.run import RunAsk
    from edge.storage.sending import Progress
    from edge.upstream.parcel import Receipts

BATCH_ROWS = 5000
OFFLINE = "unknown"


def export_parcel(ask: RunAsk, path: Path, out: TextIO) -> int:
    """Write everything the hub has not got into a parcel. Nothing is noted as sent: the receipts do that."""
    device = keyring_in(state_of(ask)).made_key().device
    rows = 0
    with Outbox(state_of(ask) / RECORDS, device) as outbox, WholeFile(path, "--export") as file:
        last = outbox.last_change()
        manifest = Manifest(device, outbox.epoch, last, to_ms(SystemClock().utc_now()))

        def bodies() -> Iterator[bytes]:
            nonlocal rows
            for body, count in _batches(outbox, last):
                rows += count
                yield body

        try:
            with file.part.open("wb") as stream:
                batches = write_parcel(stream, manifest, bodies())
        except OSError as error:
            raise InputError(f"--export: {path} cannot be written ({error.strerror}); is there room?") from None
    out.write(f"{rows} rows in {batches} batches are in {path}. On the hub: acm hub import {path.name}\n")
    out.write("The file of receipts that makes comes back here with: acm sync --import FILE\n")
    return 0


def _batches(outbox: Outbox, last_change: int) -> Iterator[tuple[bytes, int]]:
    """The batches that would be sent now, one after the other, and how many rows are in each."""
    progress = outbox.passed_over(outbox.progress())
    clock = SystemClock()
    backlog = outbox.backlog(progress)
    standing = Standing(__version__, backlog.rows, backlog.oldest_ms, OFFLINE, int(clock.monotonic_s()))
    while progress.revised < last_change:
        draft = outbox.revised(progress, standing, BATCH_ROWS)
        if draft is None:
            break
        if draft.shipment.rows:
            yield encode(draft.shipment), draft.shipment.rows
        progress = _after(progress, draft.change, draft.shipment.last_seq, more=draft.more)
        progress = outbox.passed_over(progress)
    while True:
        draft = outbox.fresh(progress, standing, BATCH_ROWS)
        if draft.shipment.last_seq <= draft.shipment.after_seq:
            return
        yield encode(draft.shipment), draft.shipment.rows
        progress = replace(progress, cursor=draft.shipment.last_seq)


def _after(progress: Progress, change: int, last_seq: int, *, more: bool) -> Progress:
    if more:
        return replace(progress, revised_seq=last_seq)
    return replace(progress, revised=change, revised_seq=NO_CURSOR)


def import_receipts(ask: RunAsk, path: Path, out: TextIO) -> int:
    """Note what the hub says of a parcel: what it has need not be sent any more."""
    receipts = read_receipts(path)
    device = keyring_in(state_of(ask)).made_key().device
    if receipts.manifest.device != device:
        raise InputError(f"{path} is about the device {receipts.manifest.device}; this one is {device}.")
    cursor, revised, aside = _summed(receipts)
    words = {"do": "take", "epoch": receipts.manifest.epoch, "cursor": cursor, "revised": revised}
    try:
        with ControlClient(ask.control) as client:
            for some in _pieces(aside, words):
                client.ask("sync", **{**words, "aside": some})
    except NotRunningError:
        note_receipts(state_of(ask) / RECORDS, receipts.manifest.epoch, cursor, revised, aside)
    taken = sum(receipt.verdict is Verdict.ACCEPTED for receipt in receipts.receipts)
    out.write(f"The hub took {taken} of {len(receipts.receipts)} batches; it has rows up to {cursor}.\n")
    for receipt in receipts.receipts:
        if receipt.verdict is not Verdict.ACCEPTED:
            out.write(f"Not taken: {receipt.sentence}\n")
    return int(taken < len(receipts.receipts))


def _summed(receipts: Receipts) -> tuple[int, int, list[tuple[int, str]]]:
    """Up to where the hub has the rows, up to which change of times, and what it does not take."""
    accepted = [receipt for receipt in receipts.receipts if receipt.verdict is Verdict.ACCEPTED]
    cursor = max((receipt.cursor for receipt in accepted), default=NO_CURSOR)
    revised = receipts.manifest.revised if len(accepted) == len(receipts.receipts) else 0
    return cursor, revised, [rejected for receipt in accepted for rejected in receipt.rejected]


def _pieces(aside: Sequence[tuple[int, str]], words: dict[str, Any]) -> Iterator[list[tuple[int, str]]]:
    """As many rows at once as a question over the control socket has room for; one piece at least."""
    room = QUESTION_BYTES // 2 - len(line_of(words))
    piece: list[tuple[int, str]] = []
    for row in aside:
        if piece and len(line_of({"aside": [*piece, row]})) > room:
            yield piece
            piece = []
        piece.append(row)
    yield piece
