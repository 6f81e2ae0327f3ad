"""In a counter's place on a hub: nobody who counts, but somebody who looks at all sites now and then."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.host.control_wire import NotRunningError
from edge.panel.daemon import Daemon

if TYPE_CHECKING:
    from edge.core.clock import Clock
    from edge.panel.sites.looking import Sites

# While somebody looks, and while nobody does.
WATCHED_S, UNWATCHED_S = 10.0, 120.0
NOWHERE = Path("/nowhere")


class Outlook(Daemon):
    """Has the sites looked at, and whoever watches told when something is news."""

    def __init__(self, sites: Sites, clock: Clock) -> None:
        super().__init__(NOWHERE, clock)
        self._sites = sites
        self.gone = ""

    async def ask(self, verb: str, **words: object) -> dict[str, Any]:
        """Refuse: there is no counter."""
        raise NotRunningError(f"This is the panel of a hub; no counter is here to be asked for {verb} {words or ''}.")

    async def ask_quietly(self, verb: str, **words: object) -> dict[str, Any]:
        """Refuse: there is no counter."""
        return await self.ask(verb, **words)

    async def run(self) -> None:
        """Look, and tell those who watch, until cancelled."""
        while True:
            news = await self._sites.looked()
            self.gone = "sites.away" if self._sites.away else ""
            for watch in list(self.watches) if news else ():
                watch.told()
            self._wake.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), WATCHED_S if self.watches else UNWATCHED_S)
            # Whoever opens a page is shown what was seen last; ten pages at once are not ten looks.
            await asyncio.sleep(WATCHED_S / 10)
