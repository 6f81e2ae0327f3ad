"""Rules over relays and buttons: states and times through events, faults, changes and the end."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from edge.analytics.actions import Chime, Say, SetLight, SwitchRelay, Turn
from edge.analytics.rules import Rules
from edge.app import devices
from edge.config.load import config_from
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError
from edge.core.events import LineCrossed, OccupancyChanged
from edge.core.model import Direction
from edge.core.notices import CAMERA_LOST
from edge.hardware.sim_switches import SimButton, SimRelay
from edge.services.actuator import Actuator
from edge.services.happening import Happening

if TYPE_CHECKING:
    from edge.config.schema import Config
    from edge.config.switches import ButtonTable, RelayTable
    from edge.core.events import Event
    from edge.core.notice import Fact

NOON = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)
SETTINGS = """
[[camera]]
name = "front"
[[camera.line]]
name = "door"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
[gpio]
driver = "sim"
[[relay]]
name = "lamp"
pin = 17
max_on_s = 60.0
[[relay]]
name = "fan"
pin = 27
safe = "on"
[[button]]
name = "exit"
pin = 22
[[rule]]
name = "light"
on = "arrival"
relay = "lamp"
turn = "hold"
for_s = 10.0
[[rule]]
name = "open"
on = "button"
relay = "lamp"
turn = "pulse"
for_s = 2.0
[[rule]]
name = "full"
on = "occupancy"
above = 3
chime = "bell"
say = "full"
light = "night"
[[rule]]
name = "trouble"
on = "notice"
notice = "camera-lost"
relay = "fan"
turn = "off"
"""


class Pins(devices.SimPins):
    """Simulated pins that can be had hold of, and pulled out."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.clock = clock
        self.relays: dict[str, SimRelay] = {}
        self.buttons: dict[str, SimButton] = {}
        self.gone: set[str] = set()

    def relay(self, table: RelayTable) -> SimRelay:
        if table.name in self.gone:
            raise DeviceError(f"The relay {table.name} cannot use pin {table.pin}.")
        self.relays[table.name] = SimRelay(table.name, self.clock, safe=table.safe == "on")
        return self.relays[table.name]

    def button(self, table: ButtonTable) -> SimButton:
        if table.name in self.gone:
            raise DeviceError(f"The button {table.name} cannot use pin {table.pin}.")
        return self.buttons.setdefault(table.name, SimButton(table.name))


class Shop:
    """An actuator in a shop, moved on by hand."""

    def __init__(self, settings: str = SETTINGS, *, gone: tuple[str, ...] = ()) -> None:
        self.clock, self.facts = ManualClock(100.0, NOON), list["Fact"]()
        self.config = config_from(settings, "acm.toml")
        self.pins = Pins(self.clock)
        self.pins.gone |= set(gone)
        self.done: list[Chime | Say | SetLight] = []
        self.told: list[Happening] = []
        self.actuator = self.made(self.config)
        self.run(0.1)

    def made(self, config: Config) -> Actuator:
        switches = devices.switches(config, self.pins, self.clock.monotonic_s(), self.facts.append)
        buttons = {table.name: (lambda table=table: self.pins.button(table)) for table in config.button}
        return Actuator(
            Rules(config), switches, buttons, self.clock, at=lambda _: self.clock.utc_now(), tell=self.facts.append,
            sound=self.done.append, light=self.done.append, others=(self,),
        )  # fmt: skip

    def take(self, happenings: Any) -> None:  # noqa: ANN401 - we are a sink, too
        self.told += happenings

    def happen(self, event: Event, camera: str = "front") -> None:
        now_s = self.clock.monotonic_s()
        self.actuator.take([Happening(camera, event, now_s, now_s)])

    def arrive(self) -> None:
        now_s = self.clock.monotonic_s()
        self.happen(LineCrossed(now_s, "door", Direction.IN, 1, now_s, now_s))

    def run(self, seconds: float) -> None:
        """Step as the runner would, for so long."""
        end_s = self.clock.monotonic_s() + seconds
        while True:
            pause_s = self.actuator.step(self.clock.monotonic_s())
            left_s = end_s - self.clock.monotonic_s()
            if left_s <= 0:
                return
            self.clock.advance(min(pause_s, left_s))

    def diary(self, relay: str) -> list[tuple[float, bool]]:
        return [(round(t_s - 100.0, 1), on) for t_s, on in self.pins.relays[relay].diary]

    def events(self) -> list[str]:
        return [fact.event for fact in self.facts]


def test_relays_start_safe_and_follow_the_rules_to_the_tenth_of_a_second() -> None:
    shop = Shop()
    shop.run(4.9)
    shop.arrive()
    shop.run(8.0)
    shop.arrive()
    shop.run(20.0)
    assert shop.diary("lamp") == [(0.0, False), (5.0, True), (23.0, False)]
    assert shop.diary("fan") == [(0.0, True)]


def test_a_relay_is_cut_at_its_longest_time_and_that_is_told() -> None:
    shop = Shop()
    for _ in range(20):
        shop.arrive()
        shop.run(5.0)
    on_s = [t_s for t_s, on in shop.diary("lamp") if on]
    off_s = [t_s for t_s, on in shop.diary("lamp") if not on][1:]
    assert off_s[0] - on_s[0] == pytest.approx(60.0, abs=0.2)
    assert "relay-limited" in shop.events()


def test_everything_is_safe_after_the_end() -> None:
    shop = Shop()
    shop.arrive()
    shop.run(1.0)
    shop.actuator.close()
    assert (shop.pins.relays["lamp"].on, shop.pins.relays["fan"].on) == (False, True)
    assert all(device.closed for device in (*shop.pins.relays.values(), *shop.pins.buttons.values()))


def test_a_button_is_told_to_all_and_obeyed() -> None:
    shop = Shop()
    shop.pins.buttons["exit"].press()
    shop.run(0.5)
    shop.pins.buttons["exit"].release()
    shop.run(5.0)
    assert [(on, t_s) for t_s, on in shop.diary("lamp")][1:] == [
        (True, pytest.approx(0.1, abs=0.11)), (False, pytest.approx(2.1, abs=0.11)),
    ]  # fmt: skip
    assert [type(happening.event).__name__ for happening in shop.told] == ["ButtonPressed", "ButtonReleased"]
    assert shop.events() == ["input-changed", "input-changed"]


def test_a_press_between_two_looks_is_not_missed() -> None:
    shop = Shop()
    shop.pins.buttons["exit"].press()
    shop.pins.buttons["exit"].release()
    shop.run(0.2)
    assert [type(happening.event).__name__ for happening in shop.told] == ["ButtonPressed", "ButtonReleased"]


def test_the_shops_number_moves_rules_that_are_heard_and_seen() -> None:
    shop = Shop()
    for inside in (2, 3, 4, 5, 3, 4):
        shop.happen(OccupancyChanged(0.0, inside), camera="")
        shop.run(0.1)
    assert [type(action) for action in shop.done] == [Chime, Say, SetLight] * 2


def test_the_shops_number_holds_for_rules_of_one_camera_too() -> None:
    shop = Shop(SETTINGS.replace('on = "occupancy"', 'on = "occupancy"\ncamera = "front"'))
    shop.happen(OccupancyChanged(0.0, 4), camera="")
    shop.run(0.1)
    assert [type(action) for action in shop.done] == [Chime, Say, SetLight]


def test_a_notice_is_an_event_too() -> None:
    shop = Shop()
    shop.actuator.heard(CAMERA_LOST.fact(camera="front", reason="unplugged"))
    shop.run(0.1)
    assert not shop.pins.relays["fan"].on


def test_a_pin_that_cannot_be_had_is_told_once_and_taken_as_soon_as_it_can() -> None:
    shop = Shop(gone=("lamp", "exit"))
    shop.arrive()
    shop.run(5.0)
    told = {switch["name"]: switch["lost"] for switch in shop.actuator.told(0.0)["switches"]}  # type: ignore[attr-defined]
    assert told == {"lamp": True, "fan": False}
    assert shop.events().count("relay-fault") == 1
    assert "input-fault" in shop.events()
    shop.pins.gone.clear()
    shop.run(4.0)
    assert shop.pins.relays["lamp"].on, "what was asked for meanwhile still holds"
    assert shop.events()[-1] == "relay-back"
    shop.pins.buttons["exit"].press()
    shop.run(40.0)
    assert len(shop.told) == 1


def test_a_pin_that_is_lost_while_in_use_is_opened_anew() -> None:
    shop = Shop()
    lost = shop.pins.relays["lamp"]
    lost.lost = True
    shop.arrive()
    shop.run(5.0)
    assert shop.pins.relays["lamp"] is not lost
    assert shop.pins.relays["lamp"].on
    assert shop.events() == ["relay-fault", "relay-back"]


def test_by_hand_only_what_there_is_can_be_switched() -> None:
    shop = Shop()
    shop.actuator.request(SwitchRelay("lamp", Turn.ON, "by hand"))
    shop.run(1.0)
    assert shop.pins.relays["lamp"].on
    with pytest.raises(DeviceError, match="no relay 'light'; there are lamp, fan"):
        shop.actuator.request(SwitchRelay("light", Turn.ON, "by hand"))


def test_other_rules_take_over_and_what_the_old_ones_held_is_let_go() -> None:
    following = SETTINGS.replace('turn = "hold"\nfor_s = 10.0', 'turn = "follow"').replace('"arrival"', '"empty"')
    shop = Shop(following)
    shop.run(2.0)
    assert shop.pins.relays["lamp"].on, "the shop is empty"
    shop.actuator.change(config_from(following.replace('"empty"', '"night"'), "acm.toml"))
    shop.run(1.0)
    assert not shop.pins.relays["lamp"].on
