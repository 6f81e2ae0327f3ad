"""Switches a camera between day and night: watches its pictures' light, moves filter and lamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.errors import DeviceError
from edge.core.events import DayBroke, NightFell
from edge.core.light import LightMode
from edge.core.notices import DAY_BEGUN, LAMP_FAULT, NIGHT_BEGUN
from edge.services.happening import Happening
from edge.services.service import Service
from edge.vision.light import exposure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.analytics.actions import SetLight
    from edge.analytics.scene import Scene
    from edge.core.events import Event
    from edge.core.frame import Exposure, Frame
    from edge.core.model import Sighting
    from edge.core.notice import Fact
    from edge.core.ports import Infrared
    from edge.services.happening import Sink
    from edge.vision.daynight import DayNight

EVERY_S = 0.25
RETRY_S = 5.0


class Lamp(Service):
    """One camera's day and night; it watches the camera's pictures for their light.

    ``open_infrared`` opens the parts or raises ``DeviceError``; it is tried again every few seconds. ``sinks`` are told
    when night falls and day breaks.
    """

    def __init__(
        self,
        camera: str,
        daynight: DayNight,
        open_infrared: Callable[[], Infrared],
        sinks: Sequence[Sink],
        tell: Callable[[Fact], None],
    ) -> None:
        super().__init__(f"light {camera}")
        self._camera, self._daynight, self._open_infrared = camera, daynight, open_infrared
        self._infrared: Infrared | None = None
        self._sinks, self._tell = tuple(sinks), tell
        self._seen: tuple[Exposure, bool] | None = None
        self._forced: SetLight | None = None
        self._again_s: float | None = None
        self._mode = LightMode.UNKNOWN
        self._fault = ""

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Take a picture's light, and whether anybody is being followed."""
        self._seen = (exposure_of(frame), bool(sighting.tracks))

    def force(self, action: SetLight) -> None:
        """See so from now on, whatever the light, as a rule asks for."""
        self._forced = action
        self.bell.set()

    def step(self, now_s: float) -> float:
        """Decide, and move what is to be moved."""
        forced, self._forced = self._forced, None
        if forced is not None:
            self._daynight.force(forced.mode, now_s)
        seen, self._seen = self._seen, None
        exposure, busy = seen if seen is not None else (None, False)
        mode = self._daynight.update(exposure, now_s, busy=busy)
        try:
            self._again_s = self._move(mode, now_s)
            self._fault = ""
        except DeviceError as error:
            self._fault, self._again_s = str(error), now_s + RETRY_S
            self._tell(LAMP_FAULT.fact(camera=self._camera, reason=str(error)))
        self._announce(mode, now_s)
        return EVERY_S if self._again_s is None else max(0.0, min(EVERY_S, self._again_s - now_s))

    def close(self) -> None:
        """Lamp out, filter's motor off."""
        if self._infrared is not None:
            self._infrared.close()

    def _move(self, mode: LightMode, now_s: float) -> float | None:
        """Have the parts as the mode wants them; return when to go on, None if all is done."""
        if self._again_s is not None and now_s < self._again_s and mode is self._mode:
            return self._again_s
        if self._infrared is None:
            self._infrared = self._open_infrared()
        if mode is not self._infrared.mode:
            return self._infrared.want(mode, now_s)
        return self._infrared.step(now_s) if self._again_s is not None else None

    def told(self, _: float) -> dict[str, object]:
        """Figures for the board."""
        return {
            "camera": self._camera, "mode": self._mode.value, "lit": self._infrared is not None and self._infrared.lit,
            "lamp_gain": self._daynight.lamp_gain, "fault": self._fault,
        }  # fmt: skip

    def _announce(self, mode: LightMode, now_s: float) -> None:
        before, self._mode = self._mode, mode
        if mode.is_night and not before.is_night:
            self._tell(NIGHT_BEGUN.fact(camera=self._camera))
            self._pass_on(NightFell(now_s), now_s)
        elif mode is LightMode.DAY and before is not LightMode.DAY:
            if before.is_night:
                self._tell(DAY_BEGUN.fact(camera=self._camera))
            self._pass_on(DayBroke(now_s), now_s)

    def _pass_on(self, event: NightFell | DayBroke, now_s: float) -> None:
        for sink in self._sinks:
            sink.take([Happening(self._camera, event, now_s, now_s)])
