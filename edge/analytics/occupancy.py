"""The occupancy ledger, and stays in aggregate.

Totals of in and out are never altered: what makes the number of people inside differ from ``in - out`` is a
correction with a reason.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from edge.core.model import Direction


class CorrectionReason(str, Enum):
    """Why the number inside was set right."""

    NEGATIVE = "more people left than had come in"
    CLOSING = "close of business"
    MANUAL = "set by hand"


@dataclass(frozen=True, slots=True)
class Correction:
    """One row of the ledger that is not a crossing: ``change`` people were added (or taken off)."""

    t_s: float
    change: int
    reason: CorrectionReason


class Occupancy:
    """How many are inside, by entries, exits and corrections. ``carried`` were inside when the books were opened.

    ``corrections`` are the latest of them, of a day or of years.
    """

    MOST_CORRECTIONS = 1000

    def __init__(self, carried: int = 0, entered: int = 0, left: int = 0) -> None:
        self.carried = carried
        self.entered = entered
        self.left = left
        self.corrections: list[Correction] = []
        self._corrected = 0

    @property
    def inside(self) -> int:
        """People inside now; never negative."""
        return self.carried + self.entered - self.left + self._corrected

    @property
    def drift(self) -> float | None:
        """``|in - out| / in``: over a whole day a free meter of accuracy. None before the first entry."""
        return abs(self.entered - self.left) / self.entered if self.entered else None

    def cross(self, direction: Direction, t_s: float) -> int:
        """Book a crossing; return how many are inside after it."""
        if direction is Direction.IN:
            self.entered += 1
        else:
            self.left += 1
        if self.inside < 0:
            self.correct(0, t_s, CorrectionReason.NEGATIVE)
        return self.inside

    def correct(self, inside: int, t_s: float, reason: CorrectionReason) -> Correction:
        """Set the number inside, by a row that says why."""
        if inside < 0:
            raise ValueError(f"{inside} people cannot be inside")
        correction = Correction(t_s, inside - self.inside, reason)
        self._corrected += correction.change
        self.corrections.append(correction)
        del self.corrections[: -self.MOST_CORRECTIONS]
        return correction


class Visits:
    """Stays by pairing each departure with the oldest open arrival.

    Nobody is recognised: the mean stay is right (Little's law: Operations Research 9, 1961), the single one is not.
    """

    # More than any shop holds; what is older was missed on leaving.
    MOST_OPEN = 10_000

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque(maxlen=self.MOST_OPEN)

    def cross(self, direction: Direction, t_s: float) -> float | None:
        """Book a crossing; return the stay in seconds that a departure ended, if an arrival was open."""
        if direction is Direction.IN:
            self._arrivals.append(t_s)
            return None
        return t_s - self._arrivals.popleft() if self._arrivals else None

    def close(self) -> None:
        """Forget the open arrivals (close of business)."""
        self._arrivals.clear()
