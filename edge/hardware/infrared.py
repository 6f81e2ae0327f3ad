"""A camera's infra-red parts: lamp, filter before the sensor, picture without colours.

To night: filter out, colours off, lamp on; to day the other way round. The filter is moved by a pulse on one of two
wires, as its coil bears current for a moment only, or by a level on one. A pulse is ended by ``step``, which has to be
called when it says; nothing here waits. At the start the filter is left as it is until day or night is known.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from edge.config.switches import NO_PIN
from edge.core.light import LightMode

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from edge.config.switches import InfraredTable
    from edge.core.ports import Relay

    class Switcher(Protocol):
        """Opens a switch at a pin."""

        def __call__(self, name: str, pin: int, active: str, brightness: float) -> Relay:
            """Open it, off."""


class SwitchedInfrared:
    """Infra-red parts behind switches. Each may be missing.

    With ``day_wire`` the filter is moved by pulses of ``pulse_s`` seconds, without it ``night_wire`` is on at night.
    ``mono`` is the camera's own: it is called with True for a picture without colours.
    """

    def __init__(
        self,
        *,
        lamp: Relay | None = None,
        night_wire: Relay | None = None,
        day_wire: Relay | None = None,
        pulse_s: float = 0.2,
        mono: Callable[[bool], None] | None = None,
    ) -> None:
        self._lamp, self._night_wire, self._day_wire = lamp, night_wire, day_wire
        self._pulse_s, self._set_mono = pulse_s, mono
        self._mode = LightMode.UNKNOWN
        self._filter_out: bool | None = None
        self._mono: bool | None = None
        self._pulse: tuple[Relay, float] | None = None

    @classmethod
    def wired(
        cls, table: InfraredTable, switch: Switcher, mono: Callable[[bool], None] | None = None
    ) -> SwitchedInfrared:
        """As the settings say. ``DeviceError`` if a pin cannot be had; those opened before are let go again."""
        with contextlib.ExitStack() as opened:

            def open_switch(name: str, pin: int, active: str, brightness: float = 1.0) -> Relay | None:
                if pin == NO_PIN:
                    return None
                relay = switch(name, pin, active, brightness)
                opened.callback(relay.close)
                return relay

            moved, pulsed = table.filter != "none", table.filter == "pulse"
            parts = cls(
                lamp=open_switch("infra-red lamp", table.lamp_pin, table.lamp_active, table.brightness),
                night_wire=open_switch(
                    "filter, night wire", table.filter_night_pin if moved else NO_PIN, table.filter_active
                ),
                day_wire=open_switch(
                    "filter, day wire", table.filter_day_pin if pulsed else NO_PIN, table.filter_active
                ),
                pulse_s=table.filter_pulse_s,
                mono=mono if table.mono else None,
            )
            opened.pop_all()
            return parts

    @property
    def mode(self) -> LightMode:
        """What it was last asked for."""
        return self._mode

    @property
    def lit(self) -> bool:
        """Whether the lamp is on now."""
        return self._lamp is not None and self._lamp.on

    def want(self, mode: LightMode, now_s: float) -> float | None:
        """Begin to change to a mode; return when ``step`` is to be called next, None if all is done."""
        self._mode = mode
        return self.step(now_s)

    def step(self, now_s: float) -> float | None:
        """Do what is due; return when to call again, None if all is done.

        ``DeviceError`` if a switch does not work; the next call tries again what is left to do.
        """
        if self._pulse is not None:
            wire, end_s = self._pulse
            if now_s < end_s:
                return end_s
            wire.set(False)
            self._pulse = None
        parts = (self._move_filter, self._take_colours, self._light_lamp)
        for part in parts if self._mode.is_night else parts[::-1]:
            wait_s = part(now_s)
            if wait_s is not None:
                return wait_s
        return None

    def close(self) -> None:
        """Put the lamp out, release the filter's motor and let go of the pins; may be called twice."""
        self._pulse = None
        for relay in (self._lamp, self._night_wire, self._day_wire):
            if relay is not None:
                relay.close()

    def _move_filter(self, now_s: float) -> float | None:
        """Move the filter if it is not where it should be; return when its pulse has to end, if it is one."""
        out = self._mode.is_night
        if self._night_wire is None or self._mode is LightMode.UNKNOWN or self._filter_out is out:
            return None
        if self._day_wire is None:
            self._night_wire.set(out)
            self._filter_out = out
            return None
        wire, end_s = self._night_wire if out else self._day_wire, now_s + self._pulse_s
        wire.set(True)
        self._filter_out, self._pulse = out, (wire, end_s)
        return end_s

    def _take_colours(self, _: float) -> float | None:
        mono = self._mode.is_night
        if self._set_mono is None or self._mode is LightMode.UNKNOWN or self._mono is mono:
            return None
        self._set_mono(mono)
        self._mono = mono
        return None

    def _light_lamp(self, _: float) -> float | None:
        on = self._mode is LightMode.NIGHT
        if self._lamp is not None and self._lamp.on is not on:
            self._lamp.set(on)
        return None
