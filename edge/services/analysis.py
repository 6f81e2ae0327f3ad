"""Looks at one camera's newest frame, and tells the sinks what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edge.analytics.scene import Scene
from edge.core.events import LineCrossed, OccupancyChanged, VisitEnded
from edge.services.figures import Rate, Spread
from edge.services.handoff import LatestFrame
from edge.services.happening import Happening
from edge.services.service import IDLE_S, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.clock import Clock
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting, Tripwire, Zone
    from edge.core.ports import Eye
    from edge.services.handoff import Shot
    from edge.services.happening import Sink
    from edge.services.ledger import Ledger

# A look takes a good second on the slowest board; what lasts this long does not come back.
LOOK_PATIENCE_S = 5.0
# Nobody is followed over a longer gap: a track is remembered for less.
GAP_S = 5.0
MS = 1000.0


class Watcher(Protocol):
    """Somebody who is shown every analysed frame and what came of it, on the thread that analyses."""

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:
        """Take a look."""


@dataclass(frozen=True, slots=True)
class CountingPlan:
    """Where a camera counts. Crossings of the lines named in ``doors`` change how many are inside."""

    tripwires: tuple[Tripwire, ...]
    zones: tuple[Zone, ...] = ()
    doors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where an analysis hands on what it finds: the books first, then the sinks in order, then who just watches.

    ``at_end`` is called when it stops.
    """

    ledger: Ledger
    sinks: tuple[Sink, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    at_end: tuple[Callable[[], None], ...] = ()


class Analysis(Service):
    """One frame a step: eye, scene, ledger, sinks, in this order and on this thread.

    ``open_eye`` makes an eye for each reel. Frames are fetched from ``latest``. For a recording that is played at
    another ``speed`` the times in it are stretched to the clock's.
    """

    vital = True
    patience_s = LOOK_PATIENCE_S

    def __init__(  # noqa: PLR0913 - what goes in, what comes out, and the time
        self,
        camera: str,
        plan: CountingPlan,
        open_eye: Callable[[], Eye],
        outlet: Outlet,
        clock: Clock,
        *,
        speed: float = 1.0,
    ) -> None:
        super().__init__(f"analysis {camera}")
        self.camera = camera
        self.latest = LatestFrame(self.bell)
        self.rate, self.latency_ms = Rate(), Spread()
        self.frames = self.rested = 0
        # Whether the last picture of a recording was looked at.
        self.ended = False
        # Least time between two looks; more than nothing while the processor is too hot.
        self.spacing_s = 0.0
        self._plan = plan
        self._new_plan: CountingPlan | None = None
        self._open_eye, self._outlet, self._clock, self._speed = open_eye, outlet, clock, speed
        self._eye = open_eye()
        self._scene: Scene | None = None
        self._aspect = 0.0
        # The picture looked at last, while anybody in it may still be followed.
        self._last: Shot | None = None
        self._reel = 0
        self._looked_s = float("-inf")

    @property
    def plan(self) -> CountingPlan:
        """Where it counts now."""
        return self._plan

    def recount(self, plan: CountingPlan) -> None:
        """Count at other lines and zones from the next frame on. May be called from any thread."""
        self._new_plan = plan
        self.bell.set()

    def step(self, now_s: float) -> float:
        """Look at the newest frame, if there is one."""
        self._change_plan()
        wait_s = self._looked_s + self.spacing_s - now_s
        if wait_s > 0:
            return wait_s
        shot, ended = self.latest.poll()
        if shot is not None:
            self._looked_s = now_s
            self._look(shot)
            return 0.0
        if self._last is not None and (ended or now_s - self._looked_s > GAP_S):
            self._finish()
        self.ended = ended
        return IDLE_S

    def close(self) -> None:
        """Tell the end of everything that was going on."""
        self._finish()
        for end in self._outlet.at_end:
            end()

    def _change_plan(self) -> None:
        plan, self._new_plan = self._new_plan, None
        if plan is None:
            return
        self._plan = plan
        if self._scene is not None and self._last is not None:
            t_s, doors = self._last.frame.t_s, sorted(plan.doors)
            self._tell(self._scene.reconfigure(plan.tripwires, plan.zones, t_s, doors), self._last)
        else:
            # Nobody is followed: the next picture opens a scene with the new lines.
            self._scene = None

    def _look(self, shot: Shot) -> None:
        frame = shot.frame
        if shot.reel != self._reel:
            self._finish()
            self._eye, self._scene, self._reel = self._open_eye(), None, shot.reel
        if self._scene is None or frame.aspect != self._aspect:
            self._finish()
            plan = self._plan
            self._scene = Scene(plan.tripwires, plan.zones, frame.aspect, doors=sorted(plan.doors))
            self._aspect = frame.aspect
        self._last = shot
        sighting = self._eye.see(frame)
        events = self._tell(self._scene.update(sighting), shot)
        self._note(shot, sighting)
        for watcher in self._outlet.watchers:
            watcher.saw(frame, sighting, self._scene, events)

    def _note(self, shot: Shot, sighting: Sighting) -> None:
        now_s = self._clock.monotonic_s()
        self.frames += 1
        self.rested += sighting.rested
        self.rate.note(now_s)
        self.latency_ms.note((now_s - shot.taken_s) * MS)

    def _finish(self) -> None:
        """Nobody in the picture is followed any further."""
        last, self._last = self._last, None
        if self._scene is not None and last is not None:
            self._tell(self._scene.finish(last.frame.t_s), last)

    def _tell(self, events: Sequence[Event], shot: Shot) -> list[Event]:
        """Book the crossings and tell the sinks; return the events with what followed from them."""
        told: list[Event] = []
        happenings: list[Happening] = []
        # How many are inside is the whole shop's affair: the ledger tells it, not one camera's scene.
        for event in (event for event in events if not isinstance(event, (OccupancyChanged, VisitEnded))):
            # What happened before the picture was taken did so by as much as the camera's own time says.
            at_s = shot.taken_s - max(0.0, shot.frame.t_s - event.t_s) / self._speed
            follows = self._booked(event, at_s)
            told += [event, *follows]
            happenings += [Happening(self._where(e), e, at_s, shot.taken_s) for e in (event, *follows)]
        if happenings:
            for sink in self._outlet.sinks:
                sink.take(happenings)
        return told

    def _where(self, event: Event) -> str:
        """Whose event it is: how many are inside is the whole shop's."""
        return "" if isinstance(event, OccupancyChanged) else self.camera

    def _booked(self, event: Event, at_s: float) -> list[Event]:
        if not isinstance(event, LineCrossed):
            return []
        return self._outlet.ledger.cross(self.camera, event, at_s, door=event.line in self._plan.doors)
