"""What the last minutes showed of how a camera is aimed: a summary of everybody who passed, no more. Pure.

To be shown every sighting of one camera with what came of it. Of a person is kept how often the feet were seen on
either side of the line, how big and of what shape the body was, and where the person was first seen; nothing of when.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from edge.analytics.aim import Light, Passer, Seen
from edge.analytics.path import CUT_BODIES, CUT_LEAST, PRIOR_JITTER
from edge.analytics.tripwire import BAND_LEAST, BAND_SIGMAS
from edge.core.events import RejectReason, TrackRejected
from edge.core.geometry import distance, offset_from_line, stretched
from edge.core.model import Anchor, Mount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.standpoint import Spot
    from edge.core.events import Event
    from edge.core.model import Sighting, Track, Tripwire

# What was seen before has the light, and perhaps the aim, of then.
KEEP_S = 1800.0
MOST_PASSERS = 300
# Places of one person, so far apart in time, are enough to tell how size changes over the picture.
SPOT_S, MOST_SPOTS = 0.4, 12
# Whoever came no nearer to the line than this (bodies) says nothing about it.
NEAR_BODIES = 1.5
# Lights are averaged over so many pictures, noted every so many seconds.
LIGHTS = 60


@dataclass(slots=True)
class _Living:
    """What is kept of somebody in the picture."""

    born_at_line: bool
    near: bool = False
    spot_t_s: float = float("-inf")
    sizes: list[float] = field(default_factory=list)
    shapes: list[float] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    sights: dict[int, list[int]] = field(default_factory=dict)


class AimLog:
    """One camera's last half hour at one line. ``aspect`` is the picture's width by its height."""

    def __init__(self, tripwire: Tripwire, mount: Mount, aspect: float) -> None:
        self.tripwire = tripwire
        self._mount, self._aspect = mount, aspect
        self._start, self._end = stretched(tripwire.start, aspect), stretched(tripwire.end, aspect)
        self._length = distance(self._start, self._end)
        self._living: dict[int, _Living] = {}
        self._passers: deque[Passer] = deque(maxlen=MOST_PASSERS)
        self._beside: deque[float] = deque(maxlen=MOST_PASSERS)
        self._lights: deque[tuple[float, Light]] = deque(maxlen=LIGHTS)

    def saw(self, sighting: Sighting, events: Sequence[Event] = ()) -> None:
        """Take a sighting, and what the scene told of it."""
        for track in sighting.tracks:
            if track.observed:
                self._note(track)
        for event in events:
            if isinstance(event, TrackRejected) and event.line == self.tripwire.name:
                self._beside.extend([event.t_s] if event.reason is RejectReason.PASSED_BESIDE else [])
        for track_id in sighting.ended:
            living = self._living.pop(track_id, None)
            if living is not None and len(living.sizes) > 1:
                self._passers.append(_passed(living, sighting.t_s))

    def note_light(self, t_s: float, light: Light) -> None:
        """Take the light of a picture; one every half minute is enough."""
        self._lights.append((t_s, light))

    def seen(self, now_t_s: float) -> Seen:
        """What is known by now, by the camera's time."""
        since = now_t_s - KEEP_S
        passers = tuple(passer for passer in self._passers if passer.t_s >= since)
        beside = sum(t_s >= since for t_s in self._beside)
        lights = [light for t_s, light in self._lights if t_s >= since]
        return Seen(self._mount, self._aspect, passers, beside, _mean(lights))

    def _note(self, track: Track) -> None:
        place = track.place or track.box.foot
        across, along = offset_from_line(stretched(place, self._aspect), self._start, self._end)
        size, spare = track.size, track.size / self._length
        at_line = -spare <= along <= 1 + spare
        living = self._living.get(track.id)
        if living is None:
            band = max(BAND_LEAST, BAND_SIGMAS * PRIOR_JITTER * size)
            living = self._living[track.id] = _Living(born_at_line=at_line and abs(across) <= band)
        living.near |= at_line and abs(across) <= NEAR_BODIES * size
        feet = track.anchor is Anchor.FOOT and track.place is not None
        counts = living.sights.setdefault(1 if across > 0 else -1, [0, 0])
        counts[0], counts[1] = counts[0] + feet, counts[1] + 1
        if track.t_s - living.spot_t_s >= SPOT_S and len(living.sizes) < MOST_SPOTS:
            living.spot_t_s = track.t_s
            living.sizes.append(size)
            self._note_body(track, living)

    def _note_body(self, track: Track, living: _Living) -> None:
        """Shape and place of a body that is seen whole."""
        box, margin = track.box, max(CUT_LEAST, CUT_BODIES * track.size)
        if min(box.top, box.left, 1 - box.right, 1 - box.bottom) > margin and box.width > 0:
            living.shapes.append(box.height / (box.width * self._aspect))
            living.spots.append((*box.foot, box.height))


def _passed(living: _Living, t_s: float) -> Passer:
    shape = median(living.shapes) if living.shapes else None
    sights = {side: (feet, every) for side, (feet, every) in living.sights.items()}
    return Passer(t_s, living.near, living.born_at_line, median(living.sizes), shape, sights, tuple(living.spots))


def _mean(lights: Sequence[Light]) -> Light | None:
    """The mean of some lights; of people, over those that had any."""
    if not lights:
        return None
    people = [(light.person, light.around) for light in lights if light.person is not None and light.around is not None]
    return Light(
        sum(light.luma for light in lights) / len(lights),
        sum(light.burnt for light in lights) / len(lights),
        sum(person for person, _ in people) / len(people) if people else None,
        sum(around for _, around in people) / len(people) if people else None,
    )
