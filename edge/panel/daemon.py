"""The counter as the panel sees it: how it does, what happens, what it is asked for. Being gone is a state, too."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from edge.host.control_client import ControlClient
from edge.host.control_place import client_sockets
from edge.host.control_wire import ANSWER_BYTES, ControlError, NotRunningError, line_of, words_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from edge.core.clock import Clock

    Words = Mapping[str, Any]

# While somebody looks, and while nobody does.
WATCHED_S, UNWATCHED_S = 2.0, 30.0
# Several things that happen at once are told once.
SOON_S = 0.15
TRY_AGAIN_S = 2.0
PATIENCE_S = 4.0


class Watch:
    """Somebody who wants to know of every change, until ``stop``; ``hurried``: within seconds."""

    def __init__(
        self, daemon: Daemon, told: Callable[[], None], happened: Callable[[Words], None] | None, *, hurried: bool
    ) -> None:
        self._daemon, self.told, self.happened, self.hurried = daemon, told, happened, hurried

    def stop(self) -> None:
        """Want no more; may be called twice."""
        self._daemon.watches.discard(self)


class Daemon:
    """``acm run``, over its control socket. Everything but ``ask`` is for the thread of the event loop.

    ``status`` is what it told last, None before it told anything; ``gone`` says in a key of ``words`` why it does not
    answer now, empty while it does.
    """

    def __init__(self, control: Path | None, clock: Clock) -> None:
        self._paths = client_sockets() if control is None else (control,)
        self.control = control
        self._clock = clock
        self.status: dict[str, Any] | None = None
        self.status_s = 0.0
        self.gone = "health.no_daemon"
        self.watches: set[Watch] = set()
        self._wake = asyncio.Event()

    def watch(
        self, told: Callable[[], None], happened: Callable[[Words], None] | None = None, *, hurried: bool = True
    ) -> Watch:
        """Have ``told`` called whenever the status is news, and ``happened`` with every event.

        Who is not ``hurried`` does not have the status asked for more often on his account.
        """
        watch = Watch(self, told, happened, hurried=hurried)
        self.watches.add(watch)
        self._wake.set()
        return watch

    async def ask(self, verb: str, **words: object) -> dict[str, Any]:
        """Ask it for something. ``ControlError`` says in a sentence why that was refused."""
        answer = await asyncio.to_thread(self._asked, verb, words)
        self._wake.set()
        return answer

    async def ask_quietly(self, verb: str, **words: object) -> dict[str, Any]:
        """The same for what is asked many times a second and changes nothing: the status is not asked for after it."""
        return await asyncio.to_thread(self._asked, verb, words)

    async def run(self) -> None:
        """Keep ``status`` fresh and pass events on, until cancelled."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                await self._look()
                self._wake.clear()
                with suppress(asyncio.TimeoutError):
                    hurried = any(watch.hurried for watch in self.watches)
                    await asyncio.wait_for(self._wake.wait(), WATCHED_S if hurried else UNWATCHED_S)
                await asyncio.sleep(SOON_S)
        finally:
            listening.cancel()

    def _asked(self, verb: str, words: Words) -> dict[str, Any]:
        with ControlClient(self.control, limit_s=PATIENCE_S) as client:
            answer = client.ask(verb, **words)
        del answer["ok"]
        return answer

    async def _look(self) -> None:
        try:
            self.status = await asyncio.to_thread(self._asked, "status", {})
            self.status_s, self.gone = self._clock.monotonic_s(), ""
        except NotRunningError:
            self.gone = "health.no_daemon"
        except ControlError as error:
            self.gone = "health.no_right" if "Only the group" in str(error) else "health.no_daemon"
        for watch in list(self.watches):
            watch.told()

    async def _listen(self) -> None:
        while True:
            async for event in self._events():
                self._wake.set()
                for watch in list(self.watches):
                    if watch.happened is not None:
                        watch.happened(event)
            self._wake.set()
            await asyncio.sleep(TRY_AGAIN_S)

    async def _events(self) -> AsyncIterator[Words]:
        """Every event from now on, until the connection ends."""
        for path in self._paths:
            with suppress(OSError):
                reader, writer = await asyncio.open_unix_connection(str(path), limit=ANSWER_BYTES)
                break
        else:
            return
        try:
            writer.write(line_of({"verb": "subscribe"}))
            while line := await reader.readline():
                with suppress(ValueError):
                    event = words_of(line)
                    if "event" in event:
                        yield event
        except (OSError, ValueError):
            # It ended, or says what is no line: the next connection tells.
            return
        finally:
            writer.close()
