"""Relays, buttons and lamps at pins: on gpiozero's mock, on a stand-in for the lgpio library, and simulated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from gpiozero.pins.local import LocalPiFactory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.config.switches import ButtonTable, InfraredTable, RelayTable
from edge.core.clock import ManualClock
from edge.core.errors import DeviceError
from edge.hardware.gpio import GpioBoard, GpioButton, GpioLamp, GpioRelay, lgpio_factory
from edge.hardware.sim_switches import SimBoard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from edge.core.ports import Button, Relay

PIN = 17
FAKES = str(Path(__file__).parents[1] / "fakes")


@pytest.fixture
def mock() -> Iterator[MockFactory]:
    factory = MockFactory()
    yield factory
    factory.close()


@pytest.fixture
def lgpio(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A stand-in for the library, found where the real one would be; the machine counts as no Raspberry Pi."""
    monkeypatch.syspath_prepend(FAKES)
    forgotten = ("lgpio", "gpiozero.pins.lgpio")
    for name in forgotten:
        sys.modules.pop(name, None)
    import lgpio as module  # noqa: PLC0415 - only now is it there

    module.power_on()
    begin_a_new_process()
    yield module
    for name in forgotten:
        sys.modules.pop(name, None)


def begin_a_new_process() -> None:
    """What gpiozero keeps for a process, the next one does not know."""
    LocalPiFactory.pins.clear()
    LocalPiFactory._reservations.clear()  # noqa: SLF001 - there is no other way to begin anew within one process


# One suite for every relay there is


class Opener(Protocol):
    def __call__(self, table: RelayTable) -> tuple[Relay, Callable[[], bool]]:
        """Open a relay, and give what tells whether its load has current."""


@pytest.fixture(params=["mock", "lgpio", "sim"])
def opener(request: pytest.FixtureRequest) -> Iterator[Opener]:
    if request.param == "sim":
        board = SimBoard(ManualClock())

        def open_sim(table: RelayTable) -> tuple[Relay, Callable[[], bool]]:
            relay = board.relay(table)
            return relay, lambda: relay.on

        yield open_sim
        return
    factory = request.getfixturevalue("mock") if request.param == "mock" else None
    lines = None if factory else request.getfixturevalue("lgpio")
    factory = factory or lgpio_factory()

    def open_gpio(table: RelayTable) -> tuple[Relay, Callable[[], bool]]:
        relay = GpioBoard(factory).relay(table)
        high = table.active == "high"
        if lines is None:
            return relay, lambda: factory.pin(table.pin).state == high
        return relay, lambda: lines.CHIP[table.pin].level == high

    yield open_gpio
    factory.close()


@pytest.mark.parametrize("active", ["high", "low"])
@pytest.mark.parametrize("safe", ["off", "on"])
def test_every_relay_keeps_to_the_protocol(opener: Opener, active: str, safe: str) -> None:
    table = RelayTable.model_validate({"name": "light", "pin": PIN, "active": active, "safe": safe})
    relay, has_current = opener(table)
    assert (relay.name, relay.safe) == ("light", safe == "on")
    assert relay.on is has_current() is relay.safe
    for on in (True, True, False, False, True):
        relay.set(on)
        assert relay.on is has_current() is on
    relay.close()
    assert relay.on is relay.safe
    relay.close()
    with pytest.raises(DeviceError, match="The relay light is closed"):
        relay.set(True)


# On gpiozero's mock


@pytest.mark.parametrize(("active_high", "safe"), [(True, False), (True, True), (False, False), (False, True)])
def test_a_relay_starts_and_stops_at_the_safe_level(mock: MockFactory, *, active_high: bool, safe: bool) -> None:
    pin = mock.pin(PIN)
    relay = GpioRelay("light", PIN, mock, active_high=active_high, safe=safe)
    safe_level = safe is active_high
    assert [state for _, state in pin.states] in ([safe_level], [False, safe_level])
    pin.clear_states()
    relay.set(not safe)
    relay.close()
    assert [state for _, state in pin.states] == [safe_level, not safe_level, safe_level]
    assert pin.function == "input"
    # A restart finds the pin free again.
    GpioRelay("light", PIN, mock, active_high=active_high, safe=safe).close()


def test_a_pin_that_cannot_be_had_is_told(mock: MockFactory) -> None:
    relay = GpioRelay("light", PIN, mock)
    with pytest.raises(DeviceError, match=r"The relay lock cannot use pin 17 \(.*already in use"):
        GpioRelay("lock", PIN, mock)
    with pytest.raises(DeviceError, match=r"The relay lock cannot use pin 99 \(99 is not a valid pin name\); check"):
        GpioRelay("lock", 99, mock)
    with pytest.raises(DeviceError, match=r"The button exit cannot use pin 2 \(.*pull"):
        GpioButton("exit", 2, mock, pull="down")
    relay.close()


def test_a_lamp_is_dimmed_and_goes_out(mock: MockFactory) -> None:
    able = MockFactory(pin_class=MockPWMPin)
    pin = able.pin(12)
    lamp = GpioLamp("lamp", 12, able, brightness=0.4)
    assert (lamp.safe, lamp.on, pin.state) == (False, False, 0)
    lamp.set(True)
    assert (lamp.on, pin.state, pin.frequency) == (True, 0.4, 2000)
    lamp.set(False)
    lamp.set(True)
    lamp.close()
    lamp.close()
    assert [state for _, state in pin.states] == [0, 0.4, 0, 0.4, 0]
    assert not lamp.on
    with pytest.raises(DeviceError, match="The lamp lamp is closed"):
        lamp.set(True)
    with pytest.raises(DeviceError, match=r"The lamp lamp cannot use pin 13 "):
        GpioLamp("lamp", 13, mock)


@pytest.mark.parametrize(
    ("pull", "active", "pressed_level"),
    [("up", "closed", 0), ("up", "open", 1), ("down", "closed", 1), ("down", "open", 0), ("none", "closed", 0)],
)
def test_a_button_counts_its_presses(mock: MockFactory, pull: str, active: str, pressed_level: int) -> None:
    table = ButtonTable.model_validate({"name": "exit", "pin": 27, "pull": pull, "active": active})
    pin = mock.pin(27)
    if pull == "none":
        pin.drive_high()
    button = GpioBoard(mock).button(table)

    def turn(level: int) -> None:
        (pin.drive_high if level else pin.drive_low)()

    turn(1 - pressed_level)
    button.take_presses()
    assert not button.pressed
    turn(pressed_level)
    assert button.pressed
    turn(1 - pressed_level)
    turn(pressed_level)
    turn(1 - pressed_level)
    assert not button.pressed
    assert [button.take_presses(), button.take_presses()] == [2, 0]
    button.close()
    button.close()
    with pytest.raises(DeviceError, match="The button exit is closed"):
        _ = button.pressed


def test_a_simulated_button_does_the_same() -> None:
    board = SimBoard(ManualClock())
    button: Button = board.button(ButtonTable(name="exit", pin=27))
    board.buttons["exit"].press()
    board.buttons["exit"].press()
    assert button.pressed
    board.buttons["exit"].release()
    board.buttons["exit"].press()
    board.buttons["exit"].release()
    assert not button.pressed
    assert [button.take_presses(), button.take_presses()] == [2, 0]
    button.close()
    button.close()
    with pytest.raises(DeviceError, match="The button exit is closed"):
        _ = button.pressed


# On the stand-in for lgpio, where the wire itself is watched


@pytest.mark.parametrize(("active_high", "safe"), [(True, False), (True, True), (False, False), (False, True)])
def test_there_is_no_blip_at_start_and_stop(lgpio: ModuleType, *, active_high: bool, safe: bool) -> None:
    """With a resistor that holds the safe level, the wire never leaves it but when asked to."""
    safe_level = int(safe is active_high)
    lgpio.power_on(pulled_up=(PIN,) if safe_level else ())
    line = lgpio.CHIP[PIN]
    for _ in range(3):
        factory = lgpio_factory()
        relay = GpioRelay("light", PIN, factory, active_high=active_high, safe=safe)
        assert line.output
        relay.close()
        factory.close()
    assert line.levels == [safe_level]
    factory = lgpio_factory()
    relay = GpioRelay("light", PIN, factory, active_high=active_high, safe=safe)
    relay.set(not safe)
    lgpio.crash()
    begin_a_new_process()
    assert line.levels == [safe_level, 1 - safe_level, safe_level], "after a crash the resistor decides"
    GpioRelay("light", PIN, lgpio_factory(), active_high=active_high, safe=safe)
    assert line.levels == [safe_level, 1 - safe_level, safe_level]


def test_gpiozero_alone_would_blip(lgpio: ModuleType) -> None:
    """Why the pins are put right: this is what an active-low relay would get at each start."""
    lgpio.power_on(pulled_up=(PIN,))
    from gpiozero import OutputDevice  # noqa: PLC0415 - beside the stand-in
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - finds the stand-in

    factory = LGPIOFactory(chip=0)
    factory._get_revision = lambda: 0xC03111  # noqa: SLF001 - it knows Raspberry Pis only
    OutputDevice(PIN, active_high=False, initial_value=False, pin_factory=factory)
    assert lgpio.CHIP[PIN].levels == [1, 0, 1]
    factory.close()


def test_a_relay_without_the_right_resistor_is_switched_by_a_stop(lgpio: ModuleType) -> None:
    """What ``RelayTable.remark`` warns of."""
    table = RelayTable(name="door", pin=PIN, active="low", resistor="down")
    factory = lgpio_factory()
    GpioBoard(factory).relay(table).close()
    assert lgpio.CHIP[PIN].levels == [0, 1, 0], "on before the start and after the stop"
    assert "switches it on whenever the program does not run" in (table.remark or "")
    factory.close()


def test_buttons_and_lamps_work_there_too(lgpio: ModuleType) -> None:
    factory = lgpio_factory()
    button = GpioButton("exit", 27, factory, debounce_s=0.02)
    assert lgpio.CHIP[27].debounce_us == 20_000
    lgpio.push(27, 0)
    assert button.pressed
    lgpio.push(27, None)
    assert not button.pressed
    assert button.take_presses() == 1
    lamp = GpioLamp("lamp", 12, factory, brightness=0.25)
    lamp.set(True)
    assert lgpio.CHIP[12].pwm == (2000, 25)
    lamp.close()
    assert lgpio.CHIP[12].pwm == (0, 0)
    button.close()
    factory.close()


def test_any_line_of_a_board_that_is_no_pi_may_be_used(lgpio: ModuleType) -> None:
    factory = lgpio_factory()
    relay = GpioRelay("light", 53, factory)
    relay.set(True)
    assert lgpio.CHIP[53].level == 1
    with pytest.raises(DeviceError, match=r"cannot use pin 53 \(.*already in use"):
        GpioRelay("lock", 53, factory)
    with pytest.raises(DeviceError, match=r"cannot use pin 300 \(bad GPIO\)"):
        GpioRelay("lock", 300, factory)
    relay.close()
    factory.close()


def test_what_is_missing_is_told_with_its_remedy(lgpio: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    del lgpio
    with pytest.raises(DeviceError, match=r"no pins to be had \(can not open gpiochip\); the user has to be in"):
        lgpio_factory(chip=7)
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio")
    with pytest.raises(DeviceError, match=r"not installed \(lgpio\).*apt install python3-gpiozero python3-lgpio"):
        lgpio_factory()


def test_a_library_that_cannot_make_its_pipe_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lgpio.py").write_text("raise FileNotFoundError(2, 'No such file or directory', '.lgd-nfy-3')\n")
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("lgpio", None)
    with pytest.raises(DeviceError, match=r"cannot start \(.*lgd-nfy-3\); set LG_WD to a folder it may write to"):
        lgpio_factory()


def test_a_board_opens_what_the_settings_say(mock: MockFactory) -> None:
    board = GpioBoard(mock)
    table = InfraredTable(enabled=True, lamp_pin=5, filter="pulse", filter_night_pin=6, filter_day_pin=13)
    parts = board.infrared(table)
    assert all(mock.pin(pin).function == "output" for pin in (5, 6, 13))
    parts.close()
    assert all(mock.pin(pin).function == "input" for pin in (5, 6, 13))
    clash = InfraredTable(enabled=True, lamp_pin=5, filter="level", filter_night_pin=99)
    with pytest.raises(DeviceError, match="pin 99"):
        board.infrared(clash)
    assert mock.pin(5).function == "input", "what was opened before is let go again"
    board.close()
