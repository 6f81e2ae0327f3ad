"""The demonstration: footage or a camera in real time, counts in the terminal, a chime, the painted picture."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from edge.core.errors import CameraError, DeviceError
from edge.core.events import LineCrossed, LineTouched
from edge.core.model import Direction
from edge.services.handoff import LatestFrame
from edge.services.replay import looks, replay
from edge.vision.draw import Painter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from edge.analytics.scene import Scene
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting
    from edge.core.ports import Camera, Eye
    from edge.services.replay import Outcome, Watcher
    from edge.services.window import LivePicture

TELL_EVERY_S = 10.0
# A device that hangs keeps its reader for 10 s, a stream for less.
STOP_WITHIN_S = 12.0
LOOK_UP_S = 0.1


class Chime(Protocol):
    """Something that sounds."""

    def play(self, name: str) -> object:
        """Sound the chime of this name; return at once."""


@dataclass(frozen=True, slots=True)
class Demo:
    """One demonstration. Each pass over footage starts from nothing: the same people must not be counted twice."""

    open_camera: Callable[[], Camera]
    open_eye: Callable[[], Eye]
    open_scene: Callable[[float], Scene]

    def play(self, watchers: Sequence[Watcher], stopped: Callable[[], bool]) -> Outcome:
        """Show the footage once, in real time, or until ``stopped``; frames there is no time for are left out."""
        bell, stop = Flag(), Flag()
        latest = LatestFrame(bell)
        camera = self.open_camera()
        reader = Thread(target=_read, args=(camera, latest, stop), name="capture", daemon=True)
        reader.start()
        try:
            return replay(_Newest(latest, bell, stopped), self.open_eye(), self.open_scene, watchers)
        finally:
            stop.set()
            # A program that ends while the video library works on another thread is aborted by that library.
            reader.join(STOP_WITHIN_S)
            if not reader.is_alive():
                camera.close()


class _Newest:
    """The handoff as a camera: the frame most lately read. It ends when the camera does, or somebody says so."""

    def __init__(self, latest: LatestFrame, bell: Flag, stopped: Callable[[], bool]) -> None:
        self._latest, self._bell, self._stopped = latest, bell, stopped
        self._begun = False

    def read(self) -> Frame | None:
        while not (self._begun and self._stopped()):
            # Signals are seen between two waits and never in the midst of something.
            self._bell.wait(LOOK_UP_S)
            self._bell.clear()
            shot, ended = self._latest.poll()
            if shot is not None:
                self._begun = True
                return shot.frame
            if ended:
                return self._latest.take()
        return None

    def close(self) -> None:
        """Nothing: the reader owns the camera."""


def _read(camera: Camera, latest: LatestFrame, stop: Flag) -> None:
    error: CameraError | None = CameraError("The camera stopped unexpectedly.")
    try:
        while not stop.is_set() and (frame := camera.read()) is not None:
            latest.put(frame)
        error = None
    except CameraError as broken:
        error = broken
    finally:
        # Whatever happened, the other thread must not wait for ever.
        latest.end(error)


class Showing:
    """Paints each frame for the window."""

    def __init__(self, picture: LivePicture) -> None:
        self._picture = picture
        self._painter = Painter()

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Show the painted frame."""
        self._picture.show(self._painter.paint(frame, sighting, looks(scene), scene.inside))


class Ringing:
    """Sounds the chime as soon as an arrival is foreseen. A speaker that fails is told of once; counting goes on."""

    def __init__(self, speaker: Chime, err: TextIO) -> None:
        self._speaker, self._err = speaker, err
        self._told = False

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Listen for arrivals."""
        if not any(isinstance(event, LineTouched) and event.direction is Direction.IN for event in events):
            return
        try:
            self._speaker.play("two-tone")
        except DeviceError as error:
            if not self._told:
                self._told = True
                self._err.write(f"\nNo chime: {error}\n")


class Telling:
    """Counts in the terminal: one line rewritten, or, into a file or journal, a line per crossing and every 10 s."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._told_t_s = 0.0
        self._open_line = False
        self._latest = ""

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Tell how it stands."""
        self._latest = standing(scene, frame.t_s)
        if self._live:
            self._out.write(f"\r\033[K{self._latest}")
            self._out.flush()
            self._open_line = True
            return
        crossed = [event for event in events if isinstance(event, LineCrossed)]
        for event in crossed:
            self._say(f"{clock(event.t_s)}  {event.line}: {event.direction.value}  ->  {standing(scene)}")
        if frame.t_s - self._told_t_s >= TELL_EVERY_S:
            self._told_t_s = frame.t_s
            self._say(self._latest)

    def end(self) -> None:
        """Leave the rewritten line standing, and begin anew."""
        self._told_t_s = 0.0
        if self._open_line:
            self._open_line = False
            self._say("")

    def stop(self) -> None:
        """Tell the totals for the last time: somebody has seen enough."""
        # The terminal has written ^C behind the line.
        start = "\r\033[K" if self._open_line else ""
        self._open_line = False
        self._say(f"{start}Stopped at {self._latest}" if self._latest else "Stopped before the first picture.")

    def _say(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


def standing(scene: Scene, t_s: float | None = None) -> str:
    """How many came in, went out and are inside, over all lines."""
    entered = sum(total[Direction.IN] for total in scene.totals.values())
    left = sum(total[Direction.OUT] for total in scene.totals.values())
    when = "" if t_s is None else f"{clock(t_s)}  "
    return f"{when}in {entered}  out {left}  inside {scene.inside}"


def clock(t_s: float) -> str:
    """Seconds as minutes and seconds."""
    return f"{int(t_s) // 60:02d}:{int(t_s) % 60:02d}"
