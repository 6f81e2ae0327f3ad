"""Many packed rows read at once are what reading them one by one gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.storage.packing import pack_bins, pack_steps, unpack_bins, unpack_steps
from edge.storage.records import Step
from edge.storage.statistics.numbers import added_up, running, unfolded, unpacked

BINS = st.dictionaries(st.integers(0, 900), st.integers(1, 10**6), max_size=30)
STEPS = st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 999), st.integers(0, 999)), min_size=1, max_size=20)


@given(st.lists(BINS, max_size=6))
def test_stays(every: list[dict[int, int]]) -> None:
    summed: dict[int, int] = {}
    for bins in every:
        for number, count in unpack_bins(pack_bins(bins)).items():
            summed[number] = summed.get(number, 0) + count
    assert added_up([pack_bins(bins) for bins in every]) == summed


@given(st.lists(STEPS, min_size=1, max_size=6))
def test_walks(walks: list[list[tuple[int, int, int]]]) -> None:
    blobs = [pack_steps([Step(ds / 10, x / 1000, y / 1000) for ds, x, y in walk]) for walk in walks]
    numbers, held = unpacked(blobs)
    found = [running(unfolded(numbers[axis::3]), held // 3).tolist() for axis in range(3)]
    steps = [step for blob in blobs for step in unpack_steps(blob)]
    assert list(zip(*found, strict=True)) == [
        (round(step.after_s * 10), round(step.x * 1000), round(step.y * 1000)) for step in steps
    ]


def test_nothing() -> None:
    assert added_up([]) == added_up([b"", b""]) == {}


@pytest.mark.parametrize("blob", [b"\x81", b"\x01\x80"])
def test_a_number_that_is_cut_off(blob: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        added_up([b"\x01\x02", blob])


def test_a_bin_without_a_number() -> None:
    with pytest.raises(ValueError, match="within a bin"):
        added_up([b"\x01", b"\x02"])
