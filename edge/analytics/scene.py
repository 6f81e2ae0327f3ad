"""One camera's scene: sightings in, events out. All state of a track dies with the track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.occupancy import Occupancy, Visits
from edge.analytics.path import TrackPath
from edge.analytics.tripwire import TripwireCounter
from edge.analytics.zones import ZoneWatch
from edge.core.events import LineCrossed, OccupancyChanged, VisitEnded
from edge.core.geometry import distance, stretched
from edge.core.model import Anchor, Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.events import Event
    from edge.core.model import Point, Sighting, Track, Tripwire, Zone

# A track born where one was just lost is the same person, if a person could have come so far in the gap.
HEIR_GAP_S = 1.5
HEIR_REACH_BODIES = 0.5
HEIR_REACH_BODIES_PER_S = 1.0
HEIR_SIZE_RATIO = 1.6


@dataclass(slots=True)
class _Known:
    """What the scene keeps of a living or just lost track."""

    path: TrackPath
    centre: Point
    seen_t_s: float
    observed: bool
    confirmed: bool


class Scene:
    """Lines, zones and occupancy of one camera whose pictures are ``aspect`` wide for one high.

    Crossings of the lines named in ``doors`` (all, if not given) move the occupancy.
    """

    def __init__(
        self,
        tripwires: Sequence[Tripwire],
        zones: Sequence[Zone] = (),
        aspect: float = 4 / 3,
        doors: Sequence[str] | None = None,
    ) -> None:
        self._aspect = aspect
        self.counters = [TripwireCounter(tripwire, aspect) for tripwire in tripwires]
        self.zones = [ZoneWatch(zone, aspect) for zone in zones]
        self._doors = {t.name for t in tripwires} if doors is None else set(doors)
        self.occupancy = Occupancy()
        self._visits = Visits()
        self.totals = {t.name: {Direction.IN: 0, Direction.OUT: 0} for t in tripwires}
        self._known: dict[int, _Known] = {}

    @property
    def inside(self) -> int:
        """How many people are inside."""
        return self.occupancy.inside

    def band_of(self, line: str) -> float:
        """Half the width of a line's band as last used, in frame heights."""
        return next(counter.band for counter in self.counters if counter.tripwire.name == line)

    def update(self, sighting: Sighting) -> list[Event]:
        """Take one frame's sighting; return what happened, in order."""
        events: list[Event] = []
        for track in sighting.tracks:
            known = self._known.get(track.id)
            if known is None:
                known = self._meet(track, sighting)
            known.observed, known.confirmed = track.observed, track.confirmed
            if track.observed:
                self._follow(track, known, events)
        for track_id in sighting.ended:
            self._forget(track_id, sighting.t_s, events)
        return [told for event in events for told in self._booked(event)]

    def finish(self, t_s: float) -> list[Event]:
        """The footage or the day ended: every track ends here."""
        events: list[Event] = []
        for track_id in list(self._known):
            self._forget(track_id, t_s, events)
        return events

    def reconfigure(
        self, tripwires: Sequence[Tripwire], zones: Sequence[Zone], t_s: float, doors: Sequence[str] | None = None
    ) -> list[Event]:
        """Go on with other lines, zones and doors, the people in the picture and all totals kept.

        A line or zone that is the same as before keeps who is at it; one that is new or was moved begins with nobody:
        whoever is followed stands on the side where the next frame sees them.
        """
        events: list[Event] = []
        lines = {counter.tripwire: counter for counter in self.counters}
        self.counters = [lines[t] if t in lines else TripwireCounter(t, self._aspect) for t in tripwires]
        watches = {watch.zone: watch for watch in self.zones}
        self.zones = [watches.pop(z) if z in watches else ZoneWatch(z, self._aspect) for z in zones]
        for left in watches.values():
            events += [event for track_id in self._known for event in left.forget(track_id, t_s)]
        for tripwire in tripwires:
            self.totals.setdefault(tripwire.name, {Direction.IN: 0, Direction.OUT: 0})
        self._doors = {t.name for t in tripwires} if doors is None else set(doors)
        return events

    def _follow(self, track: Track, known: _Known, events: list[Event]) -> None:
        known.centre = stretched(track.box.centre, self._aspect)
        known.seen_t_s = track.t_s
        known.path.walk(track.box, track.size)
        if track.place is None:
            return
        place = stretched(track.place, self._aspect)
        path = known.path
        if path.anchor is None:
            path.begin(track.box, place, track.t_s)
        came_in = path.stand(place, track.anchor, track.t_s)
        for counter in self.counters:
            events += counter.observe(track, path, place)
            if came_in:
                events += counter.came_in(track, path)
        if track.anchor is not Anchor.ASIDE:
            for zone in self.zones:
                events += zone.observe(track, path, place)

    def _meet(self, track: Track, sighting: Sighting) -> _Known:
        """A new track: an heir of one just lost here, or somebody new."""
        centre = stretched(track.box.centre, self._aspect)
        path = TrackPath(track.box, track.size, self._aspect)
        known = _Known(path, centre, track.t_s, observed=True, confirmed=False)
        forebear = self._forebear(centre, track, sighting.t_s)
        if forebear is not None:
            old_id, old = forebear
            known.path.inherit(old.path)
            for counter in self.counters:
                counter.inherit(track.id, old_id)
            for zone in self.zones:
                zone.inherit(track.id, old_id)
        self._known[track.id] = known
        return known

    def _forebear(self, centre: Point, track: Track, t_s: float) -> tuple[int, _Known] | None:
        """The nearest unobserved track lost so lately and so near that it must be this person."""
        best, best_away = None, float("inf")
        for old_id, old in self._known.items():
            gap = t_s - old.seen_t_s
            if old.observed or not old.confirmed or not 0 < gap <= HEIR_GAP_S:
                continue
            ratio = track.size / old.path.size
            if not 1 / HEIR_SIZE_RATIO <= ratio <= HEIR_SIZE_RATIO:
                continue
            away = distance(centre, old.centre) / max(track.size, old.path.size)
            if away <= HEIR_REACH_BODIES + HEIR_REACH_BODIES_PER_S * gap and away < best_away:
                best, best_away = (old_id, old), away
        return best

    def _forget(self, track_id: int, t_s: float, events: list[Event]) -> None:
        known = self._known.pop(track_id, None)
        if known is None:
            return
        for counter in self.counters:
            path = None if known.observed else known.path
            events += counter.forget(track_id, t_s, confirmed=known.confirmed, path=path)
        for zone in self.zones:
            events += zone.forget(track_id, t_s)

    def _booked(self, event: Event) -> list[Event]:
        """A crossing moves totals, occupancy and stays; everything else passes through."""
        if not isinstance(event, LineCrossed):
            return [event]
        self.totals[event.line][event.direction] += 1
        told: list[Event] = [event]
        if event.line in self._doors:
            told.append(OccupancyChanged(event.t_s, self.occupancy.cross(event.direction, event.t_s)))
            stay_s = self._visits.cross(event.direction, event.t_s)
            if stay_s is not None:
                told.append(VisitEnded(event.t_s, stay_s))
        return told
