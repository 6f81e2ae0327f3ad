"""Allowances of those who ask from outside and are not known yet: by address, by code."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.storage.hub.allowance import Allowance
    from edge.storage.hub.database import HubDatabase

# Nobody's purse takes longer to be full again.
FORGET_MS = 86_400_000


def pay(database: HubDatabase, who: str, allowance: Allowance, now_ms: int) -> float:
    """Take one request out of somebody's purse; 0, or in how many seconds to come again. Raises ``HubAwayError``."""
    key = hashlib.sha256(who.encode()).hexdigest()
    with database.writing():
        database.run(
            "INSERT INTO pace (key, allowance, at_ms) VALUES (%s, %s, %s) "
            "ON CONFLICT (key) DO UPDATE SET key = excluded.key",
            key, allowance.at(0, 0, now_ms), now_ms,
        )  # fmt: skip
        amount, at_ms = database.run("SELECT allowance, at_ms FROM pace WHERE key = %s", key).fetchone()
        wait_s = allowance.wait_s(amount, at_ms, now_ms)
        if not wait_s:
            left = allowance.less_one(amount, at_ms, now_ms)
            database.run("UPDATE pace SET allowance = %s, at_ms = %s WHERE key = %s", left, now_ms, key)
    return wait_s


def forget(database: HubDatabase, now_ms: int) -> None:
    """Let go of purses that are full again."""
    with database.writing():
        database.run("DELETE FROM pace WHERE at_ms < %s", now_ms - FORGET_MS)
