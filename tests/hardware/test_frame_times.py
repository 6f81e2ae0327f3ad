"""When pictures were taken, and which of them are looked at."""

from __future__ import annotations

from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.hardware.frame_times import USUAL_FPS, RecordingTimes, Thinning, sane_fps


@pytest.mark.parametrize("fps", [0.0, -25.0, nan, inf, 90_000.0])
def test_a_rate_that_cannot_be_one_is_none(fps: float) -> None:
    assert sane_fps(fps) is None
    times = RecordingTimes(fps)
    # The file's own times are then all there is.
    assert [times.at(n, n * 0.2) for n in range(4)] == pytest.approx([0.0, 0.2, 0.4, 0.6])


def test_an_even_file_is_timed_by_its_rate() -> None:
    times = RecordingTimes(10.0)
    # Containers start their clock late and round to milliseconds.
    assert [times.at(n, 0.08 + round(n / 10, 3)) for n in range(50)] == [n / 10 for n in range(50)]
    assert times.end_s == pytest.approx(5.0)


def test_a_file_that_drifts_from_its_rate_is_believed_from_there() -> None:
    times = RecordingTimes(25.0)
    own = [0.0, 0.04, 0.08, 1.0, 1.5, 1.6, 3.0]
    assert [times.at(n, t_s) for n, t_s in enumerate(own)] == own
    assert times.end_s == pytest.approx(3.04)


def test_times_that_stand_still_or_jump_back_are_believed_no_more() -> None:
    for own in ([0.0] * 6, [0.0, 5.0, 4.0, 3.0, 2.0, 1.0], [0.0, 0.1, nan, 0.3, 0.4, 0.5]):
        times = RecordingTimes(10.0)
        told = [times.at(n, t_s) for n, t_s in enumerate(own)]
        assert all(a < b for a, b in pairwise(told))
    assert [RecordingTimes(10.0).at(0, nan)] == [0.0]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60), st.sampled_from([0.0, 10.0, 29.97]))
def test_times_only_go_forward_whatever_the_file_says(own: list[float], fps: float) -> None:
    times = RecordingTimes(fps)
    told = [times.at(n, t_s) for n, t_s in enumerate(own)]
    assert all(a < b for a, b in pairwise(told))
    assert all(t_s >= 0 for t_s in told)


def test_a_clock_that_starts_before_the_recording_is_held_at_its_start() -> None:
    times = RecordingTimes(0.0)
    assert [times.at(n, t_s) for n, t_s in enumerate([-0.5, 0.0, 0.3])] == pytest.approx([0.0, 0.001, 0.3])


def test_nothing_read_is_no_time_at_all() -> None:
    assert RecordingTimes(25.0).end_s == pytest.approx(0.0, abs=1 / USUAL_FPS)


def kept(times: list[float], fps: float | None) -> list[float]:
    thinning = Thinning(fps)
    return [t_s for t_s in times if thinning.keeps(t_s)]


def test_thinning_keeps_so_many_a_second() -> None:
    whole = [n / 25 for n in range(250)]
    assert kept(whole, None) == whole
    for fps in (1, 3, 5, 10, 12.5):
        assert len(kept(whole, fps)) == 10 * fps
    assert kept(whole, 25) == whole
    assert kept(whole, 60) == whole


def test_thinning_does_not_fall_behind_after_a_gap() -> None:
    times = [0.0, 0.05, 0.1, 5.0, 5.02, 5.04, 5.12, 5.2]
    assert kept(times, 10) == [0.0, 0.1, 5.0, 5.12, 5.2]


def test_thinning_a_clock_that_started_long_ago() -> None:
    times = [1_795_596_215.57 + n / 30 for n in range(300)]
    assert len(kept(times, 10)) in (100, 101)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=200), st.floats(0.5, 30))
def test_never_more_than_asked_for(moments: list[float], fps: float) -> None:
    for a, b in pairwise(kept(sorted(moments), fps)):
        # Two of one slot never; neighbours of two slots may lie close together.
        assert int(a * fps + 2e-6 * fps) < int(b * fps + 2e-6 * fps) or b - a >= 1 / fps - 1e-5
