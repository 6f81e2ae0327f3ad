"""Reads many packed rows at once: the numbers of ``storage/packing.py`` for years of stays and days of walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.storage.packing import BITS, LOW, MORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def unpacked(blobs: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of all blobs one after the other, and how many each of them holds.

    Each blob has to end with a whole number, as all that were written do; ``ValueError`` otherwise.
    """
    sizes = np.array([len(blob) for blob in blobs], dtype=np.int64)
    data = np.frombuffer(b"".join(blobs), dtype=np.uint8).astype(np.int64)
    if not len(data):
        return np.zeros(0, dtype=np.int64), np.zeros(len(blobs), dtype=np.int64)
    ends = data < MORE
    stops = np.cumsum(sizes)
    if not ends[stops[sizes > 0] - 1].all():
        raise ValueError("the last number is cut off")
    last = np.flatnonzero(ends)
    first = np.concatenate(([0], last[:-1] + 1))
    place = np.arange(len(data)) - np.repeat(first, last - first + 1)
    numbers = np.add.reduceat((data & LOW) << (BITS * place), first)
    before = np.concatenate(([0], np.cumsum(ends)))
    return numbers, before[stops] - before[stops - sizes]


def spread_of(blobs: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each blob how many bins it has, then one after the other each bin and how many stays are in it."""
    numbers, held = unpacked(blobs)
    if held[held % 2 == 1].any():
        raise ValueError("stays that end within a bin")
    return held // 2, running(numbers[0::2], held // 2), numbers[1::2]


def unfolded(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers that may be negative, as they were before they were folded."""
    return (numbers >> 1) ^ -(numbers & 1)


def running(differences: NDArray[np.int64], held: NDArray[np.int64]) -> NDArray[np.int64]:
    """Running sums that begin anew with each of the groups of ``held`` numbers."""
    sums = np.cumsum(differences)
    firsts = np.concatenate(([0], np.cumsum(held)[:-1])).astype(np.int64)
    bases = np.concatenate(([0], sums))[firsts] if len(held) else np.zeros(0, dtype=np.int64)
    found: NDArray[np.int64] = sums - np.repeat(bases, held)
    return found
