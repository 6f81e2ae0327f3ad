"""When a relay is on. Pure: requests and times come in, the wanted state goes out; nothing here waits or switches.

Three promises are kept whatever is asked for: it is never on for longer than ``max_on_s``, it is never switched twice
within ``min_toggle_s`` (but for the cut at ``max_on_s`` and the stop, which are for safety and wait for nothing), and
it starts and stops in its safe state. They hold as exactly as ``step`` is called: at the times it asks for, or a
little later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.actions import Turn

if TYPE_CHECKING:
    from edge.analytics.actions import SwitchRelay

# Holds a relay on whose safe state is on, until somebody switches it off.
_SAFE = "\0safe"
# Holds a relay on that was switched on without an end.
_ON = "\0on"
# After a cut at its longest time a relay rests at least this long, or the next request would make nothing of the cut.
REST_S = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a relay's load bears, in seconds; 0 is no limit.

    A start counts as a switching for ``min_toggle_s``: what needs a pause between two runs (a cooling unit) needs it
    after a power cut as well. A relay whose safe state is on cannot have a longest time on: ``ValueError``.
    """

    safe: bool = False
    max_on_s: float = 0.0
    min_toggle_s: float = 0.0
    pulse_s: float = 1.0

    def __post_init__(self) -> None:
        if self.safe and self.max_on_s:
            raise ValueError("a relay whose safe state is on cannot have a longest time on")


@dataclass(frozen=True, slots=True)
class Step:
    """What is wanted now. ``again_s`` is when to ask again (None: not before the next request).

    ``cut_after_s`` is how long it was on if this step cut it off at its longest time, else None.
    """

    on: bool
    again_s: float | None
    cut_after_s: float | None = None


class SwitchPlan:
    """One relay's requests and times. Times are monotonic seconds; a time before the last one counts as the last."""

    def __init__(self, limits: Limits, now_s: float) -> None:
        self.limits = limits
        self.on = limits.safe
        self._turned_s = self._now_s = now_s
        self._locked_until_s = now_s + limits.min_toggle_s
        self._held_by = {_SAFE} if limits.safe else set[str]()
        self._until_s: float | None = None
        self._asked_for_s: float | None = None
        self._cut = False

    @property
    def why(self) -> str:
        """Why it is as it is, in a few words a person reads."""
        if self._cut:
            return f"off: it was on for {self.limits.max_on_s:g} s, the longest it may be"
        if not self.on:
            return "waits before it may be switched again" if self._wanted(self._now_s) else "off"
        rules = sorted(holder for holder in self._held_by if holder not in (_SAFE, _ON))
        if rules:
            return f"on by the rule {', '.join(rules)}"
        if self._until_s is not None and self._until_s > self._now_s:
            return "on for a time"
        return "on" if self._held_by else "waits before it may be switched again"

    def request(self, action: SwitchRelay, now_s: float) -> None:
        """Take a request; what comes of it is told by the next ``step``, which should be right after."""
        now_s = self._passed(now_s)
        for_s = self.limits.pulse_s if action.for_s is None else action.for_s
        if action.turn is Turn.OFF:
            self._release()
        elif action.turn is Turn.ON:
            self._held_by.add(_ON)
        elif action.turn is Turn.FOLLOW:
            (self._held_by.add if action.begins else self._held_by.discard)(action.rule)
        elif not self.on:
            self._asked_for_s = max(for_s, self._asked_for_s or 0.0)
        elif action.turn is Turn.HOLD or self._until_s is None or self._until_s <= now_s:
            self._until_s = max(now_s + for_s, self._until_s or now_s)

    def step(self, now_s: float) -> Step:
        """What is wanted at this time, and when to ask again."""
        now_s = self._passed(now_s)
        turned_s = self._turned_s
        if self.on and self.limits.max_on_s and now_s >= turned_s + self.limits.max_on_s:
            self._release()
            self._turn(on=False, now_s=now_s)
            self._cut = True
            self._locked_until_s = now_s + max(self.limits.min_toggle_s, REST_S)
            return Step(on=False, again_s=None, cut_after_s=now_s - turned_s)
        if self._wanted(now_s) is not self.on and now_s >= self._locked_until_s:
            self._turn(on=not self.on, now_s=now_s)
        return Step(self.on, self._next_s(now_s))

    def stop(self, now_s: float) -> Step:
        """The end: forget every request and go to the safe state at once."""
        now_s = self._passed(now_s)
        self._release()
        if self.limits.safe:
            self._held_by.add(_SAFE)
        if self.on is not self.limits.safe:
            self._turn(on=self.limits.safe, now_s=now_s)
        return Step(self.on, None)

    def _passed(self, now_s: float) -> float:
        self._now_s = max(self._now_s, now_s)
        return self._now_s

    def _release(self) -> None:
        self._held_by.clear()
        self._until_s = self._asked_for_s = None

    def _wanted(self, now_s: float) -> bool:
        timed = self._asked_for_s is not None or (self._until_s is not None and now_s < self._until_s)
        return timed or bool(self._held_by)

    def _turn(self, *, on: bool, now_s: float) -> None:
        self.on, self._turned_s, self._cut = on, now_s, False
        self._locked_until_s = now_s + self.limits.min_toggle_s
        # A time that was asked for while it could not be switched yet begins when it can.
        self._until_s = now_s + self._asked_for_s if on and self._asked_for_s is not None else None
        self._asked_for_s = None

    def _next_s(self, now_s: float) -> float | None:
        times = []
        if self._wanted(now_s) is not self.on:
            times.append(self._locked_until_s)
        elif self.on and not self._held_by and self._until_s is not None:
            times.append(self._until_s)
        if self.on and self.limits.max_on_s:
            times.append(self._turned_s + self.limits.max_on_s)
        return min(times, default=None)
