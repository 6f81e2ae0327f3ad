"""The records, read beside whoever writes them: off the event loop, and each question once for all viewers."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar, cast

from edge.storage.statistics.reader import StatisticsReader

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from edge.core.clock import Clock

T = TypeVar("T")
# Long questions must not make short ones wait; more would take the processor from counting.
READERS = 2
MOST_REMEMBERED = 64


class Answers:
    """Has questions answered on other threads. For the thread of the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads = ThreadPoolExecutor(READERS, "reading")
        self._answers: dict[Hashable, tuple[float, asyncio.Future[object]]] = {}

    async def get(self, answer: Callable[[], T], *, key: Hashable = None, keep_s: float = 0.0) -> T:
        """Call ``answer`` on another thread. With a ``key``, whoever asks the same within ``keep_s`` gets the same."""
        loop = asyncio.get_running_loop()
        if key is None:
            return await loop.run_in_executor(self._threads, answer)
        now_s = self._clock.monotonic_s()
        asked_s, known = self._answers.get(key, (0.0, None))
        if known is None or now_s - asked_s > keep_s or (known.done() and known.exception() is not None):
            self._forget()
            known = cast("asyncio.Future[object]", loop.run_in_executor(self._threads, answer))
            self._answers[key] = now_s, known
        # Who goes away must not take the answer from the others.
        return cast("T", await asyncio.shield(known))

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        """Keep no more answers than may be wanted again."""
        if len(self._answers) >= MOST_REMEMBERED:
            oldest = sorted(self._answers, key=lambda key: self._answers[key][0])
            for key in oldest[: MOST_REMEMBERED // 2]:
                del self._answers[key]


class Reading:
    """Asks the records at ``path``. For the thread of the event loop."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._answers = Answers(clock)

    async def ask(self, question: Callable[[StatisticsReader], T], *, key: Hashable = None, keep_s: float = 0.0) -> T:
        """Put a question to the records: it is called with them on another thread.

        With a ``key``, whoever asks the same within ``keep_s`` gets the same answer. Raises ``StorageError`` and its
        kinds.
        """
        return await self._answers.get(lambda: self._answer(question), key=key, keep_s=keep_s)

    def close(self) -> None:
        """Let the threads end."""
        self._answers.close()

    def _answer(self, question: Callable[[StatisticsReader], T]) -> T:
        # Opened anew each time: a damaged file is set aside and another takes its place.
        with StatisticsReader(self.path) as records:
            return question(records)
