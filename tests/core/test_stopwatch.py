"""Times add up by stage, on a clock that only the work moves."""

from __future__ import annotations

import pytest

from edge.core.stopwatch import NoStopwatch, Stopwatch


class Clock:
    def __init__(self) -> None:
        self.now_ns = 1000

    def __call__(self) -> int:
        return self.now_ns

    def work(self, ns: int) -> None:
        self.now_ns += ns


def test_stages_add_up_in_the_order_they_came() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    for _ in range(3):
        with watch.stage("read"):
            clock.work(5)
        clock.work(100)
        with watch.stage("decode"):
            clock.work(7)
    assert list(watch.totals_ns.items()) == [("read", 15), ("decode", 21)]
    assert watch.counts == {"read": 3, "decode": 3}


def test_a_stage_encloses_others() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    with watch.stage("whole"):
        clock.work(1)
        with watch.stage("part"):
            clock.work(2)
    assert watch.totals_ns == {"whole": 3, "part": 2}


def test_what_breaks_off_is_not_counted() -> None:
    clock = Clock()
    watch = Stopwatch(clock)

    def broken() -> None:
        with watch.stage("read"):
            clock.work(5)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert watch.totals_ns == {"read": 0}
    assert watch.counts == {"read": 0}


def test_no_stopwatch_lets_the_work_through_and_its_errors_too() -> None:
    timing = NoStopwatch()
    done = []
    with timing.stage("read"):
        done.append(1)
    assert done == [1]
    with pytest.raises(KeyError), timing.stage("read"):
        raise KeyError
