"""What is remembered of one track: where it came from, how far it came, how much its place trembles."""

from __future__ import annotations

from collections import deque
from math import exp, hypot, sqrt
from typing import TYPE_CHECKING

from edge.core.geometry import distance

if TYPE_CHECKING:
    from edge.core.model import Anchor, Box, Point

# A box trembles by a few per cent of the body even on a good detector; assumed until the track's own is known.
PRIOR_JITTER = 0.02
# Long enough to see a tremble, short enough to follow the light.
JITTER_MEMORY_S = 3.0
# A detector's box ends up to four per cent of the body short of the edge that cuts it (and one of the picture).
CUT_BODIES, CUT_LEAST = 0.04, 0.01
# Somebody first seen at the edge walked in from there if at the pace since seen the way took no longer than this.
ENTRY_S = 2.0
# That pace must be a walk, not a box that changes its mind about how much of the body it holds.
ENTRY_BODIES = 0.2
ENTRY_SIGHTS = 3
# Later than this after birth, the pace says nothing about how it came in.
ENTRY_JUDGED_S = 1.0


class TrackPath:
    """One track's walk. Points are in frame heights, ``size`` is the body's size in the same unit."""

    __slots__ = (
        "_aspect", "_born", "_box", "_entry_open", "_last", "_last_t", "_penult", "_penult_t", "_recent", "_sights",
        "_variance",
        "anchor", "came", "edge_at", "edge_t_s", "first_at", "first_t_s", "size",
    )  # fmt: skip

    def __init__(self, box: Box, size: float, aspect: float) -> None:
        self.size = size
        self.came = 0.0
        self._aspect = aspect
        self._born = self._box = box
        self._recent: deque[tuple[float, Anchor, Point]] = deque()
        self.anchor: Anchor | None = None
        # Where and when it came in over the picture's edge; the time is set once that is certain.
        self.edge_at: Point | None = None
        self.edge_t_s: float | None = None
        self.first_at: Point = box.centre
        self.first_t_s = 0.0
        self._entry_open = False
        self._sights = 0
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
        """The farthest it has been from where it came from, in body sizes."""
        return self.came / self.size

    def walk(self, box: Box, size: float) -> None:
        """Take the body's new box and size.

        Head and foot must both have moved, as far as the picture shows them: a body of which a passer-by hides one
        half has not gone anywhere.
        """
        self.size, self._box = size, box
        born, moved = self._born, []
        dx = (box.left + box.right - born.left - born.right) / 2 * self._aspect
        margin = max(CUT_LEAST, CUT_BODIES * size)
        if min(born.top, box.top) > margin:
            moved.append(hypot(dx, box.top - born.top))
        if max(born.bottom, box.bottom) < 1 - margin:
            moved.append(hypot(dx, box.bottom - born.bottom))
        self.came = max(self.came, min(moved, default=abs(dx)))

    def inherit(self, other: TrackPath) -> None:
        """Go on where another track of the same person was lost."""
        self._born, self.came = other._born, other.came

    def begin(self, box: Box, place: Point, t_s: float) -> None:
        """Take the first place; a box cut by an edge of the picture may have come in over that edge."""
        self.first_at, self.first_t_s = place, t_s
        gaps, points = self._edges(box, place)
        nearest = gaps.index(min(gaps))
        if gaps[nearest] <= self._cut_margin:
            self.edge_at, self._entry_open = points[nearest], True

    @property
    def _cut_margin(self) -> float:
        return max(CUT_LEAST, CUT_BODIES * self.size)

    def _edges(self, box: Box, place: Point) -> tuple[tuple[float, ...], tuple[Point, ...]]:
        """How far a box ends from the picture's lower, left, right and upper edge, and the edges' points beside it."""
        x, y = place
        gaps = (1 - box.bottom, box.left, 1 - box.right, box.top)
        return gaps, ((x, 1.0), (0.0, y), (self._aspect, y), (x, 0.0))

    def stand(self, place: Point, anchor: Anchor, t_s: float) -> bool:
        """Take an observed place. True once: when it becomes certain that the track came in over the edge."""
        if anchor is not self.anchor:
            self.anchor, self._last, self._penult = anchor, None, None
        self._recent.append((t_s, anchor, place))
        while self._recent[0][0] < t_s - ENTRY_JUDGED_S:
            self._recent.popleft()
        self._measure_jitter(place, t_s)
        self._penult, self._penult_t = self._last, self._last_t
        self._last, self._last_t = place, t_s
        self._sights += 1
        return self._entry_open and self._judge_entry(place, t_s)

    def _judge_entry(self, place: Point, t_s: float) -> bool:
        first, edge, since = self.first_at, self.edge_at, t_s - self.first_t_s
        if edge is None or since > ENTRY_JUDGED_S:
            self._entry_open = False
            return False
        way, gone = distance(first, edge), _away_from(edge, first, place)
        if self._sights < ENTRY_SIGHTS or gone < ENTRY_BODIES * self.size or way > ENTRY_S * gone / since:
            return False
        self._entry_open = False
        self.edge_t_s = self.first_t_s - way * since / gone
        self.came = max(self.came, way + gone)
        return True

    def left_over_edge(self) -> tuple[Point, float] | None:
        """Where and when it went out over the edge, if at its pace before it was lost there it must have."""
        last_t, anchor, last = self._recent[-1] if self._recent else (0.0, None, (0.0, 0.0))
        ways: list[tuple[float, Point, float]] = []
        for gap, edge in zip(*self._edges(self._box, last), strict=True):
            # Up and down, only the same point of the body can be compared; left and right all are alike.
            sideways = edge[1] == last[1]
            seen = [(t_s, place) for t_s, which, place in self._recent if sideways or which is anchor]
            if gap > self._cut_margin or len(seen) < ENTRY_SIGHTS:
                continue
            first_t, first = seen[0]
            way, gone, since = distance(last, edge), -_away_from(edge, first, last), last_t - first_t
            if gone >= ENTRY_BODIES * self.size and way <= ENTRY_S * gone / since:
                ways.append((gone, edge, last_t + way * since / gone))
        if not ways:
            return None
        _, edge, t_s = max(ways)
        self.came += distance(last, edge)
        return edge, t_s

    def _measure_jitter(self, place: Point, t_s: float) -> None:
        """Jitter is how far the middle one of three places lies off the line through its neighbours."""
        last, penult = self._last, self._penult
        if last is None or penult is None or not t_s > self._last_t > self._penult_t:
            return
        part = (self._last_t - self._penult_t) / (t_s - self._penult_t)
        off_x = last[0] - penult[0] - part * (place[0] - penult[0])
        off_y = last[1] - penult[1] - part * (place[1] - penult[1])
        # White noise of variance s2 gives the residual (1 + part^2 + (1-part)^2) s2 an axis.
        raw = (off_x * off_x + off_y * off_y) / 2 / (1 + part * part + (1 - part) * (1 - part))
        weight = 1 - exp(-(t_s - self._last_t) / JITTER_MEMORY_S)
        self._variance += weight * (raw - self._variance)


def _away_from(edge: Point, first: Point, last: Point) -> float:
    """How much farther from an edge ``last`` is than ``first``: only motion straight to or from it tells of the way."""
    axis = 1 if edge[0] in {first[0], last[0]} else 0
    return abs(last[axis] - edge[axis]) - abs(first[axis] - edge[axis])
