"""The scene: totals, occupancy, stays, inheritance between tracks, and that nothing is kept of who is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge.analytics.scene import HEIR_GAP_S, Scene
from edge.core.events import Event, LineCrossed, OccupancyChanged, TrackRejected, VisitEnded
from edge.core.model import Anchor, Box, Direction, Sighting, Track, Tripwire

if TYPE_CHECKING:
    from collections.abc import Sequence

ASPECT = 4 / 3
STATURE = 0.3
DOOR = Tripwire("door", (0.1, 0.6), (0.9, 0.6))
AISLE = Tripwire("aisle", (0.1, 0.5), (0.9, 0.5))


def at(foot: float, t_s: float, number: int = 1, x: float = 0.5, size: float = STATURE) -> Track:
    half = 0.2 * size / ASPECT
    box = Box(x - half, foot - size, x + half, foot)
    return Track(number, box, 0.8, t_s, 0.0, True, size, (x, foot), Anchor.FOOT)  # noqa: FBT003 - observed


def stroll(scene: Scene, number: int, start: float, end: float, from_s: float, x: float = 0.5) -> list[Event]:
    """Two seconds of walking from one height of the picture to another; the track then lives on unseen."""
    told: list[Event] = []
    for k in range(21):
        t_s = from_s + k / 10
        told += scene.update(Sighting(t_s, (at(start + (end - start) * k / 20, t_s, number, x),)))
    return told


def gone(scene: Scene, t_s: float, *numbers: int) -> list[Event]:
    return scene.update(Sighting(t_s, (), numbers))


def crossings(events: list[Event]) -> list[str]:
    return [e.direction.value for e in events if isinstance(e, LineCrossed)]


def test_a_visit_from_coming_to_leaving() -> None:
    scene = Scene([DOOR], (), ASPECT)
    came = stroll(scene, 1, 0.3, 0.9, 0.0) + gone(scene, 5.0, 1)
    left = stroll(scene, 2, 0.9, 0.3, 100.0) + gone(scene, 105.0, 2)
    assert [e.inside for e in came + left if isinstance(e, OccupancyChanged)] == [1, 0]
    (visit,) = [e for e in left if isinstance(e, VisitEnded)]
    assert visit.stay_s == pytest.approx(100.0, abs=0.2)
    assert scene.totals == {"door": {Direction.IN: 1, Direction.OUT: 1}}
    assert scene.inside == 0


def test_the_book_follows_the_crossing_at_its_time() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told = stroll(scene, 1, 0.3, 0.9, 0.0)
    crossing = next(k for k, e in enumerate(told) if isinstance(e, LineCrossed))
    booked = told[crossing + 1]
    assert isinstance(booked, OccupancyChanged)
    assert booked.t_s == told[crossing].t_s


def test_only_doors_move_the_occupancy() -> None:
    scene = Scene([DOOR, AISLE], (), ASPECT, doors=["door"])
    told = stroll(scene, 1, 0.3, 0.9, 0.0)
    assert scene.totals["aisle"][Direction.IN] == scene.totals["door"][Direction.IN] == 1
    assert len([e for e in told if isinstance(e, OccupancyChanged)]) == 1
    assert scene.inside == 1


def test_two_doors_of_one_shop() -> None:
    left, right = Tripwire("left", (0.0, 0.6), (0.4, 0.6)), Tripwire("right", (0.6, 0.6), (1.0, 0.6))
    scene = Scene([left, right], (), ASPECT)
    stroll(scene, 1, 0.3, 0.9, 0.0, x=0.2)
    gone(scene, 5.0, 1)
    stroll(scene, 2, 0.9, 0.3, 10.0, x=0.8)
    assert scene.totals["left"] == {Direction.IN: 1, Direction.OUT: 0}
    assert scene.totals["right"] == {Direction.IN: 0, Direction.OUT: 1}
    assert scene.inside == 0


def lost_and_found(gap_s: float, *, x: float = 0.5, size: float = STATURE, foot: float = 0.66) -> list[Event]:
    """Track 1 comes up to the line and is lost; track 2 is born beyond it after ``gap_s``."""
    scene = Scene([DOOR], (), ASPECT)
    told = stroll(scene, 1, 0.3, 0.58, 0.0)
    lost = replace(at(0.58, 2.0), observed=False)
    told += scene.update(Sighting(2.0 + gap_s / 2, (lost,)))
    for k in range(15):
        t_s = 2.0 + gap_s + k / 10
        told += scene.update(Sighting(t_s, (lost, at(foot + 0.02 * k, t_s, 2, x, size))))
    return told + gone(scene, 20.0, 1, 2)


@pytest.mark.parametrize("gap_s", [0.2, 0.8, HEIR_GAP_S - 0.05])
def test_an_heir_goes_on_where_the_other_was_lost(gap_s: float) -> None:
    assert crossings(lost_and_found(gap_s)) == ["in"]


def test_after_too_long_it_is_somebody_else() -> None:
    assert crossings(lost_and_found(HEIR_GAP_S + 0.1)) == []


def test_too_far_away_it_is_somebody_else() -> None:
    assert crossings(lost_and_found(0.3, x=0.85)) == []


def test_a_child_does_not_inherit_from_a_grown_up() -> None:
    assert crossings(lost_and_found(0.3, size=STATURE / 1.8)) == []


def test_nobody_inherits_from_somebody_in_sight() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = stroll(scene, 1, 0.3, 0.55, 0.0)
    for k in range(15):
        t_s = 2.1 + k / 10
        told += scene.update(Sighting(t_s, (at(0.55, t_s), at(0.66 + 0.02 * k, t_s, 2))))
    assert crossings(told) == []


def test_one_inheritance_has_one_heir() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told = stroll(scene, 1, 0.3, 0.58, 0.0)
    lost = replace(at(0.58, 2.0), observed=False)
    for k in range(15):
        t_s = 2.4 + k / 10
        walkers = (at(0.66 + 0.02 * k, t_s, 2, 0.48), at(0.66 + 0.02 * k, t_s, 3, 0.52))
        told += scene.update(Sighting(t_s, (lost, *walkers)))
    assert crossings(told) == ["in"]


def test_the_end_of_the_footage_ends_every_track_once() -> None:
    scene = Scene([DOOR], (), ASPECT)
    stroll(scene, 1, 0.3, 0.6, 0.0)
    assert len([e for e in scene.finish(3.0) if isinstance(e, TrackRejected)]) == 1
    assert scene.finish(4.0) == []


def test_an_unknown_track_may_end() -> None:
    assert gone(Scene([DOOR], (), ASPECT), 1.0, 99) == []


def test_a_resting_detector_tells_nothing() -> None:
    assert Scene([DOOR], (), ASPECT).update(Sighting(1.0, (), rested=True)) == []


def test_a_thousand_visitors_leave_nothing_behind() -> None:
    scene = Scene([DOOR], (), ASPECT)
    for number in range(1, 1001):
        t_s = number * 10.0
        for k, foot in enumerate((0.3, 0.45, 0.58, 0.75, 0.9)):
            scene.update(Sighting(t_s + k / 3, (at(foot, t_s + k / 3, number),)))
        gone(scene, t_s + 5, number)
    assert scene.totals["door"][Direction.IN] == 1000
    kept = [scene._known, scene.counters[0]._passages]  # noqa: SLF001 - what is not to be there cannot be asked for
    assert [len(memory) for memory in kept] == [0, 0]


EDGE_LINE = Tripwire("door", (0.95, 1.0), (0.95, 0.0))


def beside_the_edge(xs: Sequence[float], line: Tripwire = EDGE_LINE, *, lost: bool = True) -> list[LineCrossed]:
    """Somebody whose box ends at the picture's right edge once he is there; then he is gone for good."""
    scene = Scene([line], (), 4 / 3)
    events = []
    t_s = 0.0
    track = None
    for x in xs:
        box = Box(x - 0.08, 0.4, min(1.0, x + 0.08), 0.8)
        track = Track(1, box, 0.8, t_s, 0.0, True, 0.4, box.foot, Anchor.FOOT)  # noqa: FBT003 - observed
        events += scene.update(Sighting(t_s, (track,)))
        t_s += 0.1
    if lost and track is not None:
        events += scene.update(Sighting(t_s, (replace(track, observed=False),)))
        events += scene.update(Sighting(t_s + 2, (), (1,)))
    else:
        events += scene.finish(t_s)
    return [event for event in events if isinstance(event, LineCrossed)]


def test_who_walks_out_over_the_edge_has_crossed_the_line_before_it() -> None:
    crossed = beside_the_edge([0.5 + 0.03 * k for k in range(15)])
    assert [event.direction for event in crossed] == [Direction.IN]
    # He was 0.03 of the picture from the line, at 0.3 of it a second, when last seen after 1.4 s.
    assert crossed[0].t_s == pytest.approx(1.5, abs=0.15)


def test_who_is_still_there_when_the_footage_ends_has_not() -> None:
    assert beside_the_edge([0.5 + 0.03 * k for k in range(15)], lost=False) == []


def test_who_came_to_the_edge_and_stood_there_has_not() -> None:
    assert beside_the_edge([*(0.5 + 0.03 * k for k in range(15)), *[0.92] * 20]) == []


def test_who_turned_back_at_the_edge_has_not() -> None:
    assert beside_the_edge([*(0.5 + 0.03 * k for k in range(15)), *(0.92 - 0.03 * k for k in range(1, 6))]) == []


def test_a_line_far_from_the_edge_takes_no_notice() -> None:
    far = Tripwire("door", (0.2, 1.0), (0.2, 0.0))
    assert beside_the_edge([0.5 + 0.03 * k for k in range(15)], far) == []


def test_who_crossed_the_line_in_sight_is_not_counted_again_at_the_edge() -> None:
    early = Tripwire("door", (0.7, 1.0), (0.7, 0.0))
    assert len(beside_the_edge([0.5 + 0.03 * k for k in range(15)], early)) == 1
