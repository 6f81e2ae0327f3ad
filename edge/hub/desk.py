"""Where requests are worked on: some threads, each with its own connection to the database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, TypeVar

from edge.core.timekeeping import to_ms
from edge.hub.answers import RefusedError
from edge.storage.hub.database import HubDatabase
from edge.storage.hub.migrations import bring_up
from edge.storage.hub.registry import Registry
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from edge.config.hub import HubConfig
    from edge.core.clock import Clock

Done = TypeVar("Done")

THREADS = 4
# Bodies of batches that are in memory at a time, packed or not; who comes then waits.
BODIES = 8
# Who could not be served so long is asked to come again.
PATIENCE_S = 20.0
BUSY_S = 5.0
# How long threads wait for each other at the end, so that each closes its own connection.
CLOSE_S = 1.0


class Desk:
    """The hub's store and registry, to be used from coroutines."""

    def __init__(self, settings: HubConfig, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        database = HubDatabase(settings.server.database.get_secret_value())
        self.store = HubStore(database, settings.limits.batches_a_minute)
        self.registry = Registry(self.store)
        self.bodies = asyncio.Semaphore(BODIES)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hub")
        self._sound = False
        self._secret = b""

    @property
    def now(self) -> datetime:
        """The time of day."""
        return self.clock.utc_now()

    @property
    def now_ms(self) -> int:
        """The same, in ms since 1970."""
        return to_ms(self.now)

    @property
    def secret(self) -> bytes:
        """The hub's secret; only after ``do`` has done anything."""
        return self._secret

    async def do(self, work: Callable[[], Done]) -> Done:
        """Have work with the database done on one of the threads. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._prepared, work)

    async def enter(self) -> None:
        """Wait for room for a body; ``leave`` afterwards. Raises ``RefusedError`` if there is none for long."""
        try:
            await asyncio.wait_for(self.bodies.acquire(), PATIENCE_S)
        except asyncio.TimeoutError:
            raise RefusedError(503, "The hub is busy; come again later.", BUSY_S) from None

    def leave(self) -> None:
        """Give the room back."""
        self.bodies.release()

    def close(self) -> None:
        """Close all connections. A thread that hangs is left behind: what it began, the database undoes."""
        together = Barrier(THREADS)
        closing = [self._threads.submit(self._close_one, together) for _ in range(THREADS)]
        self._threads.shutdown(wait=False)
        # SQLite's log goes into its file when the last connection is closed: whoever copies the file then has it all.
        wait(closing, 2 * CLOSE_S)

    def _close_one(self, together: Barrier) -> None:
        with suppress(BrokenBarrierError):
            together.wait(CLOSE_S)
        self.store.close()

    def _prepared(self, work: Callable[[], Done]) -> Done:
        if not self._sound:
            # The database may not have been there when the hub was started.
            bring_up(self.store.database)
            self._secret = self.registry.secret()
            self._sound = True
        return work()


