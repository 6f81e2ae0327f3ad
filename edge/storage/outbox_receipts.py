"""What the hub has by another way than being sent it: noted in records that nobody else writes to just now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.core.shipment import NO_CURSOR
from edge.storage import about
from edge.storage.database import close, refuse_damaged, writing
from edge.storage.models import highest_seq
from edge.storage.opening import open_database
from edge.storage.sending import note_progress, progress_of, put_aside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from edge.storage.sending import Progress


def caught_up(progress: Progress, cursor: int, revised: int, highest: int) -> Progress:
    """How far sending has come once the hub has rows up to ``cursor``, and changes of times up to ``revised``."""
    progress = replace(progress, cursor=max(progress.cursor, min(cursor, highest)))
    return replace(progress, revised=revised, revised_seq=NO_CURSOR) if revised > progress.revised else progress


def refuse_other(epoch: str, ours: str) -> None:
    """Raise ``InputError`` if receipts are about other records than these."""
    if epoch != ours:
        raise InputError(f"The receipts are about other records (epoch {epoch}, these are {ours}).")


def note_receipts(path: Path, epoch: str, cursor: int, revised: int, aside: Iterable[tuple[int, str]]) -> None:
    """Note it, with rows the hub does not take and why. Not while ``acm run`` writes.

    Raises ``InputError`` if it is about other records, ``StorageError`` and its kinds; a damaged file is left alone.
    """
    refuse_damaged(path)
    opened = open_database(path)
    database = opened.database
    try:
        refuse_other(epoch, about.fact(database, about.EPOCH) or "")
        with writing(database, path):
            progress = caught_up(progress_of(database), cursor, revised, highest_seq(database))
            note_progress(database, progress)
            put_aside(database, aside)
            about.note(database, about.STOPPED, about.CLEAN)
    finally:
        close(database, path)
        opened.lock.release()
