"""Relays, buttons and lamps at a board's pins, through gpiozero; the only import of it.

On a Raspberry Pi and a Jetson the pins are driven by lgpio and nothing else: gpiozero would fall back to whatever is
there. lgpio makes a pipe in the working directory when it is loaded; a service has to give it a writable one (the
environment variable LG_WD). ``close`` makes a pin an input again: from then on only a resistor holds it, see
``RelayTable.remark`` in ``config/switches.py``.
"""

from __future__ import annotations

import contextlib
import importlib
from collections import deque
from typing import TYPE_CHECKING, Any, Literal

from edge.core.errors import DeviceError
from edge.hardware.infrared import SwitchedInfrared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.config.switches import ButtonTable, InfraredTable, RelayTable
    from edge.core.ports import Relay

# Above what a camera's rolling shutter would show as stripes, below what lgpio can do (10 kHz).
LAMP_HZ = 2000
OWN_CHIP, FIRST_CHIP = -1, 0


class GpioRelay:
    """A relay at a pin. Opened, the pin goes straight from input to the safe level, never by the other one."""

    def __init__(
        self, name: str, pin: int, factory: Any, *, active_high: bool = True, safe: bool = False  # noqa: ANN401 - gpiozero's
    ) -> None:
        self.name, self.safe = name, safe
        self._what = f"The relay {name}"
        self._on = safe
        with _told(self._what, pin):
            self._device: Any = _gpiozero().OutputDevice(
                pin, active_high=active_high, initial_value=safe, pin_factory=factory
            )
        self._pin = pin

    @property
    def on(self) -> bool:
        """Whether it was last switched on."""
        return self._on

    def set(self, on: bool) -> None:  # noqa: FBT001 - what a switch is set to is on or off
        """Switch it. ``DeviceError`` if it is closed or its pin is lost."""
        if self._device is None:
            raise DeviceError(f"{self._what} is closed.")
        with _told(self._what, self._pin):
            self._device.value = on
        self._on = on

    def close(self) -> None:
        """Go to the safe state and let go of the pin; may be called twice."""
        if self._device is not None:
            device, self._device = self._device, None
            self._on = self.safe
            with contextlib.suppress(DeviceError), _told(self._what, self._pin):
                device.value = self.safe
            device.close()


class GpioLamp:
    """A lamp at a pin that is made less bright by switching it fast. Used like a relay whose safe state is off."""

    def __init__(
        self, name: str, pin: int, factory: Any, *, active_high: bool = True, brightness: float = 0.5  # noqa: ANN401 - gpiozero's
    ) -> None:
        self.name, self.safe = name, False
        self._what, self._pin = f"The lamp {name}", pin
        self._brightness = brightness
        self._on = False
        with _told(self._what, pin):
            self._device: Any = _gpiozero().PWMOutputDevice(
                pin, active_high=active_high, frequency=LAMP_HZ, pin_factory=factory
            )

    @property
    def on(self) -> bool:
        """Whether it was last switched on."""
        return self._on

    def set(self, on: bool) -> None:  # noqa: FBT001 - what a switch is set to is on or off
        """Light it or put it out. ``DeviceError`` if it is closed or its pin is lost."""
        if self._device is None:
            raise DeviceError(f"{self._what} is closed.")
        with _told(self._what, self._pin):
            self._device.value = self._brightness if on else 0.0
        self._on = on

    def close(self) -> None:
        """Put it out and let go of the pin; may be called twice."""
        if self._device is not None:
            device, self._device = self._device, None
            self._on = False
            with contextlib.suppress(DeviceError), _told(self._what, self._pin):
                device.value = 0.0
            device.close()


class GpioButton:
    """A push-button or contact at a pin.

    ``pull`` is the processor's resistor that is switched on: ``up`` for a contact to ground, ``down`` for one to 3.3 V,
    ``none`` for one to ground that has a resistor of its own. It is active when the contact is ``closed``, or open.
    """

    def __init__(  # noqa: PLR0913 - how a contact is wired
        self,
        name: str,
        pin: int,
        factory: Any,  # noqa: ANN401 - gpiozero's
        *,
        pull: Literal["up", "down", "none"] = "up",
        closed: bool = True,
        debounce_s: float = 0.05,
    ) -> None:
        self.name = name
        self._what, self._pin, self._closed = f"The button {name}", pin, closed
        self._presses: deque[None] = deque()
        bare = pull == "none"
        wired: dict[str, Any] = {"pull_up": None, "active_state": False} if bare else {"pull_up": pull == "up"}
        with _told(self._what, pin):
            self._device: Any = _gpiozero().DigitalInputDevice(
                pin, bounce_time=debounce_s or None, pin_factory=factory, **wired
            )
        # Called on lgpio's own thread.
        setattr(self._device, "when_activated" if closed else "when_deactivated", self._count)

    @property
    def pressed(self) -> bool:
        """Whether it is active now (``DeviceError`` if it is closed)."""
        if self._device is None:
            raise DeviceError(f"{self._what} is closed.")
        with _told(self._what, self._pin):
            return bool(self._device.is_active) is self._closed

    def take_presses(self) -> int:
        """How many times it became active since the last call."""
        presses = len(self._presses)
        for _ in range(presses):
            self._presses.popleft()
        return presses

    def close(self) -> None:
        """Let go of the pin; may be called twice."""
        if self._device is not None:
            device, self._device = self._device, None
            device.close()

    def _count(self) -> None:
        self._presses.append(None)


class GpioBoard:
    """Opens what the settings say is wired to the pins. ``factory`` is gpiozero's: ``lgpio_factory()``, or a mock."""

    def __init__(self, factory: Any) -> None:  # noqa: ANN401 - gpiozero's
        self._factory = factory

    def relay(self, table: RelayTable) -> GpioRelay:
        """A relay in its safe state; ``DeviceError`` if its pin cannot be had."""
        high, safe = table.active == "high", table.safe == "on"
        return GpioRelay(table.name, table.pin, self._factory, active_high=high, safe=safe)

    def button(self, table: ButtonTable) -> GpioButton:
        """A button; ``DeviceError`` if its pin cannot be had."""
        closed = table.active == "closed"
        return GpioButton(
            table.name, table.pin, self._factory, pull=table.pull, closed=closed, debounce_s=table.debounce_s
        )

    def infrared(self, table: InfraredTable, mono: Callable[[bool], None] | None = None) -> SwitchedInfrared:
        """A camera's infra-red parts, lamp out; ``mono`` takes the colours from its picture or gives them back."""
        return SwitchedInfrared.wired(table, self._switch, mono)

    def close(self) -> None:
        """Let go of the chip; may be called twice."""
        self._factory.close()

    def _switch(self, name: str, pin: int, active: str, brightness: float) -> Relay:
        if brightness < 1:
            return GpioLamp(name, pin, self._factory, active_high=active == "high", brightness=brightness)
        return GpioRelay(name, pin, self._factory, active_high=active == "high")


def lgpio_factory(chip: int = OWN_CHIP) -> Any:  # noqa: ANN401 - gpiozero's
    """The pins of this board's chip (or of /dev/gpiochip ``chip``). ``DeviceError`` if there are none to be had."""
    try:
        lgpio = importlib.import_module("lgpio")
        base = importlib.import_module("gpiozero.pins.lgpio")
    except ImportError as error:
        raise DeviceError(
            f"The library for pins is not installed ({error.name}); relays, buttons and lamps do not work "
            "(apt install python3-gpiozero python3-lgpio)."
        ) from None
    except Exception as error:  # noqa: BLE001 - lgpio raises its own kind, or the system's, when it is loaded
        raise DeviceError(
            f"The library for pins cannot start ({_reason(error)}); set LG_WD to a folder it may write to."
        ) from None
    pins = _steady(lgpio, base, on_a_pi=_on_a_pi())
    try:
        return pins(chip=chip if chip != OWN_CHIP else None if _on_a_pi() else FIRST_CHIP)
    except Exception as error:  # noqa: BLE001 - lgpio's errors and the system's have no kind in common
        raise DeviceError(
            f"There are no pins to be had ({_reason(error)}); the user has to be in the group gpio, and chip in [gpio] "
            "names one of /dev/gpiochip*."
        ) from None


def _steady(lgpio: Any, base: Any, *, on_a_pi: bool) -> Any:  # noqa: ANN401 - gpiozero's
    """The lgpio factory of gpiozero, put right in two places.

    Its pins become outputs at 0 first and at the wanted level then, which is a blip for what is switched on by 0: here
    they become outputs at that level. And it knows the pins of Raspberry Pis only: elsewhere the number is the line's.
    """

    class SteadyPin(base.LGPIOPin):  # type: ignore[misc]
        def output_with_state(self, state: object) -> None:
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(bool(state)))  # noqa: SLF001 - see above

    class SteadyFactory(base.LGPIOFactory):  # type: ignore[misc]
        def __init__(self, chip: int | None) -> None:
            super().__init__(chip=chip)
            self.pin_class = SteadyPin

        def _get_board_info(self) -> Any:  # noqa: ANN401 - gpiozero's
            return super()._get_board_info() if on_a_pi else _Lines()

    return SteadyFactory


class _Lines:
    """Stands for a board of which nothing is known but that its chip has numbered lines."""

    def find_pin(self, name: object) -> Iterator[tuple[None, Any]]:
        """The line of this number."""
        names = frozenset({name, str(name), f"GPIO{name}"})
        line = _gpiozero().PinInfo(name, f"GPIO{name}", names, "", 0, 0, frozenset({"gpio"}))
        yield None, line


def _on_a_pi() -> bool:
    try:
        importlib.import_module("gpiozero.pins.local").get_pi_revision()
    except Exception:  # noqa: BLE001 - not knowing it, for whatever reason, is not being one
        return False
    return True


def _gpiozero() -> Any:  # noqa: ANN401 - a module
    try:
        return importlib.import_module("gpiozero")
    except ImportError:
        raise DeviceError(
            "The library for pins is not installed (gpiozero); relays, buttons and lamps do not work "
            "(apt install python3-gpiozero python3-lgpio)."
        ) from None


@contextlib.contextmanager
def _told(what: str, pin: int) -> Iterator[None]:
    """Make one sentence of whatever goes wrong at a pin."""
    try:
        yield
    except DeviceError:
        raise
    except Exception as error:  # noqa: BLE001 - lgpio's errors and gpiozero's have no kind in common
        raise DeviceError(f"{what} cannot use pin {pin} ({_reason(error)}); check its pin in the settings.") from None


def _reason(error: Exception) -> str:
    return str(error).strip("'\" .") or type(error).__name__
