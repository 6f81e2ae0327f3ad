"""Whether the tables agree with each other: no pin is used twice, and rules have what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.config.names import absent
from edge.config.times import Anchor
from edge.core.notices import BY_EVENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config.faults import Place
    from edge.config.rules import RuleTable
    from edge.config.schema import Config


def disagreements(config: Config) -> Iterator[tuple[Place, str]]:
    """Every contradiction between two tables: its place, and a sentence without its full stop."""
    yield from _pins(config)
    yield from _broker(config)
    yield from _mail(config)
    yield from _at_hub(config)
    yield from _signal(config)
    for number, rule in enumerate(config.rule):
        yield from ((("rule", number, key), f"the rule {rule.name!r} {fault}") for key, fault in _rule(rule, config))


def remarks(config: Config) -> list[str]:
    """What is allowed but should be known, each a sentence without its full stop."""
    told = [] if config.camera else ["there is no camera, and acm run needs one; add a table headed [[camera]]"]
    told += [
        f"the camera {camera.name} has no line, so nobody is counted there; add a table headed [[camera.line]]"
        for camera in config.camera
        if not camera.line
    ]
    return told + [relay.remark for relay in config.relay if relay.remark is not None]


def _pins(config: Config) -> Iterator[tuple[Place, str]]:
    users: list[tuple[Place, str, int]] = [
        *((("relay", number, "pin"), f"the relay {r.name}", r.pin) for number, r in enumerate(config.relay)),
        *((("button", number, "pin"), f"the button {b.name}", b.pin) for number, b in enumerate(config.button)),
        *((("infrared",), user, pin) for user, pin in (config.infrared.pins() if config.infrared.enabled else ())),
    ]
    taken: dict[int, str] = {}
    for place, user, pin in users:
        if pin in taken:
            yield place, f"{taken[pin]} and {user} are both on pin {pin}; give each its own"
        taken.setdefault(pin, user)


def _signal(config: Config) -> Iterator[tuple[Place, str]]:
    wanted, relays = config.health.signal_relay, [relay.name for relay in config.relay]
    faults = absent("relay", wanted, relays, verb="name") if wanted else ()
    yield from ((("health", "signal_relay"), f"signal_relay in [health] {fault}") for fault in faults)


def _broker(config: Config) -> Iterator[tuple[Place, str]]:
    relays = [relay.name for relay in config.relay]
    for name in sorted(config.mqtt.allowed_relays()):
        faults = absent("relay", name, relays, verb="name")
        yield from ((("mqtt", "commands"), f"commands in [mqtt] {fault}") for fault in faults)
    if config.upstream.enabled and config.upstream.transport == "mqtt" and not config.mqtt.host:
        fault = 'transport = "mqtt" in [upstream] needs to know where the broker is; give host in [mqtt]'
        yield ("upstream", "transport"), fault


def _mail(config: Config) -> Iterator[tuple[Place, str]]:
    for number, report in enumerate(config.report):
        if report.enabled and report.mail_to and not config.mail.host:
            yield ("report", number, "mail_to"), (
                f"the report {report.name!r} goes by mail, but there is no mail server; give host and sender in [mail]"
            )


def _at_hub(config: Config) -> Iterator[tuple[Place, str]]:
    upstream = config.upstream
    there = upstream.enabled and upstream.url and upstream.transport == "http"
    for number, report in enumerate(config.report):
        if report.enabled and report.hub and not there:
            yield ("report", number, "hub"), (
                f"the report {report.name!r} goes to the hub, but this box sends nothing there over HTTP; give enabled "
                'and url in [upstream], and transport = "http"'
            )


def _rule(rule: RuleTable, config: Config) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule, told after its name; the setting it is about before."""
    if not config.schedule.known and rule.hours != "any":
        yield "hours", "needs the opening hours; give them in [schedule]"
    for key, moment in zip(("from", "to"), rule.window(), strict=True):
        if moment is None:
            continue
        if not config.schedule.known and moment.anchor in (Anchor.OPENING, Anchor.CLOSING):
            yield key, "needs the opening hours; give them in [schedule]"
        if not config.site.coordinates and moment.anchor in (Anchor.SUNRISE, Anchor.SUNSET):
            yield key, "needs to know where the shop is; give coordinates in [site]"
    if rule.holidays == "only" and not config.schedule.holidays:
        yield "holidays", "is for holidays only, but there are none; give them in [schedule]"
    if rule.notice and rule.notice not in BY_EVENT:
        yield from (("notice", fault) for fault in absent("notice", rule.notice, BY_EVENT))
    yield from (("for_s", fault) for fault in _times(rule, config))


def _times(rule: RuleTable, config: Config) -> Iterator[str]:
    """A time that its relay cannot keep."""
    relay = next((relay for relay in config.relay if relay.name == rule.relay), None)
    if relay is None or not rule.for_s:
        return
    if relay.max_on_s and rule.for_s > relay.max_on_s:
        yield f"switches the relay {relay.name} for longer than its max_on_s, which is {relay.max_on_s:g}"
    if rule.for_s < relay.min_toggle_s:
        yield f"switches the relay {relay.name} for less than its min_toggle_s, which is {relay.min_toggle_s:g}"
