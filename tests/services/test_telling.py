"""How often the broker is told, and what is done about floods: against a real broker, by a clock of the test's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from broker_kit import SOON_S, Listener, Mosquitto

from edge.core.clock import ManualClock, SystemClock
from edge.core.events import OccupancyChanged
from edge.core.notices import BROKER_BACK, BROKER_LOST, CAMERA_LOST, CROSSING
from edge.integrations.home_assistant import Shown
from edge.integrations.mqtt import Broker, Habits, Message, MqttLink
from edge.integrations.mqtt_memory import Memory
from edge.integrations.mqtt_topics import Topics
from edge.services.happening import Happening
from edge.services.remote import Remote
from edge.services.telling import TOLD_AFTER_S, Telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.core.notice import Fact

TOPICS = Topics("acm", "shop1")
CONFIG = "homeassistant/device/acm_shop1/config"


class Figures:
    """A shop in which something changes with every look."""

    looks = 0

    def counts(self, _: float) -> dict[str, Any]:
        self.looks += 1
        return {"in": self.looks}

    def health(self, _: float) -> dict[str, Any]:
        return {"celsius": self.looks}

    def relays(self, _: float) -> dict[str, bool]:
        return {}


class Rig:
    def __init__(self, broker: Broker, folder: Path) -> None:
        self.clock, self.figures = ManualClock(1000.0), Figures()
        self.facts: list[Fact] = []
        remote = Remote(TOPICS, [], [], chime=False, switch=lambda *_: None, ring=lambda: None, tell=self.facts.append)
        topics = (*remote.listens_to, "homeassistant/status")
        memory = Memory(folder / "mqtt.json", lambda path, data: path.write_bytes(data) and None)
        self.telling = Telling(
            lambda: MqttLink(broker, Habits("shop1", topics), SystemClock()), lambda: Shown(TOPICS, "", "", "0.1.0"),
            self.figures, remote, memory, self.clock,  # type: ignore[arg-type] # what is asked of figures
            discovery="homeassistant", tell=self.facts.append, seed=1,
        )  # fmt: skip

    def run(self, seconds: float, step_s: float = 0.05) -> None:
        """Let so much of the test's time pass; nothing is waited for."""
        for _ in range(round(seconds / step_s)):
            now_s = self.clock.monotonic_s()
            self.telling.take([Happening("door", OccupancyChanged(0.0, 1), now_s, now_s)])
            self.telling.step(now_s)
            self.clock.advance(step_s)
        link = self.telling._link  # noqa: SLF001 - what it said has to be there before somebody else speaks
        assert link is None or link.settle(SOON_S)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def rig(broker: Mosquitto, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(broker.address, tmp_path)
    yield rig
    rig.telling.close()


def heard(home: Listener) -> dict[str, list[bytes]]:
    """All that was told, once the broker has gone round."""
    token = str(len(home.heard)).encode()
    home.link.publish(Message("last", token))
    home.payload("last", lambda payload: payload == token)
    told: dict[str, list[bytes]] = {}
    for one in home.heard:
        told.setdefault(one.topic, []).append(one.payload)
    return told


def test_what_changes_all_the_time_is_told_now_and_then(broker: Mosquitto, rig: Rig) -> None:
    with Listener(broker.address, "#") as home:
        rig.run(10.0)
        told = heard(home)
    assert 15 <= len(told[TOPICS.state]) <= 21
    assert len(told[TOPICS.health]) == 1
    assert (len(told[TOPICS.available]), len(told[CONFIG])) == (1, 1)
    # The last of them is not much older than what there is.
    assert json.loads(told[TOPICS.state][-1])["in"] > rig.figures.looks - 12


def test_home_assistant_that_starts_again_and_again_is_told_at_a_pace(broker: Mosquitto, rig: Rig) -> None:
    with Listener(broker.address, CONFIG, "last") as home:
        rig.run(0.5)
        for _ in range(30):
            home.say("homeassistant/status", "online")
            rig.run(0.4)
        assert 2 <= len(heard(home)[CONFIG]) <= 4
        # What is something else, or lies there, is no birth.
        rig.run(6.0)
        heard(home)
        home.heard.clear()
        home.say("homeassistant/status", "offline")
        rig.run(6.0)
        assert CONFIG not in heard(home)


def test_notices_are_told_and_the_small_ones_are_not(broker: Mosquitto, rig: Rig) -> None:
    with Listener(broker.address, TOPICS.notice, "last") as home:
        rig.telling.heard(CROSSING.fact(camera="door", line="entrance", direction="in"))
        rig.telling.heard(BROKER_LOST.fact(reason="x"))
        rig.run(1.0)
        for number in range(50):
            rig.telling.heard(CAMERA_LOST.fact(camera=f"door {number}", reason="unplugged"))
            rig.run(0.1)
        rig.run(6.0)
        notices = [json.loads(one)["message"] for one in heard(home)[TOPICS.notice]]
    assert 2 <= len(notices) <= 4
    assert notices[-1] == "The camera door 49 is lost: unplugged"


def test_a_broker_that_is_away_is_told_once_and_so_is_its_return(broker: Mosquitto, rig: Rig) -> None:
    rig.run(0.5)
    broker.kill()
    rig.run(TOLD_AFTER_S - 5, 0.5)
    assert rig.facts == []
    rig.run(200, 0.5)
    assert [fact.notice for fact in rig.facts] == [BROKER_LOST]
    assert rig.telling.told(rig.clock.monotonic_s())["state"] == "away"
    broker.start()
    rig.run(61, 0.5)
    assert [fact.notice for fact in rig.facts] == [BROKER_LOST, BROKER_BACK]
    assert rig.telling.told(rig.clock.monotonic_s()) == {"state": "connected", "away_s": None, "why": ""}


def test_a_flood_of_commands_gives_the_processor_a_rest(broker: Mosquitto, rig: Rig) -> None:
    rig.run(0.5)
    with Listener(broker.address, name="flood") as home:
        for _ in range(200):
            home.link.publish(Message(TOPICS.relay_command("none"), b"ON"))
        assert home.link.settle(SOON_S)
    began_s, pauses = SystemClock().monotonic_s(), []
    while sum(fact.event == "command-refused" for fact in rig.facts) < 200:
        pauses.append(rig.telling.step(rig.clock.monotonic_s()))
        assert SystemClock().monotonic_s() - began_s < SOON_S
    # However many come with one step, each step that brought some is followed by a rest.
    assert sum(pause_s > 0 for pause_s in pauses) >= len(pauses) - 2
