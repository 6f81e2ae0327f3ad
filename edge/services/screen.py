"""The screen at the door: how many are inside, and whether one more may come in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from edge.core.errors import DeviceError
from edge.core.notices import DISPLAY_BACK, DISPLAY_LOST
from edge.services.service import IDLE_S, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.notice import Fact
    from edge.core.ports import Display
    from edge.services.happening import Happening
    from edge.services.ledger import Ledger


class Screen(Service):
    """Shows what the ledger says. The screen is opened, used and closed on one thread, as it insists on.

    ``limit`` is how many may be inside, 0 for no traffic light.
    """

    def __init__(
        self, open_display: Callable[[], Display], ledger: Ledger, limit: int, tell: Callable[[Fact], None]
    ) -> None:
        super().__init__("screen")
        self.limit = limit
        self._open_display, self._ledger, self._tell = open_display, ledger, tell
        self._display: Display | None = None
        self._lost_s: float | None = None
        self._tended_s = float("-inf")

    def take(self, happenings: Sequence[Happening]) -> None:  # noqa: ARG002 - Sink: whatever it was, the number is the ledger's
        """Something happened: the number may have changed."""
        self.bell.set()

    def step(self, now_s: float) -> float:
        """Show the number."""
        if self._display is None:
            self._display = self._open_display()
        # What is the matter with a screen is told by ``tend``, once.
        with suppress(DeviceError):
            self._display.show(self._ledger.inside, self.limit or None)
        if now_s - self._tended_s >= IDLE_S:
            self._tended_s = now_s
            self._tend(self._display, now_s)
        return IDLE_S

    def close(self) -> None:
        """Dark."""
        if self._display is not None:
            self._display.close()

    def _tend(self, display: Display, now_s: float) -> None:
        news = display.tend()
        if news is None:
            return
        if self._lost_s is None:
            self._lost_s = now_s
            self._tell(DISPLAY_LOST.fact(reason=news))
        else:
            self._tell(DISPLAY_BACK.fact(lost_s=now_s - self._lost_s))
            self._lost_s = None
