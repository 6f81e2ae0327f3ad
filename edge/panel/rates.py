"""How many calls somebody may make: a bucket that fills again. Time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

# More are forgotten: an attacker may have many addresses, the panel little memory.
MOST = 2000


@dataclass(slots=True)
class _Bucket:
    left: float
    at_s: float


class Rates:
    """At most ``burst`` calls at once and ``a_second`` in the long run, for each caller."""

    def __init__(self, a_second: float, burst: float) -> None:
        self.a_second, self.burst = a_second, burst
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, caller: Hashable, now_s: float) -> float:
        """Let a call pass: 0. Otherwise the seconds after which it would."""
        bucket = self._buckets.get(caller)
        if bucket is None:
            if len(self._buckets) >= MOST:
                self._forget(now_s)
            bucket = self._buckets[caller] = _Bucket(self.burst, now_s)
        bucket.left = min(self.burst, bucket.left + max(0.0, now_s - bucket.at_s) * self.a_second)
        bucket.at_s = now_s
        if bucket.left >= 1:
            bucket.left -= 1
            return 0.0
        return (1 - bucket.left) / self.a_second

    def left(self, caller: Hashable) -> int:
        """How many calls may follow at once."""
        bucket = self._buckets.get(caller)
        return int(self.burst if bucket is None else bucket.left)

    def _forget(self, now_s: float) -> None:
        """Forget whose bucket is full again; if all are in use, the longest silent half."""
        full_s = self.burst / self.a_second
        self._buckets = {who: kept for who, kept in self._buckets.items() if now_s - kept.at_s < full_s}
        if len(self._buckets) >= MOST:
            silent = sorted(self._buckets, key=lambda who: self._buckets[who].at_s)
            for who in silent[: MOST // 2]:
                del self._buckets[who]
