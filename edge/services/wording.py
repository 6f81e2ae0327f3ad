"""Has greetings spoken beforehand, while nobody waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.core.errors import DeviceError
from edge.core.notices import SOUND_UNUSABLE
from edge.services.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from edge.core.clock import Clock
    from edge.core.notice import Fact

# The next person may be greeted by the next number: what may be said is looked at this often.
EVERY_S = 2.0
AGAIN_S = 600.0


class Renderer(Protocol):
    """Makes sound files of texts."""

    def cached(self, text: str) -> Path | None:
        """The sound file of a text if there is one."""

    def render(self, text: str) -> Path:
        """Make it now; ``DeviceError`` if it cannot be made."""


class Wording(Service):
    """Renders what may have to be said next. ``upcoming`` lists the texts, the likeliest first, for a time of day."""

    # Speaking one text takes up to 10 s; there are four or five.
    patience_s = 60.0

    def __init__(
        self,
        renderer: Renderer,
        upcoming: Callable[[datetime], Iterable[str]],
        clock: Clock,
        at: Callable[[float], datetime | None],
        tell: Callable[[Fact], None],
    ) -> None:
        super().__init__("wording")
        self._upcoming = upcoming
        self._renderer, self._clock, self._at, self._tell = renderer, clock, at, tell

    def change(self, renderer: Renderer, upcoming: Callable[[datetime], Iterable[str]]) -> None:
        """Render other texts from now on."""
        self._renderer, self._upcoming = renderer, upcoming
        self.bell.set()

    def step(self, now_s: float) -> float:
        """Render one text that is missing."""
        now = self._at(now_s) or self._clock.utc_now()
        missing = next((text for text in self._upcoming(now) if self._renderer.cached(text) is None), None)
        if missing is None:
            return EVERY_S
        try:
            self._renderer.render(missing)
        except DeviceError as error:
            self._tell(SOUND_UNUSABLE.fact(file="greeting", reason=str(error)))
            return AGAIN_S
        return 0.0
