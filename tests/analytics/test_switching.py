"""When a relay is on: what each request means, and what is never done whatever is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.actions import SwitchRelay, Turn
from edge.analytics.switching import REST_S, Limits, Step, SwitchPlan


@dataclass
class Bench:
    """Steps a plan at the times it asks for, as the actuator does, and writes down every switching."""

    plan: SwitchPlan
    now_s: float = 0.0
    diary: list[tuple[float, bool]] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    again_s: float | None = None

    def ask(self, turn: Turn, for_s: float | None = None, *, rule: str = "r", begins: bool = True) -> None:
        self.plan.request(SwitchRelay("relay", turn, rule, for_s, begins=begins), self.now_s)
        self._note(self.plan.step(self.now_s))

    def run_to(self, end_s: float) -> None:
        while self.again_s is not None and self.again_s <= end_s:
            assert self.again_s >= self.now_s, "asked to be called in the past"
            self.now_s = self.again_s
            before = self.again_s
            self._note(self.plan.step(self.now_s))
            assert self.again_s != before, "asked to be called again without doing anything"
        self.now_s = end_s

    def stop(self) -> None:
        self._note(self.plan.stop(self.now_s))

    def _note(self, step: Step) -> None:
        if step.on != (self.diary[-1][1] if self.diary else self.plan.limits.safe):
            self.diary.append((self.now_s, step.on))
        if step.cut_after_s is not None:
            self.cuts.append(step.cut_after_s)
        self.again_s = step.again_s


def bench(**limits: float | bool) -> Bench:
    return Bench(SwitchPlan(Limits(**limits), 0.0))  # type: ignore[arg-type]


def test_on_stays_until_off() -> None:
    relay = bench()
    relay.ask(Turn.ON)
    relay.run_to(10_000)
    relay.ask(Turn.OFF)
    assert relay.diary == [(0.0, True), (10_000, False)]


def test_a_pulse_is_as_long_as_asked_and_not_longer_for_being_asked_again() -> None:
    relay = bench()
    relay.ask(Turn.PULSE, 5)
    relay.run_to(3)
    relay.ask(Turn.PULSE, 5)
    relay.run_to(100)
    assert relay.diary == [(0, True), (5, False)]


def test_a_pulse_without_a_time_takes_the_relays_own() -> None:
    relay = bench(pulse_s=0.5)
    relay.ask(Turn.PULSE)
    relay.run_to(9)
    assert relay.diary == [(0, True), (0.5, False)]


def test_a_hold_lasts_from_the_last_request() -> None:
    relay = bench()
    for second in (0, 50, 100):
        relay.run_to(second)
        relay.ask(Turn.HOLD, 60)
    relay.run_to(1000)
    assert relay.diary == [(0, True), (160, False)]


def test_a_shorter_hold_does_not_shorten_a_longer_one() -> None:
    relay = bench()
    relay.ask(Turn.HOLD, 60)
    relay.run_to(10)
    relay.ask(Turn.HOLD, 5)
    relay.run_to(1000)
    assert relay.diary == [(0, True), (60, False)]


def test_it_follows_as_long_as_any_rule_says_so() -> None:
    relay = bench()
    relay.ask(Turn.FOLLOW, rule="open")
    relay.run_to(10)
    relay.ask(Turn.FOLLOW, rule="occupied")
    relay.run_to(20)
    relay.ask(Turn.FOLLOW, rule="open", begins=False)
    assert relay.plan.why == "on by the rule occupied"
    relay.run_to(30)
    relay.ask(Turn.FOLLOW, rule="occupied", begins=False)
    assert relay.diary == [(0, True), (30, False)]


def test_a_pulse_outlasts_what_it_follows_and_off_ends_everything() -> None:
    relay = bench()
    relay.ask(Turn.FOLLOW)
    relay.ask(Turn.PULSE, 10)
    relay.run_to(1)
    relay.ask(Turn.FOLLOW, begins=False)
    relay.run_to(5)
    assert relay.diary == [(0, True)]
    relay.ask(Turn.OFF)
    relay.run_to(100)
    assert relay.diary == [(0, True), (5, False)]


def test_the_longest_time_cuts_and_says_so_and_repeating_does_not_help() -> None:
    relay = bench(max_on_s=30)
    for second in range(0, 100, 5):
        relay.run_to(second)
        relay.ask(Turn.HOLD, 20)
    relay.run_to(1000)
    at, on = zip(*relay.diary, strict=True)
    assert at == (0, 30, 31, 61, 65, 95, 96, 116)
    assert on == (True, False) * 4
    assert relay.cuts == [30, 30, 30]
    relay.ask(Turn.ON)
    relay.run_to(1030)
    assert relay.plan.why == "off: it was on for 30 s, the longest it may be"
    assert not relay.plan.on


def test_a_cut_relay_rests_before_it_goes_on_again() -> None:
    relay = bench(max_on_s=10)
    relay.ask(Turn.ON)
    relay.run_to(10)
    relay.ask(Turn.ON)
    relay.run_to(60)
    assert relay.diary[:3] == [(0, True), (10, False), (10 + REST_S, True)]


def test_a_cooling_unit_gets_its_pause_also_after_a_start() -> None:
    relay = bench(min_toggle_s=180)
    relay.ask(Turn.ON)
    assert relay.plan.why == "waits before it may be switched again"
    relay.run_to(200)
    relay.ask(Turn.OFF)
    relay.run_to(210)
    relay.ask(Turn.ON)
    relay.run_to(2000)
    relay.ask(Turn.OFF)
    assert relay.diary == [(180, True), (2000, False)]


def test_a_pulse_that_had_to_wait_is_still_as_long_as_asked() -> None:
    relay = bench(min_toggle_s=3)
    relay.ask(Turn.PULSE, 5)
    relay.run_to(60)
    assert relay.diary == [(3, True), (8, False)]


def test_a_cut_does_not_wait_for_the_pause() -> None:
    relay = bench(max_on_s=10, min_toggle_s=60)
    relay.run_to(60)
    relay.ask(Turn.ON)
    relay.run_to(500)
    assert relay.diary == [(60, True), (70, False)]


def test_a_relay_that_is_safe_when_on_starts_and_stops_on() -> None:
    relay = bench(safe=True)
    assert relay.plan.step(0).on
    relay.run_to(5)
    relay.ask(Turn.OFF)
    relay.run_to(9)
    relay.stop()
    assert relay.diary == [(5, False), (9, True)]
    with pytest.raises(ValueError, match="safe state is on"):
        Limits(safe=True, max_on_s=5)


def test_a_stop_does_not_wait() -> None:
    relay = bench(min_toggle_s=60)
    relay.run_to(60)
    relay.ask(Turn.ON)
    relay.run_to(61)
    relay.stop()
    assert relay.diary == [(60, True), (61, False)]


def test_time_that_goes_back_changes_nothing() -> None:
    plan = SwitchPlan(Limits(), 100)
    plan.request(SwitchRelay("relay", Turn.PULSE, "r", 5), 50)
    assert plan.step(50) == Step(on=True, again_s=105)
    assert not plan.step(105).on


# Times in whole milliseconds: sums of them are exact.
requests = st.lists(
    st.tuples(
        st.integers(0, 9_000),
        st.sampled_from(Turn),
        st.one_of(st.none(), st.integers(1, 12_000)),
        st.sampled_from(["a", "b"]),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(requests, st.integers(1, 15_000), st.integers(0, 4_000), st.integers(0, 700))
def test_never_on_too_long_and_never_switched_too_soon(
    asked: list[tuple[int, Turn, int | None, str, bool]], max_on: int, min_toggle: int, late: int
) -> None:
    relay = Bench(SwitchPlan(Limits(max_on_s=max_on, min_toggle_s=min_toggle, pulse_s=100), 0))
    for gap, turn, for_s, rule, begins in asked:
        relay.run_to(relay.now_s + gap)
        relay.ask(turn, for_s, rule=rule, begins=begins)
    relay.run_to(relay.now_s + 10_000_000)
    cut_at = set()
    for (at, on), (then, _) in zip(relay.diary, [*relay.diary[1:], (relay.now_s, False)], strict=False):
        if on:
            assert then - at <= max_on
            cut_at |= {then} if then - at == max_on else set()
    for (at, _), (then, on) in zip([(0, False), *relay.diary], relay.diary, strict=False):
        assert then - at >= min_toggle or (not on and then in cut_at)
        assert then - at >= REST_S or at not in cut_at
    assert [on for _, on in relay.diary] == [n % 2 == 0 for n in range(len(relay.diary))]
    # Called late, it is wrong by no more than it was called late.
    tardy = SwitchPlan(Limits(max_on_s=max_on), 0)
    tardy.request(SwitchRelay("relay", Turn.ON, "r"), 0)
    assert tardy.step(0).again_s == max_on
    assert tardy.step(max_on + late) == Step(on=False, again_s=None, cut_after_s=max_on + late)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(requests)
def test_without_limits_it_is_on_exactly_when_something_asks_for_it(
    asked: list[tuple[int, Turn, int | None, str, bool]],
) -> None:
    relay = Bench(SwitchPlan(Limits(pulse_s=100), 0))
    held: set[str] = set()
    until = 0
    for gap, turn, for_s, rule, begins in asked:
        relay.run_to(relay.now_s + gap)
        now = int(relay.now_s)
        assert relay.plan.on == (bool(held) or now < until)
        if turn is Turn.OFF:
            held, until = set(), 0
        elif turn is Turn.ON:
            held.add("on")
        elif turn is Turn.FOLLOW:
            held = held | {rule} if begins else held - {rule}
        elif turn is Turn.HOLD or now >= until:
            until = max(until, now + (for_s or 100))
        relay.ask(turn, for_s, rule=rule, begins=begins)
        assert relay.plan.on == (bool(held) or now < until)
