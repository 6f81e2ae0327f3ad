"""Who is in a zone, and for how long."""

from __future__ import annotations

from random import Random

import pytest

from edge.analytics.scene import Scene
from edge.core.events import Event, ZoneEntered, ZoneExited
from edge.core.model import Anchor, Box, Sighting, Track, Zone

ASPECT = 4 / 3
MAT = Zone("mat", ((0.4, 0.5), (0.7, 0.5), (0.7, 0.8), (0.4, 0.8)))
STATURE = 0.3


def track(x: float, foot: float, t_s: float, number: int = 1, *, observed: bool = True, sure: bool = True) -> Track:
    box = Box(x - 0.045, foot - STATURE, x + 0.045, foot)
    return Track(number, box, 0.8, t_s, 0.0, observed, STATURE, (x, foot), Anchor.FOOT, sure)


def zone_events(places: list[tuple[float, float, float]], *zones: Zone) -> list[Event]:
    """One track through ``(t_s, x, foot)``, lost at the last of them."""
    scene = Scene([], zones or (MAT,), ASPECT)
    events = [e for t_s, x, y in places for e in scene.update(Sighting(t_s, (track(x, y, t_s),)))]
    last_t_s = places[-1][0]
    return events + scene.update(Sighting(last_t_s + 2.1, (), (1,)))


def test_in_and_out_again() -> None:
    events = zone_events([(k / 10, 0.1 + k / 100, 0.65) for k in range(80)])
    entered, left = events
    assert isinstance(entered, ZoneEntered)
    assert isinstance(left, ZoneExited)
    assert (entered.zone, entered.track_id) == ("mat", 1)
    assert entered.t_s == pytest.approx(3.0, abs=0.11)
    assert left.dwell_s == pytest.approx(3.0, abs=0.11)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("x", [0.4, 0.7])
def test_trembling_on_the_border_is_one_stay(seed: int, x: float) -> None:
    chance = Random(seed)
    way = [(k / 10, 0.55, 0.65) for k in range(10)]
    way += [(k / 10, x + chance.gauss(0, 3 / 640), 0.65 + chance.gauss(0, 3 / 480)) for k in range(10, 300)]
    events = zone_events(way)
    assert [type(event) for event in events] == [ZoneEntered, ZoneExited]


def test_dwell_is_right_however_irregular_the_frames() -> None:
    chance = Random(7)
    times, t_s = [], 0.0
    while t_s < 40:
        times.append(t_s)
        t_s += chance.choice((0.1, 0.2, 0.35, 0.8))
    # Steps in at 5 s and out at 25 s.
    events = zone_events([(t, 0.55 if 5 <= t < 25 else 0.2, 0.65) for t in times])
    assert [type(event) for event in events] == [ZoneEntered, ZoneExited]
    assert isinstance(events[1], ZoneExited)
    inside = [t for t in times if 5 <= t < 25]
    assert events[1].dwell_s == pytest.approx(inside[-1] - inside[0])


def test_lost_in_the_zone_ends_the_stay_when_last_seen() -> None:
    entered, left = zone_events([(k / 10, 0.55, 0.65) for k in range(31)])
    assert isinstance(left, ZoneExited)
    assert entered.t_s == 0.0
    assert left.dwell_s == pytest.approx(3.0)


def test_hidden_people_stay_where_they_are() -> None:
    scene = Scene([], (MAT,), ASPECT)
    scene.update(Sighting(0.0, (track(0.55, 0.65, 0.0),)))
    gone = track(0.2, 0.65, 0.0, observed=False)
    assert scene.update(Sighting(1.0, (gone,))) == []
    assert scene.zones[0].present == 1


def test_a_first_glimpse_does_not_count_yet() -> None:
    scene = Scene([], (MAT,), ASPECT)
    assert scene.update(Sighting(0.0, (track(0.55, 0.65, 0.0, sure=False),))) == []
    assert [type(e) for e in scene.update(Sighting(0.1, (track(0.55, 0.65, 0.1),)))] == [ZoneEntered]


def test_a_lost_and_found_person_goes_on_dwelling() -> None:
    scene = Scene([], (MAT,), ASPECT)
    for k in range(10):
        scene.update(Sighting(k / 10, (track(0.55, 0.65, k / 10),)))
    events = []
    for k in range(17, 30):
        old = track(0.55, 0.65, 0.9, observed=False)
        events += scene.update(Sighting(k / 10, (old, track(0.56, 0.65, k / 10, number=2))))
    assert events == []
    events = scene.update(Sighting(3.0, (track(0.2, 0.65, 3.0, number=2),), ended=(1,)))
    assert [(type(e), e.track_id) for e in events if isinstance(e, ZoneExited)] == [(ZoneExited, 2)]
    assert isinstance(events[0], ZoneExited)
    assert events[0].dwell_s == pytest.approx(2.9)


def test_zones_may_lie_on_each_other() -> None:
    corner = Zone("corner", ((0.5, 0.6), (0.9, 0.6), (0.9, 0.9), (0.5, 0.9)))
    events = zone_events([(k / 10, 0.1 + k / 100, 0.65) for k in range(60)], MAT, corner)
    names = [(type(e).__name__, e.zone) for e in events if isinstance(e, (ZoneEntered, ZoneExited))]
    assert names == [
        ("ZoneEntered", "mat"),
        ("ZoneEntered", "corner"),
        ("ZoneExited", "mat"),
        ("ZoneExited", "corner"),
    ]


def test_present_is_how_many_are_in_it() -> None:
    scene = Scene([], (MAT,), ASPECT)
    both = (track(0.5, 0.65, 0.0), track(0.6, 0.65, 0.0, number=2), track(0.1, 0.65, 0.0, number=3))
    scene.update(Sighting(0.0, both))
    assert scene.zones[0].present == 2
    scene.finish(5.0)
    assert scene.zones[0].present == 0
