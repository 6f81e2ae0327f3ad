"""Decides crossings: a track counts when it has left the far side of a band around the line, and once.

A line without a band counts everybody who stands on it again and again; a band given in frames fails at other frame
rates. The band here is as wide as the track's own tremble asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.events import LineCrossed, LineTouched, RejectReason, TrackRejected
from edge.core.geometry import distance, offset_from_line, stretched
from edge.core.model import Anchor, Direction

if TYPE_CHECKING:
    from edge.analytics.path import TrackPath
    from edge.core.events import Event
    from edge.core.model import Point, Track, Tripwire

# Of Gaussian tremble, one sample in 150,000 lies beyond: less than one an hour at 10 a second.
BAND_SIGMAS = 4.5
# Below one per cent of the picture's height a box's edge is the detector's rounding.
BAND_LEAST = 0.01
# Never wider than this part of the body, so that a wild track still counts when it really walks through.
BAND_MOST_BODIES = 0.3
# Posters, mannequins and people who wait tremble but do not travel.
CAME_LEAST_BODIES = 0.5
# How far up or down the place may be from where it is taken to be, when head and feet are out of the picture.
ASIDE_SLACK = 0.5


@dataclass(slots=True)
class Passage:
    """How one track stands to one line. ``side`` is the last side seen clear of the band (0: none yet)."""

    side: int = 0
    birth_side: int = 0
    across: float = 0.0
    box_across: float = 0.0
    along: float = 0.0
    t_s: float = 0.0
    fresh: bool = True
    in_band: bool = False
    touched_t_s: float | None = None
    crossed_t_s: float = 0.0
    crossed_along: float = 0.5
    waiting: bool = False
    anchor: Anchor | None = None
    counted: tuple[Direction, Anchor] | None = None


class TripwireCounter:
    """One line's passages. Places are given in fractions of the frame; ``aspect`` makes them measurable."""

    def __init__(self, tripwire: Tripwire, aspect: float) -> None:
        self.tripwire = tripwire
        self._start: Point = stretched(tripwire.start, aspect)
        self._end: Point = stretched(tripwire.end, aspect)
        self._length = distance(self._start, self._end)
        # How much of a step up or down is a step across: 0 for an upright line, 1 for a level one.
        self._lean = abs(self._end[0] - self._start[0]) / self._length
        self._aspect = aspect
        self._passages: dict[int, Passage] = {}
        self.band = BAND_LEAST

    def inherit(self, heir_id: int, from_id: int) -> None:
        """Let a newborn track go on where another was lost."""
        passage = self._passages.pop(from_id, None)
        if passage is not None:
            self._passages[heir_id] = passage

    def observe(self, track: Track, path: TrackPath, place: Point) -> list[Event]:
        """Take an observed place (in frame heights) of a track; return what that decides."""
        passage = self._passages.get(track.id)
        if passage is None:
            passage = self._passages[track.id] = Passage()
        across, along = offset_from_line(place, self._start, self._end)
        band = min(max(BAND_LEAST, BAND_SIGMAS * path.jitter), max(BAND_LEAST, BAND_MOST_BODIES * path.size))
        self.band = band
        if track.anchor is Anchor.ASIDE and self._lean * ASIDE_SLACK > band:
            return []
        if passage.anchor is not track.anchor:
            self._change_anchor(passage, track.anchor, path, band)
        if passage.fresh:
            passage.fresh = False
            if abs(across) <= band:
                passage.birth_side = 1 if across > 0 else -1
        else:
            self._note_zero(passage, across, along, track.t_s)
        passage.across, passage.along, passage.t_s = across, along, track.t_s
        point = stretched(track.box.foot if track.anchor is Anchor.FOOT else track.box.centre, self._aspect)
        passage.box_across = offset_from_line(point, self._start, self._end)[0]
        return self._judge(track, path, passage, band)

    def came_in(self, track: Track, path: TrackPath) -> list[Event]:
        """The track turned out to have walked in over the picture's edge: that is the side it comes from."""
        passage = self._passages.get(track.id)
        if passage is None or passage.counted or path.edge_at is None or path.edge_t_s is None:
            return []
        across, along = offset_from_line(path.edge_at, self._start, self._end)
        first_across, first_along = offset_from_line(path.first_at, self._start, self._end)
        if (across > 0) == (first_across > 0) or (first_across > 0) != (passage.across > 0):
            return []
        part = across / (across - first_across)
        passage.crossed_t_s = path.edge_t_s + part * (path.first_t_s - path.edge_t_s)
        passage.crossed_along = along + part * (first_along - along)
        passage.side, passage.birth_side = (1 if across > 0 else -1), 0
        return self._judge(track, path, passage, self.band)

    def forget(self, track_id: int, t_s: float, *, confirmed: bool, path: TrackPath | None = None) -> list[Event]:
        """The track ended: counted if it went out over the picture's edge across the line, else refused if undecided.

        ``path`` is given of a track that was lost, not of one that was merely no longer watched.
        """
        passage = self._passages.pop(track_id, None)
        if passage is None or not confirmed:
            return []
        if path is not None and (events := self._went_out(track_id, t_s, passage, path)):
            return events
        if passage.waiting:
            return [self._refusal(track_id, t_s, RejectReason.BARELY_MOVED)]
        if passage.in_band and self._hits_segment(passage.along, 0.0):
            return [self._refusal(track_id, t_s, RejectReason.ENDED_IN_BAND)]
        return []

    def _went_out(self, track_id: int, t_s: float, passage: Passage, path: TrackPath) -> list[Event]:
        """The line lies between where it was last seen and the edge over which it left."""
        home, left = passage.side or passage.birth_side, path.left_over_edge()
        if left is None or home == 0 or path.came_bodies < CAME_LEAST_BODIES:
            return []
        across, along = offset_from_line(left[0], self._start, self._end)
        if across * home >= 0:
            return []
        if passage.across * home > 0:
            part = passage.across / (passage.across - across)
            passage.crossed_t_s = passage.t_s + part * (left[1] - passage.t_s)
            passage.crossed_along = passage.along + part * (along - passage.along)
        direction = _direction(-home)
        again = passage.counted is not None and passage.counted[0] is direction
        if again or not self._hits_segment(passage.crossed_along, 0.0):
            return []
        name, foreseen = self.tripwire.name, passage.touched_t_s
        events: list[Event] = []
        if foreseen is None:
            foreseen = t_s
            events.append(LineTouched(t_s, name, direction, track_id))
        events.append(LineCrossed(passage.crossed_t_s, name, direction, track_id, foreseen, t_s))
        return events

    def _change_anchor(self, passage: Passage, anchor: Anchor, path: TrackPath, band: float) -> None:
        """Go on if the points of the body are equally far from this line, as they are from an upright one."""
        jump = ASIDE_SLACK if Anchor.ASIDE in {anchor, passage.anchor} else path.size / 2
        if passage.anchor is not None and self._lean * jump <= band:
            passage.anchor = anchor
        else:
            self._rebase(passage, anchor)

    def _rebase(self, passage: Passage, anchor: Anchor) -> None:
        """Another point of the body stands elsewhere: start afresh from it, without a crossing by the jump."""
        joined = passage.anchor is not None
        passage.anchor = anchor
        passage.side = passage.birth_side = 0
        passage.fresh = not joined
        passage.in_band = passage.waiting = False
        passage.touched_t_s = None
        if joined:
            passage.t_s = -1.0

    def _note_zero(self, passage: Passage, across: float, along: float, t_s: float) -> None:
        """Remember when and where the line itself was last passed."""
        before = passage.across
        if passage.t_s >= 0 and (before > 0) != (across > 0) and across != before:
            part = before / (before - across)
            passage.crossed_t_s = passage.t_s + part * (t_s - passage.t_s)
            passage.crossed_along = passage.along + part * (along - passage.along)

    def _judge(self, track: Track, path: TrackPath, passage: Passage, band: float) -> list[Event]:
        across = passage.across
        now_side = 1 if across > 0 else -1
        home = passage.side or passage.birth_side
        if abs(across) <= band:
            passage.in_band = True
            return self._touch(track, path, passage, now_side) if home == -now_side else []
        if home in {0, now_side}:
            return self._stayed(track, passage, now_side)
        # A smoothed place runs on for a moment when the body stops or turns: the box itself must be through, too.
        if passage.box_across * now_side <= band:
            passage.in_band = True
            return self._touch(track, path, passage, now_side)
        return self._passed(track, path, passage, now_side)

    def _touch(self, track: Track, path: TrackPath, passage: Passage, now_side: int) -> list[Event]:
        """The line itself is passed, the band not yet: foreseen."""
        if passage.touched_t_s is not None or not self._counts(track, path, passage):
            return []
        passage.touched_t_s = track.t_s
        return [LineTouched(track.t_s, self.tripwire.name, _direction(now_side), track.id)]

    def _counts(self, track: Track, path: TrackPath, passage: Passage) -> bool:
        return (
            track.confirmed
            and path.came_bodies >= CAME_LEAST_BODIES
            and self._hits_segment(passage.crossed_along, track.box.width * self._aspect / 2)
        )

    def _stayed(self, track: Track, passage: Passage, now_side: int) -> list[Event]:
        """Clear of the band on the side it came from (or the first side it is seen on)."""
        events: list[Event] = []
        if passage.in_band and track.confirmed and self._hits_segment(passage.along, 0.0):
            reason = RejectReason.TURNED_BACK if passage.side else RejectReason.BORN_IN_BAND
            events.append(self._refusal(track.id, track.t_s, reason))
        self._settle(passage, now_side)
        return events

    def _passed(self, track: Track, path: TrackPath, passage: Passage, now_side: int) -> list[Event]:
        """Clear of the band on the other side."""
        if not self._hits_segment(passage.crossed_along, track.box.width * self._aspect / 2):
            near = self._hits_segment(passage.crossed_along, path.size)
            self._settle(passage, now_side)
            return [self._refusal(track.id, track.t_s, RejectReason.PASSED_BESIDE)] if near else []
        if not track.confirmed or path.came_bodies < CAME_LEAST_BODIES:
            passage.waiting = True
            return []
        direction = _direction(now_side)
        if passage.counted is not None and passage.counted[0] is direction and passage.counted[1] is not track.anchor:
            self._settle(passage, now_side)
            return [self._refusal(track.id, track.t_s, RejectReason.COUNTED_ALREADY)]
        events: list[Event] = []
        foreseen = passage.touched_t_s
        if foreseen is None:
            foreseen = track.t_s
            events.append(LineTouched(track.t_s, self.tripwire.name, direction, track.id))
        passage.counted = (direction, track.anchor)
        name = self.tripwire.name
        events.append(LineCrossed(passage.crossed_t_s, name, direction, track.id, foreseen, track.t_s))
        self._settle(passage, now_side)
        return events

    def _settle(self, passage: Passage, side: int) -> None:
        passage.side, passage.birth_side = side, 0
        passage.in_band = passage.waiting = False
        passage.touched_t_s = None

    def _hits_segment(self, along: float, margin: float) -> bool:
        """Whether a position along the line is on the segment, give or take ``margin`` (frame heights)."""
        spare = margin / self._length
        return -spare <= along <= 1 + spare

    def _refusal(self, track_id: int, t_s: float, reason: RejectReason) -> TrackRejected:
        return TrackRejected(t_s, self.tripwire.name, track_id, reason)


def _direction(side: int) -> Direction:
    return Direction.IN if side > 0 else Direction.OUT
