"""What sets a rule off: things that happen in a moment, and things that last. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.events import ButtonPressed, LineCrossed, LineTouched, ZoneEntered
from edge.core.model import Direction
from edge.core.notice import Fact

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import datetime

    from edge.analytics.shop import Shop
    from edge.config.rules import RuleTable
    from edge.core.events import Event

MOMENTARY = ("arriving", "arrival", "departure", "presence", "button", "notice")
# What each trigger waits for, told after "it waits for".
WORDS = {
    "arriving": "somebody about to come in",
    "arrival": "an arrival",
    "departure": "a departure",
    "presence": "a sign of people",
    "button": "a button",
    "notice": "a notice",
}


def is_momentary(rule: RuleTable) -> bool:
    """Whether what sets it off is over in a moment. A relay that follows a button looks at how long it is pressed."""
    return rule.on in MOMENTARY and rule.turn != "follow"


def happened(rule: RuleTable, event: Event | Fact | None, camera: str) -> bool:
    """Whether an event is what a momentary rule waits for."""
    if rule.camera not in ("", camera):
        return False
    if isinstance(event, ButtonPressed):
        return rule.on == "button" and rule.button in ("", event.button)
    if isinstance(event, Fact):
        return rule.on == "notice" and rule.notice in ("", event.event)
    if isinstance(event, ZoneEntered):
        return rule.on == "presence" and (rule.zone == event.zone or rule.zone == rule.line == "")
    return isinstance(event, (LineTouched, LineCrossed)) and _at_line(rule, event)


def _at_line(rule: RuleTable, event: LineTouched | LineCrossed) -> bool:
    if rule.line != event.line and (rule.line or rule.zone):
        return False
    inwards = event.direction is Direction.IN
    if isinstance(event, LineTouched):
        return rule.on == "presence" or (rule.on == "arriving" and inwards)
    return rule.on in ("presence", "arrival" if inwards else "departure")


def lasting(rule: RuleTable, shop: Shop, window_since: datetime | None) -> Mapping[Hashable, float | None]:
    """The reasons a lasting rule has now: none if what it is about is not so.

    Each comes with when it began (monotonic seconds), None if that has to be remembered. A new reason beside an old
    one is news: the next visitor who stays, the window of the next day.
    """
    if rule.on == "dwell":
        return {
            stay: since_s
            for stay, since_s in shop.staying.items()
            if rule.zone in ("", stay.zone) and rule.camera in ("", stay.camera)
        }
    if rule.on == "button":
        return {name: since_s for name, since_s in shop.pressed.items() if rule.button in ("", name)}
    if rule.on == "clock":
        return {} if window_since is None else {window_since: None}
    return {rule.on: None} if _is_so(rule, shop) else {}


def why_not_so(rule: RuleTable, shop: Shop) -> str:
    """Why a lasting rule has no reason now, told as the second half of a sentence."""
    inside = shop.inside_at(rule.camera)
    people = f"{inside} {'is' if inside == 1 else 'are'} inside"
    if rule.on == "occupancy":
        more = [] if rule.above is None else [f"more than {rule.above}"]
        fewer = [] if rule.below is None else [f"fewer than {rule.below}"]
        return f"{people} and the rule is for {' and '.join(more + fewer)}"
    if rule.on in ("night", "day"):
        known = {True: "it is night", False: "it is day", None: "whether it is night is not known yet"}
        return known[shop.night]
    words = {
        "empty": people,
        "dwell": f"nobody is in {f'the zone {rule.zone}' if rule.zone else 'any zone'}",
        "button": f"the button {rule.button} is not pressed" if rule.button else "no button is pressed",
    }
    return words.get(rule.on, "it is another time of day")


def _is_so(rule: RuleTable, shop: Shop) -> bool:
    inside = shop.inside_at(rule.camera)
    if rule.on == "occupancy":
        return (rule.above is None or inside > rule.above) and (rule.below is None or inside < rule.below)
    if rule.on == "empty":
        return inside == 0
    return shop.night is (rule.on == "night")
