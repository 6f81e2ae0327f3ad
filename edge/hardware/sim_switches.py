"""Switches that are not there: relays and buttons with a diary, and a dark room whose lamp blinds its camera.

They behave as the real ones do and keep what happened, with the clock's monotonic seconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import exp, log
from random import Random
from typing import TYPE_CHECKING, Literal

from edge.core.errors import DeviceError
from edge.core.frame import Exposure
from edge.hardware.infrared import SwitchedInfrared

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.config.switches import ButtonTable, InfraredTable, RelayTable
    from edge.core.clock import Clock

GAMMA = 2.2


class SimRelay:
    """A relay that switches nothing. ``diary`` is what it was: ``(t_s, on)``, beginning with its safe state.

    ``lost`` takes its pin away.
    """

    def __init__(self, name: str, clock: Clock, *, safe: bool = False) -> None:
        self.name, self.safe = name, safe
        self._clock = clock
        self.diary: list[tuple[float, bool]] = [(clock.monotonic_s(), safe)]
        self.lost = self.closed = False

    @property
    def on(self) -> bool:
        """Whether it was last switched on."""
        return self.diary[-1][1]

    def set(self, on: bool) -> None:  # noqa: FBT001 - what a switch is set to is on or off
        """Switch it and write it down; ``DeviceError`` while lost or when closed."""
        if self.closed:
            raise DeviceError(f"The relay {self.name} is closed.")
        if self.lost:
            raise DeviceError(f"The relay {self.name} has lost its pin.")
        if on is not self.on:
            self.diary.append((self._clock.monotonic_s(), on))

    def close(self) -> None:
        """Go to the safe state; may be called twice."""
        if not self.closed and not self.lost:
            self.set(self.safe)
        self.closed = True


class SimButton:
    """A button that is pressed by calling ``press`` and ``release``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._pressed = False
        self._presses = 0
        self.closed = False

    @property
    def pressed(self) -> bool:
        """Whether it is held down (``DeviceError`` if it is closed)."""
        if self.closed:
            raise DeviceError(f"The button {self.name} is closed.")
        return self._pressed

    def take_presses(self) -> int:
        """How many times it was pressed since the last call."""
        presses, self._presses = self._presses, 0
        return presses

    def press(self) -> None:
        """Hold it down."""
        self._presses += not self._pressed
        self._pressed = True

    def release(self) -> None:
        """Let it go."""
        self._pressed = False

    def close(self) -> None:
        """Feel no more presses; may be called twice."""
        self.closed = True


class SimBoard:
    """Opens what the settings say is wired, without any wire. Everything opened is kept by its name, diary and all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.relays: dict[str, SimRelay] = {}
        self.buttons: dict[str, SimButton] = {}
        self.mono: list[tuple[float, bool]] = []

    def relay(self, table: RelayTable) -> SimRelay:
        """A relay in its safe state."""
        return self._switch(table.name, safe=table.safe == "on")

    def button(self, table: ButtonTable) -> SimButton:
        """A button that nobody presses."""
        self.buttons[table.name] = SimButton(table.name)
        return self.buttons[table.name]

    def infrared(self, table: InfraredTable, mono: Callable[[bool], None] | None = None) -> SwitchedInfrared:
        """A camera's infra-red parts, lamp out."""
        return SwitchedInfrared.wired(table, lambda name, *_: self._switch(name), mono or self._note_mono)

    def close(self) -> None:
        """Nothing to let go of."""

    def _switch(self, name: str, *, safe: bool = False) -> SimRelay:
        self.relays[name] = SimRelay(name, self._clock, safe=safe)
        return self.relays[name]

    def _note_mono(self, mono: bool) -> None:  # noqa: FBT001 - as a camera's is called
        self.mono.append((self._clock.monotonic_s(), mono))


class DarkRoom:
    """A room, its light, and a camera with automatic exposure in it that sees the lamp's light as well.

    ``ambient`` gives the room's own light at a time, in lux; it may be made brighter by ``nearness``, the part of the
    lamp's light that comes back (1: the empty room; somebody close to the lamp: more). The camera gives out at
    ``LEAST_LUX``; with the lamp alone it needs ``lamp_ratio`` times less exposure than that. Without its filter it sees
    ``unfiltered`` times the room's light. It tells what ``tells`` says: its own estimate in lux, exposure with its
    limit, exposure without, or nothing, so that only the picture's brightness is left.

    Exposure follows the light ``DEAD_S`` late and then with the time constant ``follow_s``: 4 to 8 s in all, as
    measured. ``noise`` is what the brightness trembles by, as a part of it.
    """

    LEAST_LUX = 0.5
    LIMIT = 1.6
    TARGET = 0.18
    DEAD_S = 0.45

    def __init__(  # noqa: PLR0913 - a room has many knobs, each with a usual value
        self,
        ambient: Callable[[float], float],
        *,
        tells: Literal["lux", "limit", "exposure", "luma"] = "lux",
        lamp_ratio: float = 841.0,
        nearness: Callable[[float], float] = lambda _: 1.0,
        unfiltered: float = 1.0,
        follow_s: float = 1.5,
        noise: float = 0.005,
        seed: int = 0,
    ) -> None:
        self._ambient, self._nearness = ambient, nearness
        self._tells, self._unfiltered = tells, unfiltered
        self._lamp_lux = lamp_ratio * self.LEAST_LUX
        self._follow_s, self._noise = follow_s, noise
        self._chance = Random(seed)  # noqa: S311 - seeded on purpose
        self._per_lux = self.TARGET / (self.LEAST_LUX * self.LIMIT)
        self._demand = self.LIMIT
        self._seen: deque[tuple[float, float]] = deque(maxlen=200)

    def light(self, now_s: float, *, lit: bool, filter_out: bool = False) -> float:
        """What falls on the sensor, in lux."""
        own = self._ambient(now_s) * (self._unfiltered if filter_out else 1.0)
        return own + (self._lamp_lux * self._nearness(now_s) if lit else 0.0)

    def look(self, now_s: float, *, lit: bool, filter_out: bool = False) -> Exposure:
        """Take a picture and tell of its light."""
        lux = self.light(now_s, lit=lit, filter_out=filter_out)
        self._follow(now_s)
        trembling = max(0.0, 1 + self._chance.gauss(0, self._noise))
        # At full gain the sensor's own noise lifts black a little.
        floor = 0.002 * self._demand / self.LIMIT
        linear = min(1.0, lux * self._demand * self._per_lux * trembling + floor)
        self._seen.append((now_s, linear / self._demand))
        return self._told(linear)

    def _follow(self, now_s: float) -> None:
        """Automatic exposure sees what was a while ago, and goes there by and by."""
        if not self._seen:
            return
        then = bisect_right([at for at, _ in self._seen], now_s - self.DEAD_S) - 1
        if then < 0:
            return
        wanted = max(1e-7, min(self.LIMIT, self.TARGET / max(1e-9, self._seen[then][1])))
        share = 1 - exp(-(now_s - self._seen[-1][0]) / self._follow_s)
        self._demand = exp(log(self._demand) + share * (log(wanted) - log(self._demand)))

    def _told(self, linear: float) -> Exposure:
        luma = round(linear ** (1 / GAMMA) * 255 * 8) / (255 * 8)
        if self._tells == "luma":
            return Exposure(luma=luma)
        exposure_s = min(self._demand, 0.1)
        gain = self._demand / exposure_s
        if self._tells == "lux":
            return Exposure(exposure_s, gain, lux=luma**GAMMA / self._demand / self._per_lux, luma=luma)
        return Exposure(exposure_s, gain, limit=self.LIMIT if self._tells == "limit" else None, luma=luma)
