"""The shop's books of today: every camera's lines together make one number of people inside."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from edge.analytics.occupancy import CorrectionReason, Occupancy, Visits
from edge.core.events import OccupancyChanged, VisitEnded
from edge.core.model import Direction
from edge.storage.records import Correction, Crossing, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from edge.core.events import Event, LineCrossed
    from edge.storage.records import Record
    from edge.storage.today import Today

# A line of a camera.
Door = tuple[str, str]


def _nowhere(records: Sequence[Record], event: LineCrossed | None) -> None:
    """Books that nobody keeps."""


def _unheard(inside: int) -> None:
    """A change nobody wants to know of."""


class Ledger:
    """Counts of each line since the day began, and who is inside by all doors together.

    Cameras are analysed on threads of their own, and people come in at one door and leave by another, so there is one
    ledger for all of them, behind a lock. ``keep`` is given what has to be recorded, in the order it was booked, and
    the crossing it comes from if there is one; it must not wait. ``set_right`` is told how many are inside whenever
    that was changed by something else than a crossing.
    """

    def __init__(self, keep: Callable[[Sequence[Record], LineCrossed | None], None] = _nowhere) -> None:
        self._keep = keep
        self.set_right: Callable[[int], None] = _unheard
        self._lock = RLock()
        self._occupancy = Occupancy()
        self._visits = Visits()
        self._totals: dict[Door, dict[Direction, int]] = {}
        self.day: date | None = None

    @property
    def inside(self) -> int:
        """How many people are inside."""
        with self._lock:
            return self._occupancy.inside

    @property
    def drift(self) -> float | None:
        """``|in - out| / in`` of today, which would be 0 if every count were right; None before the first arrival."""
        with self._lock:
            return self._occupancy.drift

    @property
    def totals(self) -> dict[Door, dict[Direction, int]]:
        """A copy of today's counts, by (camera, line)."""
        with self._lock:
            return {door: dict(counts) for door, counts in self._totals.items()}

    @property
    def in_out(self) -> tuple[int, int]:
        """How many came in and went out today by the doors."""
        with self._lock:
            return self._occupancy.entered, self._occupancy.left

    def cross(self, camera: str, event: LineCrossed, at_s: float, *, door: bool = True) -> list[Event]:
        """Book a crossing at the monotonic time ``at_s``; return what follows from it.

        Only a ``door`` moves the number of people inside.
        """
        with self._lock:
            counts = self._totals.setdefault((camera, event.line), {Direction.IN: 0, Direction.OUT: 0})
            counts[event.direction] += 1
            records: list[Record] = [Crossing(at_s, camera, event.line, event.direction, door)]
            told = self._through_door(camera, event, at_s, records) if door else []
            self._keep(records, event)
            return told

    def _through_door(self, camera: str, event: LineCrossed, at_s: float, records: list[Record]) -> list[Event]:
        expected = self._occupancy.inside + (1 if event.direction is Direction.IN else -1)
        inside = self._occupancy.cross(event.direction, at_s)
        if inside != expected:
            records.append(Correction(at_s, inside - expected, CorrectionReason.NEGATIVE))
        told: list[Event] = [OccupancyChanged(event.t_s, inside)]
        stay_s = self._visits.cross(event.direction, at_s)
        if stay_s is not None:
            told.append(VisitEnded(event.t_s, stay_s))
            records.append(Visit(at_s, camera, stay_s))
        return told

    def correct(self, inside: int, at_s: float, reason: CorrectionReason) -> int:
        """Set how many are inside, by a row that says why; return by how much that changed it."""
        with self._lock:
            correction = self._occupancy.correct(inside, at_s, reason)
            if reason is CorrectionReason.CLOSING:
                self._visits.close()
            if correction.change:
                self._keep([Correction(at_s, correction.change, reason)], None)
                self.set_right(inside)
            return correction.change

    def begin_day(self, day: date) -> None:
        """A new day: counts start from nothing, whoever is inside stays."""
        with self._lock:
            self._occupancy = Occupancy(carried=self._occupancy.inside)
            self._totals.clear()
            self.day = day

    @contextmanager
    def held(self) -> Iterator[None]:
        """Book nothing meanwhile: for looking at the records and taking them over as one."""
        with self._lock:
            yield

    def take_over(self, books: Today, at_s: float, *, empty_carried: bool = False) -> None:
        """Go on with the day's books as they were recorded.

        With ``empty_carried`` those who were inside when the day began are taken to have left by then, if the books
        do not say so already: the program did not run when the day began.
        """
        with self._lock:
            self.day = books.day
            self._totals = {
                door: {Direction.IN: ins, Direction.OUT: outs} for door, (ins, outs) in books.totals.items()
            }
            carried = books.inside - books.entered + books.left
            self._occupancy = Occupancy(carried, books.entered, books.left)
            closed = any(correction.reason is CorrectionReason.CLOSING for correction in books.corrections)
            if empty_carried and books.day is not None and books.carried and not closed:
                self.correct(max(0, self._occupancy.inside - books.carried), at_s, CorrectionReason.CLOSING)
            if self._occupancy.inside < 0:
                self.correct(0, at_s, CorrectionReason.NEGATIVE)
            self._visits = Visits()
            for arrival_s in books.arrivals_s:
                self._visits.cross(Direction.IN, arrival_s)
            self.set_right(self._occupancy.inside)
