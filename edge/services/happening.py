"""An event on its way from the thread that saw it to those that do something about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.events import Event


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, and when it happened by the box's monotonic clock.

    ``camera`` is empty for what no camera saw. ``at_s`` is the moment itself (a foot on a line), ``taken_s`` when the
    picture that told of it was taken.
    """

    camera: str
    event: Event
    at_s: float
    taken_s: float


class Sink(Protocol):
    """Somebody who does something about events. It takes them at once: the thread that tells has pictures to see."""

    def take(self, happenings: Sequence[Happening]) -> None:
        """Take what happened, in order; never wait, never raise."""
