"""What another line would have counted: the walks on record, led through it by the product's own tripwire.

A walk is a place every half second. What a person's box was like is not kept, so everybody gets a body of one size, the
usual one at this camera, and the least tremble a good detector has: the band is then a little narrower than in life.
Somebody who was lost and found again is two walks; they are joined as the scene joins tracks, by time and reach.
Walks far from the line are left out first, so that a busy day takes less than a second.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.path import CUT_BODIES, CUT_LEAST, ENTRY_JUDGED_S, PRIOR_JITTER, TrackPath
from edge.analytics.scene import HEIR_GAP_S, HEIR_REACH_BODIES, HEIR_REACH_BODIES_PER_S
from edge.analytics.tripwire import TripwireCounter
from edge.core.events import LineCrossed, TrackRejected
from edge.core.geometry import distance, stretched
from edge.core.model import Anchor, Box, Direction, Mount, Track

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from edge.analytics.ways import Ways
    from edge.core.calendar import SiteCalendar, SiteHour
    from edge.core.events import Event, RejectReason
    from edge.core.model import Point, Tripwire

# People seen from the side are about this much broader for their height; from above they are as long as broad.
BREADTH = 0.4
# So near an edge of the picture a walk's ends are looked at more closely: whether it led over the edge.
CLOSE_S = 0.2
# The last place of a walk may be so much older than its end.
STEP_S = 0.5
FEWEST = 2
Timed = tuple[float, float, float]
"""When (seconds) and where (fractions of the picture)."""
Places = list[Timed]


@dataclass(frozen=True, slots=True)
class Look:
    """How a camera sees people: how it is mounted, a body's usual size in frame heights, the picture's width by height.

    ``body`` is the stature seen from the side, the breadth seen from above.
    """

    mount: Mount = Mount.OBLIQUE
    body: float = 0.35
    aspect: float = 4 / 3

    def box(self, place: Point) -> Box:
        """A body standing at a place, as far as the picture shows it."""
        x, y = place
        if self.mount is Mount.OVERHEAD:
            half_x, top, bottom = self.body / 2 / self.aspect, y - self.body / 2, y + self.body / 2
        else:
            half_x, top, bottom = BREADTH * self.body / 2 / self.aspect, y - self.body, y
        return Box(max(0.0, x - half_x), max(0.0, top), min(1.0, x + half_x), min(1.0, bottom))


@dataclass(frozen=True, slots=True)
class HourCount:
    """In and out within an hour of the site's clock."""

    hour: SiteHour
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a line would have counted. ``walks`` were looked at, ``near`` of them came near the line.

    ``crossings`` are when (UTC, ms since 1970) and which way, in order; ``refused`` says why walks did not count.
    """

    walks: int
    near: int
    crossings: tuple[tuple[int, Direction], ...]
    refused: dict[RejectReason, int] = field(default_factory=dict)

    @property
    def ins(self) -> int:
        """How many would have come in."""
        return sum(direction is Direction.IN for _, direction in self.crossings)

    @property
    def outs(self) -> int:
        """How many would have gone out."""
        return len(self.crossings) - self.ins

    def by_hour(self, site: SiteCalendar) -> list[HourCount]:
        """The same by hour, of hours in which anybody crossed."""
        counts: dict[SiteHour, list[int]] = {}
        for at_ms, direction in self.crossings:
            counts.setdefault(site.hour_of(at_ms), [0, 0])[direction is Direction.OUT] += 1
        return [HourCount(hour, ins, outs) for hour, (ins, outs) in counts.items()]


class _Path(TrackPath):
    """A walk on record: its tremble went when it was written down, so it is taken to be the least there is."""

    __slots__ = ()

    @property
    def jitter(self) -> float:
        return PRIOR_JITTER * self.size

    def _measure_jitter(self, place: Point, t_s: float) -> None:
        """There is nothing to measure."""


def what_if(ways: Ways, tripwire: Tripwire, look: Look) -> WhatIf:
    """Lead walks through a line and tell what it would have counted."""
    near = np.flatnonzero(_near(ways, tripwire, look)) if len(ways) else np.zeros(0, dtype=np.int64)
    order = near[np.argsort(ways.at_ms[near], kind="stable")].tolist()
    counter = TripwireCounter(tripwire, look.aspect)
    walks = [_Walk(number, ways, look) for number in order]
    heirs = _forebears(walks, look)
    forebears = {forebear for forebear in heirs if forebear is not None}
    crossings: list[tuple[int, Direction]] = []
    refused: dict[RejectReason, int] = {}
    for place, walk in enumerate(walks):
        forebear = heirs[place]
        if forebear is not None:
            walk.path.inherit(walks[forebear].path)
            counter.inherit(walk.number, walks[forebear].number)
        events = list(walk.led_through(counter))
        if place not in forebears:
            end_s = walk.end_s + CLOSE_S
            events += counter.forget(walk.number, end_s, confirmed=True, path=walk.path)
        _note(events, crossings, refused)
    return WhatIf(len(ways), len(order), tuple(sorted(crossings, key=lambda one: one[0])), refused)


class _Walk:
    """One walk while it is led through a line. Times are seconds since 1970, as the tripwire wants floats."""

    def __init__(self, number: int, ways: Ways, look: Look) -> None:
        first = int(ways.firsts[number])
        here = slice(first, first + int(ways.steps[number]))
        start_s = int(ways.at_ms[number]) / 1000
        steps = zip(ways.after_s[here].tolist(), ways.x[here].tolist(), ways.y[here].tolist(), strict=True)
        self.number, self._look = number, look
        self.places: Places = _finer(_ended([(start_s + after_s, x, y) for after_s, x, y in steps], look), look)
        self.start_s, self.end_s = self.places[0][0], self.places[-1][0]
        self.path = _Path(look.box(self.places[0][1:]), look.body, look.aspect)

    def led_through(self, counter: TripwireCounter) -> Iterator[Event]:
        """What the line makes of it, place by place."""
        look, path = self._look, self.path
        anchor = Anchor.CENTRE if look.mount is Mount.OVERHEAD else Anchor.FOOT
        for t_s, x, y in self.places:
            box, place = look.box((x, y)), stretched((x, y), look.aspect)
            track = Track(
                self.number, box, 1.0, t_s, self.start_s, observed=True, size=look.body, place=(x, y), anchor=anchor
            )
            path.walk(box, look.body)
            if path.anchor is None:
                path.begin(box, place, t_s)
            came_in = path.stand(place, anchor, t_s)
            yield from counter.observe(track, path, place)
            if came_in:
                yield from counter.came_in(track, path)


def _ended(places: Places, look: Look) -> Places:
    """With the way to the picture's edge at its end, if it led there in the half second that was not noted."""
    if len(places) < FEWEST or places[-1][0] - places[-2][0] > 2 * STEP_S or _cut(look.box(places[-1][1:]), look):
        return places
    for part in range(1, round(STEP_S / CLOSE_S * 2) + 1):
        after_s = part * CLOSE_S / 2
        further = _between(places[-2], places[-1], 1 + after_s / (places[-1][0] - places[-2][0]))
        if _cut(look.box(further[1:]), look):
            return [*places, further]
    return places


def _finer(places: Places, look: Look) -> Places:
    """With places between those of the first and the last second, if a walk's end is by the picture's edge.

    There the pace just after coming in, or just before going out, is looked at.
    """
    begins, ends = places[0][0] + ENTRY_JUDGED_S, places[-1][0] - ENTRY_JUDGED_S
    by_edge = [_cut(look.box(place[1:]), look) for place in (places[0], places[-1])]
    if not any(by_edge):
        return places
    finer = [places[0]]
    for before, after in pairwise(places):
        if (by_edge[0] and before[0] < begins) or (by_edge[1] and after[0] > ends):
            number = int((after[0] - before[0]) / CLOSE_S) if after[0] - before[0] <= 2 * STEP_S else 0
            finer += [_between(before, after, part / (number + 1)) for part in range(1, number + 1)]
        finer.append(after)
    return finer


def _between(one: Timed, other: Timed, part: float) -> Timed:
    t_s, x, y = (a + (b - a) * part for a, b in zip(one, other, strict=True))
    return t_s, x, y


def _cut(box: Box, look: Look) -> bool:
    margin = max(CUT_LEAST, CUT_BODIES * look.body)
    return min(1 - box.bottom, box.left, 1 - box.right, box.top) <= margin


def _near(ways: Ways, tripwire: Tripwire, look: Look) -> NDArray[np.bool_]:
    """Which walks come so near a line that it may matter: by the stretch they take up across and along it."""
    start, end = stretched(tripwire.start, look.aspect), stretched(tripwire.end, look.aspect)
    length = distance(start, end)
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    x, y = ways.x * look.aspect - start[0], ways.y - start[1]
    across, along = dx * y - dy * x, dx * x + dy * y
    return _meets(across, ways, -look.body, look.body) & _meets(along, ways, -look.body, length + look.body)


def _meets(offset: NDArray[np.float64], ways: Ways, least: float, most: float) -> NDArray[np.bool_]:
    lowest, highest = np.minimum.reduceat(offset, ways.firsts), np.maximum.reduceat(offset, ways.firsts)
    found: NDArray[np.bool_] = (lowest <= most) & (highest >= least)
    return found


def _forebears(walks: Sequence[_Walk], look: Look) -> list[int | None]:
    """Of each walk, the one it goes on with: the nearest that ended so lately and so near that it is the same."""
    ended = sorted((walk.end_s, place) for place, walk in enumerate(walks))
    times = [end_s for end_s, _ in ended]
    taken: set[int] = set()
    found: list[int | None] = []
    for walk in walks:
        best, best_away = None, float("inf")
        at = stretched(walk.places[0][1:], look.aspect)
        since = bisect_left(times, walk.start_s - HEIR_GAP_S - STEP_S)
        for end_s, place in ended[since : bisect_left(times, walk.start_s)]:
            away = distance(at, stretched(walks[place].places[-1][1:], look.aspect)) / look.body
            reach = HEIR_REACH_BODIES + HEIR_REACH_BODIES_PER_S * (walk.start_s - end_s)
            if away <= min(reach, best_away) and place not in taken:
                best, best_away = place, away
        if best is not None:
            taken.add(best)
        found.append(best)
    return found


def _note(events: Sequence[Event], crossings: list[tuple[int, Direction]], refused: dict[RejectReason, int]) -> None:
    for event in events:
        if isinstance(event, LineCrossed):
            crossings.append((round(event.t_s * 1000), event.direction))
        elif isinstance(event, TrackRejected):
            refused[event.reason] = refused.get(event.reason, 0) + 1


