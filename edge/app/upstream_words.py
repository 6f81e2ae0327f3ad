"""How sending to the hub does, in words: for ``acm status``, ``acm sync`` and the doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.core.timekeeping import from_ms
from edge.host.doctor import fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.host.doctor import Finding

    Words = Mapping[str, Any]

# The states that Sync tells.
REFUSED, FAILING, CLOSED, CLOCKLESS = "refused", "failing", "closed", "waiting for the clock"
NOT_RUNNING = "not running"
# A day's worth waiting is worth a look.
MANY_ROWS = 5_000
MOST_ASIDE = 3
MINUTE_S, HOUR_S = 60, 3600


def upstream_text(told: Words) -> str:
    """A line about it."""
    parts = [_state(told), _waiting(told)]
    if told["set_aside"]:
        parts.append(f"{told['set_aside']} set aside (acm doctor tells why)")
    if told["contact_s"] is not None:
        parts.append(f"the hub answered {_ago(told['contact_s'])} ago")
    return "; ".join(part for part in parts if part)


def _state(told: Words) -> str:
    state = told["state"]
    if state == REFUSED:
        return f"refused by the hub: {told['why']}"
    if state == FAILING:
        return f"not reached for {_ago(told['failing_s'])}: {told['why']}"
    if state == CLOSED:
        return "outside the hours in which it may be sent"
    if state == CLOCKLESS:
        return "waiting until the time of day is known"
    return NOT_RUNNING if state == NOT_RUNNING else ""


def _waiting(told: Words) -> str:
    if not told["waiting"]:
        return "the hub has everything"
    oldest = "" if told["oldest_ms"] is None else f", the oldest of {from_ms(told['oldest_ms']):%Y-%m-%d %H:%M} UTC"
    return f"{told['waiting']} rows wait{oldest}"


def _ago(seconds: float) -> str:
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE_S:.0f} min" if seconds < HOUR_S else f"{seconds / HOUR_S:.1f} h"


def upstream_finding(told: Words, aside: Sequence[tuple[int, str]]) -> Finding:
    """What the doctor says; ``aside`` are rows the hub does not take, each with the reason."""
    text = f"{upstream_text(told)}."
    text = text[0].upper() + text[1:]
    if told["state"] == REFUSED:
        return fail(text, "Have the hub's owner give a code (acm hub device claim), then: acm enrol CODE.")
    if told["state"] == FAILING:
        return warn(text, "Nothing is lost; see the check of the hub, and the network of this box.")
    if told["state"] == CLOCKLESS:
        return warn(text, "Let the box reach a time server (timedatectl tells), or set clock_trusted in [site].")
    if aside:
        some = ", ".join(f"row {seq}: {why}" for seq, why in aside[:MOST_ASIDE])
        more = f" and {len(aside) - MOST_ASIDE} more" if len(aside) > MOST_ASIDE else ""
        return warn(f"{text} {some}{more}.", "They stay here (acm db export); send acm doctor --bundle to us.")
    if told["waiting"] > MANY_ROWS:
        return warn(text, "They are sent by themselves; acm sync --now begins at once.")
    return ok(text)
