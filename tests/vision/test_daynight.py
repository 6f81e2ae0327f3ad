"""Day and night, in a simulated room whose lamp makes it 841 times lighter for the camera's exposure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.frame import Exposure, Frame
from edge.core.light import LightMode
from edge.hardware.sim_switches import DarkRoom
from edge.vision.daynight import DWELL_S, SWITCHES_PER_HOUR, DayNight
from edge.vision.lamplight import LampLight
from edge.vision.light import Seen, exposure_of, light, seen

if TYPE_CHECKING:
    from collections.abc import Callable

Tells = Literal["lux", "limit", "exposure", "luma"]
KINDS: tuple[Tells, ...] = ("lux", "limit", "exposure", "luma")
DARK = 0.05
UNKNOWN, DAY, NIGHT, PROBE = LightMode.UNKNOWN, LightMode.DAY, LightMode.NIGHT, LightMode.PROBE


@dataclass
class Watched:
    """A room, its camera, and the decision with what it does to the room. ``log`` has each change of mode."""

    room: DarkRoom
    decision: DayNight = field(default_factory=DayNight)
    has_lamp: bool = True
    now_s: float = 0.0
    log: list[tuple[float, LightMode]] = field(default_factory=list)

    def run_to(self, end_s: float, step_s: float = 0.2, *, busy: bool = False) -> None:
        while self.now_s < end_s:
            before = self.decision.mode
            lit = self.has_lamp and before is NIGHT
            told = self.room.look(self.now_s, lit=lit, filter_out=before.is_night)
            mode = self.decision.update(told, self.now_s, busy=busy)
            if mode is not before:
                self.log.append((self.now_s, mode))
            self.now_s += step_s

    def switches(self) -> list[tuple[float, bool]]:
        """When it became night (True) or day (False); a look with the lamp off is neither."""
        told: list[tuple[float, bool]] = []
        for at, mode in self.log:
            if not told or mode.is_night is not told[-1][1]:
                told.append((at, mode.is_night))
        return told

    def probes(self) -> list[float]:
        return [at for at, mode in self.log if mode is PROBE]


def watched(ambient: Callable[[float], float], tells: Tells = "lux", **room: object) -> Watched:
    return Watched(DarkRoom(ambient, tells=tells, **room))  # type: ignore[arg-type]


@pytest.mark.parametrize("tells", KINDS)
@pytest.mark.parametrize("follow_s", [0.8, 1.5, 2.5])
def test_in_a_dark_room_it_switches_once_in_ten_minutes(tells: Tells, follow_s: float) -> None:
    room = watched(lambda _: DARK, tells, follow_s=follow_s)
    room.run_to(600)
    assert len(room.switches()) == 1
    at, night = room.switches()[0]
    assert night
    assert 10 <= at <= 15
    assert len(room.probes()) == 2, "looks are due after one minute and after five more"


@pytest.mark.parametrize("tells", KINDS)
def test_a_dark_day_costs_one_switch_and_little_time_without_lamp(tells: Tells) -> None:
    room = watched(lambda _: DARK, tells)
    room.run_to(86400, 1.0)
    assert len(room.switches()) == 1
    assert len(room.probes()) < (30 if tells != "luma" else 100)
    off_s = sum(end - begin for (begin, mode), (end, _) in pairwise(room.log) if mode is PROBE)
    assert off_s < 86400 * (0.0035 if tells != "luma" else 0.012)


def test_the_room_is_as_measured() -> None:
    room = DarkRoom(lambda _: DARK, tells="exposure", noise=0)
    demands = []
    for lit in (False, True):
        for n in range(200):
            told = room.look(n * 0.1 + 20 * lit, lit=lit)
        demands.append(told.demand or 0)
    assert demands[0] / demands[1] == pytest.approx(841, rel=0.01)


@pytest.mark.parametrize("tells", KINDS)
@pytest.mark.parametrize("lux", [100, 1000, 20000])
@pytest.mark.parametrize("at", [95.0, 366.0, 368.5, 371.0, 1030.0])
def test_the_lights_go_on_and_it_is_day_within_a_minute(tells: Tells, lux: float, at: float) -> None:
    room = watched(lambda t: lux if t >= at else DARK, tells)
    room.run_to(at - 1, 0.5)
    room.run_to(at + 120)
    (_, night), (back, still_night) = room.switches()
    assert night
    assert not still_night
    assert back - at <= 60


@pytest.mark.parametrize("tells", ["lux", "limit", "exposure"])
def test_a_twentieth_of_the_lamps_light_is_noticed_within_a_minute(tells: Tells) -> None:
    room = watched(lambda t: 21.0 if t >= 1000 else DARK, tells)
    room.run_to(1300)
    assert room.switches()[1:] == [(pytest.approx(1000, abs=60), False)]


@pytest.mark.parametrize("tells", KINDS)
def test_light_right_after_night_fell_has_to_wait_for_the_minute_between_two_switches(tells: Tells) -> None:
    room = watched(lambda t: 300.0 if t >= 15 else DARK, tells)
    room.run_to(200)
    (fell, _), (broke, _) = room.switches()
    assert DWELL_S <= broke - fell <= DWELL_S + 10


@pytest.mark.parametrize("tells", KINDS)
def test_weak_light_is_found_by_looking(tells: Tells) -> None:
    room = watched(lambda t: 12.0 if t >= 1000 else DARK, tells)
    room.run_to(3 * 3600, 0.5)
    _, (broke, night) = room.switches()
    assert not night
    assert broke - 1000 <= (3600 if tells != "luma" else 920)


@pytest.mark.parametrize("tells", KINDS)
def test_dusk_and_dawn_are_one_switch_each(tells: Tells) -> None:
    def sky(t: float) -> float:
        return max(0.02, 200 * 10 ** (-t / 600)) if t < 3600 else 0.02 * 10 ** ((t - 3600) / 600)

    room = watched(sky, tells)
    room.run_to(7600, 0.5)
    assert [night for _, night in room.switches()] == [False, True, False]
    dusk, dawn = room.switches()[1][0], room.switches()[2][0]
    if tells == "lux":
        assert 1 < sky(dusk) < 3
    assert sky(dawn) > 3 * sky(dusk)


@pytest.mark.parametrize("tells", KINDS)
def test_headlights_that_pass_neither_make_a_day_nor_keep_night_from_falling(tells: Tells) -> None:
    room = watched(lambda t: DARK + (200 if t % 20 < 3 else 0), tells)
    room.run_to(3600)
    assert len(room.switches()) == 1
    assert room.switches()[0][0] < 40
    assert len(room.probes()) <= 12


@pytest.mark.parametrize("tells", KINDS)
def test_night_falls_on_a_busy_street_too(tells: Tells) -> None:
    room = watched(lambda t: DARK + (200 if t % 12 < 3 else 0), tells)
    room.run_to(300)
    assert room.decision.mode.is_night
    assert len(room.switches()) <= 2, "the first headlights may be taken for day"


@pytest.mark.parametrize("tells", KINDS)
@pytest.mark.parametrize("follow_s", [1.5, 2.5])
def test_an_exposure_still_on_its_way_up_is_not_taken_for_a_dark_room(tells: Tells, follow_s: float) -> None:
    strong = watched(lambda t: 60.0 if t > 500 else DARK, tells, lamp_ratio=40_000, follow_s=follow_s)
    strong.run_to(500 + 20 * 60)
    assert [night for _, night in strong.switches()] == [True, False]
    assert strong.switches()[1][0] < 500 + 15 * 60


@pytest.mark.parametrize("tells", KINDS)
def test_a_car_with_its_lights_on_before_the_window_is_a_false_day_once(tells: Tells) -> None:
    def street(t: float) -> float:
        return 60.0 if any(begin < t < begin + 150 for begin in (1000, 1600, 2200)) else DARK

    room = watched(street, tells)
    room.run_to(3600)
    assert len(room.switches()) == 3
    lights_on = watched(lambda t: 300.0 if t > 3000 else street(t), tells)
    lights_on.run_to(3600 + 1800)
    assert not lights_on.switches()[-1][1]
    if tells != "luma":
        assert lights_on.switches()[-1][0] <= 3060, "what is lighter than the false day is day"


@pytest.mark.parametrize("tells", KINDS)
def test_somebody_close_to_the_lamp_is_no_daylight(tells: Tells) -> None:
    def nearness(t: float) -> float:
        return 4.0 if any(begin < t < begin + 100 for begin in (600, 1000, 2000)) else 1.0

    room = watched(lambda _: DARK, tells, nearness=nearness)
    room.run_to(3600)
    assert len(room.switches()) == 1
    assert len(room.probes()) <= 3 + 4


@pytest.mark.parametrize("tells", KINDS)
def test_after_somebody_stood_close_to_the_lamp_the_lights_are_still_noticed(tells: Tells) -> None:
    room = watched(
        lambda t: 300.0 if t > 900 else DARK, tells, nearness=lambda t: 4.0 if 600 < t < 700 else 1.0
    )
    room.run_to(1200)
    assert room.switches()[1:] == [(pytest.approx(930, abs=30), False)]


@pytest.mark.parametrize("tells", KINDS)
def test_people_who_walk_about_do_not_switch_it(tells: Tells) -> None:
    dice = Random(1)
    steps = [dice.uniform(0.7, 2.5) for _ in range(4000)]
    room = watched(lambda _: DARK, tells, nearness=lambda t: steps[int(t)])
    room.run_to(3600, busy=True)
    assert len(room.switches()) == 1
    assert len(room.probes()) <= 6 + 3


def test_an_insect_on_the_lens_is_none_either() -> None:
    for tells in KINDS:
        room = watched(lambda _: DARK, tells, nearness=lambda t: 6.0 if t % 7 < 0.4 else 1.0)
        room.run_to(1800)
        assert len(room.switches()) == 1
        assert len(room.probes()) <= 3, tells


def test_light_that_only_the_open_filter_sees_does_not_make_it_switch_for_ever() -> None:
    room = watched(lambda _: 1.0, "lux", unfiltered=20)
    room.run_to(6 * 3600, 0.5)
    assert len(room.switches()) <= 9
    gaps = [end - begin for (begin, _), (end, _) in pairwise(room.switches())]
    assert min(gaps) >= DWELL_S


def test_the_start_waits_for_what_is_seen() -> None:
    bright = watched(lambda _: 300.0)
    assert bright.decision.mode is UNKNOWN
    bright.run_to(60)
    assert bright.log == [(pytest.approx(4, abs=1), DAY)]
    between = watched(lambda _: 5.0)
    between.run_to(60)
    assert between.log == [(pytest.approx(30, abs=1), DAY)]
    dark = watched(lambda _: DARK)
    dark.run_to(60)
    assert [mode for _, mode in dark.log] == [NIGHT], "it was never day"


def test_without_a_picture_nothing_is_decided_and_a_look_ends() -> None:
    decision = DayNight()
    for second in range(100):
        assert decision.update(None, second) is UNKNOWN
    for tenth in range(120):
        decision.update(Exposure(lux=0.1), 100 + tenth / 10)
    assert decision.mode is NIGHT
    now_s = 112.0
    while decision.mode is NIGHT:
        now_s += 0.2
        decision.update(Exposure(lux=500), now_s)
    assert decision.mode is PROBE
    assert decision.update(None, now_s + 5) is PROBE
    assert decision.update(None, now_s + 10) is NIGHT


def test_what_was_not_seen_was_not_dark() -> None:
    decision = DayNight()
    for second in (0, 1, 2, 3, 60, 61, 62, 500, 501):
        assert decision.update(Exposure(lux=0.1), second) is UNKNOWN
    assert decision.update(Exposure(lux=0.1), 502) is UNKNOWN
    assert decision.update(Exposure(lux=0.1), 503) is NIGHT, "ten seconds of dark in all"


def test_being_asked_between_two_pictures_changes_nothing() -> None:
    often, seldom = DayNight(), DayNight()
    for quarter in range(4 * 60):
        exposure = Exposure(lux=0.1) if quarter % 3 == 0 else None
        often.update(exposure, quarter / 4)
        if exposure is not None:
            seldom.update(exposure, quarter / 4)
        assert often.mode is seldom.mode
    assert often.mode is NIGHT


def test_a_look_that_is_not_urgent_waits_while_people_are_followed_but_not_for_ever() -> None:
    room = watched(lambda _: DARK)
    room.run_to(15)
    room.run_to(1500, busy=True)
    assert room.probes() == [pytest.approx(10 + 55 + 600, abs=5)]


def test_without_a_lamp_light_alone_decides() -> None:
    room = Watched(DarkRoom(lambda t: 300.0 if t > 600 else DARK), DayNight(lamp=False), has_lamp=False)
    room.run_to(900)
    assert [mode for _, mode in room.log] == [NIGHT, DAY]
    assert room.log[1][0] == pytest.approx(630, abs=3)


def test_a_rule_may_decide_instead() -> None:
    room = watched(lambda _: DARK)
    room.run_to(100)
    room.decision.force(DAY, 100)
    room.run_to(1000)
    assert room.decision.mode is DAY
    room.decision.force(None, 1000)
    room.run_to(1030)
    assert room.decision.mode is NIGHT
    room.decision.force(NIGHT, 1030)
    assert room.decision.mode is NIGHT


def test_it_knows_what_the_lamp_does() -> None:
    room = watched(lambda _: DARK)
    room.run_to(100)
    assert room.decision.lamp_gain == pytest.approx(841 * 0.5 / DARK, rel=0.2)
    broken = watched(lambda _: DARK, lamp_ratio=1e-6)
    broken.run_to(100)
    assert broken.decision.lamp_gain == pytest.approx(1, rel=0.2)
    hidden = watched(lambda _: DARK, "luma")
    hidden.run_to(100)
    assert hidden.decision.lamp_gain is None


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.sampled_from([0.02, 0.3, 2, 4, 9, 50, 400, 9000]), st.integers(5, 900)), max_size=12),
)
def test_whatever_the_light_does_it_keeps_its_limits(tells: Tells, steps: list[tuple[float, int]]) -> None:
    times = [0.0]
    for _, seconds in steps:
        times.append(times[-1] + seconds)

    def ambient(t: float) -> float:
        return next((lux for (lux, _), end in zip(steps, times[1:], strict=True) if t < end), DARK)

    room = watched(ambient, tells)
    room.run_to(times[-1] + 900, 0.5)
    switched = [at for at, _ in room.switches()]
    assert all(later - earlier >= DWELL_S for earlier, later in pairwise(switched))
    for at in switched:
        assert sum(at <= other < at + 3600 for other in switched) <= SWITCHES_PER_HOUR
    looks = [at for at, mode in room.log if mode is PROBE]
    assert all(later - earlier >= 20 for earlier, later in pairwise(looks))


@pytest.mark.parametrize(
    ("exposure", "what"),
    [
        (Exposure(lux=2.9), Seen.DARK),
        (Exposure(lux=3.0), Seen.BETWEEN),
        (Exposure(lux=7.5), Seen.BRIGHT),
        (Exposure(0.1, 16, limit=1.6), Seen.DARK),
        (Exposure(0.1, 10, limit=1.6), Seen.BETWEEN),
        (Exposure(0.1, 1, limit=1.6), Seen.BRIGHT),
        (Exposure(0.1, 16, limit=1.6, luma=0.1), Seen.DARK),
        (Exposure(0.1, 16, limit=1.6, luma=0.25), Seen.BETWEEN),
        (Exposure(0.1, 16, limit=1.6, luma=0.4), Seen.BRIGHT),
        (Exposure(0.01, 1, limit=1.6, luma=0.1), Seen.BETWEEN),
        (Exposure(0.01, 1, luma=0.1), Seen.DARK),
        (Exposure(luma=0.19), Seen.DARK),
        (Exposure(luma=0.25), Seen.BETWEEN),
        (Exposure(luma=0.31), Seen.BRIGHT),
        (Exposure(), Seen.BETWEEN),
    ],
)
def test_what_a_picture_says(exposure: Exposure, what: Seen) -> None:
    assert seen(exposure, 3.0) is what


def test_light_is_what_exposure_took_away() -> None:
    assert light(Exposure(0.1, 4, luma=0.5)) == pytest.approx(2 * light(Exposure(0.1, 8, luma=0.5)))  # type: ignore[operator]
    assert light(Exposure(0.1, 4)) == pytest.approx(2.5)
    assert light(Exposure(0.1, 4, lux=7, luma=0.5)) == 7
    assert light(Exposure(0, 0, luma=1.0)) == 1
    assert light(Exposure()) is None


def test_the_brightness_comes_from_the_picture_if_the_camera_does_not_tell_it() -> None:
    image = np.full((480, 640, 3), 51, np.uint8)
    assert exposure_of(Frame(image, 0.0)).luma == pytest.approx(0.2)
    told = exposure_of(Frame(image, 0.0, exposure=Exposure(0.01, 2, lux=9)))
    assert (told.demand, told.lux, told.luma) == (pytest.approx(0.02), 9, pytest.approx(0.2))
    assert exposure_of(Frame(image, 0.0, exposure=Exposure(luma=0.7))).luma == 0.7


def test_the_mark_follows_the_lamp_as_it_grows_weaker() -> None:
    lamp = LampLight()
    lamp.lit(0, anew=True)
    for tenth in range(6000):
        light_now = 100 * (1 - 0.3 * min(1, tenth / 3000))
        lamp.watch(light_now, 0.1, tenth / 10, hidden=False, busy=False)
        assert not lamp.lighter
    assert lamp.mark == pytest.approx(70, rel=0.04)
