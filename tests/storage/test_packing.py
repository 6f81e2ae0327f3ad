"""Few bytes, and the same back."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.stays import bin_of, bin_s
from edge.storage.packing import (
    added_bins,
    pack_bins,
    pack_cells,
    pack_steps,
    unpack_bins,
    unpack_cells,
    unpack_steps,
)
from edge.storage.records import Step

steady = settings(derandomize=True, deadline=None, max_examples=150)
places = st.integers(-200, 1200).map(lambda thousandths: thousandths / 1000)
steps = st.builds(Step, st.integers(0, 100_000).map(lambda tenths: tenths / 10), places, places)
bins = st.dictionaries(st.integers(0, 600), st.integers(1, 10**6), max_size=40)


@steady
@given(st.lists(steps, max_size=60))
def test_a_walk_comes_back(walk: list[Step]) -> None:
    assert unpack_steps(pack_steps(walk)) == tuple(walk)


def test_a_usual_step_takes_three_bytes() -> None:
    walk = [Step(i / 10, 0.1 + i * 0.008, 0.4 + i * 0.005) for i in range(100)]
    assert len(pack_steps(walk)) <= 3 * 100 + 4


@steady
@given(bins)
def test_stays_come_back(stays: dict[int, int]) -> None:
    assert unpack_bins(pack_bins(stays)) == stays


@steady
@given(bins, bins)
def test_stays_together(one: dict[int, int], other: dict[int, int]) -> None:
    together = unpack_bins(added_bins(pack_bins(one), pack_bins(other)))
    assert together == {number: one.get(number, 0) + other.get(number, 0) for number in one.keys() | other.keys()}


@steady
@given(st.integers(0, 10**7))
def test_a_bin_holds_the_stay_and_is_narrow(stay_ds: int) -> None:
    least_s, most_s = bin_s(bin_of(stay_ds))
    assert least_s <= stay_ds / 10 < most_s
    assert most_s - least_s <= max(1, least_s / 32)


@steady
@given(st.lists(st.floats(0, 1e6), max_size=60))
def test_heat_comes_back_to_a_tenth(cells: list[float]) -> None:
    assert np.allclose(unpack_cells(pack_cells(cells)), cells, atol=0.0501)


def test_an_hour_of_an_empty_shop_is_next_to_nothing() -> None:
    assert len(pack_cells([0.0] * 768)) < 40


@steady
@given(st.binary(max_size=60))
def test_spoiled_bytes_are_a_plain_error(packed: bytes) -> None:
    for unpack in (unpack_steps, unpack_bins, unpack_cells):
        with suppress(ValueError):
            unpack(packed)


def test_nothing_negative_is_counted() -> None:
    with pytest.raises(ValueError, match="negative"):
        pack_bins({3: -1})
