"""How often somebody may ask: a purse that fills up evenly. Kept in the database, so that it holds over all processes.

Amounts are thousandths of a request. The purse is looked at before a request is worked on and paid from afterwards;
so those that come at the very same moment may all pass.
"""

from __future__ import annotations

from dataclasses import dataclass

ONE = 1000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """``a_minute`` requests on average, and as many at once."""

    a_minute: int

    def at(self, amount: int, at_ms: int, now_ms: int) -> int:
        """What is in a purse now that had ``amount`` in it then. A clock that went back fills nothing."""
        return min(self.a_minute * ONE, amount + max(0, now_ms - at_ms) * self.a_minute * ONE // MINUTE_MS)

    def less_one(self, amount: int, at_ms: int, now_ms: int) -> int:
        """The same, one request paid; below 0 for as much again at most."""
        return max(-self.a_minute * ONE, self.at(amount, at_ms, now_ms) - ONE)

    def wait_s(self, amount: int, at_ms: int, now_ms: int) -> float:
        """How long until one request can be paid; 0 if it can now."""
        missing = ONE - self.at(amount, at_ms, now_ms)
        return max(0, missing) * MINUTE_MS / 1000 / (self.a_minute * ONE)
