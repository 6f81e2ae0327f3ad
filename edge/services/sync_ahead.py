"""Makes the next batch ready while the hub is busy with the one before: a long backlog is sent sooner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING

from edge.storage.errors import StorageError
from edge.storage.outbox import Outbox
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from pathlib import Path

    from edge.core.shipment import Standing
    from edge.storage.outbox import Draft
    from edge.storage.sending import Progress


@dataclass(frozen=True, slots=True)
class Point:
    """What a batch depends on: made from the same point, it is the same.

    ``change`` is the last change of rows' times: a batch from before it has the old ones.
    """

    device: str
    epoch: str
    progress: Progress
    most: int
    change: int


def point(outbox: Outbox, device: str, progress: Progress, most: int) -> Point:
    """From where the next batch is made."""
    return Point(device, outbox.epoch, replace(progress, told=""), most, outbox.last_change())


class Ahead:
    """At most one batch, made on a thread of its own, which ends with it."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._thread: Thread | None = None
        self._point: Point | None = None
        self._made: tuple[Draft, bytes] | None = None

    def prepare(self, at: Point, standing: Standing) -> None:
        """Begin to make the batch that follows ``at``."""
        self._point, self._made = at, None
        self._thread = Thread(target=self._make, args=(at, standing), name="upstream ahead", daemon=True)
        self._thread.start()

    def take(self, at: Point) -> tuple[Draft, bytes] | None:
        """The batch and its bytes, if this is the one that was made; None if it has to be made now."""
        thread, self._thread = self._thread, None
        if thread is None:
            return None
        thread.join()
        made, self._made = self._made, None
        return made if at == self._point else None

    def _make(self, at: Point, standing: Standing) -> None:
        try:
            with Outbox(self._place, at.device) as outbox:
                draft = outbox.fresh(at.progress, standing, at.most)
                # What happened to the times meanwhile may or may not be in it.
                if point(outbox, at.device, at.progress, at.most) == at:
                    self._made = draft, encode(draft.shipment)
        except StorageError:
            # Whoever asks for the batch meets the same, and tells it.
            self._made = None
