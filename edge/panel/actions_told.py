"""What is done from the Notices page: being told on a phone, trying it, and being told no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from edge.core.errors import AcmError, InputError
from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right
from edge.panel.telling.pushing import wishes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel
    from edge.panel.words import Words
    from edge.storage.panel.written import Push

ON, OFF = "notices-on", "notices-off"


class BeingTold:
    """Every method raises ``NotAllowedError`` for those who may not, or another ``AcmError`` in a sentence."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._permit, self._note = panel.actions.permit, panel.actions.note

    async def mine(self, visitor: Visitor) -> list[Push]:
        """The browsers of a visitor that are told."""
        user = await self._user(visitor)
        return await asyncio.to_thread(self._panel.pushing.of, user)

    async def begin(
        self, visitor: Visitor, asked: Mapping[str, object], wants: Iterable[object], words: Words, device: str
    ) -> Push:
        """Have a browser told of what it ``wants``. ``asked`` is the browser's subscription."""
        user, kinds = await self._user(visitor), wishes(wants)
        if not kinds:
            raise InputError(words("notices.nothing_chosen"))
        pushing = self._panel.pushing
        push = await asyncio.to_thread(pushing.ask, user, asked, kinds, words.language, device)
        await self._note(visitor, ON, device=push.device, of=sorted(push.wants))
        return push

    async def end(self, visitor: Visitor, endpoint: str) -> None:
        """Have a browser told no more."""
        push = await self._own(visitor, endpoint)
        await asyncio.to_thread(self._panel.pushing.end, endpoint)
        await self._note(visitor, OFF, device=push.device)

    async def try_it(self, visitor: Visitor, endpoint: str, words: Words) -> None:
        """Send a message to a browser now. Raises ``AcmError`` in the visitor's language if it is not taken."""
        push = await self._own(visitor, endpoint)
        answer = await asyncio.to_thread(self._panel.pushing.try_it, push, lambda told: told("notices.tried"))
        if answer.gone:
            raise AcmError(words("notices.gone"))
        if not answer.taken:
            raise AcmError(words("notices.not_taken", status=answer.status))

    async def _own(self, visitor: Visitor, endpoint: str) -> Push:
        found = next((push for push in await self.mine(visitor) if push.endpoint == endpoint), None)
        if found is None:
            raise InputError("This browser is not told of anything.")
        return found

    async def _user(self, visitor: Visitor) -> int:
        await self._permit(visitor, Right.SEE)
        if visitor.user is None:
            # A program, or a guest: nobody who could be told.
            raise NotAllowedError
        return visitor.user.id
