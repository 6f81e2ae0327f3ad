"""Pages that are open, so that they end with the session they were opened in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.panel.auth.doorman import Doorman
    from edge.panel.view import View

LOOK_S = 5.0


class Lives:
    """Every open page. For the thread of the event loop."""

    def __init__(self, doorman: Doorman) -> None:
        self._doorman = doorman
        self._views: set[View] = set()

    def __len__(self) -> int:
        """How many pages are open."""
        return len(self._views)

    def add(self, view: View) -> None:
        """A page was opened; it is forgotten when it is left."""
        self._views.add(view)

        def left() -> None:
            self._views.discard(view)
            view.close()

        view.client.on_delete(left)

    async def run(self) -> None:
        """End pages whose session has ended or whose visitor may do something else now, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            for view in list(self._views):
                still = await asyncio.to_thread(self._doorman.still, view.visitor)
                if still is None or still.rights != view.visitor.rights:
                    self._end(view)

    def _end(self, view: View) -> None:
        """Send the browser through the gate again; whatever it says before it is gone is not heard."""
        self._views.discard(view)
        view.client.run_javascript("location.reload()")
        # The message has to go out before the page's end.
        asyncio.get_running_loop().call_later(0.5, view.client.delete)
