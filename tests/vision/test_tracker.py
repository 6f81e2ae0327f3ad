"""Following people at low and irregular frame rates."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.model import Anchor, Box, Detection, Track
from edge.vision.tracker import Tracker, TrackerSettings

ASPECT = 4 / 3
MEMORY_S = TrackerSettings().memory_s


def person(x: float, foot: float, high: float = 0.3, score: float = 0.8) -> Detection:
    """Somebody standing at ``x``, ``foot``, two fifths as broad as high."""
    half = 0.2 * high / ASPECT
    return Detection(Box(x - half, foot - high, x + half, foot), score)


def show(
    tracker: Tracker, frames: list[tuple[float, list[Detection]]]
) -> tuple[list[list[Track]], list[int]]:
    """Every frame's tracks, and all ids that ended."""
    shown, ended = [], []
    for t_s, detections in frames:
        tracks, gone = tracker.update(detections, t_s, ASPECT)
        shown.append(tracks)
        ended += gone
    return shown, ended


def standing(x: float, until_s: float, every_s: float = 0.1, score: float = 0.8) -> list[tuple[float, list[Detection]]]:
    return [(k * every_s, [person(x, 0.7, score=score)]) for k in range(round(until_s / every_s))]


def test_a_first_glimpse_is_not_yet_a_person() -> None:
    shown, _ = show(Tracker(), standing(0.5, 0.3))
    assert [tracks[0].confirmed for tracks in shown] == [False, True, True]
    assert {tracks[0].id for tracks in shown} == {1}
    assert shown[2][0].born_t_s == 0.0


@pytest.mark.parametrize("every_s", [1 / 3, 0.2, 0.1])
@pytest.mark.parametrize("pace", [0.0, 0.2, 0.4])
def test_a_walker_keeps_one_id(every_s: float, pace: float) -> None:
    frames = [(k * every_s, [person(0.1 + pace * k * every_s, 0.7)]) for k in range(int(1.8 / every_s))]
    shown, ended = show(Tracker(), frames)
    assert {track.id for tracks in shown for track in tracks} == {1}
    assert ended == []


def test_irregular_frames_are_no_matter() -> None:
    chance = Random(3)
    times, t_s = [], 0.0
    while t_s < 6:
        times.append(t_s)
        t_s += chance.choice((0.05, 0.1, 0.2, 0.35, 0.5))
    shown, _ = show(Tracker(), [(t, [person(0.1 + 0.13 * t, 0.7 + chance.gauss(0, 0.006))]) for t in times])
    assert {track.id for tracks in shown for track in tracks} == {1}


def test_the_place_is_the_foot_without_its_tremble() -> None:
    chance = Random(1)
    frames = [(k / 10, [person(0.5, 0.7 + chance.gauss(0, 0.006))]) for k in range(100)]
    shown, _ = show(Tracker(), frames)
    late = [tracks[0] for tracks in shown[20:]]
    assert {track.anchor for track in late} == {Anchor.FOOT}
    feet = [track.place[1] for track in late if track.place]
    assert max(abs(foot - 0.7) for foot in feet) < 0.012
    assert all(track.place and track.place[0] == pytest.approx(0.5, abs=0.01) for track in late)


def test_a_hidden_person_is_remembered_for_seconds_not_frames() -> None:
    for every_s in (0.1, 1 / 3):
        tracker = Tracker()
        show(tracker, standing(0.5, 1.0, every_s))
        last_s = (round(1.0 / every_s) - 1) * every_s
        tracks, ended = tracker.update([], last_s + MEMORY_S - 0.05, ASPECT)
        assert [(track.observed, track.t_s) for track in tracks] == [(False, pytest.approx(last_s))]
        assert ended == []
        tracks, ended = tracker.update([], last_s + MEMORY_S + 0.05, ASPECT)
        assert (tracks, ended) == ([], [1])
        assert not tracker.busy


def test_a_hidden_person_keeps_the_last_box_seen() -> None:
    tracker = Tracker()
    frames = standing(0.5, 1.0)
    show(tracker, frames)
    tracks, _ = tracker.update([], 1.5, ASPECT)
    assert tracks[0].box == frames[-1][1][0].box


def test_a_walker_hidden_for_a_second_keeps_the_id() -> None:
    frames = [
        (k / 10, [person(0.1 + 0.02 * k, 0.7)] if not 10 <= k < 20 else []) for k in range(35)
    ]
    shown, _ = show(Tracker(), frames)
    assert {track.id for tracks in shown for track in tracks} == {1}


def test_a_glimpse_that_does_not_come_back_is_soon_forgotten() -> None:
    tracker = Tracker()
    tracker.update([person(0.5, 0.7)], 0.0, ASPECT)
    _, ended = tracker.update([], TrackerSettings().glimpse_memory_s + 0.1, ASPECT)
    assert ended == [1]


def test_weak_detections_start_nobody_but_keep_somebody() -> None:
    assert show(Tracker(), standing(0.5, 2.0, score=0.3))[0][-1] == []
    tracker = Tracker()
    show(tracker, standing(0.5, 1.0))
    for k in range(10, 60):
        tracks, _ = tracker.update([person(0.5, 0.7, score=0.25)], k / 10, ASPECT)
        assert [(track.id, track.observed) for track in tracks] == [(1, True)]


def test_two_who_pass_each_other_keep_their_ids() -> None:
    frames = []
    for k in range(30):
        one, other = person(0.2 + 0.02 * k, 0.70), person(0.8 - 0.02 * k, 0.78, high=0.34)
        frames.append((k / 10, [other] if one.box.iou(other.box) > 0.6 else [one, other]))
    shown, ended = show(Tracker(), frames)
    assert ended == []
    where = {track.id: track.box.centre[0] for track in shown[0]}
    later = {track.id: track.box.centre[0] for track in shown[-1]}
    assert set(where) == set(later) == {1, 2}
    assert all((where[number] < 0.5) != (later[number] < 0.5) for number in where)


def test_two_abreast_are_two() -> None:
    frames = [(k / 10, [person(0.4, 0.3 + 0.02 * k, 0.25), person(0.5, 0.3 + 0.02 * k, 0.25)]) for k in range(25)]
    shown, _ = show(Tracker(), frames)
    assert {track.id for track in shown[-1] if track.confirmed} == {1, 2}


def test_a_second_box_on_one_body_is_nobody() -> None:
    frames = []
    for k in range(40):
        whole = person(0.5, 0.7, 0.4)
        upper = Detection(Box(whole.box.left, whole.box.top, whole.box.right, whole.box.top + 0.22), 0.6)
        frames.append((k / 10, [whole, upper] if k % 3 else [whole]))
    shown, _ = show(Tracker(), frames)
    assert {track.id for tracks in shown for track in tracks if track.confirmed} == {1}


def test_a_row_of_people_in_one_box_is_nobody() -> None:
    row = Detection(Box(0.1, 0.5, 0.8, 0.8), 0.9)
    assert show(Tracker(), [(k / 10, [row]) for k in range(10)])[0][-1] == []


def test_a_detection_across_the_room_is_somebody_else() -> None:
    tracker = Tracker()
    show(tracker, standing(0.2, 1.0))
    tracks, _ = tracker.update([person(0.8, 0.7)], 1.1, ASPECT)
    assert [(track.id, track.observed) for track in tracks] == [(1, False), (2, True)]


def test_somebody_half_as_big_is_somebody_else() -> None:
    tracker = Tracker()
    show(tracker, standing(0.5, 1.0))
    tracks, _ = tracker.update([person(0.5, 0.63, high=0.15)], 1.1, ASPECT)
    assert [(track.id, track.observed) for track in tracks] == [(1, False), (2, True)]


def test_feet_below_the_picture_are_not_a_place() -> None:
    cut = Detection(Box(0.4, 0.6, 0.6, 1.0), 0.8)
    shown, _ = show(Tracker(), [(0.0, [cut]), (0.1, [cut])])
    assert shown[-1][0].anchor is Anchor.CENTRE
    assert shown[-1][0].place == pytest.approx((0.5, 0.8))


def test_neither_head_nor_feet_tells_left_and_right_only() -> None:
    cut = Detection(Box(0.3, 0.0, 0.7, 1.0), 0.8)
    shown, _ = show(Tracker(), [(0.0, [cut]), (0.1, [cut])])
    assert shown[-1][0].anchor is Anchor.ASIDE
    assert shown[-1][0].place == pytest.approx((0.5, 0.5))


def test_a_trembling_box_at_the_lower_edge_keeps_its_anchor() -> None:
    chance = Random(5)
    frames = []
    for k in range(60):
        foot = min(1.0, 0.985 + chance.uniform(-0.006, 0.006))
        frames.append((k / 10, [Detection(Box(0.4, 0.55, 0.55, foot), 0.8)]))
    shown, _ = show(Tracker(), frames)
    anchors = [tracks[0].anchor for tracks in shown]
    assert sum(a is not b for a, b in pairwise(anchors)) <= 1


def test_seen_from_above_the_place_is_the_middle() -> None:
    tracker = Tracker(TrackerSettings(anchor=Anchor.CENTRE))
    shown, _ = show(tracker, standing(0.5, 0.5))
    assert {track.anchor for tracks in shown for track in tracks} == {Anchor.CENTRE}
    assert shown[-1][0].place == pytest.approx((0.5, 0.55), abs=1e-6)


numbers = st.floats(-0.5, 1.5, allow_nan=False)
any_box = st.builds(Box, numbers, numbers, numbers, numbers)
flat_box = st.builds(lambda x, y: Box(x, y, x, y), numbers, numbers)
person_box = st.builds(lambda x, y, h: person(x, y, h).box, st.floats(0, 1), st.floats(0.3, 1), st.floats(0.05, 0.6))
detection = st.builds(Detection, st.one_of(person_box, person_box, any_box, flat_box), st.floats(0, 1))
crowd = st.lists(detection, max_size=6).flatmap(
    lambda found: st.booleans().map(lambda twice: found * 2 if twice else found)
)
gaps = st.one_of(st.sampled_from([0.0, 0.1, 0.2, 1 / 3]), st.floats(0, 5))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.tuples(gaps, crowd), max_size=12))
def test_whatever_is_seen_lives_are_lived_once(frames: list[tuple[float, list[Detection]]]) -> None:
    tracker = Tracker()
    alive: set[int] = set()
    ever: set[int] = set()
    dead: set[int] = set()
    t_s = 0.0
    for gap, detections in frames:
        t_s += gap
        tracks, ended = tracker.update(detections, t_s, ASPECT)
        numbers_now = [track.id for track in tracks]
        assert len(numbers_now) == len(set(numbers_now))
        newborn = set(numbers_now) - ever
        assert not newborn & dead
        assert set(ended) & ever <= alive
        assert len(ended) == len(set(ended))
        assert not set(ended) & (set(numbers_now) | dead)
        assert alive - set(ended) <= set(numbers_now)
        assert sum(track.observed for track in tracks) <= len(detections)
        assert all(track.size > 0 and track.born_t_s <= track.t_s <= t_s for track in tracks)
        dead |= set(ended)
        ever |= set(numbers_now) | dead
        alive = set(numbers_now)
    _, ended = tracker.update([], t_s + MEMORY_S + 1, ASPECT)
    assert set(ended) == alive
    assert not tracker.busy
