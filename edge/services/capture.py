"""Reads one camera, gets it back when it is lost, and is replaced when it hangs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING

from edge.core.backoff import Reconnect
from edge.core.errors import CameraError
from edge.services.figures import Rate
from edge.services.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.clock import Clock
    from edge.core.frame import Frame
    from edge.core.ports import Camera
    from edge.services.handoff import LatestFrame

# Opening a silent stream takes up to 10 s, and so does the system's own limit for a picture of a device.
READ_PATIENCE_S = 15.0
# A camera that is back must be seen within 15 s, the time to open it included.
RETRY_FIRST_S, RETRY_MOST_S = 1.0, 5.0
# Threads stuck in one camera's driver, each with its memory, before no more are risked.
MOST_LEFT_BEHIND = 4
LOOK_AGAIN_S = 1.0
REST_S = 60.0


class CameraState(str, Enum):
    """How a camera does."""

    STARTING = "starting"
    RUNNING = "running"
    LOST = "lost"
    HANGING = "hanging"
    ENDED = "ended"


BROKEN = (CameraState.LOST, CameraState.HANGING)


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """How a camera is read.

    Frames of a ``live`` camera carry the clock's time. Anything else is a recording: played at ``speed`` and, with
    ``repeat``, again and again.
    """

    name: str
    open_camera: Callable[[], Camera]
    live: bool = True
    repeat: bool = True
    speed: float = 1.0


class CameraWatch:
    """How one camera does, for everybody to read. ``changed`` is called, on the thread that noticed, at each change."""

    def __init__(self, name: str, clock: Clock, changed: Callable[[CameraWatch], None]) -> None:
        self.name = name
        self.state = CameraState.STARTING
        self.why = ""
        self.since_s = clock.monotonic_s()
        self.frames = 0
        self.rate = Rate()
        self.frame_s: float | None = None
        self.losses = 0
        # How many threads hang in its driver.
        self.stuck = 0
        # Since when there have been no pictures, for as long as there are none.
        self.lost_since_s: float | None = None
        self._lock = Lock()
        self._clock, self._changed = clock, changed

    def took(self, taken_s: float) -> None:
        """A frame arrived."""
        self.frames += 1
        self.frame_s = taken_s
        self.rate.note(taken_s)
        self.becomes(CameraState.RUNNING)

    def becomes(self, state: CameraState, why: str = "") -> None:
        """Note a state; nothing happens if it is the present one."""
        with self._lock:
            if state is self.state:
                return
            before, now_s = self.state, self._clock.monotonic_s()
            self.state, self.why, self.since_s = state, why, now_s
            if state in BROKEN and before not in BROKEN:
                self.losses += 1
                self.lost_since_s = now_s
            self._changed(self)
            if state not in BROKEN:
                self.lost_since_s = None

    @property
    def gone(self) -> bool:
        """Whether no frames are to be expected for now."""
        return self.state in (CameraState.LOST, CameraState.HANGING, CameraState.ENDED)


class Capture(Service):
    """One read a step, newest frame to ``latest``.

    A camera that cannot be opened or read is tried again after a pause, for ever. A read that does not come back
    cannot be ended from outside; its thread is left behind and a ``successor`` opens the camera anew.
    """

    patience_s = READ_PATIENCE_S
    stop_within_s = 4.0

    def __init__(self, plan: CameraPlan, latest: LatestFrame, watch: CameraWatch, clock: Clock, reel: int = 0) -> None:
        super().__init__(f"capture {plan.name}")
        self._plan, self._latest, self.watch, self._clock = plan, latest, watch, clock
        self._camera: Camera | None = None
        self._again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S)
        self._reel = reel
        self._abandoned = False
        self._before: list[Capture] = []
        self._freed = self._over = False

    def step(self, now_s: float) -> float:
        """Read a frame, or open the camera when that may be tried again."""
        self.watch.stuck = self.left_behind
        if self._over or self._too_many_stuck():
            return REST_S
        wait_s = self._again.wait_s(now_s)
        if wait_s > 0:
            return min(wait_s, LOOK_AGAIN_S)
        try:
            if self._camera is None:
                self._camera = self._plan.open_camera()
            frame = self._camera.read()
        except CameraError as error:
            self._lost(error, self._clock.monotonic_s())
            return LOOK_AGAIN_S
        return self._ended() if frame is None else self._took(frame)

    def close(self) -> None:
        """Let go of the camera."""
        self._let_go()
        self._freed = True

    @property
    def left_behind(self) -> int:
        """How many threads of this camera are stuck in its driver."""
        return sum(not capture._freed for capture in self._before)  # noqa: SLF001 - another capture of this camera

    def successor(self) -> Capture:
        """Give this one up: whatever it still reads is not wanted any more."""
        self._abandoned = True
        self.watch.becomes(
            CameraState.HANGING, f"it has not answered for {self.patience_s:.0f} s; it is being opened anew"
        )
        fresh = Capture(self._plan, self._latest, self.watch, self._clock, self._next_reel())
        fresh._before = [c for c in self._before if not c._freed] + [self]  # noqa: SLF001 - our own kind
        self.watch.stuck = fresh.left_behind
        fresh._again.failed(self._clock.monotonic_s())
        return fresh

    def _too_many_stuck(self) -> bool:
        return self._camera is None and self.left_behind >= MOST_LEFT_BEHIND

    def _took(self, frame: Frame) -> float:
        if self._abandoned:
            return 0.0
        self._again.succeeded()
        taken_s = frame.t_s if self._plan.live else self._clock.monotonic_s()
        self._latest.put(frame, taken_s, self._reel)
        self.watch.took(taken_s)
        return 0.0

    def _ended(self) -> float:
        """A recording is over; a live camera that says so is lost."""
        self._let_go()
        if self._abandoned:
            return 0.0
        if self._plan.live:
            self._lost(CameraError("the camera gives no more pictures"), self._clock.monotonic_s())
            return LOOK_AGAIN_S
        self._latest.end()
        self._reel = self._next_reel()
        if self._plan.repeat:
            return 0.0
        self._over = True
        self.watch.becomes(CameraState.ENDED, "the recording is over")
        return REST_S

    def _next_reel(self) -> int:
        """A recording that is opened anew starts at its beginning; a live camera's time goes on."""
        return self._reel if self._plan.live else self._reel + 1

    def _lost(self, error: CameraError, now_s: float) -> None:
        self._let_go()
        self._reel = self._next_reel()
        self._again.failed(now_s)
        if not self._abandoned:
            self.watch.becomes(CameraState.LOST, str(error))

    def _let_go(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

