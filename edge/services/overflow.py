"""Tells when a sink could not keep up and things were dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.notices import INBOX_OVERFLOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.notice import Fact


class Overflow:
    """The chore of looking at the inboxes: how many things each service has dropped so far."""

    def __init__(self, dropped: Mapping[str, Callable[[], int]], tell: Callable[[Fact], None]) -> None:
        self._dropped, self._tell = dict(dropped), tell
        self._told = dict.fromkeys(self._dropped, 0)

    def look(self, _: float) -> None:
        """Tell what was dropped since the last look. To be called every minute or so."""
        for service, dropped in self._dropped.items():
            now = dropped()
            if now > self._told[service]:
                self._tell(INBOX_OVERFLOW.fact(service=service, dropped=now - self._told[service]))
                self._told[service] = now
