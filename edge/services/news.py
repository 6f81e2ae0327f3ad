"""Facts the box tells about itself: to the journal, and from there to whoever keeps them or acts on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.notices import CAMERA_BACK, CAMERA_LOST
from edge.services.capture import BROKEN, CameraState

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.host.journal import Journal
    from edge.services.capture import CameraWatch


class News:
    """Tells a fact to the journal, and to the listeners unless the same was said just now. From any thread.

    Listeners must take it at once and not raise.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self.listeners: list[Callable[[Fact], None]] = []

    def tell(self, fact: Fact) -> None:
        """Say a fact."""
        if self._journal.tell(fact, self._clock.monotonic_s()):
            for listener in self.listeners:
                listener(fact)

    def camera_changed(self, watch: CameraWatch) -> None:
        """Say that a camera was lost, or is back."""
        if watch.state in BROKEN:
            self.tell(CAMERA_LOST.fact(camera=watch.name, reason=watch.why))
        elif watch.state is CameraState.RUNNING and watch.lost_since_s is not None:
            self.tell(CAMERA_BACK.fact(camera=watch.name, lost_s=self._clock.monotonic_s() - watch.lost_since_s))

    def step(self, now_s: float) -> None:
        """Sum up what was held back. To be called every minute or so."""
        self._journal.step(now_s)

    def close(self) -> None:
        """Say the rest."""
        self._journal.close(self._clock.monotonic_s())
