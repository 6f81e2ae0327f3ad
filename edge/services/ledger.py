"""The shop's books of today: every camera's lines together make one number of people inside."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from edge.analytics.occupancy import Occupancy, Visits
from edge.core.events import LineCrossed, OccupancyChanged, VisitEnded
from edge.core.model import Direction

if TYPE_CHECKING:
    from edge.core.events import Event

# A line of a camera.
Door = tuple[str, str]


class Ledger:
    """Counts of each line since the day began, and who is inside by all doors together.

    Cameras are analysed on threads of their own, and people come in at one door and leave by another, so there is one
    ledger for all of them, behind a lock.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._occupancy = Occupancy()
        self._visits = Visits()
        self._totals: dict[Door, dict[Direction, int]] = {}

    @property
    def inside(self) -> int:
        """How many people are inside."""
        with self._lock:
            return self._occupancy.inside

    @property
    def totals(self) -> dict[Door, dict[Direction, int]]:
        """A copy of today's counts, by (camera, line)."""
        with self._lock:
            return {door: dict(counts) for door, counts in self._totals.items()}

    def in_out(self) -> tuple[int, int]:
        """How many came in and went out today by all lines."""
        totals = self.totals.values()
        return sum(c[Direction.IN] for c in totals), sum(c[Direction.OUT] for c in totals)

    def cross(self, camera: str, event: LineCrossed, at_s: float, *, door: bool = True) -> list[Event]:
        """Book a crossing at the monotonic time ``at_s``; return what follows from it.

        Only a ``door`` moves the number of people inside.
        """
        with self._lock:
            counts = self._totals.setdefault((camera, event.line), {Direction.IN: 0, Direction.OUT: 0})
            counts[event.direction] += 1
            if not door:
                return []
            told: list[Event] = [OccupancyChanged(event.t_s, self._occupancy.cross(event.direction, at_s))]
            stay_s = self._visits.cross(event.direction, at_s)
            if stay_s is not None:
                told.append(VisitEnded(event.t_s, stay_s))
            return told
