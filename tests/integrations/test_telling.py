"""``acm run`` at a real broker: what it tells, what it takes, and what is left when it is killed or changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from broker_kit import PASSWORD, SOON_S, USER, Listener, Mosquitto, retained
from daemon_kit import SILENT, Daemon, door
from home_assistant_rules import faults, unfolded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.integrations.mqtt import Broker

ROOT = "acm/shop1"
CONFIG = "homeassistant/device/acm_shop1/config"
RELAYS = """
[[relay]]
name = "light"
pin = 17
resistor = "down"
[[relay]]
name = "Türöffner"
pin = 18
resistor = "down"
"""
OPENER = "t_r_ffner-"


def mqtt(broker: Broker, **more: object) -> str:
    words = {
        "enabled": True, "host": broker.host, "port": broker.port, "name": "shop1", "tls": broker.tls,
        "ca_file": broker.ca_file, "user": broker.user, "commands": ["relay:light", "chime"], **more,
    }  # fmt: skip
    return "[mqtt]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in words.items())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker", password=True, tls=True, retains=True) as broker:
        yield broker


@pytest.fixture
def daemon(broker: Mosquitto, tmp_path: Path) -> Iterator[Daemon]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "secrets.toml").write_text(f'[mqtt]\npassword = "{PASSWORD}"\n', encoding="utf-8")
    with Daemon(home, mqtt(broker.address) + SILENT + RELAYS + door(speed=4.0)) as daemon:
        yield daemon


def test_it_is_told_shown_and_obeyed(broker: Mosquitto, daemon: Daemon) -> None:
    daemon.start()
    with Listener(broker.address, "#") as home:
        announced = json.loads(home.payload(CONFIG))
        assert faults(announced) == []
        entities = unfolded(announced)
        assert {key: entity["platform"] for key, entity in entities.items() if "relay" in key or "switch" in key} == {
            "switch_light": "switch", next(key for key in entities if OPENER in key): "binary_sensor"
        }  # fmt: skip
        assert home.payload(f"{ROOT}/available") == b"online"
        assert json.loads(home.payload(f"{ROOT}/health"))["problem"] is False
        counted = json.loads(home.payload(f"{ROOT}/state", lambda told: json.loads(told)["in"] > 0))
        assert counted["inside"] == max(0, counted["in"] - counted["out"]) or counted["inside"] > 0

        light = entities["switch_light"]
        assert home.payload(light["state_topic"]) == b"OFF"
        home.say(light["command_topic"], "ON")
        assert home.payload(light["state_topic"], lambda told: told == b"ON")
        home.say(entities["chime"]["command_topic"], "PRESS")
        home.hear(lambda heard: heard.topic == f"{ROOT}/notice" and b"chime was done" in heard.payload)

        # What is not on the list, not a command, left lying, or of nobody.
        opener = next(entity for key, entity in entities.items() if OPENER in key)
        home.say(opener["state_topic"].replace("/state", "/set"), "ON")
        home.say(light["command_topic"], "x" * 5000)
        home.say(f"{ROOT}/relay/none/set", "ON")
        home.say(light["command_topic"], "OFF", retain=True)
        home.say(light["command_topic"])
        home.say(light["command_topic"], "OFF")
        # It hears in order: by the time this is done, the others were refused.
        assert home.payload(light["state_topic"], lambda told: told == b"OFF")
        assert home.latest(opener["state_topic"]) == b"OFF"

        # Home Assistant has started: everything once more.
        home.heard.clear()
        home.say("homeassistant/status", "online")
        assert json.loads(home.payload(CONFIG)) == announced
        assert home.payload(f"{ROOT}/available") == b"online"

        # Power cut of the box: the broker says so in its stead.
        home.heard.clear()
        daemon.kill()
        assert home.payload(f"{ROOT}/available") == b"offline"
    for told in ("light", "Türöffner, asked for through the broker, was refused: it is not in commands",
                 "something, asked for through the broker, was refused: there is no such relay"):  # fmt: skip
        assert told in daemon.said
    assert daemon.said.count("was refused: it is not in commands") == 1
    assert PASSWORD not in daemon.said


def test_after_the_broker_was_away_it_has_the_latest(broker: Mosquitto, daemon: Daemon) -> None:
    daemon.start()
    with Listener(broker.address, f"{ROOT}/#") as home:
        home.payload(f"{ROOT}/state", lambda told: json.loads(told)["in"] > 0)
    broker.kill()
    before = daemon.ask("status")
    daemon.status_when(lambda told: told["broker"]["state"] == "away" and told["in"] > before["in"] + 1)
    broker.retains = False
    (broker.folder / "mosquitto.db").unlink(missing_ok=True)
    broker.start()
    with Listener(broker.address, "#") as home:
        told = json.loads(home.payload(f"{ROOT}/state"))
        assert told["in"] > before["in"] + 1
        assert faults(json.loads(home.payload(CONFIG))) == []
        home.heard.clear()
        daemon.stop()
        assert home.payload(f"{ROOT}/available") == b"offline"
    status = retained(broker.address, "#")
    assert status[f"{ROOT}/available"] == b"offline"


def test_what_went_from_the_settings_goes_from_the_broker(broker: Mosquitto, daemon: Daemon) -> None:
    def run_with(settings: str, *gone: str) -> list[dict[str, object]]:
        """Run with other settings; return what was announced meanwhile."""
        daemon.settings.write_text(settings + SILENT + door(), encoding="utf-8")
        with Listener(broker.address, "homeassistant/#", f"{ROOT}/#") as home:
            home.link.work(0.1)
            home.heard.clear()
            daemon.start()
            for topic in gone:
                home.hear(lambda heard, topic=topic: heard.topic == topic and heard.payload == b"")
            home.hear(lambda heard: heard.topic == f"{ROOT}/available" and heard.payload == b"online")
            daemon.stop()
            return [json.loads(one.payload) for one in home.heard if one.topic == CONFIG and one.payload]

    run_with(mqtt(broker.address) + RELAYS)
    light = f"{ROOT}/relay/light/state"
    assert light in retained(broker.address, "#")

    # Another name for the relay, and no chime.
    renamed = mqtt(broker.address, commands=[]) + RELAYS.replace('"light"', '"lamp"')
    first, last = [one for one in run_with(renamed, light) if "components" in one][-2:]
    assert first["components"]["switch_light"] == {"platform": "switch"}  # type: ignore[index]
    assert first["components"]["chime"] == {"platform": "button"}  # type: ignore[index]
    assert {"switch_light", "chime"} & set(last["components"]) == set()  # type: ignore[call-overload]
    assert "relay_lamp" in last["components"]  # type: ignore[operator]
    assert faults(last) == []
    assert json.loads(retained(broker.address, CONFIG)[CONFIG]) == last

    # Not to be shown any more.
    run_with(mqtt(broker.address, commands=[], discovery=""), CONFIG)
    left = retained(broker.address, "#")
    assert set(left) == {f"{ROOT}/available", f"{ROOT}/state", f"{ROOT}/health", f"{ROOT}/notice"}


def test_a_broker_that_does_not_let_it_in_is_told_and_counting_goes_on(daemon: Daemon) -> None:
    (daemon.folder / "secrets.toml").write_text('[mqtt]\npassword = "geheim1234"\n', encoding="utf-8")
    daemon.start()
    status = daemon.status_when(lambda told: told["in"] > 0 and told["broker"]["why"])
    assert "does not let us in" in status["broker"]["why"]
    assert daemon.stop() < SOON_S
    assert "Live figures reach no broker" in daemon.said
    assert "geheim1234" not in daemon.said + json.dumps(status)
    assert USER not in daemon.said
