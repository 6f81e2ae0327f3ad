"""A box's records shipped to a hub as they go over the wire, and a hub of several shops."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from edge.core.shipment import NO_CURSOR, Standing, Verdict
from edge.core.timekeeping import to_ms
from edge.hub.intake import take_body
from edge.storage.hub.registry import Newcomer, Registry
from edge.storage.outbox import Outbox
from edge.storage.sending import Progress
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from pathlib import Path

    from edge.storage.hub.store import HubStore

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
BATCH_ROWS = 5_000


def known(store: HubStore, site: str, device: str, zone: str, day_starts_h: int = 0, name: str = "") -> None:
    """Have the hub know a device, and its site if it is new."""
    registry, now_ms = Registry(store), to_ms(NOW - timedelta(days=40))
    if site not in [row.name for row in registry.sites()]:
        registry.add_site(site, zone, day_starts_h, now_ms)
    registry.claim(site, name, f"code of {device}", now_ms)
    registry.enrol(f"code of {device}", Newcomer(device, "", name or device, "0.1.0"), f"token of {device}", now_ms)


def shipped(records: Path, store: HubStore, device: str, now: datetime = NOW, clock: str = "synced") -> int:
    """Send all records of a box, batch by batch, packed and read again as on the way; return how many rows."""
    progress, rows = Progress(), 0
    with Outbox(records, device) as outbox:
        backlog = outbox.backlog(progress)
        while True:
            standing = Standing("0.1.0", max(0, backlog.rows - rows), None, clock, 86_400)
            draft = outbox.fresh(progress, standing, BATCH_ROWS)
            if not draft.shipment.rows:
                return rows
            receipt = take_body(store, encode(draft.shipment), now, device)
            assert (receipt.verdict, receipt.rejected) == (Verdict.ACCEPTED, ()), receipt.sentence
            assert receipt.cursor > max(progress.cursor, NO_CURSOR)
            progress = Progress(receipt.cursor)
            rows += draft.shipment.rows
