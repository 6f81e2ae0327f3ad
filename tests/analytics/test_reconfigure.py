"""Other lines and zones while people are in the picture: nobody is lost, nobody is counted twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from scenario_kit import ASPECT, LINES, Walker, frame_times, raw_tracks

from edge.analytics.scene import Scene
from edge.core.events import LineCrossed, ZoneEntered, ZoneExited
from edge.core.model import Direction, Zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.events import Event
    from edge.core.model import Tripwire

DOOR = LINES["level"]
# Comes in over the door at 5 s and walks on.
THROUGH = Walker(((0.0, 0.5, -0.35), (10.0, 0.5, 0.35)))
FLOOR = Zone("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))


def walked(change_s: float, tripwires: Sequence[Tripwire], zones: Sequence[Zone] = ()) -> tuple[Scene, list[Event]]:
    """The walk with the door's line and the floor at first, and others from ``change_s`` on."""
    scene = Scene([DOOR], [FLOOR], ASPECT)
    events: list[Event] = []
    for sighting in raw_tracks([THROUGH], frame_times("10", 10.0), DOOR):
        if sighting.t_s >= change_s:
            events += scene.reconfigure(tripwires, zones, sighting.t_s)
        events += scene.update(sighting)
    return scene, events


def crossings(events: Sequence[Event]) -> list[LineCrossed]:
    return [event for event in events if isinstance(event, LineCrossed)]


@pytest.mark.parametrize("change_s", [0.0, 3.0, 4.9, 5.0, 5.1, 7.0])
def test_a_line_that_stays_keeps_who_is_at_it(change_s: float) -> None:
    other = replace(DOOR, name="other", start=(0.0, 0.01), end=(1.0, 0.01))
    scene, events = walked(change_s, [other, DOOR], [FLOOR])
    (crossing,) = crossings(events)
    assert crossing.line == "door"
    assert crossing.t_s == pytest.approx(5.0, abs=0.2)
    assert scene.totals["door"] == {Direction.IN: 1, Direction.OUT: 0}
    assert scene.inside == 1
    assert [type(event) for event in events if isinstance(event, (ZoneEntered, ZoneExited))] == [ZoneEntered]


def test_a_line_that_is_moved_begins_with_nobody() -> None:
    before, behind = (replace(DOOR, start=(0.05, y), end=(0.95, y)) for y in (0.45, 0.8))
    _, events = walked(4.5, [before])
    assert crossings(events) == [], "moved to where somebody has passed already: that is no crossing"
    _, events = walked(4.5, [behind])
    assert [crossing.t_s for crossing in crossings(events)] == [pytest.approx(7.6, abs=0.2)]
    _, events = walked(7.0, [behind])
    assert len(crossings(events)) == 2, "counts of the old place stay, and the new place is another one"


def test_who_is_in_a_zone_that_is_taken_away_has_left_it() -> None:
    _, events = walked(4.0, [DOOR], [])
    (left,) = [event for event in events if isinstance(event, ZoneExited)]
    assert left.dwell_s == pytest.approx(3.8, abs=0.3)
