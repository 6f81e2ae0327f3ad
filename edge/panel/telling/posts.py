"""Messages on their way to browsers: each is tried again for a while; a service that has enough is left in peace."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.integrations.web_push import Answer

FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0
# More browsers than any shop has, with a message of every kind each.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Post:
    """A message for one browser. A newer one of its kind takes its place. Times are monotonic seconds."""

    endpoint: str
    kind: str
    payload: bytes
    ends_s: float
    urgent: bool = False


class Posts:
    """What waits to be sent. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[tuple[str, str], Post] = {}
        # How often in a row a browser's service did not take a message, and until when it is left in peace.
        self._rests: dict[str, tuple[int, float]] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def add(self, post: Post) -> None:
        """Have a message sent; when too many wait, the oldest is not."""
        with self._lock:
            self._waiting.pop((post.endpoint, post.kind), None)
            if len(self._waiting) >= MOST:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[post.endpoint, post.kind] = post

    def due(self, now_s: float) -> list[Post]:
        """What is to be sent now; what is not worth telling any more is forgotten."""
        with self._lock:
            self._waiting = {key: post for key, post in self._waiting.items() if post.ends_s > now_s}
            return [post for post in self._waiting.values() if self._rests.get(post.endpoint, (0, 0.0))[1] <= now_s]

    def answered(self, post: Post, answer: Answer | None, now_s: float) -> None:
        """What came of sending one; None if the service was not reached."""
        with self._lock:
            if answer is not None and (answer.taken or answer.gone):
                self._rests.pop(post.endpoint, None)
                if self._waiting.get((post.endpoint, post.kind)) == post:
                    del self._waiting[post.endpoint, post.kind]
                return
            tries = self._rests.get(post.endpoint, (0, 0.0))[0] + 1
            wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(tries - 1, 10))
            if answer is not None and answer.wait_s is not None:
                wait_s = max(wait_s, answer.wait_s)
            self._rests[post.endpoint] = tries, now_s + wait_s

    def forget(self, endpoint: str) -> None:
        """Send nothing more to a browser."""
        with self._lock:
            self._waiting = {key: post for key, post in self._waiting.items() if post.endpoint != endpoint}
            self._rests.pop(endpoint, None)
