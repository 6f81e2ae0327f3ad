"""One line: what commits a crossing, what is foreseen, what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from edge.analytics.scene import Scene
from edge.analytics.tripwire import BAND_LEAST, BAND_MOST_BODIES, BAND_SIGMAS
from edge.core.events import Event, LineCrossed, LineTouched, RejectReason, TrackRejected
from edge.core.model import Anchor, Box, Direction, Sighting, Track, Tripwire

ASPECT = 4 / 3
STATURE = 0.3
LINE_Y = 0.6
DOOR = Tripwire("door", (0.2, LINE_Y), (0.8, LINE_Y))
# The least tremble assumed of a body of this size makes this band.
BAND = BAND_SIGMAS * 0.02 * STATURE


def at(foot: float, t_s: float, x: float = 0.5, number: int = 1, **other: object) -> Track:
    """Somebody whose feet are at ``x``, ``foot``."""
    half = 0.2 * STATURE / ASPECT
    box = Box(x - half, foot - STATURE, x + half, foot)
    track = Track(number, box, 0.8, t_s, 0.0, True, STATURE, (x, foot), Anchor.FOOT)  # noqa: FBT003 - observed
    return replace(track, **other)  # type: ignore[arg-type]


def walk(feet: list[float], x: float = 0.5, line: Tripwire = DOOR, every_s: float = 0.1) -> list[Event]:
    """One track whose feet are at these heights, one a frame, then gone."""
    scene = Scene([line], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate(feet):
        told += scene.update(Sighting(k * every_s, (at(foot, k * every_s, x),)))
    return told + scene.update(Sighting(len(feet) * every_s + 2.1, (), (1,)))


def evenly(start: float, end: float, steps: int) -> list[float]:
    return [start + (end - start) * k / steps for k in range(steps + 1)]


def crossings(events: list[Event]) -> list[str]:
    return [e.direction.value for e in events if isinstance(e, LineCrossed)]


def reasons(events: list[Event]) -> list[RejectReason]:
    return [e.reason for e in events if isinstance(e, TrackRejected)]


def test_downwards_is_in_when_the_line_runs_to_the_right() -> None:
    assert crossings(walk(evenly(0.3, 0.9, 20))) == ["in"]
    assert crossings(walk(evenly(0.9, 0.3, 20))) == ["out"]
    assert crossings(walk(evenly(0.3, 0.9, 20), line=Tripwire("door", DOOR.end, DOOR.start))) == ["out"]


def test_the_count_waits_for_the_far_side_of_the_band() -> None:
    inside_band, beyond = LINE_Y + 0.9 * BAND, LINE_Y + 1.1 * BAND
    up_to = evenly(0.3, inside_band, 20)
    assert crossings(walk(up_to)) == []
    assert reasons(walk(up_to)) == [RejectReason.ENDED_IN_BAND]
    assert crossings(walk([*up_to, beyond])) == ["in"]


def test_the_chime_does_not_wait() -> None:
    events = walk(evenly(0.3, 0.9, 60))
    touch = next(e for e in events if isinstance(e, LineTouched))
    crossing = next(e for e in events if isinstance(e, LineCrossed))
    assert touch.direction is crossing.direction is Direction.IN
    # One step past the line, and one step past the band.
    assert LINE_Y < 0.3 + 0.1 * touch.t_s < LINE_Y + 0.011
    assert LINE_Y + BAND < 0.3 + 0.1 * crossing.committed_t_s < LINE_Y + BAND + 0.011
    assert crossing.t_s == pytest.approx(3.0)
    assert crossing.provisional_t_s == touch.t_s


def test_the_time_of_a_crossing_is_when_the_line_was_passed_even_between_frames() -> None:
    crossing = next(e for e in walk([0.3, 0.5, 0.9], every_s=0.5) if isinstance(e, LineCrossed))
    assert crossing.t_s == pytest.approx(0.5 + 0.5 * 0.25)
    assert crossing.committed_t_s == 1.0


def test_one_who_turns_back_after_the_chime_is_refused() -> None:
    turn = LINE_Y + 0.5 * BAND
    events = walk(evenly(0.3, turn, 20) + evenly(turn, 0.3, 20))
    assert [type(e) for e in events] == [LineTouched, TrackRejected]
    assert reasons(events) == [RejectReason.TURNED_BACK]


def test_the_band_grows_with_the_tracks_own_tremble() -> None:
    chance = Random(2)
    widths = []
    for sigma in (0.001, 0.012, 0.1):
        scene = Scene([DOOR], (), ASPECT)
        for k in range(200):
            scene.update(Sighting(k / 10, (at(0.4 + chance.gauss(0, sigma), k / 10),)))
        widths.append(scene.band_of("door"))
    assert widths[0] == pytest.approx(BAND)
    # The tremble is measured over both axes, and only the feet's height trembles here.
    assert widths[1] == pytest.approx(BAND_SIGMAS * 0.012 / 2**0.5, rel=0.4)
    assert widths[1] > widths[0]
    assert widths[2] == pytest.approx(BAND_MOST_BODIES * STATURE)


def test_the_band_of_a_distant_body_is_never_nothing() -> None:
    scene = Scene([DOOR], (), ASPECT)
    for k in range(5):
        far_off = replace(at(0.4, k / 10), size=0.05)
        scene.update(Sighting(k / 10, (far_off,)))
    assert scene.band_of("door") == BAND_LEAST


def test_a_smoothed_place_that_runs_on_beyond_the_body_does_not_count() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate([*evenly(0.3, LINE_Y, 20), LINE_Y, LINE_Y]):
        track = at(foot, k / 10)
        ahead = foot + (1.5 * BAND if foot == LINE_Y else 0)
        told += scene.update(Sighting(k / 10, (replace(track, place=(0.5, ahead)),)))
    assert crossings(told) == []
    told += scene.update(Sighting(5.0, (at(LINE_Y + 1.5 * BAND, 5.0),)))
    assert crossings(told) == ["in"]


@pytest.mark.parametrize(
    ("first", "goes_to", "counted"),
    [(-0.5, 0.3, ["in"]), (0.5, 0.3, []), (0.5, -0.3, ["out"]), (-0.5, -0.3, [])],
)
def test_born_in_the_band(first: float, goes_to: float, counted: list[str]) -> None:
    events = walk(evenly(LINE_Y + first * BAND, LINE_Y + goes_to, 20))
    assert crossings(events) == counted
    assert reasons(events) == ([] if counted else [RejectReason.BORN_IN_BAND])


def test_a_short_step_does_not_count_before_half_a_body() -> None:
    near, past = LINE_Y - 0.07, LINE_Y + 0.07
    events = walk(evenly(near, past, 20) + [past] * 20)
    assert crossings(events) == []
    assert reasons(events) == [RejectReason.BARELY_MOVED]
    events = walk(evenly(near, past, 20) + [past] * 20 + evenly(past, past + 0.05, 10))
    assert crossings(events) == ["in"]


def test_a_poster_whose_lower_half_comes_and_goes_has_not_moved() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    for k in range(200):
        foot = 0.7 if k // 20 % 2 else 0.45
        box = Box(0.4, 0.2, 0.5, foot)
        told += scene.update(Sighting(k / 10, (replace(at(foot, k / 10), box=box),)))
    told += scene.finish(30)
    assert crossings(told) == []


@pytest.mark.parametrize(
    ("x", "counted"), [(0.2, True), (0.17, True), (0.14, False), (0.8, True), (0.83, True), (0.86, False)]
)
def test_the_line_ends_half_a_body_beyond_its_ends(x: float, *, counted: bool) -> None:
    events = walk(evenly(0.3, 0.9, 20), x)
    assert crossings(events) == (["in"] if counted else [])
    assert reasons(events) == ([] if counted else [RejectReason.PASSED_BESIDE])


def test_far_beside_the_line_is_nobodys_business() -> None:
    assert walk(evenly(0.3, 0.9, 20), 0.98, Tripwire("door", (0.1, LINE_Y), (0.4, LINE_Y))) == []


def test_a_first_glimpse_does_not_count_until_it_is_sure() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate(evenly(0.3, 0.9, 10)):
        told += scene.update(Sighting(k / 10, (replace(at(foot, k / 10), confirmed=False),)))
    assert told == []
    assert crossings(scene.update(Sighting(1.1, (at(0.92, 1.1),)))) == ["in"]


def test_a_remembered_track_commits_nothing() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate(evenly(0.3, 0.9, 10)):
        told += scene.update(Sighting(k / 10, (replace(at(foot, k / 10), observed=k < 5),)))
    assert crossings(told) == []


def test_a_place_that_cannot_be_told_decides_nothing() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate(evenly(0.3, 0.9, 10)):
        track = at(foot, k / 10)
        told += scene.update(Sighting(k / 10, (replace(track, place=None) if foot > 0.5 else track,)))
    assert crossings(told) == []


def test_changing_from_the_feet_to_the_middle_is_not_a_step() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    feet = [*evenly(0.95, 0.75, 10), *[0.75] * 20]
    for k, foot in enumerate(feet):
        track = at(foot, k / 10)
        if k >= 15:
            track = replace(track, place=track.box.centre, anchor=Anchor.CENTRE)
        told += scene.update(Sighting(k / 10, (track,)))
    # The feet stayed at 0.75, the middle is at 0.6: half a body up, on the line, and beyond it a moment later.
    for k in range(30, 40):
        track = at(0.75 - 0.005 * (k - 29), k / 10)
        told += scene.update(Sighting(k / 10, (replace(track, place=track.box.centre, anchor=Anchor.CENTRE),)))
    assert crossings(told) == []


def test_the_same_step_of_two_points_of_the_body_counts_once() -> None:
    scene = Scene([DOOR], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate(evenly(0.4, 0.99, 30)):
        told += scene.update(Sighting(k / 10, (at(foot, k / 10),)))
    for k, foot in enumerate(evenly(0.99, 1.2, 10)):
        t_s = 3.2 + k / 10
        track = at(foot, t_s)
        cut = Box(track.box.left, track.box.top, track.box.right, 1.0)
        place = (0.5, foot - STATURE / 2 - 0.1)
        told += scene.update(Sighting(t_s, (replace(track, box=cut, place=place, anchor=Anchor.CENTRE),)))
    assert crossings(told) == ["in"]


def test_every_line_has_a_mind_of_its_own() -> None:
    upper, lower = DOOR, Tripwire("inner", (0.8, 0.75), (0.2, 0.75))
    scene = Scene([upper, lower], (), ASPECT)
    told: list[Event] = []
    for k, foot in enumerate(evenly(0.3, 0.9, 20)):
        told += scene.update(Sighting(k / 10, (at(foot, k / 10),)))
    crossed = [(event.line, event.direction.value) for event in told if isinstance(event, LineCrossed)]
    assert crossed == [("door", "in"), ("inner", "out")]


def close_to_the_lens(x: float, t_s: float) -> Track:
    """Somebody so near that head and feet are out of the picture."""
    box = Box(x - 0.2, 0.0, x + 0.2, 1.0)
    return Track(1, box, 0.9, t_s, 0.0, True, 1.0, (x, 0.5), Anchor.ASIDE)  # noqa: FBT003 - observed


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [((0.5, 0.95), (0.5, 0.05), ["in"]), ((0.48, 0.95), (0.52, 0.05), ["in"]), ((0.2, 0.9), (0.8, 0.1), []),
     ((0.1, 0.5), (0.9, 0.5), [])],
)  # fmt: skip
def test_somebody_too_near_for_head_and_feet_counts_at_upright_lines_only(
    start: tuple[float, float], end: tuple[float, float], counted: list[str]
) -> None:
    scene = Scene([Tripwire("door", start, end)], (), 16 / 9)
    told = []
    for k, x in enumerate(evenly(0.15, 0.85, 20)):
        told += scene.update(Sighting(k / 10, (close_to_the_lens(x, k / 10),)))
    assert [event.direction.value for event in told if isinstance(event, LineCrossed)] == counted


def test_losing_the_feet_on_an_upright_line_is_no_new_beginning() -> None:
    scene = Scene([Tripwire("door", (0.5, 0.95), (0.5, 0.05))], (), 16 / 9)
    told = []
    for k, x in enumerate(evenly(0.3, 0.7, 20)):
        whole = Box(x - 0.05, 0.3, x + 0.05, 0.9)
        cut = Box(x - 0.05, 0.3, x + 0.05, 1.0)
        feet = Track(1, whole, 0.9, k / 10, 0.0, True, 0.6, whole.foot, Anchor.FOOT)  # noqa: FBT003 - observed
        middle = Track(1, cut, 0.9, k / 10, 0.0, True, 0.6, cut.centre, Anchor.CENTRE)  # noqa: FBT003 - observed
        told += scene.update(Sighting(k / 10, (middle if 0.49 < x < 0.53 else feet,)))
    assert [event.direction.value for event in told if isinstance(event, LineCrossed)] == ["in"]
