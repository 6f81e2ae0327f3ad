"""Trying what the box is linked with: allowed first, asked of the counter, noted last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from edge.core.errors import AcmError
from edge.panel.auth.rights import Right
from edge.panel.linked import standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.panel.auth.visitor import Visitor
    from edge.panel.linked import Link, Standing
    from edge.panel.panel import Panel
    from edge.panel.words import Words

TRIED = "link-tried"
# A hub far away, and a mail server that thinks it over.
HUB_S, MAIL_S, LOOK_S = 20.0, 60.0, 1.0
DONE, FAILED = "well", "badly"
FRESH_S = 15.0


class Linked:
    """Every method raises ``NotAllowedError`` for those who may not, or another ``AcmError`` in a sentence."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    async def try_link(self, visitor: Visitor, link: Link) -> Standing:
        """Have the counter use a link now, and tell how that went. Waits a while for the hub."""
        await self._panel.actions.permit(visitor, Right.SET)
        if link.table == "upstream":
            await self._panel.daemon.ask("sync", do="now")
            status = await self._awaited(HUB_S, _contacted)
        else:
            status = await self._panel.daemon.ask("status")
        await self._panel.actions.note(visitor, TRIED, link=link.table)
        return standing(link, self._panel.settings.config, status)

    async def try_mail(self, visitor: Visitor, address: str, words: Words) -> None:
        """Send a mail to an address. Raises ``AcmError`` with what the mail server said if it does not take it."""
        await self._panel.actions.permit(visitor, Right.SET)
        asked = await self._panel.daemon.ask("reports", do="test", address=address, language=words.language)
        await self._panel.actions.note(visitor, TRIED, link="mail")
        end_s = self._panel.clock.monotonic_s() + MAIL_S
        while self._panel.clock.monotonic_s() < end_s:
            told = await self._panel.daemon.ask("reports")
            order = next((one for one in told["orders"] if one["number"] == asked["number"]), asked)
            if order["state"] == FAILED:
                raise AcmError(str(order["said"]) or words("linked.mail_failed"))
            if order["state"] == DONE:
                return
            await asyncio.sleep(LOOK_S)
        raise AcmError(words("linked.mail_late"))

    async def _awaited(self, within_s: float, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The counter's status as soon as it fits, or as it is after a while."""
        daemon, clock = self._panel.daemon, self._panel.clock
        end_s = clock.monotonic_s() + within_s
        status = await daemon.ask("status")
        while not fits(status) and clock.monotonic_s() < end_s:
            await asyncio.sleep(LOOK_S)
            status = await daemon.ask("status")
        return status


def _contacted(status: dict[str, Any]) -> bool:
    told = status.get("upstream") or {}
    contact_s = told.get("contact_s")
    return told.get("state") in ("refused", "failing") or (contact_s is not None and contact_s < FRESH_S)
