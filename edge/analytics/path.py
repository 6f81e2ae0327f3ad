"""What is remembered of one track: where it was born, how far it came, how much its place trembles."""

from __future__ import annotations

from math import exp, hypot, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.model import Anchor, Point

# A box trembles by a few per cent of the body even on a good detector; assumed until the track's own is known.
PRIOR_JITTER = 0.015
# Long enough to see a tremble, short enough to follow the light.
JITTER_MEMORY_S = 3.0


class TrackPath:
    """One track's walk. Points are in frame heights, ``size`` is the body's size in the same unit."""

    __slots__ = ("_last", "_last_t", "_penult", "_penult_t", "_variance", "anchor", "born_at", "came", "size")

    def __init__(self, centre: Point, size: float) -> None:
        self.born_at = centre
        self.size = size
        self.came = 0.0
        self.anchor: Anchor | None = None
        self._variance = 0.0
        self._last: Point | None = None
        self._penult: Point | None = None
        self._last_t = self._penult_t = 0.0

    @property
    def jitter(self) -> float:
        """Standard deviation of the place about its walk, one axis, in frame heights."""
        return max(sqrt(self._variance), PRIOR_JITTER * self.size)

    @property
    def came_bodies(self) -> float:
        """The farthest it has been from where it was born, in body sizes."""
        return self.came / self.size

    def walk(self, centre: Point, size: float) -> None:
        """Take the body's new centre and size."""
        self.size = size
        self.came = max(self.came, hypot(centre[0] - self.born_at[0], centre[1] - self.born_at[1]))

    def stand(self, place: Point, anchor: Anchor, t_s: float) -> None:
        """Take an observed place; jitter is how far the middle of three lies off the line through its neighbours."""
        if anchor is not self.anchor:
            self.anchor, self._last, self._penult = anchor, None, None
        last, penult = self._last, self._penult
        if last is not None and penult is not None and t_s > self._last_t > self._penult_t:
            part = (self._last_t - self._penult_t) / (t_s - self._penult_t)
            off_x = last[0] - penult[0] - part * (place[0] - penult[0])
            off_y = last[1] - penult[1] - part * (place[1] - penult[1])
            # White noise of variance s2 gives the residual (1 + part^2 + (1-part)^2) s2 an axis.
            raw = (off_x * off_x + off_y * off_y) / 2 / (1 + part * part + (1 - part) * (1 - part))
            weight = 1 - exp(-(t_s - self._last_t) / JITTER_MEMORY_S)
            self._variance += weight * (raw - self._variance)
        self._penult, self._penult_t = last, self._last_t
        self._last, self._last_t = place, t_s
