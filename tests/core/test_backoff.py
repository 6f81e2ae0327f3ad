"""Trying again: soon at first, ever later, and not all devices at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.backoff import Reconnect


def test_the_first_try_is_free() -> None:
    again = Reconnect()
    assert again.may_try(0.0)
    assert again.wait_s(0.0) == 0


def test_each_failure_doubles_the_pause_up_to_the_most() -> None:
    again = Reconnect(1.0, 10.0, jitter=0.0)
    assert [again.failed(100.0) for _ in range(6)] == [1, 2, 4, 8, 10, 10]


def test_a_pause_ends_when_its_time_has_passed() -> None:
    again = Reconnect(4.0, 60.0, jitter=0.0)
    again.failed(100.0)
    assert not again.may_try(103.9)
    assert again.wait_s(101.0) == 3
    assert again.may_try(104.0)
    assert again.wait_s(200.0) == 0


def test_success_starts_over() -> None:
    again = Reconnect(1.0, 60.0, jitter=0.0)
    for _ in range(5):
        again.failed(0.0)
    again.succeeded()
    assert again.may_try(0.0)
    assert again.failed(0.0) == 1


@given(st.integers(0, 2**32), st.floats(0.01, 0.9))
def test_chance_shortens_a_pause_and_never_lengthens_it(seed: int, jitter: float) -> None:
    again = Reconnect(1.0, 60.0, jitter, seed)
    pauses = [again.failed(0.0) for _ in range(8)]
    for pause, whole in zip(pauses, (1, 2, 4, 8, 16, 32, 60, 60), strict=True):
        assert whole * (1 - jitter) <= pause <= whole


def test_devices_do_not_all_come_back_at_one_moment() -> None:
    pauses = sorted(Reconnect(10.0, 60.0, seed=seed).failed(0.0) for seed in range(20))
    assert all(later - sooner > 0 for sooner, later in pairwise(pauses))
    assert pauses[-1] - pauses[0] > 1


@pytest.mark.parametrize(
    ("first_s", "most_s", "jitter"), [(0, 60, 0.2), (-1, 60, 0.2), (2, 1, 0.2), (1, 60, 1), (1, 60, -0.1)]
)
def test_pauses_that_cannot_be_are_a_mistake_of_ours(first_s: float, most_s: float, jitter: float) -> None:
    with pytest.raises(ValueError, match="no pauses"):
        Reconnect(first_s, most_s, jitter)
