"""Many packed rows read at once are what reading them one by one gives."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.storage.packing import pack_bins, pack_steps, unpack_bins, unpack_steps
from edge.storage.records import Step
from edge.storage.statistics.numbers import running, spread_of, unfolded, unpacked

BINS = st.dictionaries(st.integers(0, 900), st.integers(1, 10**6), max_size=30)
STEPS = st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 999), st.integers(0, 999)), min_size=1, max_size=20)


@given(st.lists(BINS, max_size=6))
def test_stays(every: list[dict[int, int]]) -> None:
    held, bins, counts = spread_of([pack_bins(bins) for bins in every])
    pairs = iter(zip(bins.tolist(), counts.tolist(), strict=True))
    assert [dict(islice(pairs, number)) for number in held.tolist()] == [unpack_bins(pack_bins(bins)) for bins in every]


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
    for blobs in ([], [b"", b""]):
        assert [column.tolist() for column in spread_of(blobs)] == [[0] * len(blobs), [], []]


@pytest.mark.parametrize("blob", [b"\x81", b"\x01\x80"])
def test_a_number_that_is_cut_off(blob: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        spread_of([b"\x01\x02", blob])


def test_a_bin_without_a_number() -> None:
    with pytest.raises(ValueError, match="within a bin"):
        spread_of([b"\x01", b"\x02"])
