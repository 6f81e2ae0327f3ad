"""How long somebody has to wait after wrong passwords. Pure: what happened and the time are arguments."""

from __future__ import annotations

FREE = 5
FIRST_WAIT_S = 30
# An account is known to all who work in the shop: its wait stays short, lest anybody could lock the owner out.
LONGEST_ACCOUNT_S, LONGEST_ADDRESS_S = 60, 900
FORGOTTEN_S = 24 * 3600


def wait_s(failures: int, since_s: float, longest_s: int) -> float:
    """Seconds still to wait after so many wrong passwords in a row, the last one ``since_s`` ago; 0 for none."""
    if failures < FREE or since_s > FORGOTTEN_S:
        return 0.0
    whole: int = min(longest_s, FIRST_WAIT_S << min(failures - FREE, 16))
    return max(0.0, whole - max(0.0, since_s))
