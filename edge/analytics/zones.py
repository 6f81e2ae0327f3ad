"""Zones: who is in which area of the floor, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.events import ZoneEntered, ZoneExited
from edge.core.geometry import distance_to_border, inside_polygon, stretched

if TYPE_CHECKING:
    from edge.analytics.path import TrackPath
    from edge.core.events import Event
    from edge.core.model import Point, Track, Zone

# A track leaves a zone only when it is clear of its border by this many sigmas of its own tremble.
LEAVE_SIGMAS = 4.5


class ZoneWatch:
    """One zone's visitors. Stepping in counts at once, stepping out when clear of the border."""

    def __init__(self, zone: Zone, aspect: float) -> None:
        self.zone = zone
        self._corners = tuple(stretched(corner, aspect) for corner in zone.corners)
        self._entered_t_s: dict[int, float] = {}
        self._seen_t_s: dict[int, float] = {}

    @property
    def present(self) -> int:
        """How many are in the zone now."""
        return len(self._entered_t_s)

    def inherit(self, heir_id: int, from_id: int) -> None:
        """Let a newborn track go on where another was lost."""
        for memory in (self._entered_t_s, self._seen_t_s):
            if from_id in memory:
                memory[heir_id] = memory.pop(from_id)

    def observe(self, track: Track, path: TrackPath, place: Point) -> list[Event]:
        """Take an observed place (in frame heights) of a track."""
        inside = inside_polygon(place, self._corners)
        entered = track.id in self._entered_t_s
        if inside:
            self._seen_t_s[track.id] = track.t_s
        if inside and not entered and track.confirmed:
            self._entered_t_s[track.id] = track.t_s
            return [ZoneEntered(track.t_s, self.zone.name, track.id)]
        if entered and not inside and distance_to_border(place, self._corners) > LEAVE_SIGMAS * path.jitter:
            return [self._left(track.id, track.t_s)]
        return []

    def forget(self, track_id: int, t_s: float) -> list[Event]:
        """The track ended: if it was inside, its stay ended when it was last seen there."""
        if track_id in self._entered_t_s:
            return [self._left(track_id, t_s)]
        self._seen_t_s.pop(track_id, None)
        return []

    def _left(self, track_id: int, t_s: float) -> ZoneExited:
        entered = self._entered_t_s.pop(track_id)
        seen = self._seen_t_s.pop(track_id, entered)
        return ZoneExited(t_s, self.zone.name, track_id, seen - entered)
