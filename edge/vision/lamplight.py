"""The light with the camera's own lamp on, and whether something has been added to it. Pure."""

from __future__ import annotations

# After the lamp goes on its light and the camera's exposure need some time; longer if they do not come to rest.
SETTLE_S, SETTLE_HIDDEN_S, SETTLE_AT_MOST_S = 5.0, 10.0, 15.0
STEADY, STEADY_FOR_S = 0.1, 2.0
# Lighter than the mark by this part, or by so many times the light's own tremble, is lighter.
RISE, TREMBLES = 0.03, 6.0
RISEN_FOR_S, FALLEN_FOR_S = 12.0, 30.0
# While somebody is followed the light changes with every step: wait until it stays.
BUSY_WEIGHT = 0.4
# Smoothing, as time constants. One change adds to the tremble no more than this part.
LEVEL_S, TREMBLE_S, SLOW_S = 1.0, 60.0, 10.0
TREMBLE_AT_MOST = 0.2
# Where automatic exposure hides the light, only its flash is seen, until the exposure has followed. Insects are faster.
FLASH, FLASH_FOR_S = 0.06, 0.7


class Balance:
    """How long something has been so, less how long it has not: from 0 up to the time it takes."""

    def __init__(self, need_s: float) -> None:
        self._need_s = need_s
        self._s = 0.0

    @property
    def full(self) -> bool:
        """Whether it has been so for long enough."""
        return self._s >= self._need_s

    def weigh(self, seconds: float) -> None:
        """Add seconds for it, or against it, below 0."""
        self._s = min(self._need_s, max(0.0, self._s + seconds))

    def set(self, *, full: bool) -> None:
        """Begin anew, or take it as having been so."""
        self._s = self._need_s if full else 0.0


class LampLight:
    """Watches the light while the lamp is on.

    ``mark`` is the most light that is known to be no daylight: None until lamp and exposure have settled. Levels are
    in any unit, as long as it stays the same.
    """

    def __init__(self) -> None:
        self.mark: float | None = None
        self.level: float | None = None
        self._lit_s = 0.0
        self._tremble = 0.0
        self._slow: float | None = None
        self._steady, self._flash = Balance(STEADY_FOR_S), Balance(FLASH_FOR_S)
        self._risen, self._fallen = Balance(RISEN_FOR_S), Balance(FALLEN_FOR_S)

    @property
    def lighter(self) -> bool:
        """Whether there has been more light than the mark for long enough to be worth a look."""
        return self._risen.full

    def lit(self, now_s: float, *, anew: bool) -> None:
        """The lamp went on: after a look with it off, or, ``anew``, for a night of which nothing is known yet."""
        self._lit_s = now_s
        self.level = self._slow = None
        if anew:
            self.mark, self._tremble = None, 0.0
        for balance in (self._steady, self._flash, self._risen, self._fallen):
            balance.set(full=False)

    def refute(self, level: float | None) -> None:
        """A look has shown that this much light, with the lamp on, is no daylight."""
        if level is not None and self.mark is not None:
            self.mark = max(self.mark, level)

    def watch(self, light: float, step_s: float, now_s: float, *, hidden: bool, busy: bool) -> None:
        """Take one picture's light. ``hidden``: automatic exposure takes away what changes slowly."""
        level = light if self.level is None else self.level
        away = abs(light - level) / level if level else 0.0
        self.level = level = level + (light - level) * _share(step_s, LEVEL_S)
        self._steady.weigh(step_s if away < STEADY else -STEADY_FOR_S)
        lit_for_s = now_s - self._lit_s
        if lit_for_s < (SETTLE_HIDDEN_S if hidden else SETTLE_S):
            return
        if self.mark is None:
            if self._steady.full or lit_for_s >= SETTLE_AT_MOST_S:
                self.mark = level
            return
        self._tremble += (min(away, TREMBLE_AT_MOST) - self._tremble) * _share(step_s, TREMBLE_S)
        if hidden:
            self._look_for_flash(light, step_s)
        else:
            self._compare(level, self.mark, step_s, BUSY_WEIGHT if busy else 1.0)

    def _compare(self, level: float, mark: float, step_s: float, weight: float) -> None:
        more = 1 + max(RISE, TREMBLES * self._tremble)
        self._risen.weigh(step_s * weight if level > mark * more else -step_s)
        self._fallen.weigh(step_s if level * more < mark else -step_s)
        if self._fallen.full:
            self.mark = level
            self._fallen.set(full=False)

    def _look_for_flash(self, light: float, step_s: float) -> None:
        slow = light if self._slow is None else self._slow
        more = 1 + max(FLASH, TREMBLES * self._tremble)
        self._flash.weigh(step_s if light > more * slow else -step_s)
        if self._flash.full:
            self._risen.set(full=True)
        self._slow = slow + (light - slow) * _share(step_s, SLOW_S)


def _share(step_s: float, constant_s: float) -> float:
    """How far a smoothed value goes towards a new one in a step."""
    return step_s / (constant_s + step_s)
