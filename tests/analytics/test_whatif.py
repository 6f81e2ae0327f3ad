"""Walks on record, led through a line, count as the line would have counted the people themselves."""

from __future__ import annotations

from datetime import timezone
from random import Random

import numpy as np
import pytest
from scenario_kit import ASPECT, LINES, Sight, Walker, detections_of, frame_times, told, tracked

from edge.analytics.scene import Scene
from edge.analytics.ways import Ways
from edge.analytics.whatif import Look, what_if
from edge.core.calendar import SiteCalendar
from edge.core.clock import ManualClock
from edge.core.events import RejectReason
from edge.core.frame import Frame
from edge.core.model import Direction, Mount, Sighting, Tripwire
from edge.services.trails import Trails
from edge.storage.records import Record, Walk

LOOK = Look(Mount.OBLIQUE, 0.3, ASPECT)
DOOR = Tripwire("door", (0.1, 0.6), (0.9, 0.6))
Place = tuple[float, float, float]


def crowd(dice: Random, number: int) -> list[Walker]:
    """People who come in, go out, turn back at the line or pass along it, one every ten seconds or so."""
    walkers = []
    for turn in range(number):
        begins, u = 10.0 * turn, dice.uniform(0.2, 0.8)
        side = dice.choice((-1, 1))
        near, far = -0.25 * side, 0.28 * side
        ends = dice.choice(((far,), (far,), (far,), (0.02 * side, near), (near,)))
        way = [(begins, u, near), *((begins + 2.5 * n, u + dice.uniform(-0.1, 0.1), v) for n, v in enumerate(ends, 1))]
        walkers.append(Walker(tuple(way)))
    return walkers


def recorded(sightings: list[Sighting]) -> Ways:
    """The walks that the product writes down of them."""
    kept: list[Record] = []
    clock = ManualClock()
    trails, scene = Trails("door", kept.append, clock), Scene([], (), ASPECT)
    image = np.zeros((3, 4, 3), dtype=np.uint8)
    for sighting in sightings:
        clock.advance(max(0.0, sighting.t_s - clock.monotonic_s()))
        trails.saw(Frame(image, sighting.t_s), sighting, scene, ())
    trails.end()
    walks = [record for record in kept if isinstance(record, Walk)]
    return Ways.of(
        [(round(walk.uptime_s * 1000), [(step.after_s, step.x, step.y) for step in walk.steps]) for walk in walks]
    )


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("rate", ["5", "10"])
def test_the_line_that_counted_them_and_one_beside_it(line: str, rate: str) -> None:
    """Within three of a hundred: of a walk only a place every half second is left."""
    wire = LINES[line]
    frames = detections_of(crowd(Random(5), 120), frame_times(rate, 1210.0), wire, Sight(missed=0.1))
    sightings = tracked(frames)
    ways = recorded(sightings)
    moved = Tripwire("moved", *((x, y + 0.04) for x, y in (wire.start, wire.end)))
    for tried in (wire, moved, Tripwire("turned", wire.end, wire.start)):
        truth, found = told(sightings, tried).in_out, what_if(ways, tried, LOOK)
        assert sum(truth) > 50
        assert abs(found.ins - truth[0]) + abs(found.outs - truth[1]) <= 0.03 * sum(truth)


def way(*places: Place, at_ms: int = 1_000_000) -> tuple[int, list[Place]]:
    return at_ms, list(places)


def straight(start: float, end: float, at_ms: int = 1_000_000, x: float = 0.5) -> tuple[int, list[Place]]:
    return way(*((step / 2, x, start + (end - start) * step / 8) for step in range(9)), at_ms=at_ms)


def test_in_out_and_a_turn_back() -> None:
    ways = Ways.of([
        straight(0.35, 0.85), straight(0.85, 0.4, 2_000_000),
        way((0.0, 0.5, 0.4), (0.5, 0.5, 0.5), (1.0, 0.5, 0.6), (1.5, 0.5, 0.5), (2.0, 0.5, 0.4), at_ms=3_000_000),
    ])  # fmt: skip
    found = what_if(ways, DOOR, LOOK)
    assert (found.walks, found.near, found.ins, found.outs) == (3, 3, 1, 1)
    assert found.refused == {RejectReason.TURNED_BACK: 1}
    assert found.crossings == ((1_002_000, Direction.IN), (2_002_222, Direction.OUT))


def test_somebody_lost_at_the_line_and_found_again_is_one_crossing() -> None:
    before = way((0.0, 0.5, 0.35), (0.5, 0.5, 0.45), (1.0, 0.5, 0.55), (1.5, 0.5, 0.59))
    after = way((0.0, 0.5, 0.63), (0.5, 0.5, 0.73), (1.0, 0.5, 0.83), at_ms=1_002_300)
    late = way(*after[1], at_ms=1_009_000)
    assert what_if(Ways.of([before, after]), DOOR, LOOK).ins == 1
    assert what_if(Ways.of([before, late]), DOOR, LOOK).ins == 0


def test_walks_beside_the_line_are_left_out() -> None:
    short = Tripwire("door", (0.4, 0.6), (0.6, 0.6))
    found = what_if(Ways.of([straight(0.3, 0.9, x=0.95), straight(0.05, 0.1)]), short, Look(body=0.1))
    assert (found.walks, found.near, found.crossings) == (2, 0, ())


def test_out_over_the_pictures_edge() -> None:
    """The line lies so near the lower edge that feet are never seen beyond it."""
    low = Tripwire("door", (0.1, 0.97), (0.9, 0.97))
    found = what_if(Ways.of([straight(0.4, 0.955)]), low, LOOK)
    assert (found.ins, found.outs) == (1, 0)


def test_from_above() -> None:
    found = what_if(Ways.of([straight(0.2, 0.9), straight(0.9, 0.2)]), DOOR, Look(Mount.OVERHEAD, 0.2, ASPECT))
    assert (found.ins, found.outs) == (1, 1)


def test_no_walks() -> None:
    assert what_if(Ways.of([]), DOOR, LOOK).crossings == ()


def test_by_hour() -> None:
    hour = 3_600_000
    ways = Ways.of([straight(0.3, 0.9, at_ms) for at_ms in (hour, hour + 5, 3 * hour)] + [straight(0.9, 0.3, hour)])
    found = what_if(ways, DOOR, LOOK).by_hour(SiteCalendar(timezone.utc))
    assert [(count.hour.clock_hour, count.ins, count.outs) for count in found] == [(1, 2, 1), (3, 1, 0)]
