"""Notes where people walk and stand: ways of nobody in particular, and how long each spot of floor was stood on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from edge.core.geometry import distance
from edge.core.model import Anchor
from edge.storage.records import Heat, Step, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.analytics.scene import Scene
    from edge.core.clock import Clock
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Point, Sighting, Track
    from edge.storage.records import Record

# A step is noted after so long, if it led anywhere: some 60 bytes for a walk through the picture.
STEP_S, STEP_FAR = 0.5, 0.01
MOST_STEPS = 600
COLUMNS, ROWS = 32, 18
HEAT_S = 3600.0
# Over a longer gap between two pictures nobody is known to have stood anywhere.
GAP_S = 1.0


@dataclass(slots=True)
class _Way:
    """One track's way so far: when it began, by the clock and by the camera's time, and its steps."""

    began_s: float
    began_t_s: float
    steps: list[Step] = field(default_factory=list)

    def note(self, t_s: float, place: Point) -> None:
        after_s = t_s - self.began_t_s
        if self.steps:
            last = self.steps[-1]
            if after_s - last.after_s < STEP_S or distance((last.x, last.y), place) < STEP_FAR:
                return
        if len(self.steps) < MOST_STEPS:
            self.steps.append(Step(after_s, *place))


class Trails:
    """Watches one camera's tracks and hands ``keep`` a ``Walk`` when one ends, and a ``Heat`` every hour."""

    def __init__(self, camera: str, keep: Callable[[Record], None], clock: Clock) -> None:
        self._camera, self._keep, self._clock = camera, keep, clock
        self._ways: dict[int, _Way] = {}
        self._heat = np.zeros((ROWS, COLUMNS))
        self._heat_since_s = clock.monotonic_s()
        self._seen_t_s: float | None = None

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Note where everybody is."""
        now_s = self._clock.monotonic_s()
        gap_s = 0.0 if self._seen_t_s is None else min(GAP_S, max(0.0, frame.t_s - self._seen_t_s))
        if self._seen_t_s is not None and frame.t_s < self._seen_t_s:
            # A recording starts again: nobody goes on.
            self._end(list(self._ways))
        self._seen_t_s = frame.t_s
        for track in sighting.tracks:
            known = track.observed and track.confirmed and track.anchor is not Anchor.ASIDE
            if known and track.place is not None:
                self._note(track, track.place, gap_s, now_s)
        self._end(sighting.ended)
        if now_s - self._heat_since_s >= HEAT_S:
            self._tell_heat(now_s)

    def end(self) -> None:
        """Hand over what was noted since the last hour."""
        self._end(list(self._ways))
        self._tell_heat(self._clock.monotonic_s())

    def _note(self, track: Track, place: Point, gap_s: float, now_s: float) -> None:
        column, row = int(place[0] * COLUMNS), int(place[1] * ROWS)
        self._heat[min(ROWS - 1, max(0, row)), min(COLUMNS - 1, max(0, column))] += gap_s
        way = self._ways.get(track.id)
        if way is None:
            way = self._ways[track.id] = _Way(now_s, track.t_s)
        way.note(track.t_s, place)

    def _end(self, track_ids: Sequence[int]) -> None:
        for track_id in track_ids:
            way = self._ways.pop(track_id, None)
            if way is not None and len(way.steps) > 1:
                self._keep(Walk(way.began_s, self._camera, tuple(way.steps)))

    def _tell_heat(self, now_s: float) -> None:
        if self._heat.any():
            cells = tuple(float(cell) for cell in self._heat.ravel())
            self._keep(Heat(now_s, self._camera, now_s - self._heat_since_s, COLUMNS, cells))
        self._heat[:] = 0
        self._heat_since_s = now_s
