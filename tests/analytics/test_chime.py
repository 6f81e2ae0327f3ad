"""A chime's manners: who is greeted, who is not, and the reason for either."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.chime import ChimeDecision, ChimeReason, Chimes, Manners
from edge.config.sound import SoundTable
from edge.core.events import LineCrossed, LineTouched, OccupancyChanged, RejectReason, TrackRejected
from edge.core.model import Direction

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=PARIS)
IN, OUT = Direction.IN, Direction.OUT


class Door:
    """A door whose people come when they are told to."""

    def __init__(self, manners: Manners | None = None, *, noon: datetime = NOON, zone: ZoneInfo = PARIS) -> None:
        self.chimes = Chimes(manners or Manners(), zone)
        self._noon = noon

    def touch(
        self, t_s: float, track: int, way: Direction = IN, *, line: str = "door", inside: int = 3, camera: str = ""
    ) -> ChimeDecision:
        now = self._noon + timedelta(seconds=t_s)
        event = LineTouched(t_s, line, way, track)
        decision = self.chimes.decide(event, now_s=t_s, now=now, inside=inside, camera=camera)
        assert decision is not None
        assert (decision.sound is None) == (decision.volume == 0.0)
        return decision

    def cross(self, t_s: float, track: int, way: Direction = IN) -> None:
        event = LineCrossed(t_s, "door", way, track, t_s, t_s)
        assert self.chimes.decide(event, now_s=t_s, now=self._noon, inside=3) is None

    def heard(self, *arrivals: float) -> list[float]:
        """When there was a chime, of arrivals by different people at these times."""
        return [t_s for number, t_s in enumerate(arrivals) if self.touch(t_s, number).sound]


def test_an_arrival_is_greeted_as_soon_as_it_is_foreseen() -> None:
    assert Door().touch(0.0, 1) == ChimeDecision("two-tone", ChimeReason.ARRIVAL, 0.8, greet=True)


def test_nothing_else_makes_a_chime() -> None:
    door = Door()
    for event in (OccupancyChanged(0.0, 4), TrackRejected(0.0, "door", 1, RejectReason.TURNED_BACK)):
        assert door.chimes.decide(event, now_s=0.0, now=NOON, inside=3) is None
    door.cross(0.0, 1)


def test_departures_are_silent_unless_a_sound_is_chosen_for_them() -> None:
    assert Door().touch(0.0, 1, OUT) == ChimeDecision(None, ChimeReason.NOT_WANTED)
    with_sound = Door(Manners(departure="soft"))
    assert with_sound.touch(0.0, 1, OUT) == ChimeDecision("soft", ChimeReason.DEPARTURE, 0.8)
    # Somebody leaving does not stand for the group of somebody who comes in.
    assert with_sound.touch(0.5, 2, IN).reason is ChimeReason.ARRIVAL


def test_a_silent_departure_holds_nothing_up() -> None:
    door = Door(Manners(cooldown_s=10.0))
    door.touch(0.0, 1, OUT)
    assert door.touch(0.1, 2).sound == "two-tone"


def test_a_family_is_greeted_once_and_the_three_seconds_slide() -> None:
    door = Door()
    assert door.heard(0.0, 1.0, 3.5, 6.0, 8.9) == [0.0]
    assert door.touch(9.5, 20).reason is ChimeReason.GROUP
    # Three seconds after the last of them, somebody else comes.
    assert door.touch(12.5, 21).reason is ChimeReason.ARRIVAL


def test_people_apart_are_greeted_each() -> None:
    assert Door().heard(0.0, 3.0, 6.5, 20.0) == [0.0, 3.0, 6.5, 20.0]


def test_a_stream_of_people_without_a_gap_is_greeted_now_and_then() -> None:
    stream = [0.5 * number for number in range(130)]
    assert Door().heard(*stream) == [0.0, 30.0, 60.0]


def test_no_collapsing_if_the_owner_does_not_want_it() -> None:
    assert Door(Manners(group_s=0.0)).heard(0.0, 0.1, 0.2) == [0.0, 0.1, 0.2]


def test_a_long_group_time_is_not_cut_short() -> None:
    assert Door(Manners(group_s=60.0)).heard(0.0, 50.0, 59.0, 61.0) == [0.0, 61.0]


def test_the_cooldown_runs_from_the_last_chime() -> None:
    door = Door(Manners(group_s=0.0, cooldown_s=20.0))
    assert door.heard(0.0, 10.0, 19.9, 20.0, 39.0, 45.0) == [0.0, 20.0, 45.0]
    assert door.touch(46.0, 50).reason is ChimeReason.COOLDOWN


def test_who_dithers_on_the_line_is_greeted_once() -> None:
    door = Door()
    assert door.touch(0.0, 1).sound
    # Turned back, came again, and again; then passed.
    for t_s in (8.0, 30.0, 100.0):
        assert door.touch(t_s, 1) == ChimeDecision(None, ChimeReason.SAME_PERSON)
    door.cross(100.5, 1)
    # Went out for a moment and came in again: that is a visit of its own.
    door.touch(110.0, 1, OUT)
    door.cross(110.5, 1, OUT)
    assert door.touch(130.0, 1).reason is ChimeReason.ARRIVAL


def test_somebody_else_is_greeted_while_another_dithers() -> None:
    door = Door()
    door.touch(0.0, 1)
    door.touch(8.0, 1)
    assert door.touch(9.0, 2).reason is ChimeReason.ARRIVAL


def test_the_same_number_before_another_camera_is_another_person() -> None:
    door = Door()
    door.touch(0.0, 1, camera="front")
    assert door.touch(5.0, 1, camera="back").reason is ChimeReason.ARRIVAL


def test_nobody_is_remembered_for_ever() -> None:
    door = Door(Manners(group_s=0.0))
    for number in range(5000):
        door.touch(float(number), number)
    assert door.chimes.at_the_line <= 121
    assert door.touch(5000.0, 0).reason is ChimeReason.ARRIVAL


@pytest.mark.parametrize(
    ("local", "heard"),
    [("21:59:59", True), ("22:00:00", False), ("23:59:59", False), ("00:00:00", False), ("06:59:59", False),
     ("07:00:00", True), ("12:30:00", False), ("13:00:00", True)],
)  # fmt: skip
def test_quiet_hours_are_the_hours_of_the_site(local: str, heard: bool) -> None:  # noqa: FBT001 - a table's column
    manners = Manners(quiet=((time(22), time(7)), (time(12, 30), time(13))))
    at = datetime.combine(NOON.date(), time.fromisoformat(local), PARIS).astimezone(timezone.utc)
    decision = Door(manners, noon=at).touch(0.0, 1)
    assert (decision.sound is not None) == heard
    assert heard or decision.reason is ChimeReason.QUIET


def test_quiet_hours_follow_the_clock_on_the_wall_when_it_is_changed() -> None:
    # On 29 March 2026 the clocks in Paris go from 2 to 3: half past one UTC is half past three there.
    manners = Manners(quiet=((time(22), time(3)),))
    for utc_hour, heard in ((0, False), (1, True)):
        at = datetime(2026, 3, 29, utc_hour, 30, tzinfo=timezone.utc)
        assert (Door(manners, noon=at).touch(0.0, 1).sound is not None) == heard
    # And on 25 October they show half past two twice: quiet both times.
    for utc_hour in (0, 1):
        at = datetime(2026, 10, 25, utc_hour, 30, tzinfo=timezone.utc)
        assert Door(manners, noon=at).touch(0.0, 1).reason is ChimeReason.QUIET


def test_the_whole_day_can_be_quiet() -> None:
    assert Door(Manners(quiet=((time(0), time(0)),))).touch(0.0, 1).reason is ChimeReason.QUIET


def test_at_night_it_is_softer() -> None:
    manners = Manners(night=((time(20), time(8)),), night_volume=0.25)
    assert Door(manners).touch(0.0, 1).volume == 0.8
    assert Door(manners, noon=NOON.replace(hour=20)).touch(0.0, 1).volume == 0.25


def test_what_a_rule_sounds_keeps_to_quiet_hours_and_the_night() -> None:
    chimes = Chimes(Manners(quiet=((time(22), time(7)),), night=((time(20), time(8)),), night_volume=0.25), PARIS)
    assert [chimes.loudness(NOON.replace(hour=hour)) for hour in (12, 21, 23, 7)] == [0.8, 0.25, None, 0.25]


def test_the_empty_shop_may_have_a_chime_of_its_own() -> None:
    manners = Manners(empty="bell", departure="soft")
    assert Door(manners).touch(0.0, 1, inside=0) == ChimeDecision("bell", ChimeReason.EMPTY, 0.8, greet=True)
    assert Door(manners).touch(0.0, 1, inside=1).reason is ChimeReason.ARRIVAL
    assert Door(manners).touch(0.0, 1, OUT, inside=0).sound == "soft"
    assert Door().touch(0.0, 1, inside=0).sound == "two-tone"


def test_only_doors_chime_if_doors_are_named() -> None:
    door = Door(Manners(lines=frozenset({"door"})))
    assert door.touch(0.0, 1, line="till").reason is ChimeReason.OTHER_LINE
    assert door.touch(0.1, 1, line="door").reason is ChimeReason.ARRIVAL


def test_manners_can_be_changed_without_forgetting_the_people_at_the_door() -> None:
    door = Door()
    door.touch(0.0, 1)
    door.chimes.manners = Manners(arrival="marimba")
    assert door.touch(1.0, 2).reason is ChimeReason.GROUP
    assert door.touch(5.0, 3).sound == "marimba"


def test_manners_come_from_the_settings() -> None:
    table = SoundTable(arrival="glass", departure="soft", night=("20:00-08:00",), quiet=("22:00-07:00",), group_s=5.0)
    manners = Manners.of(table, ["door"])
    assert manners == Manners(
        "glass", None, "soft", 0.8, ((time(20), time(8)),), 0.4, ((time(22), time(7)),), 5.0, 0.0, frozenset({"door"})
    )
    assert Manners.of(SoundTable()) == Manners()


def test_a_time_of_day_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        Door(noon=NOON.replace(tzinfo=None)).touch(0.0, 1)


@given(
    gaps=st.lists(st.floats(0.01, 20.0), max_size=60),
    group_s=st.floats(0.0, 10.0),
    cooldown_s=st.floats(0.0, 30.0),
)
def test_whoever_comes_there_are_never_two_chimes_too_close(
    gaps: list[float], group_s: float, cooldown_s: float
) -> None:
    times, t_s = [], 0.0
    for gap in gaps:
        t_s += gap
        times.append(t_s)
    heard = Door(Manners(group_s=group_s, cooldown_s=cooldown_s)).heard(*times)
    assert heard[:1] == times[:1]
    for before, after in pairwise(heard):
        assert after - before >= max(group_s, cooldown_s) - 1e-9
