"""Stands in for the lgpio library: a chip of 54 lines on which everything driven is written down.

It has what gpiozero's pins use, with lgpio 0.2.2's signatures. A line that nobody drives goes where its resistor pulls
it. What the chip's lines were outlasts the handles, as on a real board; ``CHIP`` is made anew by ``power_on``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SET_ACTIVE_LOW, SET_OPEN_DRAIN, SET_OPEN_SOURCE = 4, 8, 16
SET_PULL_UP, SET_PULL_DOWN, SET_PULL_NONE = 32, 64, 128
RISING_EDGE, FALLING_EDGE, BOTH_EDGES = 1, 2, 3
IS_OUT = 2
LINES = 54


class error(Exception):  # noqa: N801, N818 - lgpio's own name
    """Raised for whatever goes wrong."""


@dataclass
class Line:
    """``levels`` is what the wire was, change by change, whoever drove it; ``hardware`` is the resistor beside it."""

    hardware: int = 0
    output: bool = False
    pull: int = SET_PULL_NONE
    levels: list[int] = field(default_factory=list)
    pwm: tuple[float, float] = (0.0, 0.0)
    alert: Callable[[int, int, int, int], None] | None = None
    debounce_us: int = 0
    pushed: int | None = None

    @property
    def level(self) -> int:
        return self.levels[-1]

    def rest(self) -> int:
        if self.pushed is not None:
            return self.pushed
        return {SET_PULL_UP: 1, SET_PULL_DOWN: 0}.get(self.pull, self.hardware)

    def become(self, level: int) -> None:
        if not self.levels or self.levels[-1] != level:
            self.levels.append(level)


CHIP: dict[int, Line] = {}
OPEN: set[int] = set()


def power_on(pulled_up: tuple[int, ...] = ()) -> None:
    """A board that was just given power: every line an input, held by the resistors beside it."""
    CHIP.clear()
    OPEN.clear()
    for number in range(LINES):
        line = CHIP[number] = Line(int(number in pulled_up))
        line.become(line.rest())


def push(gpio: int, level: int | None) -> None:
    """Close a contact to a level, or open it (None)."""
    line = CHIP[gpio]
    line.pushed = level
    before = line.level
    line.become(line.rest())
    if line.alert is not None and line.level != before:
        line.alert(0, gpio, line.level, 0)


def crash() -> None:
    """The program dies: the kernel takes its lines back."""
    OPEN.clear()
    for line in CHIP.values():
        line.output, line.alert = False, None
        line.become(line.rest())


def gpiochip_open(gpiochip: int) -> int:
    if gpiochip != 0:
        raise error("can not open gpiochip")
    OPEN.add(1)
    return 1


def gpiochip_close(handle: int) -> int:
    crash()
    return handle


def gpio_claim_input(handle: int, gpio: int, lFlags: int = 0) -> int:  # noqa: N803 - lgpio's name
    line = _line(handle, gpio)
    line.output = False
    line.pull = lFlags & (SET_PULL_UP | SET_PULL_DOWN | SET_PULL_NONE) or line.pull
    line.become(line.rest())
    return 0


def gpio_claim_output(handle: int, gpio: int, level: int = 0, lFlags: int = 0) -> int:  # noqa: ARG001, N803 - lgpio's
    line = _line(handle, gpio)
    line.output = True
    line.become(level)
    return 0


def gpio_claim_alert(handle: int, gpio: int, eFlags: int, lFlags: int = 0, notify_handle: int | None = None) -> int:  # noqa: ARG001, N803 - lgpio's
    return gpio_claim_input(handle, gpio, lFlags)


def gpio_free(handle: int, gpio: int) -> int:
    _line(handle, gpio)
    return 0


def gpio_read(handle: int, gpio: int) -> int:
    return _line(handle, gpio).level


def gpio_write(handle: int, gpio: int, level: int) -> int:
    line = _line(handle, gpio)
    if not line.output:
        raise error("GPIO not an output")
    line.become(int(level))
    return 0


def gpio_get_mode(handle: int, gpio: int) -> int:
    line = _line(handle, gpio)
    return (IS_OUT if line.output else 0) | line.pull


def gpio_set_debounce_micros(handle: int, gpio: int, debounce_micros: int) -> int:
    _line(handle, gpio).debounce_us = debounce_micros
    return 0


def tx_pwm(
    handle: int, gpio: int, pwm_frequency: float, pwm_duty_cycle: float, pulse_offset: int = 0, pulse_cycles: int = 0  # noqa: ARG001 - lgpio's
) -> int:
    _line(handle, gpio).pwm = (pwm_frequency, pwm_duty_cycle)
    return 0


class callback:  # noqa: N801 - lgpio's own name
    """Calls back with every change of a line."""

    def __init__(self, handle: int, gpio: int, edge: int, func: Callable[[int, int, int, int], None]) -> None:
        del edge
        self._line = _line(handle, gpio)
        self._line.alert = func

    def cancel(self) -> None:
        self._line.alert = None


def _line(handle: int, gpio: int) -> Line:
    if handle not in OPEN:
        raise error("unknown handle")
    if gpio not in CHIP:
        raise error("bad GPIO")
    return CHIP[gpio]


power_on()
