"""The examples in ``config/examples`` can be used as they are, and do what they say."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

import edge
from edge.analytics.actions import Chime, Say, SwitchRelay
from edge.analytics.rules import Rules
from edge.analytics.switching import Limits, SwitchPlan
from edge.config.agreement import remarks
from edge.config.load import load_config
from edge.core.events import ButtonPressed, LineCrossed, LineTouched, OccupancyChanged, ZoneEntered
from edge.core.model import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.events import Event

EXAMPLES = sorted((Path(edge.__file__).parents[1] / "config" / "examples").glob("*.toml"))
PARIS = ZoneInfo("Europe/Paris")
STEP_INSIDE = LineTouched(0, "entrance", Direction.IN, 1)


class Shop:
    """A day with an example: rules and relays asked every second, as the actuator does."""

    def __init__(self, example: str, start: str) -> None:
        self.config = load_config(next(path for path in EXAMPLES if path.stem == example))
        self.at = datetime.fromisoformat(start).replace(tzinfo=PARIS)
        self.now_s = 0.0
        self.rules = Rules(self.config)
        self.plans = {
            relay.name: SwitchPlan(Limits(relay.safe == "on", relay.max_on_s, relay.min_toggle_s, relay.pulse_s), 0)
            for relay in self.config.relay
        }
        self.diary: dict[str, list[tuple[str, bool]]] = {relay.name: [] for relay in self.config.relay}
        self.heard: list[str] = []
        self.happens(None)

    def happens(self, event: Event | None) -> None:
        for action in self.rules.decide(event, self.at, self.now_s, "door"):
            if isinstance(action, SwitchRelay):
                self.plans[action.relay].request(action, self.now_s)
            elif isinstance(action, (Chime, Say)):
                self.heard.append(f"{self.at:%H:%M:%S} {action.rule}")
        for name, plan in self.plans.items():
            step = plan.step(self.now_s)
            if step.on != (self.diary[name][-1][1] if self.diary[name] else False):
                self.diary[name].append((f"{self.at:%H:%M:%S}", step.on))

    def runs_to(self, clock: str) -> None:
        hour, minute, second = (int(part) for part in clock.split(":"))
        end = self.at.replace(hour=hour, minute=minute, second=second)
        while self.at < end:
            # Every second counts only while a relay waits for one.
            waits = any(plan.step(self.now_s).again_s is not None for plan in self.plans.values())
            seconds = 1 if waits else min(10 - self.at.second % 10, (end - self.at).seconds)
            self.at += timedelta(seconds=seconds)
            self.now_s += seconds
            self.happens(None)

    def at_times(self, events: Sequence[tuple[str, Event]]) -> None:
        for clock, event in events:
            self.runs_to(clock)
            self.happens(event)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_used_and_is_wired_safely(path: Path) -> None:
    config = load_config(path)
    assert config.rule
    assert remarks(config) == []
    assert len(EXAMPLES) == 4


def test_lights() -> None:
    shop = Shop("lights", "2025-01-03 08:50")
    shop.at_times([
        ("11:00:00", STEP_INSIDE), ("11:04:00", STEP_INSIDE), ("19:25:00", OccupancyChanged(0, 1)),
        ("19:40:00", OccupancyChanged(0, 0)),
    ])  # fmt: skip
    shop.runs_to("23:10:00")
    assert shop.diary["ceiling"] == [("09:00:00", True), ("19:40:00", False)]
    (lit, on), (dark, off) = shop.diary["window"]
    assert (lit[:3], on, dark, off) == ("16:", True, "23:00:00", False)
    assert shop.diary["back room"] == [("11:00:00", True), ("11:09:00", False)]


def test_climate() -> None:
    shop = Shop("climate", "2025-06-04 07:50")
    shop.at_times([
        ("09:10:00", OccupancyChanged(0, 16)), ("09:11:00", OccupancyChanged(0, 15)),
        ("10:00:00", OccupancyChanged(0, 20)), ("10:30:00", OccupancyChanged(0, 0)),
        ("10:31:00", OccupancyChanged(0, 3)),
    ])  # fmt: skip
    shop.runs_to("18:10:00")
    assert shop.diary["fan"][0] == ("09:00:00", True), "it had been empty for long when it opened"
    assert ("10:02:00", True) in shop.diary["fan"]
    assert shop.diary["heating"] == [("08:00:00", True), ("18:00:00", False)]
    assert shop.diary["cooling"] == [("09:10:00", True), ("10:30:00", False), ("10:33:00", True)]


def test_door() -> None:
    shop = Shop("door", "2025-06-04 08:00")
    shop.at_times([
        ("08:10:00", STEP_INSIDE), ("08:20:00", ButtonPressed(0, "exit")), ("09:00:10", STEP_INSIDE),
        ("09:00:13", STEP_INSIDE), ("10:00:00", OccupancyChanged(0, 40)), ("10:05:00", OccupancyChanged(0, 39)),
    ])  # fmt: skip
    shop.at_times([(f"11:00:{second:02d}", STEP_INSIDE) for second in range(0, 30, 3)])
    shop.runs_to("11:10:00")
    strike = shop.diary["strike"]
    assert strike[:4] == [("08:20:00", True), ("08:20:04", False), ("09:00:10", True), ("09:00:17", False)]
    assert strike[4:7] == [("11:00:00", True), ("11:00:10", False), ("11:00:12", True)], "its coil gets its rest"
    assert shop.diary["red light"] == [("10:00:00", True), ("10:05:00", False)]


def test_chime() -> None:
    shop = Shop("chime", "2025-06-04 08:00")
    shop.at_times([
        ("08:30:00", ZoneEntered(0, "counter", 1)), ("09:30:00", ZoneEntered(0, "counter", 2)),
        ("09:30:10", LineCrossed(0, "delivery", Direction.IN, 3, 0, 0)), ("09:31:00", ButtonPressed(0, "help")),
        ("12:00:00", OccupancyChanged(0, 21)),
    ])  # fmt: skip
    shop.runs_to("18:40:00")
    assert shop.heard == [
        "08:30:00 after hours", "09:00:00 waiting at the counter", "09:30:10 delivery",
        "09:30:30 waiting at the counter", "09:31:00 help", "12:00:00 second till", "18:20:00 closing soon",
    ]  # fmt: skip
