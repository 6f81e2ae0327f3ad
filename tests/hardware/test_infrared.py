"""Infra-red parts: the order in which they move, and how long a pulse is; on gpiozero's mock and simulated."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.config.switches import InfraredTable
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError
from edge.core.light import LightMode
from edge.hardware.gpio import GpioBoard
from edge.hardware.infrared import SwitchedInfrared
from edge.hardware.sim_switches import DarkRoom, SimBoard, SimRelay
from edge.vision.daynight import DayNight

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN, DAY, NIGHT, PROBE = LightMode.UNKNOWN, LightMode.DAY, LightMode.NIGHT, LightMode.PROBE
LAMP, NIGHT_PIN, DAY_PIN = 5, 6, 13
PULSED = InfraredTable(
    enabled=True, lamp_pin=LAMP, filter="pulse", filter_night_pin=NIGHT_PIN, filter_day_pin=DAY_PIN, filter_pulse_s=0.15
)


class Bench:
    """Steps infra-red parts exactly when they ask for it and writes down what became of every part."""

    def __init__(self, parts: SwitchedInfrared, watched: dict[str, Callable[[], object]]) -> None:
        self.parts = parts
        self.now_s = 0.0
        self.again_s: float | None = None
        self._watched = watched
        self._was = {name: look() for name, look in watched.items()}
        self.log: list[tuple[float, str, object]] = []

    def want(self, mode: LightMode) -> None:
        self.again_s = self.parts.want(mode, self.now_s)
        self.look()

    def run_to(self, end_s: float) -> None:
        while self.again_s is not None and self.again_s <= end_s:
            self.now_s = self.again_s
            self.again_s = self.parts.step(self.now_s)
            self.look()
        self.now_s = end_s

    def look(self) -> None:
        for name, look in self._watched.items():
            if look() != self._was[name]:
                self._was[name] = look()
                self.log.append((round(self.now_s, 3), name, self._was[name]))


class Colours:
    """A camera that can give up colours; ``fails`` makes it refuse."""

    def __init__(self) -> None:
        self.mono: bool | None = None
        self.fails = False

    def __call__(self, mono: bool) -> None:  # noqa: FBT001 - as it is called
        if self.fails:
            raise DeviceError("The camera does not answer.")
        self.mono = mono


def on_mock(table: InfraredTable = PULSED) -> tuple[Bench, MockFactory]:
    factory = MockFactory(pin_class=MockPWMPin)
    colours = Colours()
    parts = GpioBoard(factory).infrared(table, colours)
    pins = {"lamp": table.lamp_pin, "out": table.filter_night_pin, "in": table.filter_day_pin}
    watched = {name: partial(level, factory, pin) for name, pin in pins.items() if pin >= 0}
    return Bench(parts, {**watched, "mono": lambda: colours.mono}), factory


def level(factory: MockFactory, pin: int) -> object:
    return factory.pin(pin).state


def test_to_night_filter_colours_lamp_and_to_day_the_other_way_round() -> None:
    bench, _ = on_mock()
    assert bench.log == []
    bench.want(NIGHT)
    assert bench.log == [(0, "out", True)]
    assert not bench.parts.lit
    bench.run_to(10)
    assert bench.log[1:] == [(0.15, "lamp", True), (0.15, "out", False), (0.15, "mono", True)]
    assert bench.parts.lit
    bench.log.clear()
    bench.want(DAY)
    assert bench.again_s == pytest.approx(10.15)
    bench.run_to(20)
    assert bench.log == [(10, "lamp", False), (10, "in", True), (10, "mono", False), (10.15, "in", False)]
    assert bench.parts.mode is DAY


def test_the_order_within_one_step_is_kept() -> None:
    order: list[str] = []
    clock = ManualClock()

    class Told(SimRelay):
        def set(self, on: bool) -> None:  # noqa: FBT001 - as a relay's
            order.append(f"{self.name} {'on' if on else 'off'}")
            super().set(on)

    parts = SwitchedInfrared(
        lamp=Told("lamp", clock), night_wire=Told("filter", clock), mono=lambda mono: order.append(f"mono {mono}")
    )
    assert parts.want(NIGHT, 0) is None
    assert parts.want(DAY, 100) is None
    assert order == ["filter on", "mono True", "lamp on", "lamp off", "mono False", "filter off"]


def test_a_look_with_the_lamp_off_moves_nothing_else() -> None:
    bench, _ = on_mock()
    bench.want(NIGHT)
    bench.run_to(10)
    bench.log.clear()
    bench.want(PROBE)
    bench.run_to(13)
    bench.want(NIGHT)
    bench.run_to(20)
    assert bench.log == [(10, "lamp", False), (13, "lamp", True)]


def test_at_the_start_the_filter_stays_as_it_is_until_day_or_night_is_known() -> None:
    bench, _ = on_mock()
    bench.want(UNKNOWN)
    bench.run_to(30)
    assert bench.log == []
    bench.want(DAY)
    bench.run_to(40)
    assert bench.log == [(30, "in", True), (30, "mono", False), (30.15, "in", False)]


def test_a_change_of_mind_lets_a_pulse_end_first_and_never_drives_both_wires() -> None:
    bench, factory = on_mock()
    bench.want(NIGHT)
    bench.run_to(0.05)
    bench.want(DAY)
    assert bench.again_s == pytest.approx(0.15)
    assert not (factory.pin(NIGHT_PIN).state and factory.pin(DAY_PIN).state)
    bench.run_to(1)
    assert bench.log == [
        (0, "out", True), (0.15, "out", False), (0.15, "in", True), (0.15, "mono", False), (0.3, "in", False),
    ]  # fmt: skip


def test_called_late_a_pulse_is_longer_by_that_and_called_early_not_shorter() -> None:
    bench, factory = on_mock()
    bench.want(NIGHT)
    for early in (0.01, 0.1, 0.149):
        assert bench.parts.step(early) == pytest.approx(0.15)
        assert factory.pin(NIGHT_PIN).state
    assert bench.parts.step(0.4) is None
    assert not factory.pin(NIGHT_PIN).state


def test_a_filter_on_one_wire_is_held_at_a_level() -> None:
    table = InfraredTable(enabled=True, filter="level", filter_night_pin=NIGHT_PIN, filter_active="low", mono=False)
    factory = MockFactory()
    parts = GpioBoard(factory).infrared(table)
    pin = factory.pin(NIGHT_PIN)
    assert pin.state == 1
    parts.want(NIGHT, 0)
    assert pin.state == 0
    assert not parts.lit
    parts.want(DAY, 5)
    assert pin.state == 1


def test_a_lamp_may_be_less_bright() -> None:
    table = PULSED.model_copy(update={"brightness": 0.3})
    bench, factory = on_mock(table)
    bench.want(NIGHT)
    bench.run_to(1)
    assert factory.pin(LAMP).state == 0.3


def test_closing_puts_the_lamp_out_and_lets_go_of_the_motor() -> None:
    bench, factory = on_mock()
    bench.want(NIGHT)
    bench.run_to(1)
    bench.want(DAY)
    bench.parts.close()
    bench.parts.close()
    assert not bench.parts.lit
    for pin in (LAMP, NIGHT_PIN, DAY_PIN):
        assert factory.pin(pin).function == "input"
        assert not factory.pin(pin).state


def test_what_failed_is_tried_again_and_only_that() -> None:
    clock = ManualClock()
    board = SimBoard(clock)
    colours = Colours()
    parts = board.infrared(PULSED, colours)
    lamp, out = board.relays["infra-red lamp"], board.relays["filter, night wire"]
    out.lost = True
    with pytest.raises(DeviceError, match="lost its pin"):
        parts.want(NIGHT, 0)
    out.lost, colours.fails = False, True
    assert parts.step(1) == pytest.approx(1.15)
    out.lost = True
    with pytest.raises(DeviceError, match="lost its pin"):
        parts.step(1.2)
    assert out.on, "the pulse is not over"
    out.lost = False
    with pytest.raises(DeviceError, match="does not answer"):
        parts.step(1.3)
    assert not out.on
    assert not lamp.on
    colours.fails = False
    assert parts.step(2) is None
    assert lamp.on
    assert colours.mono
    assert [on for _, on in out.diary] == [False, True, False]


def test_together_in_the_dark_room() -> None:
    """Decision, parts and room in one loop of 50 ms, as the actuator runs them."""
    clock = ManualClock()
    board = SimBoard(clock)
    parts = board.infrared(PULSED)
    room, decision = DarkRoom(lambda t: 300.0 if t >= 800 else 0.05, unfiltered=2), DayNight()
    again_s: float | None = None
    for tick in range(1000 * 20):
        now_s = clock.monotonic_s()
        told = room.look(now_s, lit=parts.lit, filter_out=parts.mode.is_night) if tick % 4 == 0 else None
        mode = decision.update(told, now_s) if told is not None else decision.mode
        if mode is not parts.mode:
            again_s = parts.want(mode, now_s)
        elif again_s is not None and now_s >= again_s:
            again_s = parts.step(now_s)
        clock.advance(0.05)
    out, back = (board.relays[f"filter, {wire} wire"].diary for wire in ("night", "day"))
    assert [on for _, on in out] == [on for _, on in back] == [False, True, False]
    assert 10 < out[1][0] < 15
    assert 800 < back[1][0] < 860
    assert 0.15 <= out[2][0] - out[1][0] <= 0.2 + 1e-6
    assert [mono for _, mono in board.mono] == [True, False]
    lamp = board.relays["infra-red lamp"].diary
    assert lamp[-1][1] is False
    lit_s = sum(end - begin for (begin, on), (end, _) in pairwise(lamp) if on)
    assert lit_s > 770, "the lamp is off for looks only"


def test_a_simulated_relay_keeps_a_diary_and_can_lose_its_pin() -> None:
    clock = ManualClock()
    relay = SimRelay("light", clock)
    relay.set(False)
    clock.advance(5)
    relay.set(True)
    relay.set(True)
    relay.lost = True
    with pytest.raises(DeviceError, match="The relay light has lost its pin"):
        relay.set(False)
    relay.close()
    assert relay.diary == [(0, False), (5, True)]
    other = SimRelay("lock", clock, safe=True)
    other.set(False)
    other.close()
    assert other.diary == [(5, True), (5, False), (5, True)]
