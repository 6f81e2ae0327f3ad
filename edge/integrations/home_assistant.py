"""What Home Assistant is told so that the box shows up there: one device with all of its entities in one message.

By https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload (Home Assistant 2024.11 or later). An
entity that went away is told once more, with its platform alone, and then no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.integrations.mqtt_topics import ONLINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge.integrations.mqtt_topics import Topics

    Entity = dict[str, Any]

PRODUCT, MAKER = "People counter", "Advanced Customer Messenger"
BORN = ONLINE
SENSOR, BINARY, SWITCH, BUTTON = "sensor", "binary_sensor", "switch", "button"
PEOPLE = "people"
DIAGNOSTIC = "diagnostic"
# What is not known renders as None, which Home Assistant takes for unknown.
YES_NO = "{{{{ {{true: 'ON', false: 'OFF'}}.get(value_json.{key}, 'None') }}}}"


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line whose own counts are shown: ``short`` in the figures, ``label`` for people."""

    short: str
    label: str


@dataclass(frozen=True, slots=True)
class RelayShown:
    """A relay; ``switchable`` if it may be switched from outside."""

    short: str
    name: str
    switchable: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a box there is to show.

    ``chime`` may be rung from outside; ``light``: it tells day from night; ``opening``: it knows the opening hours.
    """

    topics: Topics
    title: str
    model: str
    version: str
    lines: tuple[LineShown, ...] = ()
    relays: tuple[RelayShown, ...] = ()
    chime: bool = False
    light: bool = False
    opening: bool = False


def config_topic(prefix: str, name: str) -> str:
    """Where a box is announced."""
    return f"{prefix}/device/acm_{name}/config"


def status_topic(prefix: str) -> str:
    """Where Home Assistant says that it has started (its birth message)."""
    return f"{prefix}/status"


def announcement(shown: Shown, gone: Mapping[str, str] | None = None) -> bytes:
    """The message that announces a box; entities ``gone`` (platforms by key) are taken away by it."""
    name = shown.topics.name
    told = {
        "device": {
            "identifiers": [f"acm_{name}"],
            "name": shown.title or PRODUCT,
            "manufacturer": MAKER,
            "model": shown.model or PRODUCT,
            "sw_version": shown.version,
        },
        "origin": {"name": MAKER, "sw_version": shown.version},
        "availability_topic": shown.topics.available,
        "components": {
            **{key: {"platform": platform} for key, platform in (gone or {}).items()},
            **{key: {**entity, "unique_id": f"acm_{name}_{key}"} for key, entity in _entities(shown)},
        },
    }
    return json.dumps(told, ensure_ascii=False).encode()


def platforms(shown: Shown) -> dict[str, str]:
    """The platform of each entity by its key."""
    return {key: entity["platform"] for key, entity in _entities(shown)}


def _entities(shown: Shown) -> Iterator[tuple[str, Entity]]:
    topics = shown.topics
    yield "in", _count("In today", "value_json.in", topics.state)
    yield "out", _count("Out today", "value_json.out", topics.state)
    yield "inside", {
        "platform": SENSOR, "name": "Inside", "state_topic": topics.state, "state_class": "measurement",
        "unit_of_measurement": PEOPLE, "value_template": "{{ value_json.inside }}", "icon": "mdi:account-group",
    }  # fmt: skip
    for line in shown.lines:
        for key, word in (("in", "in"), ("out", "out")):
            value = f"value_json.lines['{line.short}'].{key}"
            yield f"line_{line.short}_{key}", _count(f"{line.label}: {word} today", value, topics.state)
    yield "occupied", _binary("Occupied", "occupied", topics.state, "occupancy")
    if shown.opening:
        yield "open", _binary("Open", "open", topics.state)
    if shown.light:
        yield "light", {
            "platform": SENSOR, "name": "Light", "state_topic": topics.state, "device_class": "enum",
            "options": ["day", "night"], "value_template": "{{ value_json.light }}",
        }  # fmt: skip
    yield from _health(topics)
    yield from _commands(shown)


def _health(topics: Topics) -> Iterator[tuple[str, Entity]]:
    yield "problem", {
        **_binary("Problem", "problem", topics.health, "problem"),
        "json_attributes_topic": topics.health, "entity_category": DIAGNOSTIC,
    }  # fmt: skip
    for key, name, unit, kind in (
        ("celsius", "Temperature", "°C", "temperature"),
        ("free_mb", "Free disk", "MB", "data_size"),
        ("fps", "Pictures a second", "fps", ""),
    ):
        yield key, {
            "platform": SENSOR, "name": name, "state_topic": topics.health, "state_class": "measurement",
            "unit_of_measurement": unit, "value_template": f"{{{{ value_json.{key} }}}}",
            "entity_category": DIAGNOSTIC, **({"device_class": kind} if kind else {}),
        }  # fmt: skip
    yield "notice", {
        "platform": SENSOR, "name": "Last notice", "state_topic": topics.notice, "entity_category": DIAGNOSTIC,
        "value_template": "{{ value_json.event }}", "json_attributes_topic": topics.notice,
    }  # fmt: skip


def _commands(shown: Shown) -> Iterator[tuple[str, Entity]]:
    topics = shown.topics
    for relay in shown.relays:
        common = {"name": relay.name, "state_topic": topics.relay(relay.short)}
        if relay.switchable:
            command = topics.relay_command(relay.short)
            yield f"switch_{relay.short}", {"platform": SWITCH, **common, "command_topic": command}
        else:
            yield f"relay_{relay.short}", {"platform": BINARY, **common}
    if shown.chime:
        yield "chime", {
            "platform": BUTTON, "name": "Chime", "command_topic": topics.chime_command, "icon": "mdi:bell-ring",
        }  # fmt: skip


def _count(name: str, value: str, topic: str) -> Entity:
    return {
        "platform": SENSOR, "name": name, "state_topic": topic, "state_class": "total_increasing",
        "unit_of_measurement": PEOPLE, "value_template": f"{{{{ {value} }}}}",
    }  # fmt: skip


def _binary(name: str, key: str, topic: str, kind: str = "") -> Entity:
    return {
        "platform": BINARY, "name": name, "state_topic": topic, "value_template": YES_NO.format(key=key),
        **({"device_class": kind} if kind else {}),
    }  # fmt: skip
