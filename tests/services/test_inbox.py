"""The letterbox of a sink, the slot for the newest frame, and the figures that run along."""

from __future__ import annotations

from threading import Event as Bell

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.frame import Frame
from edge.services.figures import Rate, Spread
from edge.services.handoff import LatestFrame
from edge.services.inbox import Inbox


def test_what_is_put_in_rings_and_comes_out_in_order() -> None:
    bell = Bell()
    inbox = Inbox[int](10, bell)
    assert all(inbox.put(number) for number in range(5))
    assert bell.is_set()
    assert (inbox.take(2), len(inbox)) == ([0, 1], 3)
    assert (inbox.take(9), inbox.take(9), inbox.dropped, inbox.most) == ([2, 3, 4], [], 0, 5)


def test_a_full_inbox_refuses_the_newest_or_forgets_the_oldest_and_counts_either() -> None:
    books, chimes = Inbox[int](3, Bell()), Inbox[int](3, Bell(), keep_newest=True)
    assert [books.put(number) for number in range(5)] == [True, True, True, False, False]
    assert [chimes.put(number) for number in range(5)] == [True, True, True, False, False]
    assert (books.take(9), books.dropped) == ([0, 1, 2], 2)
    assert (chimes.take(9), chimes.dropped) == ([2, 3, 4], 2)
    with pytest.raises(ValueError, match="room"):
        Inbox[int](0, Bell())


@given(st.lists(st.one_of(st.just("put"), st.integers(0, 4)), max_size=60), st.integers(1, 8))
def test_nothing_is_lost_between_a_peek_and_a_drop(work: list[str | int], room: int) -> None:
    inbox, kept, out, refused = Inbox[int](room, Bell()), list[int](), list[int](), 0
    for number, what in enumerate(work):
        if isinstance(what, int):
            seen = inbox.peek(what)
            inbox.drop(len(seen))
            out += seen
        elif inbox.put(number):
            kept.append(number)
        else:
            refused += 1
    assert out + inbox.take(99) == kept
    assert inbox.dropped == refused
    assert inbox.most <= room


def frame(number: int) -> Frame:
    return Frame(np.zeros((4, 4, 3), dtype=np.uint8), number / 10, number)


def test_the_newest_frame_wins_and_the_end_of_a_reel_is_told_until_the_next_begins() -> None:
    bell = Bell()
    latest = LatestFrame(bell)
    assert latest.poll() == (None, False)
    latest.put(frame(0), 100.0)
    latest.put(frame(1), 100.1)
    latest.end()
    assert bell.is_set()
    shot, ended = latest.poll()
    assert shot is not None
    assert (shot.frame.index, shot.taken_s, shot.reel, ended, latest.dropped) == (1, 100.1, 0, True, 1)
    assert latest.poll() == (None, True)
    latest.put(frame(0), 200.0, reel=1)
    shot, ended = latest.poll()
    assert shot is not None
    assert (shot.reel, ended) == (1, False)


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate(over_s=10.0)
    assert rate.per_s(0.0) == 0.0
    for number in range(100):
        rate.note(number / 5)
    assert rate.per_s(19.8) == pytest.approx(5.0, rel=0.05)
    assert rate.per_s(25.0) == pytest.approx(2.5, rel=0.1)
    assert rate.per_s(60.0) == 0.0


def test_a_rate_does_not_have_to_wait_for_a_whole_window() -> None:
    rate = Rate(over_s=10.0)
    for number in range(20):
        rate.note(100 + number / 10)
    assert rate.per_s(102.0) == pytest.approx(10.0, rel=0.1)


def test_a_spread_tells_the_usual_and_the_bad_case_of_the_latest() -> None:
    spread = Spread(latest=100)
    assert spread.told() == {"p50": None, "p95": None, "count": 0}
    for value in [9999.0, *range(1, 101)]:
        spread.note(value)
    assert spread.told() == {"p50": 51, "p95": 96, "count": 101}
