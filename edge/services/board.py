"""How everything stands, put together when somebody asks: for ``acm status``, the panel and the service manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.core.model import Direction
from edge.services.capture import CameraState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.core.clock import Clock
    from edge.services.analysis import Analysis
    from edge.services.capture import CameraWatch
    from edge.services.ledger import Ledger

    # A part of the picture: figures by name, at a monotonic time.
    Section = Callable[[float], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class CameraPost:
    """One camera's figures: how it does, and what is made of its pictures. ``wanted_fps`` is what the settings ask."""

    watch: CameraWatch
    analysis: Analysis
    wanted_fps: float

    def told(self, now_s: float) -> dict[str, Any]:
        """Its figures by name."""
        watch, analysis = self.watch, self.analysis
        return {
            "name": watch.name,
            "state": watch.state.value,
            "why": watch.why,
            "since_s": round(now_s - watch.since_s, 1),
            "camera_fps": round(watch.rate.per_s(now_s), 1),
            "fps": round(analysis.rate.per_s(now_s), 1),
            "wanted_fps": self.wanted_fps,
            "frame_age_s": None if watch.frame_s is None else round(max(0.0, now_s - watch.frame_s), 2),
            "frames": analysis.frames,
            "rested": analysis.rested,
            "dropped": analysis.latest.dropped,
            "losses": watch.losses,
            "latency_ms": analysis.latency_ms.told(),
        }

    @property
    def settled(self) -> bool:
        """Whether it is known to work, or known not to."""
        return self.analysis.frames > 0 or self.watch.gone


class Board:
    """All figures of the running program. Each further section is asked when somebody looks."""

    def __init__(
        self, posts: Sequence[CameraPost], ledger: Ledger, clock: Clock, sections: Mapping[str, Section]
    ) -> None:
        self._posts, self._ledger, self._clock = tuple(posts), ledger, clock
        self._sections = sections
        self._began_s = clock.monotonic_s()

    @property
    def ready(self) -> bool:
        """Whether the start is over: a picture was looked at, or every camera is known to be lost."""
        return any(post.analysis.frames for post in self._posts) or all(post.settled for post in self._posts)

    def told(self, now_s: float) -> dict[str, Any]:
        """Everything, ready to be written as JSON."""
        entered, left = self._ledger.in_out
        return {
            "state": "running" if self.ready else "starting",
            "uptime_s": round(now_s - self._began_s, 1),
            "in": entered,
            "out": left,
            "inside": self._ledger.inside,
            "lines": self._lines(),
            "cameras": [post.told(now_s) for post in self._posts],
            **{name: dict(section(now_s)) for name, section in self._sections.items()},
        }

    def _lines(self) -> list[dict[str, Any]]:
        """Every line that is drawn, and those that were counted at today before they were taken away."""
        nobody = {Direction.IN: 0, Direction.OUT: 0}
        drawn = {(post.watch.name, wire.name): nobody for post in self._posts for wire in post.analysis.plan.tripwires}
        return [
            {"camera": camera, "line": line, "in": counts[Direction.IN], "out": counts[Direction.OUT]}
            for (camera, line), counts in {**drawn, **self._ledger.totals}.items()
        ]

    def line(self, now_s: float) -> str:
        """It all in a line."""
        entered, left = self._ledger.in_out
        fps = sum(post.analysis.rate.per_s(now_s) for post in self._posts)
        parts = [f"{fps:.1f} pictures/s", f"in {entered}", f"out {left}", f"inside {self._ledger.inside}"]
        parts += [f"camera {post.watch.name} {post.watch.state.value}" for post in self._posts if post.watch.gone]
        celsius = dict(self._sections["machine"](now_s)).get("celsius") if "machine" in self._sections else None
        parts += [f"{celsius:.0f} degrees"] if celsius is not None else []
        return ("starting: " if not self.ready else "") + ", ".join(parts)

    def cameras(self) -> tuple[int, int]:
        """How many cameras there are, and how many of them are lost."""
        lost = sum(post.watch.state in (CameraState.LOST, CameraState.HANGING) for post in self._posts)
        return len(self._posts), lost
