"""Whether the tables agree with each other: everything named exists, and no pin is used twice."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from edge.config.times import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge.config.rules import RuleTable
    from edge.config.schema import Config


def disagreements(config: Config) -> Iterator[str]:
    """Every contradiction between two tables, each a sentence without its full stop."""
    yield from _pins(config)
    yield from _cameras(config)
    yield from _broker(config)
    for rule in config.rule:
        yield from (f"the rule {rule.name!r} {fault}" for fault in _rule(rule, config))


def remarks(config: Config) -> list[str]:
    """What is allowed but should be known, each a sentence without its full stop."""
    return [relay.remark for relay in config.relay if relay.remark is not None]


def _pins(config: Config) -> Iterator[str]:
    users = [
        *((f"the relay {relay.name}", relay.pin) for relay in config.relay),
        *((f"the button {button.name}", button.pin) for button in config.button),
        *(config.infrared.pins() if config.infrared.enabled else ()),
    ]
    taken: dict[int, str] = {}
    for user, pin in users:
        if pin in taken:
            yield f"{taken[pin]} and {user} are both on pin {pin}; give each its own"
        taken.setdefault(pin, user)


def _cameras(config: Config) -> Iterator[str]:
    camera = config.infrared.camera
    if camera:
        yield from (f"[infrared] {fault}" for fault in _named("camera", camera, (c.name for c in config.camera)))


def _broker(config: Config) -> Iterator[str]:
    relays = [relay.name for relay in config.relay]
    for name in sorted(config.mqtt.allowed_relays()):
        yield from (f"commands in [mqtt] {fault}" for fault in _named("relay", name, relays, verb="name"))
    if config.upstream.enabled and config.upstream.transport == "mqtt" and not config.mqtt.host:
        yield 'transport = "mqtt" in [upstream] needs to know where the broker is; give host in [mqtt]'


def _rule(rule: RuleTable, config: Config) -> Iterator[str]:
    """What is wrong with a rule, told after its name."""
    cameras = [camera for camera in config.camera if rule.camera in ("", camera.name)]
    for kind, name, known in (
        ("camera", rule.camera, [camera.name for camera in config.camera]),
        ("line", rule.line, [line.name for camera in cameras for line in camera.line]),
        ("zone", rule.zone, [zone.name for camera in cameras for zone in camera.zone]),
        ("button", rule.button, [button.name for button in config.button]),
        ("relay", rule.relay, [relay.name for relay in config.relay]),
    ):
        if name:
            yield from _named(kind, name, known)
    if not config.schedule.known and (rule.hours != "any" or rule.anchors() & {Anchor.OPENING, Anchor.CLOSING}):
        yield "needs the opening hours; give them in [schedule]"
    if not config.site.coordinates and rule.anchors() & {Anchor.SUNRISE, Anchor.SUNSET}:
        yield "needs to know where the shop is; give coordinates in [site]"
    if rule.holidays == "only" and not config.schedule.holidays:
        yield "is for holidays only, but there are none; give them in [schedule]"
    yield from _times(rule, config)


def _times(rule: RuleTable, config: Config) -> Iterator[str]:
    """A time that its relay cannot keep."""
    relay = next((relay for relay in config.relay if relay.name == rule.relay), None)
    if relay is None or not rule.for_s:
        return
    if relay.max_on_s and rule.for_s > relay.max_on_s:
        yield f"switches the relay {relay.name} for longer than its max_on_s, which is {relay.max_on_s:g}"
    if rule.for_s < relay.min_toggle_s:
        yield f"switches the relay {relay.name} for less than its min_toggle_s, which is {relay.min_toggle_s:g}"


def _named(kind: str, name: str, known: Iterable[str], verb: str = "names") -> Iterator[str]:
    names = list(known)
    if name not in names:
        near = get_close_matches(name, names, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}" if names else "there is none"
        yield f"{verb} a {kind} {name!r} that does not exist; {hint}"
