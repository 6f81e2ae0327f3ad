"""Watches how a camera is aimed at each of its lines, for whoever sets it up."""

from __future__ import annotations

from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING

from edge.analytics.aim import Light, aim, usual_body
from edge.analytics.aimlog import AimLog
from edge.core.errors import InputError
from edge.vision.backlight import picture_light

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.analytics.scene import Scene
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Mount, Sighting, Tripwire

# The light of a scene changes slowly; looking at it takes a millisecond.
LIGHT_EVERY_S = 30.0


class AimWatch:
    """One camera's aim (a ``Watcher``). A line that is moved begins anew; asked for from any thread."""

    def __init__(self, camera: str, mount: Mount) -> None:
        self.camera = camera
        self._mount = mount
        self._lock = Lock()
        self._logs: dict[Tripwire, AimLog] = {}
        self._aspect = 0.0
        self._t_s = self._light_t_s = float("-inf")

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:
        """Note who passes how, and now and then the light."""
        with self._lock:
            if frame.aspect != self._aspect or frame.t_s < self._t_s:
                # Another picture, or a recording that starts again: nobody goes on.
                self._logs, self._aspect, self._light_t_s = {}, frame.aspect, float("-inf")
            self._t_s = frame.t_s
            wires = [counter.tripwire for counter in scene.counters]
            known = self._logs
            self._logs = {wire: known.get(wire) or AimLog(wire, self._mount, frame.aspect) for wire in wires}
            for log in self._logs.values():
                log.saw(sighting, events)
            if frame.t_s - self._light_t_s >= LIGHT_EVERY_S:
                self._light_t_s = frame.t_s
                self._note_light(frame, sighting)

    def told(self) -> Mapping[str, object]:
        """Score and reasons of each line, and the usual body in frame heights. ``InputError`` before any picture."""
        with self._lock:
            if not self._aspect:
                raise InputError(f"The camera {self.camera} has not given a picture yet.")
            seen = {wire.name: log.seen(self._t_s) for wire, log in self._logs.items()}
        lines = {name: asdict(aim(what)) for name, what in seen.items()}
        body = next((size for what in seen.values() if (size := usual_body(what)) is not None), None)
        return {"camera": self.camera, "aspect": self._aspect, "body": body, "lines": lines}

    def _note_light(self, frame: Frame, sighting: Sighting) -> None:
        people = [track.box for track in sighting.tracks if track.observed and track.confirmed]
        light = Light(*picture_light(frame, people))
        for log in self._logs.values():
            log.note_light(frame.t_s, light)
