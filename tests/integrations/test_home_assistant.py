"""What Home Assistant is told, against the rules of its documentation; and what is remembered of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from home_assistant_rules import faults, unfolded
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import InputError
from edge.integrations.home_assistant import LineShown, RelayShown, Shown, announcement, config_topic, platforms
from edge.integrations.mqtt_memory import Left, Memory
from edge.integrations.mqtt_topics import Topics, shorts

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = Topics("shops/acm", "shop1")
FULL = Shown(
    TOPICS, "Paris 1", "Raspberry Pi 4", "0.1.0", (LineShown("door_main-1a2b", "main"), LineShown("side", "side")),
    (RelayShown("light", "light", switchable=True), RelayShown("lock", "lock", switchable=False)),
    chime=True, light=True, opening=True,
)  # fmt: skip
names = st.text(min_size=1, max_size=40)


def test_everything_there_is_is_shown_as_home_assistant_wants_it() -> None:
    announced = json.loads(announcement(FULL))
    assert faults(announced) == []
    assert set(unfolded(announced)) == {
        "in", "out", "inside", "occupied", "open", "light", "problem", "celsius", "free_mb", "fps", "notice",
        "line_door_main-1a2b_in", "line_door_main-1a2b_out", "line_side_in", "line_side_out",
        "switch_light", "relay_lock", "chime",
    }  # fmt: skip
    # The documentation's class of characters for topics of discovery.
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", config_topic("homeassistant", "shop1"))


def test_the_least_there_is_is_shown_as_well() -> None:
    announced = json.loads(announcement(Shown(TOPICS, "", "", "0.1.0")))
    assert faults(announced) == []
    assert {"open", "light", "chime"} & set(unfolded(announced)) == set()


def test_what_went_away_is_told_with_its_platform_alone() -> None:
    announced = json.loads(announcement(FULL, {"switch_fan": "switch"}))
    assert announced["components"]["switch_fan"] == {"platform": "switch"}
    assert faults(announced) == []
    assert platforms(FULL)["chime"] == "button"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda told: told.pop("origin"), "origin"),
        (lambda told: told["device"].pop("identifiers"), "not valid under any"),
        (lambda told: told["components"]["in"].pop("unique_id"), "unique_id"),
        (lambda told: told["components"]["in"].pop("state_topic"), "state_topic"),
        (lambda told: told["components"]["switch_light"].pop("command_topic"), "command_topic"),
        (lambda told: told["components"]["in"].update(state_class="growing"), "growing"),
        (lambda told: told["components"]["occupied"].update(device_class="full"), "full"),
        (lambda told: told["components"]["celsius"].update(unit_of_measurement="C"), "unit"),
        (lambda told: told["components"]["light"].pop("options"), "options"),
        (lambda told: told["components"]["out"].update(unique_id="acm_shop1_in"), "one unique_id"),
        (lambda told: told["components"]["chime"].update(state_topic="a"), "state_topic"),
    ],
)
def test_the_rules_bite(spoil: object, said: str) -> None:
    announced = json.loads(announcement(FULL))
    spoil(announced)  # type: ignore[operator]
    assert said in " ".join(faults(announced))


@given(st.lists(names, max_size=5, unique=True), names)
def test_whatever_things_are_called_it_is_taken_and_each_has_its_topic(relays: list[str], title: str) -> None:
    short = shorts(relays)
    shown = Shown(TOPICS, title, "", "0.1.0", relays=tuple(RelayShown(short[name], name, True) for name in relays))  # noqa: FBT003
    told = json.loads(announcement(shown))
    assert faults(told) == []
    topics = {TOPICS.relay_command(one) for one in short.values()}
    assert len(topics) == len(relays)
    assert all(re.fullmatch(r"shops/acm/shop1/relay/[a-z0-9_-]{1,40}/set", topic) for topic in topics)


def test_what_is_remembered_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "mqtt.json"
    left = Left(frozenset({"a", "b"}), "homeassistant/device/x/config", {"in": "sensor"})
    writes = []

    def write(where: Path, data: bytes) -> None:
        writes.append(where)
        where.write_bytes(data)

    memory = Memory(path, write)
    assert memory.left() == Left()
    memory.keep(left)
    memory.keep(left)
    assert writes == [path]
    assert Memory(path, write).left() == left


KEYS = st.sampled_from(["topics", "config", "platforms", "x"])
ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
)


@given(st.binary(max_size=60) | ODD.map(lambda told: json.dumps(told).encode()))
def test_a_damaged_memory_is_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "mqtt-memory.json"
    path.write_bytes(data)
    left = Memory(path, lambda *_: None).left()
    assert all(isinstance(word, str) for word in (left.config, *left.topics, *left.platforms))


def test_a_full_disk_costs_no_more_than_leftovers(tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise InputError("no room")

    memory = Memory(tmp_path / "mqtt.json", full)
    with pytest.raises(InputError):
        memory.keep(Left(config="a"))
    assert memory.left().config == "a"
