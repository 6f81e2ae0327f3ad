"""Rules: what is done about what happens, and why something was not done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.actions import Action, Chime, Say, SetLight, SwitchRelay, Turn
from edge.analytics.rules import Rules, Verdict
from edge.config.load import config_from
from edge.core.events import (
    ButtonPressed,
    ButtonReleased,
    DayBroke,
    Event,
    LineCrossed,
    LineTouched,
    NightFell,
    OccupancyChanged,
    RejectReason,
    TrackRejected,
    VisitEnded,
    ZoneEntered,
    ZoneExited,
)
from edge.core.light import LightMode
from edge.core.model import Direction
from edge.core.notices import CAMERA_LOST

if TYPE_CHECKING:
    from edge.config.schema import Config
    from edge.core.notice import Fact

PARIS = ZoneInfo("Europe/Paris")
SHOP = """
[site]
time_zone = "Europe/Paris"
coordinates = [48.86, 2.35]
[[camera]]
name = "front"
[[camera.line]]
name = "entrance"
from = [0.5, 0]
to = [0.5, 1]
in = "left-to-right"
[[camera.line]]
name = "side"
from = [0.6, 0]
to = [0.6, 1]
in = "left-to-right"
[[camera.zone]]
name = "counter"
corners = [[0, 0], [1, 0], [1, 1]]
[[camera.zone]]
name = "shelf"
corners = [[0, 0], [1, 0], [1, 1]]
[[camera]]
name = "back"
[[relay]]
name = "light"
pin = 17
[[button]]
name = "exit"
pin = 27
[[button]]
name = "staff"
pin = 22
[schedule]
mon = ["09:00-18:00"]
tue = ["09:00-18:00"]
wed = ["09:00-18:00"]
thu = ["09:00-18:00"]
fri = ["09:00-18:00"]
holidays = ["12-25"]
"""
ARRIVAL = LineCrossed(0, "entrance", Direction.IN, 1, 0, 0)
DEPARTURE = LineCrossed(0, "entrance", Direction.OUT, 1, 0, 0)
SIDE_ARRIVAL = LineCrossed(0, "side", Direction.IN, 1, 0, 0)
TOUCH = LineTouched(0, "entrance", Direction.IN, 1)
LOST = CAMERA_LOST.fact(camera="front", reason="gone")
LIGHT_BEGINS = SwitchRelay("light", Turn.FOLLOW, "r")
LIGHT_ENDS = SwitchRelay("light", Turn.FOLLOW, "r", begins=False)


def config(*rules: str) -> Config:
    return config_from(SHOP + "".join(f"[[rule]]\n{rule}\n" for rule in rules), "acm.toml")


def rule(text: str, name: str = "r") -> str:
    return f'name = "{name}"\n' + text.replace("; ", "\n")


@dataclass
class Day:
    """A shop's day: asks the rules about every event and, like the actuator, once a second in between."""

    rules: Rules
    at: datetime = datetime(2025, 6, 4, 12, tzinfo=PARIS)
    now_s: float = 1000.0
    knows_time: bool = True
    log: list[tuple[float, Action]] = field(default_factory=list)

    def happens(self, *events: Event | Fact | None, camera: str = "front") -> list[Action]:
        actions = [
            action
            for event in events
            for action in self.rules.decide(event, self.at if self.knows_time else None, self.now_s, camera)
        ]
        self.log += [(self.now_s, action) for action in actions]
        return actions

    def passes(self, seconds: int) -> list[Action]:
        actions = []
        for _ in range(seconds):
            self.at = (self.at.astimezone(ZoneInfo("UTC")) + timedelta(seconds=1)).astimezone(PARIS)
            self.now_s += 1
            actions += self.happens(None)
        return actions

    def goes_to(self, text: str) -> list[Action]:
        seconds = (datetime.fromisoformat(text).replace(tzinfo=PARIS) - self.at).total_seconds()
        self.at += timedelta(seconds=seconds)
        self.now_s += seconds
        return self.happens(None)

    def why(self, event: Event | Fact | None = None, camera: str = "front") -> str:
        (verdict,) = self.rules.explain(event, self.at if self.knows_time else None, self.now_s, camera)
        return verdict.why


def day(*rules: str, **started: object) -> Day:
    begun = Day(Rules(config(*rules)), **started)  # type: ignore[arg-type]
    begun.happens(None)
    return begun


@pytest.mark.parametrize(
    ("text", "fires", "rests"),
    [
        ('on = "arrival"', [ARRIVAL, SIDE_ARRIVAL], [DEPARTURE, TOUCH, NightFell(0), None]),
        ('on = "arrival"; line = "side"', [SIDE_ARRIVAL], [ARRIVAL]),
        ('on = "departure"', [DEPARTURE], [ARRIVAL, VisitEnded(0, 9)]),
        ('on = "arriving"', [TOUCH], [LineTouched(0, "entrance", Direction.OUT, 1), ARRIVAL]),
        ('on = "presence"', [TOUCH, ARRIVAL, DEPARTURE, ZoneEntered(0, "shelf", 1)], [ZoneExited(0, "shelf", 1, 2)]),
        ('on = "presence"; zone = "shelf"', [ZoneEntered(0, "shelf", 1)], [ZoneEntered(0, "counter", 1), ARRIVAL]),
        ('on = "presence"; line = "side"', [SIDE_ARRIVAL], [ZoneEntered(0, "counter", 1), ARRIVAL]),
        ('on = "button"', [ButtonPressed(0, "exit"), ButtonPressed(0, "staff")], [ButtonReleased(0, "exit", 1)]),
        ('on = "button"; button = "exit"', [ButtonPressed(0, "exit")], [ButtonPressed(0, "staff"), ARRIVAL]),
        ('on = "notice"', [LOST], [ARRIVAL]),
        ('on = "notice"; notice = "camera-lost"', [LOST], []),
        ('on = "notice"; notice = "camera-back"', [], [LOST]),
    ],
)
def test_what_happens_in_a_moment_sets_off_its_rules(
    text: str, fires: list[Event | Fact], rests: list[Event | Fact | None]
) -> None:
    shop = day(rule(f'{text}; chime = "bell"'))
    for event in fires:
        assert shop.happens(event) == [Chime("bell", "r")], event
    for event in rests:
        assert shop.happens(event) == [], event
        assert shop.why(event).startswith("it waits for ")


def test_a_rule_for_one_camera_leaves_the_others_alone() -> None:
    shop = day(rule('on = "arrival"; camera = "back"; chime = "bell"'))
    assert shop.happens(ARRIVAL) == []
    assert shop.happens(ARRIVAL, camera="back") == [Chime("bell", "r")]
    people = day(rule('on = "occupancy"; above = 2; camera = "back"; chime = "bell"'))
    assert people.happens(OccupancyChanged(0, 9)) == []
    assert people.happens(OccupancyChanged(0, 3), camera="back") == [Chime("bell", "r")]


def test_one_rule_may_do_several_things() -> None:
    everything = 'chime = "bell"; say = "Hello"; relay = "light"; turn = "hold"; for_s = 60; light = "day"'
    shop = day(rule(f'on = "arrival"; {everything}'))
    assert shop.happens(ARRIVAL) == [
        Chime("bell", "r"), Say("Hello", "r"), SwitchRelay("light", Turn.HOLD, "r", 60), SetLight(LightMode.DAY, "r"),
    ]  # fmt: skip
    light = day(rule('on = "button"; light = "auto"'))
    assert light.happens(ButtonPressed(0, "staff")) == [SetLight(None, "r")]


def test_several_rules_act_in_their_order() -> None:
    shop = day(rule('on = "arrival"; chime = "a"', "one"), rule('on = "arrival"; relay = "light"', "two"))
    assert shop.happens(ARRIVAL) == [Chime("a", "one"), SwitchRelay("light", Turn.PULSE, "two")]


def test_a_cooldown_lets_it_rest() -> None:
    shop = day(rule('on = "arrival"; chime = "bell"; cooldown_s = 30'))
    assert shop.happens(ARRIVAL, ARRIVAL) == [Chime("bell", "r")]
    shop.passes(29)
    assert shop.why(ARRIVAL) == "it fired 29 s ago and rests for 30 s"
    assert shop.happens(ARRIVAL) == []
    shop.passes(1)
    assert shop.happens(ARRIVAL) == [Chime("bell", "r")]


def test_above_and_below_fire_once_when_they_become_so() -> None:
    few = rule('on = "occupancy"; below = 3; chime = "soft"', "few")
    shop = day(rule('on = "occupancy"; above = 20; chime = "bell"'), few)
    assert [len(shop.happens(OccupancyChanged(0, inside))) for inside in (20, 21, 25, 20, 21)] == [0, 1, 0, 0, 1]
    assert shop.happens(OccupancyChanged(0, 2)) == [Chime("soft", "few")]
    assert [verdict.why for verdict in shop.rules.explain(None, shop.at, shop.now_s)] == [
        "2 are inside and the rule is for more than 20", "it has done so already and waits until this ends",
    ]  # fmt: skip


def test_the_cameras_counts_add_up() -> None:
    shop = day(rule('on = "occupancy"; above = 4; chime = "bell"'))
    assert shop.happens(OccupancyChanged(0, 3)) == []
    assert shop.happens(OccupancyChanged(0, 2), camera="back") == [Chime("bell", "r")]


def test_empty_for_ten_minutes() -> None:
    shop = day(rule('on = "empty"; lasting_s = 600; relay = "light"; turn = "off"'))
    shop.happens(OccupancyChanged(0, 1))
    shop.passes(700)
    assert shop.why() == "1 is inside"
    shop.happens(OccupancyChanged(0, 0))
    assert shop.passes(599) == []
    assert shop.why() == "it has lasted 599 s of 600 s"
    assert shop.passes(1) == [SwitchRelay("light", Turn.OFF, "r")]
    assert shop.passes(2000) == []
    shop.happens(OccupancyChanged(0, 1), OccupancyChanged(0, 0))
    assert len(shop.passes(600)) == 1


def test_each_visitor_who_stays_is_told_of_once() -> None:
    shop = day(rule('on = "dwell"; zone = "counter"; lasting_s = 30; chime = "bell"'))
    assert shop.why() == "nobody is in the zone counter"
    shop.happens(ZoneEntered(0, "counter", 1))
    shop.passes(20)
    shop.happens(ZoneEntered(0, "counter", 2), ZoneEntered(0, "shelf", 3))
    assert [t for t, _ in shop.log] == []
    shop.passes(100)
    assert [t for t, _ in shop.log] == [1030.0, 1050.0]
    shop.happens(ZoneExited(0, "counter", 1, 120), ZoneEntered(0, "counter", 1))
    shop.passes(29)
    shop.happens(ZoneExited(0, "counter", 1, 29))
    assert shop.passes(100) == []


def test_a_relay_follows_what_lasts() -> None:
    shop = day(rule('on = "occupancy"; above = 0; relay = "light"; turn = "follow"; hours = "open"'))
    assert shop.happens(OccupancyChanged(0, 1)) == [LIGHT_BEGINS]
    assert shop.happens(OccupancyChanged(0, 2), None) == []
    assert shop.goes_to("2025-06-04 17:59:59") == []
    assert shop.goes_to("2025-06-04 18:00:00") == [LIGHT_ENDS]
    assert shop.why() == "the shop is closed"
    assert shop.goes_to("2025-06-05 09:00:00") == [LIGHT_BEGINS]
    assert shop.happens(OccupancyChanged(0, 0)) == [LIGHT_ENDS]


def test_a_relay_follows_a_button_a_stay_and_the_night() -> None:
    button = day(rule('on = "button"; button = "staff"; relay = "light"; turn = "follow"'))
    assert button.happens(ButtonPressed(0, "exit"), ButtonPressed(0, "staff")) == [LIGHT_BEGINS]
    assert button.why() == "it has done so already and waits until this ends"
    assert button.happens(ButtonReleased(0, "staff", 3)) == [LIGHT_ENDS]
    assert button.why() == "the button staff is not pressed"
    stay = day(rule('on = "dwell"; lasting_s = 5; relay = "light"; turn = "follow"'))
    stay.happens(ZoneEntered(0, "counter", 1), ZoneEntered(0, "shelf", 2))
    assert stay.passes(60) == [LIGHT_BEGINS]
    assert stay.happens(ZoneExited(0, "counter", 1, 60)) == []
    assert stay.happens(ZoneExited(0, "shelf", 2, 60)) == [LIGHT_ENDS]
    night = day(rule('on = "night"; relay = "light"; turn = "follow"'))
    assert night.why() == "whether it is night is not known yet"
    assert night.happens(NightFell(0)) == [LIGHT_BEGINS]
    assert night.happens(DayBroke(0)) == [LIGHT_ENDS]


def test_night_and_day() -> None:
    shop = day(rule('on = "night"; chime = "soft"', "n"), rule('on = "day"; chime = "bell"', "d"))
    assert shop.happens(NightFell(0)) == [Chime("soft", "n")]
    assert shop.happens(NightFell(0)) == []
    assert shop.happens(DayBroke(0)) == [Chime("bell", "d")]


def test_the_clock_fires_once_a_day_and_not_when_started_in_between() -> None:
    closing = rule('on = "clock"; from = "closing-00:10"; to = "closing"; say = "We close in ten minutes"')
    shop = day(closing)
    times = ("17:49:59", "17:50", "17:55", "18:00")
    said = [shop.goes_to(f"2025-06-{date:02d} {time}") for date in (4, 5, 7) for time in times]
    assert [len(actions) for actions in said] == [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    late = day(closing, at=datetime(2025, 6, 4, 17, 55, tzinfo=PARIS))
    assert late.passes(60) == []
    assert late.why() == "it has done so already and waits until this ends"


def test_after_a_start_states_are_set_and_nothing_is_announced() -> None:
    text = 'on = "clock"; from = "11:00"; to = "13:00"; chime = "bell"; relay = "light"; turn = "{}"'
    for turn in ("on", "off"):
        assert Rules(config(rule(text.format(turn)))).decide(None, datetime(2025, 6, 4, 12, tzinfo=PARIS), 5) == [
            SwitchRelay("light", Turn(turn), "r")
        ]
    assert day(rule(text.format("pulse"))).log == []
    follow = 'on = "clock"; from = "11:00"; to = "13:00"; relay = "light"; turn = "follow"'
    assert day(rule(follow)).log == [(1000.0, LIGHT_BEGINS)]


def test_while_the_time_is_unknown_rules_that_ask_for_it_wait() -> None:
    shop = day(rule('on = "arrival"; hours = "open"; chime = "bell"'), knows_time=False)
    assert shop.happens(ARRIVAL) == []
    assert shop.why(ARRIVAL) == "the time of day is not known yet"
    shop.knows_time = True
    assert shop.happens(ARRIVAL) == [Chime("bell", "r")]
    clock = day(rule('on = "clock"; from = "11:00"; say = "Hello"; relay = "light"; turn = "on"'), knows_time=False)
    clock.passes(10)
    clock.knows_time = True
    assert clock.happens(None) == [SwitchRelay("light", Turn.ON, "r")]
    always = day(rule('on = "arrival"; chime = "bell"'), knows_time=False)
    assert always.happens(ARRIVAL) == [Chime("bell", "r")]


def test_after_hours_presence() -> None:
    shop = day(rule('on = "presence"; hours = "closed"; chime = "bell"; cooldown_s = 60'))
    assert shop.happens(ZoneEntered(0, "shelf", 1)) == []
    assert shop.why(ZoneEntered(0, "shelf", 1)) == "the shop is open"
    shop.goes_to("2025-06-04 23:00")
    assert shop.happens(ZoneEntered(0, "shelf", 2), TOUCH, ARRIVAL) == [Chime("bell", "r")]


def test_what_lasted_before_the_window_opened_counts() -> None:
    shop = day(rule('on = "empty"; lasting_s = 600; from = "18:00"; relay = "light"; turn = "off"'))
    shop.goes_to("2025-06-04 17:59:59")
    assert shop.goes_to("2025-06-04 18:00:00") == [SwitchRelay("light", Turn.OFF, "r")]


def test_explaining_changes_nothing() -> None:
    shop = day(rule('on = "arrival"; chime = "bell"; cooldown_s = 60'))
    before = shop.rules.state
    (verdict,) = shop.rules.explain(ARRIVAL, shop.at, shop.now_s)
    assert verdict == Verdict("r", fired=True, why="somebody crossed the line entrance, inwards")
    assert str(verdict) == "The rule r fired: somebody crossed the line entrance, inwards."
    assert shop.rules.state is before
    assert shop.happens(ARRIVAL) == [Chime("bell", "r")]
    rejected = TrackRejected(0, "entrance", 1, RejectReason.TURNED_BACK)
    assert shop.why(rejected).endswith("somebody came near the line entrance and was not counted")


def test_a_reload_keeps_what_stays_and_undoes_what_goes() -> None:
    stays = rule('on = "arrival"; chime = "bell"; cooldown_s = 60', "stays")
    goes = rule('on = "occupancy"; above = 0; relay = "light"; turn = "follow"')
    shop = day(stays, goes)
    shop.happens(ARRIVAL, OccupancyChanged(0, 1))
    same, undone = shop.rules.reloaded(config(stays, goes))
    assert undone == []
    assert same.decide(None, shop.at, shop.now_s) == []
    shop.rules, undone = shop.rules.reloaded(config(stays))
    assert undone == [LIGHT_ENDS]
    assert shop.happens(ARRIVAL) == [], "the cooldown goes on"
    changed = goes.replace("above = 0", "above = 1")
    other, undone = same.reloaded(config(stays, changed))
    assert undone == [LIGHT_ENDS]
    assert other.decide(OccupancyChanged(0, 2), shop.at, shop.now_s, "front") == [LIGHT_BEGINS]


events = st.sampled_from([
    ARRIVAL, DEPARTURE, TOUCH, LOST, None, NightFell(0), DayBroke(0), ButtonPressed(0, "exit"),
    ButtonReleased(0, "exit", 1), OccupancyChanged(0, 0), OccupancyChanged(0, 3), ZoneEntered(0, "counter", 1),
    ZoneExited(0, "counter", 1, 9), ZoneEntered(0, "counter", 2),
])  # fmt: skip
FOLLOWING = [
    rule('on = "occupancy"; above = 2; relay = "light"; turn = "follow"; from = "12:00"; to = "12:02"', "a"),
    rule('on = "dwell"; lasting_s = 3; relay = "light"; turn = "follow"', "b"),
    rule('on = "night"; relay = "light"; turn = "follow"; lasting_s = 0', "c"),
    rule('on = "button"; relay = "light"; turn = "follow"', "d"),
    rule('on = "empty"; lasting_s = 5; relay = "light"; turn = "follow"', "e"),
]
FOLLOWED = config(*FOLLOWING)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(events, st.integers(0, 40)), max_size=25))
def test_a_follower_is_told_of_beginnings_and_ends_in_turn(happenings: list[tuple[Event | Fact | None, int]]) -> None:
    shop = Day(Rules(FOLLOWED))
    for event, pause in happenings:
        verdicts = shop.rules.explain(event, shop.at, shop.now_s, "front")
        actions = shop.happens(event)
        assert [v.rule for v in verdicts if v.fired] == [action.rule for action in actions], "the dry run was wrong"
        assert all(verdict.why for verdict in verdicts)
        shop.passes(pause)
    for name in "abcde":
        told = [action.begins for _, action in shop.log if isinstance(action, SwitchRelay) and action.rule == name]
        assert told == [number % 2 == 0 for number in range(len(told))]
