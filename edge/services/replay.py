"""Runs footage through a camera's whole pipeline, as fast as it goes, and keeps what happened."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from edge.core.errors import CameraError
from edge.core.events import LineCrossed, TrackRejected
from edge.core.model import Direction
from edge.services.signals import Signals
from edge.vision.draw import LineLook, Painter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import TextIO

    from typing_extensions import Self

    from edge.analytics.scene import Scene
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting
    from edge.core.ports import Camera, Eye
    from edge.recording.clip import ClipWriter


class Watcher(Protocol):
    """Somebody who is shown every analysed frame and what came of it."""

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:
        """Take a look."""


@dataclass(slots=True)
class Outcome:
    """What one run over footage told. Times are seconds into the footage."""

    crossings: list[LineCrossed] = field(default_factory=list)
    rejected: list[TrackRejected] = field(default_factory=list)
    totals: dict[str, dict[Direction, int]] = field(default_factory=dict)
    inside: int = 0
    frames: int = 0
    t_s: float = 0.0

    def note(self, events: Sequence[Event], scene: Scene) -> None:
        """Keep what of these events a replay tells."""
        self.crossings += [event for event in events if isinstance(event, LineCrossed)]
        self.rejected += [event for event in events if isinstance(event, TrackRejected)]
        self.totals, self.inside = scene.totals, scene.inside


def replay(camera: Camera, eye: Eye, open_scene: Callable[[float], Scene], watchers: Sequence[Watcher] = ()) -> Outcome:
    """Read ``camera`` to its end. ``open_scene`` is given the pictures' aspect with the first one.

    Raises ``CameraError`` if there is not a single picture, or if reading breaks.
    """
    outcome = Outcome()
    scene: Scene | None = None
    while (frame := camera.read()) is not None:
        if scene is None:
            scene = open_scene(frame.aspect)
        sighting = eye.see(frame)
        events = scene.update(sighting)
        outcome.note(events, scene)
        outcome.frames, outcome.t_s = outcome.frames + 1, frame.t_s
        for watcher in watchers:
            watcher.saw(frame, sighting, scene, events)
    if scene is None:
        raise CameraError("The video holds no picture; give one that plays.")
    outcome.note(scene.finish(outcome.t_s), scene)
    outcome.crossings.sort(key=_order)
    return outcome


class FromZero:
    """A camera whose times are told from its first frame on: a live one's own begin when the machine was started."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._start_s: float | None = None

    def read(self) -> Frame | None:
        """The camera's next frame, with the seconds since its first."""
        frame = self._camera.read()
        if frame is None:
            return None
        if self._start_s is None:
            self._start_s = frame.t_s
        return replace(frame, t_s=frame.t_s - self._start_s)

    def close(self) -> None:
        """Let go of the camera."""
        self._camera.close()


def to_end(signals: Signals) -> bool:
    """Whether a command in the foreground is to end. When its terminal is closed it is: nobody is there to see it."""
    return signals.stop is not None or signals.reload


class UntilStopped:
    """A camera without an end, read until a signal asks for it or the camera is lost: what was counted is then told.

    Use as ``with UntilStopped(camera) as source:`` on the main thread.
    """

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._signals = Signals()
        self._begun = False
        self.lost: CameraError | None = None

    def read(self) -> Frame | None:
        """The camera's next frame, the first in any case; None when it is over."""
        if self._begun and to_end(self._signals):
            return None
        try:
            frame = self._camera.read()
        except CameraError as error:
            if not self._begun:
                raise
            self.lost = error
            return None
        self._begun = True
        return frame

    def close(self) -> None:
        """Let go of the camera."""
        self._camera.close()

    def __enter__(self) -> Self:
        """Take the signals."""
        self._signals.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give the signals back."""
        self._signals.__exit__(kind, error, at)


def looks(scene: Scene) -> list[LineLook]:
    """Every line of a scene as the painter needs it."""
    return [
        LineLook(
            counter.tripwire,
            counter.band,
            scene.totals[counter.tripwire.name][Direction.IN],
            scene.totals[counter.tripwire.name][Direction.OUT],
        )
        for counter in scene.counters
    ]


class Filming:
    """Paints every analysed frame into a clip."""

    def __init__(self, clip: ClipWriter) -> None:
        self._clip = clip
        self._painter = Painter()

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Append the painted frame."""
        self._clip.write(self._painter.paint(frame, sighting, looks(scene), scene.inside))


class Progress:
    """A bar on a terminal, moved when the video has moved on by a second."""

    WIDE = 30

    def __init__(self, out: TextIO, duration_s: float | None) -> None:
        self._out = out
        self._duration_s = duration_s
        self._told_s = -1

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Move the bar."""
        second = int(frame.t_s)
        if second == self._told_s:
            return
        self._told_s = second
        if not self._duration_s:
            self._out.write(f"\r{second} s")
        else:
            part = min(1.0, frame.t_s / self._duration_s)
            bar = "#" * round(part * self.WIDE)
            self._out.write(f"\r[{bar:<{self.WIDE}}] {part:4.0%}  {second} of {self._duration_s:.0f} s")
        self._out.flush()

    def clear(self) -> None:
        """Take the bar off the terminal."""
        self._out.write("\r\033[K")
        self._out.flush()


def event_lines(crossings: Sequence[LineCrossed]) -> str:
    """Crossings as JSON lines, in order of time."""
    rows = (
        {
            "t": round(event.t_s, 3),
            "line": event.line,
            "direction": event.direction.value,
            "track": event.track_id,
            "provisional_t": round(event.provisional_t_s, 3),
        }
        for event in sorted(crossings, key=_order)
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _order(event: LineCrossed) -> tuple[float, str, str, int]:
    return (event.t_s, event.line, event.direction.value, event.track_id)
