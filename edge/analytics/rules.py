"""Rules: what is to be done about what happens, and why something was or was not done. Pure.

A rule is set off by something that happens in a moment (an arrival) or by something that lasts (somebody is inside,
it is night). What lasts sets it off once, when it has begun and lasted long enough within the rule's window of time;
a relay that follows it is told of the end as well. After a start, relays and light are put as they would be if the
program had been running all along; nothing is announced and nothing pulses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edge.analytics.actions import Action, Chime, Say, SetLight, SwitchRelay, Turn
from edge.analytics.schedule import Calendar, Window
from edge.analytics.shop import Shop, told
from edge.analytics.triggers import WORDS, happened, is_momentary, lasting, why_not_so
from edge.core.light import LightMode

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import datetime

    from edge.config.rules import RuleTable
    from edge.config.schema import Config
    from edge.core.events import Event
    from edge.core.notice import Fact

LIGHTS = {"night": LightMode.NIGHT, "day": LightMode.DAY, "auto": None}
NO_TIME = "the time of day is not known yet"
# What a start sets up again: states. What is over after a moment belongs to the moment.
SET_AT_START = (Turn.ON, Turn.OFF, Turn.FOLLOW)


@dataclass(frozen=True, slots=True)
class Now:
    """A moment by both clocks: ``at`` is aware, or None while the time of day is not known."""

    at: datetime | None
    s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one rule: reasons it has, since when; those it was set off by; when it last did something.

    ``started`` is False until it was looked at for the first time.
    """

    since_s: Mapping[Hashable, float] = field(default_factory=dict)
    acted_on: frozenset[Hashable] = frozenset()
    fired_s: float | None = None
    started: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule made of an event, and why, in plain words."""

    rule: str
    fired: bool
    why: str

    def __str__(self) -> str:
        return f"The rule {self.rule} {'fired' if self.fired else 'did not fire'}: {self.why}."


@dataclass(frozen=True, slots=True)
class State:
    """All that rules remember."""

    shop: Shop = field(default_factory=Shop)
    memories: Mapping[str, Memory] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule's outcome. ``why`` makes its sentence when somebody asks: mostly nobody does."""

    memory: Memory
    actions: tuple[Action, ...]
    why: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of an event: the state after it, what is to be done, and each rule's outcome."""

    state: State
    actions: list[Action]
    judged: Mapping[str, Judged]


Book = tuple[tuple["RuleTable", Window], ...]


def decide(book: Book, state: State, event: Event | Fact | None, now: Now, camera: str = "") -> Decision:
    """What the rules of a book make of an event at a camera; None stands for time that passed."""
    shop = state.shop.after(event, now.s, camera)
    judged: dict[str, Judged] = {}
    for rule, window in book:
        memory = state.memories.get(rule.name, Memory())
        if is_momentary(rule):
            judged[rule.name] = _momentary(rule, window, memory, event, now, camera)
        else:
            judged[rule.name] = _lasting(rule, window, memory, shop, now)
    memories = {name: outcome.memory for name, outcome in judged.items()}
    actions = [action for outcome in judged.values() for action in outcome.actions]
    return Decision(State(shop, memories), actions, judged)


class Rules:
    """A configuration's rules and what they remember. To be asked about every event, and at least once a second."""

    def __init__(self, config: Config, state: State | None = None) -> None:
        site = config.site
        calendar = Calendar(config.schedule, site.time_zone, site.coordinates)
        self._book: Book = tuple((rule, Window(rule, calendar)) for rule in config.rule)
        self.state = State() if state is None else state

    def decide(
        self, event: Event | Fact | None, now: datetime | None, now_s: float, camera: str = ""
    ) -> list[Action]:
        """What is to be done about an event, in the order of the rules. None stands for time that passed.

        ``now`` is aware, None while the time of day is not known: rules that ask for a time of day wait then.
        ``now_s`` is monotonic. ``camera`` is the one whose event it is.
        """
        decision = decide(self._book, self.state, event, Now(now, now_s), camera)
        self.state = decision.state
        return decision.actions

    def explain(
        self, event: Event | Fact | None, now: datetime | None, now_s: float, camera: str = ""
    ) -> list[Verdict]:
        """What every rule would make of an event now, and why. Nothing is done and nothing remembered."""
        decision = decide(self._book, self.state, event, Now(now, now_s), camera)
        return [
            Verdict(name, bool(outcome.actions), outcome.why()) for name, outcome in decision.judged.items()
        ]

    def reloaded(self, config: Config) -> tuple[Rules, list[Action]]:
        """The rules of a new configuration, and what the old ones still have to undo.

        Rules that stay as they are go on as if nothing had happened. The others begin anew; a relay that one of them
        held on is told that this is over.
        """
        kept = {rule.name for rule, _ in self._book if rule in config.rule}
        memories = {name: memory for name, memory in self.state.memories.items() if name in kept}
        undone = [
            action
            for rule, _ in self._book
            if rule.name not in kept and rule.turn == "follow" and self._memory(rule).acted_on
            for action in _actions(rule, begins=False)
        ]
        return Rules(config, State(self.state.shop, memories)), undone

    def _memory(self, rule: RuleTable) -> Memory:
        return self.state.memories.get(rule.name, Memory())


def _momentary(  # noqa: PLR0913, PLR0917 - all that a decision depends on
    rule: RuleTable, window: Window, memory: Memory, event: Event | Fact | None, now: Now, camera: str
) -> Judged:
    if not happened(rule, event, camera):
        at = f" at the camera {rule.camera}" if rule.camera else ""
        return Judged(memory, (), lambda: f"it waits for {_waits_for(rule)}{at}, and {told(event)}")
    fault = _window_fault(window, now)
    if fault is not None:
        return Judged(memory, (), fault)
    return _fire(rule, memory, now, told(event))


def _lasting(rule: RuleTable, window: Window, memory: Memory, shop: Shop, now: Now) -> Judged:
    window_since = window.since(now.at) if now.at is not None and not window.always else None
    reasons = lasting(rule, shop, window_since)
    since_s = {reason: memory.since_s.get(reason, now.s) if s is None else s for reason, s in reasons.items()}
    ripe = frozenset(reason for reason, s in since_s.items() if now.s - s >= rule.lasting_s)
    active = ripe if window.always or window_since is not None else frozenset()
    # Before the time of day is known, a rule that asks for one has not been looked at.
    started = memory.started or window.always or now.at is not None
    after = replace(memory, since_s=since_s, acted_on=active, started=started)
    if rule.turn == "follow" and bool(active) is not bool(memory.acted_on):
        begins = bool(active)
        return Judged(after, _actions(rule, begins=begins), lambda: f"{_waits_for(rule)} {_turned(begins=begins)}")
    if rule.turn == "follow" or not active - memory.acted_on:
        return Judged(after, (), lambda: _why_nothing_new(rule, window, shop, after, now))
    if not memory.started:
        actions = _set_at_start(rule)
        return Judged(after, actions, lambda: "it was so at the start already; only states are set then")
    return _fire(rule, after, now, f"{_waits_for(rule)} began")


def _fire(rule: RuleTable, memory: Memory, now: Now, why: str) -> Judged:
    if memory.fired_s is not None and now.s - memory.fired_s < rule.cooldown_s:
        ago = now.s - memory.fired_s
        return Judged(memory, (), lambda: f"it fired {ago:.0f} s ago and rests for {rule.cooldown_s:g} s")
    return Judged(replace(memory, fired_s=now.s), _actions(rule), lambda: why)


def _window_fault(window: Window, now: Now) -> Callable[[], str] | None:
    """What makes the sentence why a rule is not in force; None if it is."""
    if window.always:
        return None
    if now.at is None:
        return lambda: NO_TIME
    at = now.at
    return None if window.since(at) is not None else lambda: window.why_not(at) or ""


def _why_nothing_new(rule: RuleTable, window: Window, shop: Shop, after: Memory, now: Now) -> str:
    fault = _window_fault(window, now)
    if fault is not None:
        return fault()
    if not after.since_s:
        return why_not_so(rule, shop)
    if not after.acted_on:
        longest_s = max(now.s - since_s for since_s in after.since_s.values())
        return f"it has lasted {longest_s:.0f} s of {rule.lasting_s:g} s"
    return "it has done so already and waits until this ends"


def _turned(*, begins: bool) -> str:
    return "began" if begins else "ended, or may not be followed any longer"


def _waits_for(rule: RuleTable) -> str:
    which = rule.line or rule.zone or rule.button or rule.notice
    people = [f"more than {rule.above} inside"] if rule.above is not None else []
    people += [f"fewer than {rule.below} inside"] if rule.below is not None else []
    words = WORDS.get(rule.on) or {
        "occupancy": " and ".join(people), "empty": "the empty shop", "dwell": "a stay",
        "night": "night", "day": "day", "clock": "its time of day",
    }[rule.on]  # fmt: skip
    return f"{words} ({which})" if which else words


def _actions(rule: RuleTable, *, begins: bool = True) -> tuple[Action, ...]:
    """What a rule asks for, in the order in which people notice it."""
    actions: list[Action] = []
    if rule.chime:
        actions.append(Chime(rule.chime, rule.name))
    if rule.say:
        actions.append(Say(rule.say, rule.name))
    if rule.relay:
        actions.append(SwitchRelay(rule.relay, Turn(rule.turn), rule.name, rule.for_s or None, begins))
    if rule.light:
        actions.append(SetLight(LIGHTS[rule.light], rule.name))
    return tuple(actions)


def _set_at_start(rule: RuleTable) -> tuple[Action, ...]:
    return tuple(
        action
        for action in _actions(rule)
        if isinstance(action, SetLight) or (isinstance(action, SwitchRelay) and action.turn in SET_AT_START)
    )
