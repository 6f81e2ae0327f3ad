"""A sink's letterbox: bounded, filled by the analysis threads without waiting, emptied by the sink's own thread."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from threading import Event as Bell

T = TypeVar("T")


class Inbox(Generic[T]):
    """Room for ``room`` things. Whoever puts never waits: when it is full the newest is refused and counted.

    The oldest are kept since what came first is what everything after it builds on (a ledger, a sound for somebody who
    is at the door now is another matter: ``keep_newest``).
    """

    def __init__(self, room: int, bell: Bell, *, keep_newest: bool = False) -> None:
        if room < 1:
            raise ValueError(f"an inbox needs room for something, not {room}")
        self._room, self._bell, self._keep_newest = room, bell, keep_newest
        self._lock = Lock()
        self._waiting: deque[T] = deque()
        self.dropped = 0
        self.most = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def room(self) -> int:
        """How many it holds."""
        return self._room

    def put(self, thing: T) -> bool:
        """Leave something; False if that (or, with ``keep_newest``, the oldest) had to be dropped."""
        with self._lock:
            full = len(self._waiting) >= self._room
            self.dropped += full
            if full and self._keep_newest:
                self._waiting.popleft()
            if not full or self._keep_newest:
                self._waiting.append(thing)
            self.most = max(self.most, len(self._waiting))
        self._bell.set()
        return not full

    def take(self, most: int) -> list[T]:
        """Up to ``most`` things, oldest first; empty when there are none."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def peek(self, most: int) -> list[T]:
        """As ``take``, but they stay until ``drop`` says they are dealt with."""
        with self._lock:
            return [self._waiting[place] for place in range(min(most, len(self._waiting)))]

    def drop(self, number: int) -> None:
        """Take away the ``number`` oldest, which were peeked at and are dealt with."""
        with self._lock:
            for _ in range(min(number, len(self._waiting))):
                self._waiting.popleft()
