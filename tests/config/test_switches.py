"""Tables for relays, buttons, infra-red light, schedule and rules: what is taken, and how every fault is told."""

from __future__ import annotations

from textwrap import dedent

import pytest

from edge.config.agreement import remarks
from edge.config.load import config_from
from edge.config.switches import RelayTable
from edge.core.errors import ConfigError

BASE = """
[site]
coordinates = [48.86, 2]
[[camera]]
name = "front"
[[camera.line]]
name = "entrance"
from = [0.5, 0]
to = [0.5, 1]
in = "left-to-right"
[[camera]]
name = "back"
[[camera.zone]]
name = "counter"
corners = [[0, 0], [1, 0], [1, 1]]
[[relay]]
name = "light"
pin = 17
max_on_s = 60
min_toggle_s = 5
[[button]]
name = "exit"
pin = 27
[schedule]
mon = ["09:00-18:00"]
"""


def rule(text: str) -> str:
    return BASE + '[[rule]]\nname = "r"\n' + dedent(text).replace("; ", "\n")


def fault_of(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        config_from(text, "acm.toml")
    (line,) = str(refused.value).split("\n")
    return line


def test_everything_together_is_taken() -> None:
    text = 'on = "arrival"; line = "entrance"; relay = "light"; turn = "hold"; for_s = 60; from = "sunset"'
    config = config_from(rule(text), "acm.toml")
    (relay,), (button,), (taken,) = config.relay, config.button, config.rule
    assert (relay.active, relay.safe, relay.pulse_s) == ("high", "off", 1.0)
    assert (button.pull, button.active) == ("up", "closed")
    assert taken.turn == "hold"
    assert config.site.coordinates == (48.86, 2.0)
    assert config.schedule.known


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('on = "arival"; chime = "a"', "rule[0].on: 'arival' will not do; give \"arriving\", \"arrival\""),
        ('on = "arrival"', "rule[0]: does nothing; give chime, say, relay or light."),
        ('on = "arrival"; zone = "counter"; chime = "a"', 'zone does not go with on = "arrival", only with'),
        ('on = "button"; above = 3; chime = "a"', 'above does not go with on = "button", only with occupancy'),
        ('on = "night"; lasting_s = 3; chime = "a"', 'lasting_s does not go with on = "night"'),
        ('on = "occupancy"; chime = "a"', 'on = "occupancy" needs above or below'),
        ('on = "occupancy"; above = 5; below = 6; chime = "a"', "nobody can count more than 5 and fewer than 6 people"),
        ('on = "dwell"; chime = "a"', 'on = "dwell" needs lasting_s'),
        ('on = "clock"; chime = "a"', 'on = "clock" needs a time'),
        ('on = "clock"; from = "noon"; chime = "a"', "rule[0].from: 'noon' is no time of day"),
        ('on = "arrival"; turn = "follow"; relay = "light"', 'turn = "follow" needs something that lasts: occ'),
        ('on = "night"; turn = "follow"; relay = "light"; chime = "a"', 'turn = "follow" is for a relay alone'),
        ('on = "night"; turn = "follow"; light = "day"', 'turn = "follow" is for a relay alone'),
        ('on = "night"; turn = "on"; relay = "light"; for_s = 5', 'for_s does not go with turn = "on"'),
        ('on = "arrival"; chime = "a"; days = ["monday"]', "give weekdays in a list"),
        ('on = "arrival"; say = "{who}"', "nothing can be put for {who}"),
        ('on = "arrival"; chime = "a"; line = "entrence"', "the rule 'r' names a line 'entrence' that does not"),
        ('on = "arrival"; chime = "a"; line = "entrance"; camera = "back"', "does not exist; there is none"),
        ('on = "arrival"; chime = "a"; camera = "side"', "does not exist; there are front, back"),
        ('on = "dwell"; lasting_s = 5; zone = "till"; chime = "a"', "that does not exist; there are counter"),
        ('on = "button"; button = "exitt"; chime = "a"', "did you mean 'exit'?"),
        ('on = "arrival"; relay = "lamp"', "names a relay 'lamp' that does not exist; there are light"),
        ('on = "arrival"; relay = "light"; for_s = 61', "for longer than its max_on_s, which is 60"),
        ('on = "arrival"; relay = "light"; for_s = 4', "for less than its min_toggle_s, which is 5"),
        ('on = "arrival"; chime = "a"; holidays = "only"', "is for holidays only, but there are none"),
    ],
)
def test_a_fault_of_a_rule_is_one_sentence(text: str, said: str) -> None:
    fault = fault_of(rule(text))
    assert said in fault
    assert fault.startswith("acm.toml:")
    assert fault.endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[relay]]\nname='a'", "relay[0].pin: is missing; give a pin by its GPIO number"),
        ("[[relay]]\nname='a'\npin=17.0", "relay[0].pin: 17.0 will not do"),
        ("[[relay]]\nname='a'\npin=5\nactive='hi'", 'will not do; give "high" or "low"'),
        ("[[relay]]\nname='a'\npin=5\nsafe='on'\nmax_on_s=5", "contradict each other"),
        ("[[relay]]\nname='a'\npin=5\npulse_s=6\nmax_on_s=5", "pulse_s is longer than max_on_s; give at most 5"),
        ("[[relay]]\nname='a'\npin=5\n[[relay]]\nname='a'\npin=6", "two relays are called 'a'"),
        ("[[relay]]\nname='a'\npin=5\n[[button]]\nname='b'\npin=5", "the relay a and the button b are both on pin 5"),
        ("[[button]]\nname='b'\npin=5\n[infrared]\nenabled=true\nlamp_pin=5", "the lamp are both on pin 5"),
        ("[infrared]\nfilter='pulse'", 'filter = "pulse" needs filter_night_pin'),
        ("[infrared]\nfilter='pulse'\nfilter_night_pin=5", 'filter = "pulse" needs filter_day_pin'),
        ("[infrared]\nfilter_pulse_s=5", "seconds, more than 0 and up to 2"),
        ("[infrared]\ncamera='front'", "[infrared] names a camera 'front' that does not exist; there is none"),
        ("[schedule]\nmon=['9-18']", "schedule.mon[0]: '9-18' are no hours"),
        ("[schedule]\nholidays=['christmas']", "schedule.holidays[0]: 'christmas' is no holiday"),
        ("[site]\ncoordinates=[91.0, 0.0]", "site.coordinates"),
        ("[site]\ncoordinates=[48.0]", "site.coordinates"),
        ("[gpio]\ndriver='pigpio'", 'will not do; give "lgpio" or "sim"'),
        ("[[rule]]\nname='r'\non='arrival'\nchime='a'\nhours='open'", "needs the opening hours; give them"),
        ("[[rule]]\nname='r'\non='clock'\nchime='a'\nfrom='opening'", "needs the opening hours"),
        ("[[rule]]\nname='r'\non='clock'\nchime='a'\nto='sunset'", "needs to know where the shop is; give"),
    ],
)
def test_a_fault_of_what_is_wired_is_told(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config_from(text, "acm.toml")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("active", "safe", "needed"),
    [("high", "off", "down"), ("high", "on", "up"), ("low", "off", "up"), ("low", "on", "down")],
)
def test_what_the_wiring_does_without_the_program_is_said(active: str, safe: str, needed: str) -> None:
    def relay(resistor: str) -> RelayTable:
        return RelayTable.model_validate(
            {"name": "door", "pin": 5, "active": active, "safe": safe, "resistor": resistor}
        )

    assert relay(needed).remark is None
    other = {"up": "down", "down": "up"}[needed]
    switched = "on" if safe == "off" else "off"
    assert f"its pull-{other} resistor switches it {switched} whenever" in (relay(other).remark or "")
    bare = relay("none").remark or ""
    assert f"nothing keeps it {safe}" in bare
    assert f'set resistor = "{needed}"' in bare


def test_remarks_are_not_faults() -> None:
    config = config_from(BASE, "acm.toml")
    *_, remark = remarks(config)
    assert remark.startswith("relay light: nothing keeps it off")
