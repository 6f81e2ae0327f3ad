"""Figures that run along: how often something happens, and how long it mostly takes."""

from __future__ import annotations

from collections import deque
from threading import Lock

# Long enough for a steady figure, short enough that a technician at the door sees what a change does.
OVER_S = 10.0
LATEST = 500


class Rate:
    """How often a second something happened in the last ``over_s`` seconds. One thread notes, any may ask."""

    def __init__(self, over_s: float = OVER_S) -> None:
        self._over_s = over_s
        self._lock = Lock()
        self._times_s: deque[float] = deque()
        self._since_s: float | None = None

    def note(self, now_s: float) -> None:
        """It happened."""
        with self._lock:
            if self._since_s is None:
                self._since_s = now_s
            self._times_s.append(now_s)
            self._forget(now_s)

    def per_s(self, now_s: float) -> float:
        """The rate now; 0 when it has not happened for so long."""
        with self._lock:
            self._forget(now_s)
            if self._since_s is None or not self._times_s:
                return 0.0
            # In the first seconds there is no whole window yet.
            over_s = min(self._over_s, max(1.0, now_s - self._since_s))
            return len(self._times_s) / over_s

    def _forget(self, now_s: float) -> None:
        while self._times_s and now_s - self._times_s[0] > self._over_s:
            self._times_s.popleft()


class Spread:
    """The latest measurements of one thing, for its usual and its bad case. One thread notes, any may ask."""

    def __init__(self, latest: int = LATEST) -> None:
        self._lock = Lock()
        self._values: deque[float] = deque(maxlen=latest)
        self.count = 0

    def note(self, value: float) -> None:
        """Take a measurement."""
        with self._lock:
            self._values.append(value)
            self.count += 1

    def at(self, part: float) -> float | None:
        """The value that ``part`` (0..1) of the latest measurements do not exceed; None before the first one."""
        with self._lock:
            ordered = sorted(self._values)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else None

    def told(self) -> dict[str, float | int | None]:
        """``p50`` and ``p95`` of the latest measurements, and how many there were ever."""
        return {"p50": _short(self.at(0.5)), "p95": _short(self.at(0.95)), "count": self.count}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
