"""What Home Assistant asks of a device's announcement, as JSON Schema.

Written from its documentation:
- https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload: ``device`` and ``origin`` are mandatory,
  each component has a ``platform``, an option of its own, and a ``unique_id``; one that is to be removed has the
  platform alone. Abbreviations are allowed, too (#supported-abbreviations-in-mqtt-discovery-messages); we use none.
- https://www.home-assistant.io/integrations/sensor.mqtt/, binary_sensor.mqtt/, switch.mqtt/, button.mqtt/: which
  options there are, and which of them are required (``state_topic``; ``command_topic`` for switch and button).
- https://developers.home-assistant.io/docs/core/entity/sensor/ and binary-sensor/: device classes, their units, and
  state classes. Unknown options would be ignored there; here they are faults, for they would be slips of the hand.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string", "minLength": 1}
# Topics to listen to or to publish to, without wildcards.
TOPIC = {"type": "string", "pattern": r"^[^+#\x00]{1,65535}$"}
TEMPLATE = {"type": "string", "pattern": r"\{\{.*\}\}"}
COMMON = {
    "platform": TEXT, "unique_id": TEXT, "name": {"type": ["string", "null"]}, "icon": {"pattern": "^mdi:[a-z0-9-]+$"},
    "entity_category": {"enum": ["config", "diagnostic"]}, "qos": {"enum": [0, 1, 2]}, "encoding": TEXT,
    "availability_topic": TOPIC, "payload_available": TEXT, "payload_not_available": TEXT,
    "enabled_by_default": {"type": "boolean"}, "default_entity_id": TEXT,
    "json_attributes_topic": TOPIC, "json_attributes_template": TEMPLATE,
}  # fmt: skip
SENSOR_CLASSES = {
    "temperature": ["°C", "°F", "K"], "humidity": ["%"], "duration": ["d", "h", "min", "s", "ms"],
    "data_size": ["bit", "kbit", "Mbit", "Gbit", "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB"],
    "enum": None, "timestamp": None, "date": None,
}  # fmt: skip
STATE_CLASSES = ["measurement", "measurement_angle", "total", "total_increasing"]
BINARY_CLASSES = [
    "battery", "battery_charging", "carbon_monoxide", "cold", "connectivity", "door", "garage_door", "gas", "heat",
    "light", "lock", "moisture", "motion", "moving", "occupancy", "opening", "plug", "power", "presence", "problem",
    "running", "safety", "smoke", "sound", "tamper", "update", "vibration", "window",
]  # fmt: skip
OPTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "sensor": (
        {
            "state_topic": TOPIC, "value_template": TEMPLATE, "device_class": {"enum": list(SENSOR_CLASSES)},
            "state_class": {"enum": STATE_CLASSES}, "unit_of_measurement": {"type": ["string", "null"]},
            "options": {"type": "array", "items": TEXT, "minItems": 1}, "expire_after": {"type": "integer"},
            "force_update": {"type": "boolean"}, "suggested_display_precision": {"type": "integer", "minimum": 0},
        },
        ["state_topic"],
    ),
    "binary_sensor": (
        {
            "state_topic": TOPIC, "value_template": TEMPLATE, "device_class": {"enum": BINARY_CLASSES},
            "payload_on": TEXT, "payload_off": TEXT, "off_delay": {"type": "integer"},
            "expire_after": {"type": "integer"},
        },
        ["state_topic"],
    ),
    "switch": (
        {
            "state_topic": TOPIC, "command_topic": TOPIC, "value_template": TEMPLATE, "payload_on": TEXT,
            "payload_off": TEXT, "state_on": TEXT, "state_off": TEXT, "optimistic": {"type": "boolean"},
            "retain": {"type": "boolean"}, "device_class": {"enum": ["outlet", "switch"]},
        },
        ["command_topic"],
    ),
    "button": (
        {
            "command_topic": TOPIC, "payload_press": TEXT, "retain": {"type": "boolean"},
            "device_class": {"enum": ["identify", "restart", "update"]},
        },
        ["command_topic"],
    ),
}  # fmt: skip
COMPONENT = {
    "type": "object", "required": ["platform"], "properties": {"platform": {"enum": list(OPTIONS)}},
    "if": {"minProperties": 2},
    "then": {
        "required": ["unique_id"],
        "allOf": [
            {
                "if": {"properties": {"platform": {"const": platform}}},
                "then": {
                    "required": required, "properties": {**COMMON, **options}, "additionalProperties": False,
                },
            }
            for platform, (options, required) in OPTIONS.items()
        ],
    },
}  # fmt: skip
ANNOUNCEMENT = Draft202012Validator({
    "type": "object",
    "required": ["device", "origin", "components"],
    "additionalProperties": False,
    "properties": {
        "device": {
            "type": "object", "additionalProperties": False,
            "anyOf": [{"required": ["identifiers"]}, {"required": ["connections"]}],
            "properties": {
                "identifiers": {"type": ["string", "array"], "items": TEXT, "minItems": 1},
                "connections": {"type": "array", "items": {"type": "array", "items": TEXT, "minItems": 2}},
                **dict.fromkeys(["name", "manufacturer", "model", "model_id", "sw_version", "hw_version",
                                 "serial_number", "suggested_area", "via_device"], TEXT),
                "configuration_url": {"pattern": "^(https?|homeassistant)://"},
            },
        },
        "origin": {
            "type": "object", "required": ["name"], "additionalProperties": False,
            "properties": {"name": TEXT, "sw_version": TEXT, "support_url": {"pattern": "^https?://"}},
        },
        "availability_topic": TOPIC, "payload_available": TEXT, "payload_not_available": TEXT,
        "state_topic": TOPIC, "command_topic": TOPIC, "qos": {"enum": [0, 1, 2]}, "encoding": TEXT,
        "components": {"type": "object", "additionalProperties": COMPONENT, "propertyNames": {"minLength": 1}},
    },
})  # fmt: skip


def faults(announced: Any) -> list[str]:  # noqa: ANN401 - whatever was announced
    """What Home Assistant would not take, or not as it is meant."""
    errors = ANNOUNCEMENT.iter_errors(announced)
    found = [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]
    if found:
        return found
    entities = unfolded(announced)
    ids = [entity["unique_id"] for entity in entities.values()]
    if len(set(ids)) < len(ids):
        found.append("two entities have one unique_id")
    for key, entity in entities.items():
        found += [f"{key}: {fault}" for fault in _classes(entity)]
    return found


def unfolded(announced: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The entities by key, without those that are to be removed."""
    return {key: entity for key, entity in announced["components"].items() if set(entity) != {"platform"}}


def _classes(entity: dict[str, Any]) -> list[str]:
    """What does not go together in a sensor: class, unit, options, and whether it is a number."""
    if entity["platform"] != "sensor":
        return []
    kind, unit, state = entity.get("device_class"), entity.get("unit_of_measurement"), entity.get("state_class")
    found = []
    if kind == "enum":
        found += ["an enum has options"] if "options" not in entity else []
        found += ["an enum is no number"] if unit or state else []
    elif "options" in entity:
        found.append("only an enum has options")
    units = SENSOR_CLASSES.get(kind) if kind else None
    if units is not None and unit not in units:
        found.append(f"the unit {unit} is none of {kind}")
    return found
