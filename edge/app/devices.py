"""Speaker, screen, relays, buttons and infra-red parts as the settings want them; what they call sim is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.analytics.switching import Limits, SwitchPlan
from edge.hardware.display import LastingDisplay, PygameDisplay
from edge.hardware.gpio import GpioBoard, lgpio_factory
from edge.hardware.infrared import SwitchedInfrared
from edge.hardware.lasting_speaker import LastingSpeaker
from edge.hardware.sim import SimSpeaker
from edge.hardware.sim_switches import SimButton, SimRelay
from edge.hardware.sound import PygameSpeaker
from edge.hardware.sound_files import sound_file
from edge.services.switch import Switch

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.config.schema import Config
    from edge.config.switches import ButtonTable, GpioTable, InfraredTable, RelayTable
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.core.ports import Button, Display, Infrared, Relay, Speaker

SIM = "sim"


class Pins(Protocol):
    """Opens what is wired to the board's pins."""

    def relay(self, table: RelayTable) -> Relay:
        """A relay in its safe state."""

    def button(self, table: ButtonTable) -> Button:
        """A button."""

    def infrared(self, table: InfraredTable, mono: Callable[[bool], None] | None = None) -> Infrared:
        """A camera's infra-red parts."""


class BoardPins:
    """The board's own pins, reached when the first of them is wanted; ``DeviceError`` while they cannot be."""

    def __init__(self, chip: int) -> None:
        self._chip = chip
        self._board: GpioBoard | None = None

    def _opened(self) -> GpioBoard:
        if self._board is None:
            self._board = GpioBoard(lgpio_factory(self._chip))
        return self._board

    def relay(self, table: RelayTable) -> Relay:
        """A relay in its safe state."""
        return self._opened().relay(table)

    def button(self, table: ButtonTable) -> Button:
        """A button."""
        return self._opened().button(table)

    def infrared(self, table: InfraredTable, mono: Callable[[bool], None] | None = None) -> Infrared:
        """A camera's infra-red parts."""
        return self._opened().infrared(table, mono)


class SimPins:
    """Pins that are not there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def relay(self, table: RelayTable) -> Relay:
        """A relay that keeps a diary."""
        return SimRelay(table.name, self._clock, safe=table.safe == "on")

    def button(self, table: ButtonTable) -> Button:
        """A button nobody presses."""
        return SimButton(table.name)

    def infrared(self, table: InfraredTable, mono: Callable[[bool], None] | None = None) -> Infrared:
        """Infra-red parts behind relays that keep a diary."""

        def switch(name: str, pin: int, active: str, brightness: float) -> Relay:  # noqa: ARG001 - as pins are opened
            return SimRelay(name, self._clock)

        return SwitchedInfrared.wired(table, switch, mono)


def pins(table: GpioTable, clock: Clock) -> Pins:
    """The pins the settings name."""
    return SimPins(clock) if table.driver == SIM else BoardPins(table.chip)


def switches(config: Config, wired: Pins, now_s: float, tell: Callable[[Fact], None]) -> list[Switch]:
    """Every relay of the settings with its limits; their pins are opened when they start."""
    made = []
    for table in config.relay:
        limits = Limits(
            safe=table.safe == "on", max_on_s=table.max_on_s, min_toggle_s=table.min_toggle_s, pulse_s=table.pulse_s
        )

        def open_relay(table: RelayTable = table) -> Relay:
            return wired.relay(table)

        made.append(Switch(table.name, SwitchPlan(limits, now_s), open_relay, tell))
    return made


def speaker(device: str, clock: Clock) -> Speaker:
    """The speaker the settings name. To be called on the main thread; a sound card that is lost is no error here."""
    if device == SIM:
        return SimSpeaker(clock, sound_file)
    return LastingSpeaker(lambda: PygameSpeaker(device or None, clock=clock), clock)


def open_display(clock: Clock) -> Display:
    """The screen at the door. To be called on the thread that will use it."""
    return LastingDisplay(PygameDisplay, clock)
