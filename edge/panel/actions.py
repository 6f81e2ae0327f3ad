"""Everything that may be done from the panel: allowed or not, done, and noted. Pages and the API both come here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.config.change import Edit, without_secrets
from edge.core.errors import AcmError, InputError
from edge.core.timekeeping import to_ms
from edge.host.control_wire import ControlError, NotRunningError
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.config.change import Difference
    from edge.core.clock import Clock
    from edge.panel.auth.doorman import Doorman
    from edge.panel.auth.visitor import Visitor
    from edge.panel.daemon import Daemon
    from edge.panel.settings import Settings
    from edge.storage.panel.store import PanelStore

TURNS = ("on", "off", "pulse")
SETTINGS = "settings"
# What was asked of the light is done by then.
SETTLED_S = 2.0


class NotAllowedError(AcmError):
    """They may not do that. ``key`` is the sentence for people."""

    def __init__(self, key: str = "shell.refused") -> None:
        super().__init__("Your role or token does not include that." if key == "shell.refused" else "Sign in again.")
        self.key = key


@dataclass(frozen=True, slots=True)
class Made:
    """A change of settings: what differs now, what of it waits for a restart."""

    changed: tuple[Difference, ...] = ()
    waiting: tuple[str, ...] = ()


class Actions:
    """Does what a visitor asks for. Every method raises ``NotAllowedError``, or another ``AcmError`` in a sentence."""

    def __init__(
        self, daemon: Daemon, settings: Settings, store: PanelStore, doorman: Doorman, clock: Clock
    ) -> None:
        self._daemon, self._settings, self._store = daemon, settings, store
        self._doorman, self._clock = doorman, clock

    async def permit(self, visitor: Visitor, right: Right) -> None:
        """Raise ``NotAllowedError`` unless they may do that now: roles change and sessions end while a page is open."""
        if visitor.session:
            still = await asyncio.to_thread(self._doorman.still, visitor)
            if still is None:
                raise NotAllowedError("shell.ended")
            visitor = still
        if not visitor.may(right):
            raise NotAllowedError

    async def note(self, visitor: Visitor, what: str, undo: dict[str, object] | None = None, **detail: object) -> int:
        """Write down that they did something."""
        now_ms = to_ms(self._clock.utc_now())
        return await asyncio.to_thread(
            self._store.audit.add, now_ms, visitor.name, visitor.address, what=what, detail=detail, undo=undo
        )

    async def ring(self, visitor: Visitor, sound: str = "") -> float:
        """Play a chime; return how many ms it took until it was queued."""
        await self.permit(visitor, Right.RING)
        answer = await self._daemon.ask("chime", **({"sound": sound} if sound else {}))
        await self.note(visitor, "chime", sound=sound)
        return float(answer["queued_ms"])

    async def switch(self, visitor: Visitor, relay: str, turn: str, for_s: float | None = None) -> None:
        """Switch a relay by hand."""
        await self.permit(visitor, Right.SWITCH)
        if turn not in TURNS:
            raise InputError(f"A relay is switched by turn: {', '.join(TURNS)}.")
        await self._daemon.ask("relay", relay=relay, turn=turn, **({} if for_s is None else {"for_s": for_s}))
        await self.note(visitor, "relay", relay=relay, turn=turn, for_s=for_s)

    async def try_light(self, visitor: Visitor, for_s: float) -> None:
        """See by the lamp for a while; then as before, and it is left to the light again."""
        await self.permit(visitor, Right.AIM)
        before = str((await self._daemon.ask("status")).get("light", {}).get("mode", ""))
        await self._daemon.ask("light", mode="night")
        try:
            await asyncio.sleep(for_s)
        finally:
            if not before.startswith("night"):
                # By the light alone it would stay night until that was looked at, which can take an hour.
                await self._daemon.ask("light", mode="day")
                await asyncio.sleep(SETTLED_S)
            await self._daemon.ask("light", mode="auto")
        await self.note(visitor, "light", for_s=for_s)

    async def preview(self, visitor: Visitor, edits: Sequence[Edit], right: Right = Right.SET) -> list[Difference]:
        """What some edits of settings would change. ``ConfigError`` with a line for each fault."""
        await self.permit(visitor, right)
        return await asyncio.to_thread(self._settings.tried, edits)

    async def change(self, visitor: Visitor, edits: Sequence[Edit], right: Right = Right.SET) -> list[str]:
        """Write settings, have them taken into use, note it; return what waits for a restart.

        ``ConfigError`` with a line for each fault; then nothing has changed.
        """
        return list((await self.made(visitor, edits, right)).waiting)

    async def made(
        self, visitor: Visitor, edits: Sequence[Edit], right: Right = Right.SET, known: str = ""
    ) -> Made:
        """The same; ``known``: only if the settings are still those of this mark, else ``StaleError``."""
        await self.permit(visitor, right)
        changed, undo = await asyncio.to_thread(self._settings.change, edits, known)
        if not changed:
            return Made()
        try:
            waiting = await self._take()
        except ControlError:
            # It does not take them: nothing shall lie in wait for its next start.
            await asyncio.to_thread(self._settings.change, undo)
            raise
        told = [[one.written, one.before, one.after] for one in changed]
        # A password of before is not kept: who puts a change back types it again.
        kept = without_secrets(undo, self._settings.config)
        await self.note(visitor, SETTINGS, undo={"edits": _plain(kept)}, changed=told)
        return Made(tuple(changed), tuple(waiting))

    async def revert(self, visitor: Visitor, number: int) -> list[str]:
        """Undo a change of settings, which is a change itself."""
        return list((await self.reverted(visitor, number)).waiting)

    async def reverted(self, visitor: Visitor, number: int, known: str = "") -> Made:
        """The same; ``known`` as of ``made``."""
        await self.permit(visitor, Right.SET)
        change = await asyncio.to_thread(self._store.audit.get, number)
        if change is None or change.what != SETTINGS or change.undo is None:
            raise InputError("There is nothing that undoes this.")
        edits = [Edit(tuple(place), value) for place, value in change.undo["edits"]]
        return await self.made(visitor, edits, known=known)

    async def _take(self) -> list[str]:
        try:
            answer = await self._daemon.ask("reload")
        except NotRunningError:
            # It reads them when it starts.
            return []
        return [str(name) for name in answer["waiting"]]


def _plain(edits: Sequence[Edit]) -> list[list[Any]]:
    return [[list(edit.place), edit.value] for edit in edits]
