"""Day and night of a camera, the screen at the door, and where people walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.analytics.actions import SetLight
from edge.analytics.scene import Scene
from edge.config.switches import InfraredTable
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError
from edge.core.events import DayBroke, LineCrossed, NightFell
from edge.core.frame import Exposure, Frame
from edge.core.light import LightMode
from edge.core.model import Anchor, Box, Direction, Sighting, Track
from edge.hardware.infrared import SwitchedInfrared
from edge.hardware.sim_output import SimDisplay
from edge.hardware.sim_switches import DarkRoom, SimRelay
from edge.services.lamp import Lamp
from edge.services.ledger import Ledger
from edge.services.screen import Screen
from edge.services.trails import HEAT_S, Trails
from edge.storage.records import Heat, Walk
from edge.vision.daynight import DayNight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.notice import Fact
    from edge.services.happening import Happening
    from edge.storage.records import Record

PICTURE = np.zeros((4, 4, 3), dtype=np.uint8)


class Night:
    """A room and its camera's lamp service, moved on by hand four times a second."""

    def __init__(self, lux: float) -> None:
        self.clock, self.lux = ManualClock(1000.0), lux
        self.room = DarkRoom(lambda _: self.lux, tells="limit")
        self.relays: list[SimRelay] = []
        self.facts: list[Fact] = []
        self.told: list[Happening] = []
        self.broken = False
        self.lamp = Lamp("front", DayNight(), self.opened, (self,), self.facts.append)

    def opened(self) -> SwitchedInfrared:
        if self.broken:
            raise DeviceError("The relay lamp cannot use pin 17.")

        def switch(name: str, pin: int, active: str, brightness: float) -> SimRelay:  # noqa: ARG001 - as pins are opened
            self.relays.append(SimRelay(name, self.clock))
            return self.relays[-1]

        return SwitchedInfrared.wired(InfraredTable(enabled=True, lamp_pin=17), switch)

    def take(self, happenings: Sequence[Happening]) -> None:
        self.told += happenings

    @property
    def lit(self) -> bool:
        return any(relay.on for relay in self.relays)

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds * 4)):
            now_s = self.clock.monotonic_s()
            exposure: Exposure = self.room.look(now_s, lit=self.lit)
            self.lamp.saw(Frame(PICTURE, now_s, exposure=exposure), Sighting(now_s, ()), Scene([]), [])
            self.lamp.step(now_s)
            self.clock.advance(0.25)


def test_the_lamp_is_on_in_the_dark_and_off_by_day_and_rules_hear_of_it() -> None:
    night = Night(lux=100.0)
    night.run(100.0)
    assert night.lamp.told(0.0)["mode"] == LightMode.DAY.value
    night.lux = 0.01
    night.run(120.0)
    assert night.lit
    night.lux = 100.0
    night.run(180.0)
    assert not night.lit
    assert [type(happening.event) for happening in night.told] == [DayBroke, NightFell, DayBroke]
    assert [fact.event for fact in night.facts] == ["night-begun", "day-begun"]


def test_a_rule_can_force_the_night() -> None:
    night = Night(lux=100.0)
    night.run(100.0)
    night.lamp.force(SetLight(LightMode.NIGHT, "rule"))
    night.run(1.0)
    assert night.lit
    night.lamp.close()
    assert not night.lit


def test_parts_that_cannot_be_had_are_told_and_moved_as_soon_as_they_can() -> None:
    night = Night(lux=0.01)
    night.broken = True
    night.run(120.0)
    assert {fact.event for fact in night.facts} >= {"lamp-fault"}
    night.broken = False
    night.run(10.0)
    assert night.lit
    assert night.lamp.told(0.0)["fault"] == ""


def test_the_screen_shows_the_ledgers_number_and_its_loss_is_told_once() -> None:
    clock, ledger, display, facts = ManualClock(), Ledger(), SimDisplay(), list["Fact"]()
    screen = Screen(lambda: display, ledger, 5, facts.append)

    def step() -> None:
        clock.advance(1.0)
        screen.step(clock.monotonic_s())

    step()
    ledger.cross("front", LineCrossed(0.0, "door", Direction.IN, 1, 0.0, 0.0), 0.0)
    screen.take([])
    assert screen.bell.is_set()
    step()
    assert display.shown == [(0, 5), (1, 5)]
    display.lost = True
    for _ in range(5):
        step()
    display.lost = False
    screen.limit = 0
    step()
    step()
    assert display.shown[-1] == (1, None)
    assert [fact.event for fact in facts] == ["display-lost", "display-back"]
    screen.close()
    assert display.closed


def track(number: int, t_s: float, x: float, y: float = 0.8) -> Track:
    box = Box(x - 0.05, y - 0.3, x + 0.05, y)
    return Track(number, box, 0.9, t_s, 0.0, observed=True, size=0.3, place=(x, y), anchor=Anchor.FOOT)


class Path:
    """A trail keeper watching one person walk from left to right."""

    def __init__(self) -> None:
        self.clock = ManualClock(5000.0)
        self.kept: list[Record] = []
        self.trails = Trails("front", self.kept.append, self.clock)

    def see(self, t_s: float, tracks: Sequence[Track], ended: tuple[int, ...] = ()) -> None:
        self.trails.saw(Frame(PICTURE, t_s), Sighting(t_s, tuple(tracks), ended), Scene([]), [])
        self.clock.advance(0.1)


def test_a_walk_is_kept_when_it_ends_in_steps_of_half_a_second() -> None:
    path = Path()
    for number in range(50):
        path.see(number / 10, [track(1, number / 10, 0.1 + number * 0.016)])
    path.see(5.0, [], ended=(1,))
    (walk,) = path.kept
    assert isinstance(walk, Walk)
    assert walk.uptime_s == pytest.approx(5000.0)
    assert len(walk.steps) == 10
    assert walk.steps[0].x == pytest.approx(0.1)
    assert [step.after_s for step in walk.steps[:3]] == pytest.approx([0.0, 0.5, 1.0], abs=0.05)


def test_who_stands_still_leaves_heat_and_no_walk() -> None:
    path = Path()
    for number in range(100):
        path.see(number / 10, [track(1, number / 10, 0.5)])
    path.see(10.0, [], ended=(1,))
    path.trails.end()
    (heat,) = path.kept
    assert isinstance(heat, Heat)
    assert sum(heat.cells) == pytest.approx(9.9, abs=0.2)
    assert max(heat.cells) == pytest.approx(sum(heat.cells))


def test_heat_is_told_by_the_hour_and_begins_anew() -> None:
    path = Path()
    path.see(0.0, [track(1, 0.0, 0.5)])
    path.see(0.1, [track(1, 0.1, 0.5)])
    path.clock.advance(HEAT_S)
    path.see(0.2, [track(1, 0.2, 0.5)])
    path.trails.end()
    assert [round(sum(heat.cells), 1) for heat in path.kept if isinstance(heat, Heat)] == [0.2]


def test_a_recording_that_starts_again_ends_every_walk() -> None:
    path = Path()
    for number in range(20):
        path.see(number / 10, [track(1, number / 10, 0.1 + number * 0.02)])
    path.see(0.0, [track(1, 0.0, 0.9)])
    assert len(path.kept) == 1
