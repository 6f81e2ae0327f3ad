"""What people do at a door and what must be counted, on perfect tracks and through the tracker, at every frame rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scenario_kit import (
    ASPECT,
    LINES,
    RATES,
    Sight,
    Told,
    Walker,
    detections_of,
    frame_times,
    raw_tracks,
    told,
    tracked,
)

from edge.core.events import RejectReason
from edge.core.model import Anchor, Tripwire, Zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge.core.model import Point, Sighting

KINDS = ("perfect tracks", "tracker")
STATURE = 0.3
STATURE_M = 1.7
PLAIN_SIGHT = Sight()
LEVEL = {"level": LINES["level"]}
# The part of the way from 0 to 1 along a line where tests about its ends walk.
SHORT = {"short": Tripwire("door", (0.3, 0.62), (0.7, 0.62))}


def seen(
    kind: str, walkers: Sequence[Walker], rate: str, until_s: float, line: Tripwire, sight: Sight, seed: int
) -> list[Sighting]:
    """One take of a scene."""
    times = frame_times(rate, until_s, seed)
    if kind == "tracker":
        return tracked(detections_of(walkers, times, line, sight, seed))
    return raw_tracks(walkers, times, line, sight, seed)


def takes(
    kind: str,
    walkers: Sequence[Walker],
    until_s: float,
    sight: Sight = PLAIN_SIGHT,
    *,
    rates: Sequence[str] = RATES,
    lines: Mapping[str, Tripwire] = LINES,
    seeds: int = 3,
) -> dict[tuple[str, str, int], Told]:
    """Many takes of one scene: every line, every rate, several trembles."""
    return {
        (name, rate, seed): told(seen(kind, walkers, rate, until_s, line, sight, seed), line)
        for name, line in lines.items()
        for rate in rates
        for seed in range(seeds)
    }


def wrong(all_takes: Mapping[tuple[str, str, int], Told], in_out: tuple[int, int]) -> dict[object, object]:
    """The takes that were not counted as they should."""
    return {key: take.in_out for key, take in all_takes.items() if take.in_out != in_out}


def through(v0: float, v1: float, pace: float, u: float = 0.5, t0: float = 0.5, stature: float = STATURE) -> Walker:
    """Straight across the line at ``pace`` frame heights a second."""
    return Walker(((t0, u, v0), (t0 + abs(v1 - v0) / pace, u, v1)), stature)


def born(v: float, to: float) -> Walker:
    """Steps out of nowhere at ``v``, waits a second and walks off."""
    return Walker(((0.0, 0.5, v), (1.0, 0.5, v), (2.2, 0.5, to)), STATURE)


STANDING = Walker(((0.0, 0.5, 0.0), (60.0, 0.5, 0.0)), STATURE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("walk", [(0.3, -0.3), (-0.3, 0.3)])
@pytest.mark.parametrize("stature", [0.2, 0.3, 0.5])
def test_a_plain_walk_counts_once(kind: str, walk: tuple[float, float], stature: float) -> None:
    walker = through(*walk, pace=stature * 0.8, stature=stature)
    expected = (1, 0) if walk[1] > 0 else (0, 1)
    assert wrong(takes(kind, [walker], walker.way[-1][0] + 2.5), expected) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_missed_frames_change_nothing(kind: str) -> None:
    sight = Sight(missed=0.2)
    assert wrong(takes(kind, [through(-0.3, 0.3, 0.2)], 4, sight, rates=("5", "10", "irregular")), (1, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_standing_on_the_line_for_a_minute_counts_nothing(kind: str) -> None:
    assert wrong(takes(kind, [STANDING], 60, seeds=2), (0, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("goes_to", "in_out"), [(-0.25, (0, 0)), (0.25, (1, 0))])
def test_who_comes_and_waits_on_the_line_is_judged_by_where_he_goes(
    kind: str, goes_to: float, in_out: tuple[int, int]
) -> None:
    walker = Walker(((0, 0.5, -0.25), (1, 0.5, 0), (61, 0.5, 0), (62, 0.5, goes_to)), STATURE)
    assert wrong(takes(kind, [walker], 62, seeds=2), in_out) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("u", [0.15, 0.35])
@pytest.mark.parametrize(("walk", "in_out"), [((-0.3, 0.3), (1, 0)), ((0.3, -0.3), (0, 1))])
def test_who_walks_past_somebody_on_the_line_counts_alone(
    kind: str, u: float, walk: tuple[float, float], in_out: tuple[int, int]
) -> None:
    passer = through(*walk, pace=0.35, u=u, t0=10)
    standing = Walker(((0.0, 0.5, 0.0), (20.0, 0.5, 0.0)), STATURE)
    assert wrong(takes(kind, [standing, passer], 20, Sight(melt_iou=0.6), seeds=2), in_out) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("home", [-1, 1])
@pytest.mark.parametrize("past", [-0.01, 0.0, 0.005])
def test_turning_round_in_the_band_counts_nothing(kind: str, home: int, past: float) -> None:
    far, turn = 0.3 * home, -past * home
    walker = Walker(((0, 0.5, far), (1, 0.5, turn), (1.4, 0.5, turn), (2.4, 0.5, far)), STATURE)
    told_of = takes(kind, [walker], 2.4, seeds=5)
    assert wrong(told_of, (0, 0)) == {}
    assert any(RejectReason.TURNED_BACK in take.reasons for take in told_of.values())


# Metres a second of somebody 1.7 m tall. At 3 frames a second two sights of a faster runner are a body and more apart.
RUNS = {"3": 4.0, "5": 5.0, "10": 5.0, "irregular": 4.0}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("walk", "in_out"), [((-0.36, 0.36), (1, 0)), ((0.36, -0.36), (0, 1))])
def test_a_runner_counts_once(kind: str, rate: str, walk: tuple[float, float], in_out: tuple[int, int]) -> None:
    for stature in (0.2, 0.3):
        runner = through(*walk, pace=RUNS[rate] / STATURE_M * stature, stature=stature)
        assert wrong(takes(kind, [runner], 4, rates=[rate], seeds=6), in_out) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [0.1, 0.15, 0.3])
@pytest.mark.parametrize("melt_iou", [1.0, 0.6])
def test_two_abreast_are_two(kind: str, apart: float, melt_iou: float) -> None:
    pair = [through(-0.3, 0.3, 0.35, u=0.4), through(-0.28, 0.32, 0.35, u=0.4 + apart)]
    lines = {name: line for name, line in LINES.items() if name != "upright"}
    assert wrong(takes(kind, pair, 4, Sight(melt_iou=melt_iou), lines=lines), (2, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_two_abreast_across_the_picture_are_two(kind: str) -> None:
    pair = [through(-0.3, 0.3, 0.35, u=0.45), through(-0.25, 0.35, 0.35, u=0.8)]
    assert wrong(takes(kind, pair, 4, lines={"upright": LINES["upright"]}), (2, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [0.08, 0.12, 0.3])
def test_two_who_meet_at_the_line_are_one_each_way(kind: str, apart: float) -> None:
    pair = [through(-0.3, 0.3, 0.35, u=0.4), through(0.3, -0.3, 0.35, u=0.4 + apart)]
    assert wrong(takes(kind, pair, 4, Sight(melt_iou=0.6)), (1, 1)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gap_s", [0.5, 0.8])
@pytest.mark.parametrize("lost_at", [-0.06, 0.0, 0.02])
def test_a_track_lost_at_the_line_and_found_again_is_one_crossing(kind: str, gap_s: float, lost_at: float) -> None:
    before = Walker(((0, 0.5, -0.3), (1, 0.5, lost_at)), STATURE)
    after = Walker(((1 + gap_s, 0.5, 0.06), (2 + gap_s, 0.5, 0.3)), STATURE)
    assert wrong(takes(kind, [before, after], 7), (1, 0)) == {}


def test_a_track_lost_beyond_memory_is_not_carried_over() -> None:
    before = Walker(((0, 0.5, -0.3), (1, 0.5, -0.06)), STATURE)
    after = Walker(((6, 0.5, 0.06), (7, 0.5, 0.3)), STATURE)
    assert wrong(takes("perfect tracks", [before, after], 10), (0, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("v", "to", "in_out"),
    [(-0.02, 0.35, (1, 0)), (0.02, 0.35, (0, 0)), (0.02, -0.35, (0, 1)), (-0.02, -0.35, (0, 0))],
)
def test_born_in_the_band_is_judged_by_the_side_and_the_way(
    kind: str, v: float, to: float, in_out: tuple[int, int]
) -> None:
    told_of = takes(kind, [born(v, to)], 5)
    assert wrong(told_of, in_out) == {}
    if in_out == (0, 0):
        assert any(RejectReason.BORN_IN_BAND in take.reasons for take in told_of.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reach", [0.2, 0.3])
def test_in_out_in_of_one_track_counts_each(kind: str, reach: float) -> None:
    out, over = -reach, reach
    way = ((0, 0.5, out), (1.5, 0.5, over), (2, 0.5, over), (3.5, 0.5, out), (4, 0.5, out), (5.5, 0.5, over))
    told_of = takes(kind, [Walker(way, STATURE)], 6)
    assert wrong(told_of, (2, 1)) == {}
    for take in told_of.values():
        assert [c.direction.value for c in take.crossings] == ["in", "out", "in"]
        assert len({c.track_id for c in take.crossings}) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("v", "missed"), [(0.0, 0.0), (-0.02, 0.0), (0.015, 0.5)])
def test_a_mannequin_never_counts(kind: str, v: float, missed: float) -> None:
    mannequin = Walker(((0, 0.5, v), (600, 0.5, v)), STATURE)
    assert wrong(takes(kind, [mannequin], 600, Sight(missed=missed), lines=LEVEL, seeds=1), (0, 0)) == {}


def jolt(by: Point, until_s: float) -> Callable[[float], Point]:
    """The camera is knocked after five seconds, and stands right again at ``until_s``."""
    return lambda t_s: by if 5 <= t_s < until_s else (0.0, 0.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", [(0.04, 0.05), (-0.04, -0.05), (0.03, -0.03)])
@pytest.mark.parametrize("until_s", [5.5, 99.0])
def test_a_knocked_camera_counts_nobody_who_stands_there(kind: str, by: Point, until_s: float) -> None:
    stand = [Walker(((0, u, v), (9, u, v)), STATURE) for u, v in ((0.2, -0.03), (0.5, 0.0), (0.8, 0.03))]
    assert wrong(takes(kind, stand, 9, Sight(shake=jolt(by, until_s))), (0, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", [(0.04, 0.05), (-0.04, -0.05), (0.03, -0.03)])
@pytest.mark.parametrize("until_s", [5.5, 99.0])
def test_a_knocked_camera_counts_nobody_who_walked_up(kind: str, by: Point, until_s: float) -> None:
    came = [Walker(((0, u, 5 * v), (1, u, v), (9, u, v)), STATURE) for u, v in ((0.25, -0.06), (0.65, 0.06))]
    assert wrong(takes(kind, came, 9, Sight(shake=jolt(by, until_s))), (0, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("pace", "hidden"), [(0.3, (1.2, 2.2)), (0.42, (1.1, 1.8)), (0.3, (1.4, 2.4))])
def test_hidden_for_a_second_at_the_line_counts_once(kind: str, pace: float, hidden: tuple[float, float]) -> None:
    way = through(-0.36, 0.36, pace).way
    assert wrong(takes(kind, [Walker(way, STATURE, hidden=(hidden,))], 5), (1, 0)) == {}


@pytest.mark.parametrize("rate", ["5", "10", "irregular"])
@pytest.mark.parametrize(("line_y", "stature"), [(0.8, 0.5), (0.7, 0.4), (0.75, 0.6)])
def test_coming_in_over_the_lower_edge_with_feet_cut_off_counts_once(rate: str, line_y: float, stature: float) -> None:
    line = {"low": Tripwire("door", (0.0, line_y), (1.0, line_y))}
    below, above = 1.0 - line_y + 0.8 * stature, -0.4
    up = Walker(((0.3, 0.5, below), (0.3 + (below - above) / (0.6 * stature), 0.5, above)), stature)
    down = Walker(tuple((t, u, v) for (t, _, _), (_, u, v) in zip(up.way, reversed(up.way), strict=True)), stature)
    until_s = up.way[-1][0] + 3
    assert wrong(takes("tracker", [up], until_s, lines=line, rates=[rate], seeds=4), (0, 1)) == {}
    assert wrong(takes("tracker", [down], until_s, lines=line, rates=[rate], seeds=4), (1, 0)) == {}


def test_the_feet_below_the_picture_do_not_stand_on_its_edge() -> None:
    line = Tripwire("door", (0.0, 0.7), (1.0, 0.7))
    walker = Walker(((0, 0.5, 0.5), (3, 0.5, -0.2)), 0.5)
    anchors = [
        track.anchor
        for sighting in tracked(detections_of([walker], frame_times("10", 3), line, Sight(tremble=0.0)))
        for track in sighting.tracks
    ]
    assert anchors[0] is Anchor.CENTRE
    assert anchors[-1] is Anchor.FOOT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("u", [-0.2, 1.2, -0.4, 1.4])
def test_walking_past_the_end_of_the_line_counts_nothing(kind: str, u: float) -> None:
    assert wrong(takes(kind, [through(-0.3, 0.3, 0.3, u=u)], 5, lines=SHORT), (0, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("u", [-0.06, 0.05, 0.95, 1.06])
def test_within_half_a_body_of_the_end_counts(kind: str, u: float) -> None:
    assert wrong(takes(kind, [through(-0.3, 0.3, 0.3, u=u)], 5, lines=SHORT), (1, 0)) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_round_the_end_and_back_through_counts_the_way_back_only(kind: str) -> None:
    way = ((0, 0.5, -0.2), (2, -0.4, -0.2), (3.5, -0.4, 0.2), (5.5, 0.5, 0.2), (7, 0.5, -0.2))
    told_of = takes(kind, [Walker(way, STATURE)], 7.5, lines=SHORT)
    assert wrong(told_of, (0, 1)) == {}
    assert any(RejectReason.PASSED_BESIDE in take.reasons for take in told_of.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_chime_is_foreseen_before_the_count(kind: str) -> None:
    for take in takes(kind, [through(-0.3, 0.3, 0.2)], 5, rates=("5", "10")).values():
        (touch,), (crossing,) = take.touches, take.crossings
        assert crossing.t_s <= crossing.provisional_t_s <= crossing.committed_t_s
        assert crossing.provisional_t_s == touch.t_s
        assert crossing.t_s == pytest.approx(0.5 + 0.3 / 0.2, abs=0.35)


def test_several_doors_and_zones_see_the_same_walk() -> None:
    sightings = seen("tracker", [through(-0.3, 0.3, 0.2)], "10", 6, LINES["level"], Sight(), 1)
    zone = Zone("mat", ((0.3, 0.5), (0.7, 0.5), (0.7, 0.75), (0.3, 0.75)))
    one, other = told(sightings, LINES["level"], [zone]), told(sightings, LINES["level, people come in upwards"])
    assert (one.in_out, other.in_out) == ((1, 0), (0, 1))
    assert [type(e).__name__ for e in one.events if "Zone" in type(e).__name__] == ["ZoneEntered", "ZoneExited"]
    assert pytest.approx(4 / 3) == ASPECT
