"""What is seen of the demonstration: counts in the terminal and the painted picture, beside the running program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.events import LineCrossed
from edge.core.model import Direction
from edge.services.replay import Outcome, looks
from edge.services.replay_report import Report
from edge.vision.draw import Painter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from edge.analytics.scene import Scene
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting
    from edge.services.window import LivePicture

TELL_EVERY_S = 10.0


class Showing:
    """Paints each frame for the window."""

    def __init__(self, picture: LivePicture) -> None:
        self._picture = picture
        self._painter = Painter()

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Show the painted frame."""
        self._picture.show(self._painter.paint(frame, sighting, looks(scene), scene.inside))


class Telling:
    """Counts in the terminal: one line rewritten, or, into a file or journal, a line per crossing and every 10 s.

    Each pass over a recording has a scene of its own; the totals of one are told when the next begins.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._told_t_s = 0.0
        self._open_line = False
        self._latest = ""
        self._pass = 0
        self._scene: Scene | None = None
        self._outcome = Outcome()

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Tell how it stands."""
        if scene is not self._scene:
            self.tell_pass()
            self._scene, self._outcome, self._pass = scene, Outcome(), self._pass + 1
        self._outcome.frames += 1
        self._outcome.t_s = frame.t_s
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

    def tell_pass(self) -> None:
        """Tell the totals of the pass that is over, if there was one."""
        self.end()
        if self._scene is not None:
            self._outcome.note((), self._scene)
            self._say(Report(f"Pass {self._pass}", self._outcome).text().rstrip("\n"))
        self._scene = None

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
