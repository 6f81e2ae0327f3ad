"""Scripted people: where they are, what is drawn, what the detector finds, and the exact truth."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.clock import ManualClock
from edge.core.errors import DeviceError
from edge.core.model import Box, Direction, Mount, Tripwire
from edge.hardware.sim import SimCamera, SimDetector, SimSpeaker, Walker

IN, OUT = Direction.IN, Direction.OUT
DOOR = Tripwire("door", (0.5, 1.0), (0.5, 0.0))
RIGHT = Walker("r", ((1.0, 0.1, 0.8), (5.0, 0.9, 0.8)))


def frames_of(camera: SimCamera) -> list[float]:
    times = []
    while (frame := camera.read()) is not None:
        times.append(frame.t_s)
    return times


def test_a_walker_is_there_from_the_first_corner_to_the_last() -> None:
    assert RIGHT.at(0.99) is None
    assert RIGHT.at(1.0) == (0.1, 0.8)
    assert RIGHT.at(2.0) == pytest.approx((0.3, 0.8))
    assert RIGHT.at(5.0) == (0.9, 0.8)
    assert RIGHT.at(5.01) is None


def test_a_walker_s_box_stands_on_the_foot_or_lies_around_the_middle() -> None:
    side = RIGHT.box(1.0, 4 / 3, Mount.OBLIQUE)
    above = RIGHT.box(1.0, 4 / 3, Mount.OVERHEAD)
    assert side is not None
    assert above is not None
    assert side.foot == pytest.approx((0.1, 0.8))
    assert side.height == pytest.approx(0.35)
    assert above.centre == pytest.approx((0.1, 0.8))
    # Breadth in frame heights.
    assert above.width * 4 / 3 == pytest.approx(0.35)
    assert RIGHT.box(0.0, 4 / 3, Mount.OBLIQUE) is None


@pytest.mark.parametrize(
    ("corners", "truth"),
    [
        (((0.0, 0.1, 0.8), (4.0, 0.9, 0.8)), [(2.0, IN)]),
        (((0.0, 0.9, 0.8), (4.0, 0.1, 0.8)), [(2.0, OUT)]),
        (((0.0, 0.1, 0.8), (1.0, 0.4, 0.8), (2.0, 0.1, 0.8)), []),
        (((0.0, 0.3, 0.8), (1.0, 0.7, 0.8), (2.0, 0.3, 0.8)), [(0.5, IN), (1.5, OUT)]),
        # Stops on the line and goes on, or back.
        (((0.0, 0.3, 0.8), (1.0, 0.5, 0.8), (9.0, 0.5, 0.8), (10.0, 0.7, 0.8)), [(9.0, IN)]),
        (((0.0, 0.3, 0.8), (1.0, 0.5, 0.8), (9.0, 0.5, 0.8), (10.0, 0.3, 0.8)), []),
        # Begins on the line: the side it came from is not known.
        (((0.0, 0.5, 0.8), (1.0, 0.9, 0.8)), []),
    ],
)
def test_the_truth_of_a_way(
    corners: tuple[tuple[float, float, float], ...], truth: list[tuple[float, Direction]]
) -> None:
    told = Walker("w", corners).crossings(DOOR)
    assert [way for _, way in told] == [way for _, way in truth]
    assert [t_s for t_s, _ in told] == pytest.approx([t_s for t_s, _ in truth])


def test_passing_beside_the_end_of_a_line_is_no_crossing() -> None:
    assert Walker("w", ((0.0, 0.1, 0.8), (4.0, 0.9, 0.8))).crossings(Tripwire("short", (0.5, 0.7), (0.5, 0.0))) == []


def test_the_truth_of_a_scene_is_in_order_of_time() -> None:
    late = Walker("l", ((3.0, 0.9, 0.7), (5.0, 0.1, 0.7)))
    camera = SimCamera([late, RIGHT, Walker("s", ((0.0, 0.1, 0.6), (1.0, 0.9, 0.6)))])
    assert camera.truth(DOOR) == [(0.5, IN), (3.0, IN), (4.0, OUT)]


def test_frames_come_to_the_end_of_the_longest_way() -> None:
    times = frames_of(SimCamera([RIGHT], fps=10.0))
    assert times == pytest.approx([n / 10 for n in range(61)])
    assert frames_of(SimCamera([], fps=5.0, duration_s=1.0)) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert frames_of(SimCamera([RIGHT], times=(0.0, 0.3, 7.0))) == [0.0, 0.3, 7.0]


@given(st.floats(0, 1), st.integers(0, 99))
def test_uneven_times_still_go_forward(uneven: float, seed: int) -> None:
    times = frames_of(SimCamera([], fps=10.0, duration_s=3.0, uneven=uneven, seed=seed, width_px=16, height_px=16))
    assert all(a <= b for a, b in pairwise(times))
    assert len(times) == 31


def test_a_person_is_drawn_where_the_box_is_and_nowhere_else() -> None:
    for mount in Mount:
        camera = SimCamera([RIGHT], mount=mount)
        empty, full = camera.picture(0.0), camera.picture(3.0)
        assert empty.shape == (480, 640, 3)
        rows, columns = np.nonzero(np.any(empty != full, axis=2))
        [box] = camera.boxes_at(3.0)
        assert (columns.min() / 640, columns.max() / 640) == pytest.approx((box.left, box.right), abs=0.02)
        assert (rows.min() / 480, rows.max() / 480) == pytest.approx((box.top, box.bottom), abs=0.02)


def test_the_same_arguments_give_the_same_pictures_and_another_seed_another_floor() -> None:
    def first(seed: int) -> np.ndarray:
        frame = SimCamera([RIGHT], noise=3.0, seed=seed).read()
        assert frame is not None
        return frame.image

    assert np.array_equal(first(1), first(1))
    assert not np.array_equal(first(1), first(2))


def test_noise_trembles_and_an_empty_floor_does_not() -> None:
    still, noisy = SimCamera([]), SimCamera([], noise=4.0)
    assert np.array_equal(still.picture(0.0), still.picture(1.0))
    spread = cv2.absdiff(noisy.picture(0.0), noisy.picture(1.0)).astype(float)
    assert float(spread.mean()) == pytest.approx(4.5, abs=0.5)


def test_a_person_half_out_of_the_picture_is_cut_and_one_quite_out_is_gone() -> None:
    camera = SimCamera([Walker("w", ((0.0, 0.0, 0.8), (1.0, -0.2, 0.8)))])
    [half] = camera.boxes_at(0.0)
    assert half.left == 0
    assert half.width == pytest.approx(0.35 * 0.36 * 0.75 / 2)
    assert camera.boxes_at(1.0) == []


def seen(detector: SimDetector, camera: SimCamera) -> list[int]:
    counts = []
    while (frame := camera.read()) is not None:
        counts.append(len(detector.detect(frame)))
    return counts


def test_the_detector_finds_everybody_nearest_first() -> None:
    far, near = Walker("f", ((0.0, 0.3, 0.6), (5.0, 0.3, 0.6))), Walker("n", ((0.0, 0.7, 0.9), (5.0, 0.7, 0.9)))
    camera = SimCamera([far, near])
    frame = camera.read()
    assert frame is not None
    found = SimDetector(camera).detect(frame)
    assert [d.box.foot for d in found] == [pytest.approx((0.7, 0.9)), pytest.approx((0.3, 0.6))]
    assert found[0].score == 0.9
    assert SimDetector(camera).detect(frame) == found


def test_the_detector_misses_and_trembles_as_told() -> None:
    standing = Walker("s", ((0.0, 0.5, 0.8), (99.0, 0.5, 0.8)))
    camera = SimCamera([standing], duration_s=99.0)
    assert 0.2 < 1 - sum(seen(SimDetector(camera, miss_rate=0.3), camera)) / 991 < 0.4
    camera = SimCamera([standing], duration_s=99.0)
    detector, bottoms = SimDetector(camera, jitter=0.01), []
    while (frame := camera.read()) is not None:
        [found] = detector.detect(frame)
        bottoms.append(found.box.bottom)
    assert np.std(bottoms) == pytest.approx(0.01, rel=0.15)
    assert np.mean(bottoms) == pytest.approx(0.8, abs=0.002)


def test_one_behind_another_is_missed_or_becomes_one_with_the_nearer() -> None:
    behind, before = Walker("b", ((0.0, 0.5, 0.7), (1.0, 0.5, 0.7))), Walker("f", ((0.0, 0.5, 0.75), (1.0, 0.5, 0.75)))
    camera = SimCamera([behind, before])
    frame = camera.read()
    assert frame is not None
    assert len(SimDetector(camera).detect(frame)) == 2
    [one] = SimDetector(camera, hidden_from=0.5).detect(frame)
    assert one.box.top == pytest.approx(0.4)
    [both] = SimDetector(camera, hidden_from=0.5, merge=True).detect(frame)
    assert (both.box.top, both.box.bottom) == pytest.approx((0.35, 0.75))


@given(st.floats(0, 0.05), st.integers(0, 9))
def test_a_found_box_never_leaves_the_frame(jitter: float, seed: int) -> None:
    corner = Walker("c", ((0.0, 0.02, 1.0), (1.0, 0.98, 1.0)))
    camera = SimCamera([corner], width_px=64, height_px=48)
    detector = SimDetector(camera, jitter=jitter, seed=seed)
    while (frame := camera.read()) is not None:
        for found in detector.detect(frame):
            box = found.box
            assert Box(max(0, box.left), max(0, box.top), min(1, box.right), min(1, box.bottom)) == box
            assert box.width > 0
            assert box.height > 0


def test_the_speaker_keeps_a_diary_and_can_be_lost() -> None:
    clock = ManualClock(7.0)
    speaker = SimSpeaker(clock)
    speaker.play("bell")
    clock.advance(2.0)
    speaker.play("soft")
    assert speaker.played == [(7.0, "bell"), (9.0, "soft")]
    speaker.lost = True
    with pytest.raises(DeviceError, match="counting goes on"):
        speaker.play("bell")
    speaker.lost = False
    speaker.play("bell")
    assert len(speaker.played) == 3
