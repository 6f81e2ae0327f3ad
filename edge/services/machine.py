"""Looks after the machine: tells what is wrong with it, and looks at fewer pictures while it is too hot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.notices import CAMERA_SLOW
from edge.host.health import Health
from edge.services.capture import CameraState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.core.notice import Fact
    from edge.host.health import HealthWatch
    from edge.services.board import CameraPost

# So much of the wanted rate is given, or a camera is slow; when that lasts, it is news.
ENOUGH = 0.7
SLOW_FOR_S = 60.0


class MachineCare:
    """The health chore. ``read`` looks at the machine, ``watch`` says what of it is news."""

    def __init__(
        self,
        read: Callable[[], Health],
        watch: HealthWatch,
        posts: Sequence[CameraPost],
        tell: Callable[[Fact], None],
    ) -> None:
        self._read, self._watch, self._posts, self._tell = read, watch, tuple(posts), tell
        self._slow_since_s: dict[str, float] = {}
        self.health = Health()

    def look(self, now_s: float) -> None:
        """Look at the machine. To be called every ten seconds or so."""
        self.health = self._read()
        for fact in self._watch.see(self.health, now_s):
            self._tell(fact)
        part = self._watch.slowdown.part
        for post in self._posts:
            # The camera's own spacing is a little uneven: what is asked for is a little less than it gives.
            post.analysis.spacing_s = 0.0 if part == 1 else 0.9 / (post.wanted_fps * part)
            self._look_at_rate(post, part, now_s)

    def told(self, _: float) -> Mapping[str, object]:
        """Figures for the board."""
        return {**self.health.words(), "pictures_part": self._watch.slowdown.part}

    def _look_at_rate(self, post: CameraPost, part: float, now_s: float) -> None:
        fps, name = post.analysis.rate.per_s(now_s), post.watch.name
        running_s = now_s - post.watch.since_s if post.watch.state is CameraState.RUNNING else 0.0
        if running_s < SLOW_FOR_S or fps >= ENOUGH * part * post.wanted_fps:
            self._slow_since_s.pop(name, None)
        elif now_s - self._slow_since_s.setdefault(name, now_s) >= SLOW_FOR_S:
            self._tell(CAMERA_SLOW.fact(camera=name, fps=fps, wanted_fps=post.wanted_fps))
