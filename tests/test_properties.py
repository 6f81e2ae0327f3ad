"""What must hold for any way anybody walks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scenario_kit import ASPECT, Told, told, tracked

from edge.core.geometry import offset_from_line, stretched
from edge.core.model import Anchor, Box, Detection, Direction, Sighting, Track, Tripwire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Place = tuple[float, float]
Way = list[Place]
STATURE = 0.3
BREADTH = 0.12
LINE = Tripwire("door", (0.013, 0.6183), (0.987, 0.5717))
steady = settings(derandomize=True, deadline=None, max_examples=120)


def steps(corners: Sequence[Place], stride: float = 0.04) -> Way:
    """A way through the corners in steps of a stride."""
    way = [corners[0]]
    for (ax, ay), (bx, by) in pairwise(corners):
        many = max(1, round(((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 / stride))
        way += [(ax + (bx - ax) * k / many, ay + (by - ay) * k / many) for k in range(1, many + 1)]
    return way


# Feet anywhere the whole body is in the picture; coordinates of which none lies on the line.
corner = st.tuples(st.floats(0.15, 0.85), st.floats(0.36, 0.93)).map(lambda p: (round(p[0], 3), round(p[1], 3)))
ways = st.lists(corner, min_size=2, max_size=7).map(steps)
gaps = st.sampled_from([0.1, 0.2, 1 / 3])


def box_at(place: Place) -> Box:
    half = BREADTH / 2 / ASPECT
    return Box(place[0] - half, place[1] - STATURE, place[0] + half, place[1])


def sightings_of(way: Way, gap_s: float = 0.1, box_of: Callable[[Place], Box] = box_at) -> list[Sighting]:
    """One perfect track on this way."""
    rows = []
    for k, place in enumerate(way):
        box = box_of(place)
        track = Track(1, box, 0.8, k * gap_s, 0.0, True, box.height, box.foot, Anchor.FOOT)  # noqa: FBT003 - observed
        rows.append(Sighting(k * gap_s, (track,)))
    return rows


def through_tracker(way: Way, gap_s: float = 0.1) -> list[Sighting]:
    return tracked([(k * gap_s, [Detection(box_at(place), 0.8)]) for k, place in enumerate(way)])


def across(place: Place) -> float:
    return offset_from_line(stretched(place, ASPECT), stretched(LINE.start, ASPECT), stretched(LINE.end, ASPECT))[0]


def tale(take: Told) -> list[tuple[float, Direction]]:
    return [(round(c.t_s, 6), c.direction) for c in take.crossings]


def swapped(crossings: list[tuple[float, Direction]]) -> list[tuple[float, Direction]]:
    return [(t_s, direction.opposite) for t_s, direction in crossings]


@steady
@given(ways, gaps)
def test_exchanging_the_ends_of_the_line_exchanges_in_and_out(way: Way, gap_s: float) -> None:
    back = Tripwire("door", LINE.end, LINE.start)
    for sightings in (sightings_of(way, gap_s), through_tracker(way, gap_s)):
        one, other = told(sightings, LINE), told(sightings, back)
        assert tale(other) == swapped(tale(one))
        assert other.reasons == one.reasons


@steady
@given(ways, gaps)
def test_going_and_coming_back_cancel(way: Way, gap_s: float) -> None:
    assume(abs(across(way[0])) > 0.3 * STATURE)
    arrivals, departures = told(sightings_of(way + way[::-1], gap_s), LINE).in_out
    assert arrivals == departures


@steady
@given(ways, gaps)
def test_going_and_coming_back_cancel_through_the_tracker(way: Way, gap_s: float) -> None:
    assume(abs(across(way[0])) > 0.3 * STATURE)
    # A moment at the door before and after: a body that has only just been seen has no known side yet.
    wait = [way[0]] * 8
    arrivals, departures = told(through_tracker(wait + way + way[::-1] + wait, gap_s), LINE).in_out
    assert arrivals == departures


@steady
@given(ways)
def test_in_and_out_take_turns(way: Way) -> None:
    directions = [direction for _, direction in tale(told(sightings_of(way), LINE))]
    assert all(one is not other for one, other in pairwise(directions))


@steady
@given(ways)
def test_who_ends_clear_on_the_other_side_has_crossed_once_more_one_way(way: Way) -> None:
    start, end = across(way[0]), across(way[-1])
    assume(min(abs(start), abs(end)) > 0.3 * STATURE)
    assume(max(abs(start - across(place)) for place in way) > 0.6 * STATURE or start * end > 0)
    arrivals, departures = told(sightings_of(way), LINE).in_out
    travelled = max(((p[0] - way[0][0]) * ASPECT) ** 2 + (p[1] - way[0][1]) ** 2 for p in way) ** 0.5
    assume(travelled > 0.5 * STATURE + 0.01)
    expected = 0 if start * end > 0 else (1 if end > 0 else -1)
    assert arrivals - departures == expected


@steady
@given(ways, st.floats(-0.1, 0.1), st.floats(-0.04, 0.04))
def test_shifting_picture_and_line_together_changes_nothing(way: Way, dx: float, dy: float) -> None:
    line = Tripwire("door", (LINE.start[0] + dx, LINE.start[1] + dy), (LINE.end[0] + dx, LINE.end[1] + dy))

    def box_of(place: Place) -> Box:
        return box_at((place[0] + dx, place[1] + dy))

    assert tale(told(sightings_of(way, box_of=box_of), line)) == tale(told(sightings_of(way), LINE))


@steady
@given(ways, st.floats(0.75, 1.0))
def test_seen_from_farther_off_nothing_changes(way: Way, zoom: float) -> None:
    def farther(point: Place) -> Place:
        return (0.5 + (point[0] - 0.5) * zoom, 0.5 + (point[1] - 0.5) * zoom)

    def box_of(place: Place) -> Box:
        box = box_at(place)
        return Box(*farther((box.left, box.top)), *farther((box.right, box.bottom)))

    line = Tripwire("door", farther(LINE.start), farther(LINE.end))
    assert tale(told(sightings_of(way, box_of=box_of), line)) == tale(told(sightings_of(way), LINE))


@steady
@given(corner, corner, st.sampled_from([(640, 480), (1280, 960), (428, 321), (1600, 1200)]))
def test_whole_pixels_of_any_resolution_count_the_same(start: Place, end: Place, size: Place) -> None:
    # Not where a rounding may decide: at the ends of the way about the line or its band, or of half a body's length.
    edges = [abs(across(place)) - edge for place in (start, end) for edge in (0.0, 0.09 * STATURE)]
    walked = (((start[0] - end[0]) * ASPECT) ** 2 + (start[1] - end[1]) ** 2) ** 0.5
    assume(min(abs(edge) for edge in [*edges, walked - 0.5 * STATURE]) > 0.02)

    def box_of(place: Place) -> Box:
        box, (wide, high) = box_at(place), size
        left, right = round(box.left * wide) / wide, round(box.right * wide) / wide
        return Box(left, round(box.top * high) / high, right, round(box.bottom * high) / high)

    way = steps([start, end])
    assert told(sightings_of(way, box_of=box_of), LINE).in_out == told(sightings_of(way), LINE).in_out


@steady
@given(ways)
def test_a_mirrored_picture_exchanges_in_and_out(way: Way) -> None:
    line = Tripwire("door", (1 - LINE.start[0], LINE.start[1]), (1 - LINE.end[0], LINE.end[1]))
    mirrored = [(1 - x, y) for x, y in way]
    assert tale(told(sightings_of(mirrored), line)) == swapped(tale(told(sightings_of(way), LINE)))
    assert tale(told(through_tracker(mirrored), line)) == swapped(tale(told(through_tracker(way), LINE)))


@steady
@given(ways, st.floats(0, 1e6))
def test_the_hour_of_the_day_changes_nothing(way: Way, later_s: float) -> None:
    later = [
        replace(s, t_s=s.t_s + later_s, tracks=tuple(replace(t, t_s=t.t_s + later_s) for t in s.tracks))
        for s in sightings_of(way)
    ]
    assert told(later, LINE).in_out == told(sightings_of(way), LINE).in_out


@steady
@given(st.lists(ways, min_size=1, max_size=4), st.integers(0, 3))
def test_the_order_in_which_people_are_told_changes_nothing(people: list[Way], turn: int) -> None:
    takes = [sightings_of(way) for way in people]
    rows = []
    for k in range(max(len(take) for take in takes)):
        tracks = [replace(t[k].tracks[0], id=n + 1) for n, t in enumerate(takes) if k < len(t)]
        rows.append(Sighting(k * 0.1, tuple(tracks)))
    turned = [replace(s, tracks=s.tracks[turn:] + s.tracks[:turn]) for s in rows]
    apart = [told(take, LINE).in_out for take in takes]
    together = told(rows, LINE).in_out
    assert together == told(turned, LINE).in_out
    assert together == (sum(a for a, _ in apart), sum(d for _, d in apart))
