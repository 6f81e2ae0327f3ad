"""Day or night? Decided by how light it is without the camera's own lamp. Pure: time is an argument.

A lamp that lights the room makes it look like day, and a camera that believes it switches for ever (measured: 841
times less exposure, 600 switches in 600 s). So the lamp's light is never compared with daylight. With the lamp on only
one question is asked: is it lighter than it is known to be with the lamp alone (``lamplight.py``)? If so, or if it is
time, the lamp goes off for some seconds, a *probe*, and what is seen then decides.

- To night when it has been too dark for 10 s, dark less light: headlights passing by do not begin it anew.
- In a probe dark is believed after 3 s, but only from cameras whose figures cannot be dark just because their exposure
  is still on its way (it takes up to 8 s). Light has to last 4 s. After 10 s without either it is night still.
- 60 s between two switches and 6 switches in an hour; 20 s between two probes, 6 on suspicion in an hour, others after
  1, 5, 10, 20, 40, 60 and every 60 minutes, put off by up to 10 while people are followed. (The first is for light
  that came while lamp and exposure were settling, and is taken for the lamp's.) Cameras that tell nothing are looked
  through every 15 minutes at least: of light that comes slowly, or just after a look, they show nothing.
- A day of less than 10 minutes was none (a car stood before the window; light that only the open filter sees): for
  half an hour, twice its light is asked for; for twice as long each time this happens again, up to 8 hours.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from edge.core.light import LightMode
from edge.vision.lamplight import Balance, LampLight
from edge.vision.light import Seen, light, seen, tells_darkness, tells_light

if TYPE_CHECKING:
    from edge.core.frame import Exposure

MINUTE_S, HOUR_S = 60.0, 3600.0
DARK_FOR_S, FIRST_LIGHT_FOR_S, UNDECIDED_FOR_S, LAMPLESS_LIGHT_FOR_S = 10.0, 3.0, 30.0, 30.0
DWELL_S, SWITCHES_PER_HOUR = 60.0, 6
PROBE_BLIND_S, PROBE_DARK_S, PROBE_LIGHT_FOR_S, PROBE_AT_MOST_S, PROBE_DARK_FOR_S = 1.0, 3.0, 4.0, 10.0, 1.0
PROBE_GAP_S, SUSPICIONS_PER_HOUR = 20.0, 6
LOOK_ONCE_S, LOOK_FIRST_S, LOOK_AT_MOST_S, BUSY_AT_MOST_S = 55.0, 5 * MINUTE_S, HOUR_S, 10 * MINUTE_S
LOOK_HIDDEN_AT_MOST_S = 15 * MINUTE_S
FALSE_DAY_S, FALSE_DAY_KEPT_S, FALSE_DAY_KEPT_AT_MOST_S, FALSE_DAY_FACTOR = 10 * MINUTE_S, HOUR_S / 2, 8 * HOUR_S, 2.0
# What a camera has not seen was neither light nor dark.
LONGEST_STEP_S = 1.0


class Ration:
    """So many in an hour."""

    def __init__(self, most: int) -> None:
        self._times_s: deque[float] = deque(maxlen=most)

    def left(self, now_s: float) -> bool:
        """Whether one more may be."""
        return len(self._times_s) < (self._times_s.maxlen or 0) or now_s - self._times_s[0] >= HOUR_S

    def take(self, now_s: float) -> None:
        """One was."""
        self._times_s.append(now_s)


class DayNight:
    """Decides for one camera. ``lamp`` is False where there is none, so that nothing has to be switched off to look.

    ``night_lux`` counts for cameras that tell lux. Not forced to day at the start: until something is seen the mode is
    unknown, and filter and colours stay as they are.
    """

    def __init__(self, *, night_lux: float = 3.0, lamp: bool = True) -> None:
        self.mode = LightMode.UNKNOWN
        self._night_lux, self._lamp = night_lux, lamp
        self._forced: LightMode | None = None
        self._seen_s: float | None = None
        self._began_s = self._probe_s = self._next_look_s = float("-inf")
        self._look_pause_s = LOOK_FIRST_S
        self._dark, self._bright = Balance(DARK_FOR_S), Balance(LAMPLESS_LIGHT_FOR_S)
        self._first_light, self._undecided = Balance(FIRST_LIGHT_FOR_S), Balance(UNDECIDED_FOR_S)
        self._streak: tuple[Seen, float] = (Seen.BETWEEN, 0.0)
        self._switches, self._suspicions = Ration(SWITCHES_PER_HOUR), Ration(SUSPICIONS_PER_HOUR)
        self._lamplight = LampLight()
        self._suspected: float | None = None
        self._unlit: float | None = None
        self._day_by: float | None = None
        self._false_day: tuple[float, float] | None = None
        self._false_day_kept_s = FALSE_DAY_KEPT_S

    @property
    def lamp_gain(self) -> float | None:
        """How many times lighter the lamp makes it, once known. Hardly more than 1: the lamp does nothing.

        Never known of cameras that hide the light.
        """
        mark = self._lamplight.mark
        return None if mark is None or not self._unlit else mark / self._unlit

    def force(self, mode: LightMode | None, now_s: float) -> None:
        """See so from now on, whatever the light; None decides by the light again, from what is so then."""
        self._forced = mode
        if mode is not None and mode is not self.mode:
            self._enter(mode, now_s)

    def update(self, exposure: Exposure | None, now_s: float, *, busy: bool = False) -> LightMode:
        """Take what one picture tells (None: no picture) and return how to see from now on.

        To be called with every picture, or about twice a second at least; without pictures too. ``busy``: people are
        being followed, so that a look that is not urgent can wait.
        """
        level = None if exposure is None else light(exposure)
        if self._forced is not None:
            return self.mode
        if exposure is None or level is None:
            if self.mode is LightMode.PROBE and now_s - self._probe_s >= PROBE_AT_MOST_S:
                self._end_probe(now_s, LOOK_AT_MOST_S)
            return self.mode
        step_s = 0.0 if self._seen_s is None else min(LONGEST_STEP_S, max(0.0, now_s - self._seen_s))
        self._seen_s = now_s
        if self.mode is LightMode.PROBE:
            self._probe(exposure, level, step_s, now_s)
        elif self.mode is LightMode.NIGHT:
            self._night(exposure, level, step_s, now_s, busy=busy)
        else:
            self._day(exposure, level, step_s, now_s)
        return self.mode

    def _day(self, exposure: Exposure, level: float, step_s: float, now_s: float) -> None:
        what = seen(exposure, self._night_lux)
        self._dark.weigh({Seen.DARK: step_s, Seen.BRIGHT: -step_s, Seen.BETWEEN: 0.0}[what])
        self._unlit = level if what is Seen.DARK and tells_light(exposure) else None
        if self._dark.full and self._may_switch(now_s):
            self._note_false_day(now_s)
            self._switch(LightMode.NIGHT, now_s)
        elif self.mode is LightMode.UNKNOWN:
            self._first_light.weigh(step_s if what is Seen.BRIGHT else -step_s)
            self._undecided.weigh(step_s if what is Seen.BETWEEN else -step_s)
            if self._first_light.full or self._undecided.full:
                self._switch(LightMode.DAY, now_s)

    def _night(self, exposure: Exposure, level: float, step_s: float, now_s: float, *, busy: bool) -> None:
        if not self._lamp:
            bright = self._light_enough(exposure, level, now_s)
            self._bright.weigh(step_s if bright else -step_s)
            if self._bright.full and self._may_switch(now_s):
                self._day_by = level
                self._switch(LightMode.DAY, now_s)
            return
        self._lamplight.watch(level, step_s, now_s, hidden=not tells_light(exposure), busy=busy)
        if now_s - self._probe_s < PROBE_GAP_S or self._lamplight.mark is None:
            return
        if self._lamplight.lighter and self._suspicions.left(now_s):
            self._suspicions.take(now_s)
            self._suspected = self._lamplight.level
            self._begin_probe(now_s)
        elif now_s >= self._next_look_s + (BUSY_AT_MOST_S if busy else 0.0):
            self._suspected = None
            self._begin_probe(now_s)

    def _probe(self, exposure: Exposure, level: float, step_s: float, now_s: float) -> None:
        age_s = now_s - self._probe_s
        if age_s < PROBE_BLIND_S:
            return
        what = seen(exposure, self._night_lux)
        if what is Seen.BRIGHT and not self._light_enough(exposure, level, now_s):
            what = Seen.BETWEEN
        before, lasted_s = self._streak
        lasted_s = lasted_s + step_s if what is before else 0.0
        self._streak = (what, lasted_s)
        bright = what is Seen.BRIGHT and lasted_s >= PROBE_LIGHT_FOR_S
        dark = what is Seen.DARK and age_s >= PROBE_DARK_S and lasted_s >= PROBE_DARK_FOR_S
        if bright and self._may_switch(now_s):
            self._day_by = level
            self._switch(LightMode.DAY, now_s)
        elif (dark and tells_darkness(exposure)) or (age_s >= PROBE_AT_MOST_S and not self._waits(bright, now_s)):
            told = tells_light(exposure)
            self._unlit = level if told else None
            self._end_probe(now_s, LOOK_AT_MOST_S if told else LOOK_HIDDEN_AT_MOST_S)

    def _waits(self, bright: bool, now_s: float) -> bool:  # noqa: FBT001 - what was seen is bright or not
        """Whether it is day already and only the time between two switches is not over."""
        return bright and self._switches.left(now_s)

    def _light_enough(self, exposure: Exposure, level: float, now_s: float) -> bool:
        if seen(exposure, self._night_lux) is not Seen.BRIGHT:
            return False
        if self._false_day is None or now_s >= self._false_day[1]:
            return True
        return level >= FALSE_DAY_FACTOR * self._false_day[0]

    def _may_switch(self, now_s: float) -> bool:
        return now_s - self._began_s >= DWELL_S and self._switches.left(now_s)

    def _note_false_day(self, now_s: float) -> None:
        if self._day_by is not None and now_s - self._began_s < FALSE_DAY_S:
            self._false_day = (self._day_by, now_s + self._false_day_kept_s)
            self._false_day_kept_s = min(FALSE_DAY_KEPT_AT_MOST_S, 2 * self._false_day_kept_s)
        else:
            self._false_day_kept_s = FALSE_DAY_KEPT_S

    def _switch(self, mode: LightMode, now_s: float) -> None:
        self._switches.take(now_s)
        self._enter(mode, now_s)

    def _enter(self, mode: LightMode, now_s: float) -> None:
        self.mode = mode
        self._began_s = now_s
        for balance in (self._dark, self._bright, self._first_light, self._undecided):
            balance.set(full=False)
        if mode is LightMode.NIGHT:
            self._lamplight.lit(now_s, anew=True)
            self._look_pause_s = LOOK_FIRST_S / 2
            self._next_look_s = now_s + LOOK_ONCE_S

    def _begin_probe(self, now_s: float) -> None:
        self.mode = LightMode.PROBE
        self._probe_s = now_s
        self._streak = (Seen.BETWEEN, 0.0)

    def _end_probe(self, now_s: float, pause_at_most_s: float) -> None:
        """It is night still."""
        self.mode = LightMode.NIGHT
        self._probe_s = now_s
        self._lamplight.refute(self._suspected)
        self._lamplight.lit(now_s, anew=False)
        if self._suspected is None:
            self._look_pause_s = min(pause_at_most_s, 2 * self._look_pause_s)
        self._next_look_s = now_s + self._look_pause_s
