"""When to try again: sooner at first, ever later while it does not help."""

from __future__ import annotations

from random import Random


class Reconnect:
    """Says when a lost thing may be tried again. Time is an argument; nothing waits here.

    The pause is ``first_s`` after the first failure and doubles with each further one up to ``most_s``. Each is
    shortened by chance by up to the part ``jitter``, so that many devices do not all come back at the same moment.
    """

    def __init__(
        self, first_s: float = 1.0, most_s: float = 60.0, jitter: float = 0.2, seed: int | None = None
    ) -> None:
        if not 0 < first_s <= most_s or not 0 <= jitter < 1:
            raise ValueError(f"no pauses: first {first_s} s, most {most_s} s, jitter {jitter}")
        self._first_s, self._most_s, self._jitter = first_s, most_s, jitter
        self._chance = Random(seed)  # noqa: S311 - spreads devices out, guards nothing
        self._pause_s = first_s
        self._not_before_s: float | None = None

    def failed(self, now_s: float) -> float:
        """Note a failure; return the seconds until the next try."""
        pause_s = self._pause_s * (1 - self._jitter * self._chance.random())
        self._pause_s = min(2 * self._pause_s, self._most_s)
        self._not_before_s = now_s + pause_s
        return pause_s

    def succeeded(self) -> None:
        """Note that it works: the next failure starts with the short pause again."""
        self._pause_s = self._first_s
        self._not_before_s = None

    def may_try(self, now_s: float) -> bool:
        """Whether the pause is over."""
        return self.wait_s(now_s) == 0

    def wait_s(self, now_s: float) -> float:
        """Seconds left of the pause, 0 when it is over."""
        return 0.0 if self._not_before_s is None else max(0.0, self._not_before_s - now_s)
