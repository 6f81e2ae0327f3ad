"""How walks, heat and stays are written as few bytes.

- Walks and stays are whole numbers in a row, seven bits to a byte, the lowest first, with the eighth bit set on all but
  a number's last byte. Numbers that may be negative are doubled first, and those below zero made odd (0, -1, 1, -2 ...
  are 0, 1, 2, 3 ...).
- A walk: the steps one after the other; of each the tenths of a second, the thousandths of the frame's width and the
  thousandths of its height since the step before. The first is told from 0 s and the upper left corner.
- Stays: bin and number, bins ascending and told by the difference to the bin before; ``analytics/stays.py`` says what a
  bin is.
- Heat: tenths of person-seconds of each cell, four bytes each, lowest first, deflated (zlib).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from edge.storage.records import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

TENTHS, THOUSANDTHS = 10, 1000
CELL = np.dtype("<u4")
MOST_TENTHS = 2**32 - 1
BITS, MORE, LOW = 7, 0x80, 0x7F


def pack_steps(steps: Iterable[Step]) -> bytes:
    """Write a walk."""
    packed, before = bytearray(), (0, 0, 0)
    for step in steps:
        now = (round(step.after_s * TENTHS), round(step.x * THOUSANDTHS), round(step.y * THOUSANDTHS))
        for new, old in zip(now, before, strict=True):
            _put(packed, _folded(new - old))
        before = now
    return bytes(packed)


def unpack_steps(packed: bytes) -> tuple[Step, ...]:
    """Read a walk; ``ValueError`` if it is none."""
    numbers = [_unfolded(number) for number in _numbers(packed)]
    if len(numbers) % 3:
        raise ValueError("a walk that ends within a step")
    steps, tenths, x, y = [], 0, 0, 0
    for place in range(0, len(numbers), 3):
        tenths, x, y = tenths + numbers[place], x + numbers[place + 1], y + numbers[place + 2]
        steps.append(Step(tenths / TENTHS, x / THOUSANDTHS, y / THOUSANDTHS))
    return tuple(steps)


def pack_cells(cells: Sequence[float]) -> bytes:
    """Write the person-seconds of each cell."""
    tenths = np.rint(np.asarray(cells, dtype=np.float64) * TENTHS).clip(0, MOST_TENTHS)
    return zlib.compress(tenths.astype(CELL).tobytes(), level=9)


def unpack_cells(packed: bytes) -> NDArray[np.float64]:
    """Read the person-seconds of each cell; ``ValueError`` if they are none."""
    try:
        return np.frombuffer(zlib.decompress(packed), dtype=CELL) / TENTHS
    except zlib.error as error:
        raise ValueError(f"heat that cannot be read ({error})") from None


def pack_bins(bins: Mapping[int, int]) -> bytes:
    """Write how many stays are in each bin."""
    packed, before = bytearray(), 0
    for number in sorted(bins):
        _put(packed, number - before)
        _put(packed, bins[number])
        before = number
    return bytes(packed)


def unpack_bins(packed: bytes) -> dict[int, int]:
    """Read how many stays are in each bin; ``ValueError`` if they are none."""
    bins, number = {}, 0
    numbers = _numbers(packed)
    for step in numbers:
        number += step
        count = next(numbers, None)
        if count is None:
            raise ValueError("stays that end within a bin")
        bins[number] = count
    return bins


def added_bins(one: bytes, other: bytes) -> bytes:
    """Both together."""
    if not one or not other:
        return one or other
    bins = unpack_bins(one)
    for number, count in unpack_bins(other).items():
        bins[number] = bins.get(number, 0) + count
    return pack_bins(bins)


def _put(packed: bytearray, number: int) -> None:
    if number < 0:
        raise ValueError(f"{number} is negative")
    while number > LOW:
        packed.append(number & LOW | MORE)
        number >>= BITS
    packed.append(number)


def _numbers(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & LOW) << shift
        shift += BITS
        if not byte & MORE:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("the last number is cut off")


def _folded(number: int) -> int:
    return number * 2 if number >= 0 else -number * 2 - 1


def _unfolded(number: int) -> int:
    return number // 2 if number % 2 == 0 else -(number + 1) // 2
