"""Counting along: what a person at the door tapped, compared with what the box counted. Pure.

Taps and crossings of the same direction are paired so that as many as possible are, and among those pairings the one
whose times differ least. On a line no two pairs of the best pairing cross, so it is found exactly, pair by pair. People
tap later than they see: the usual lateness is measured from a first pairing and taken off in a second.

How sure a share is, is told by Wilson's interval (Journal of the American Statistical Association 22, 1927, page 209),
which also holds for few people and for shares near 1, where the usual plus or minus does not (Brown, Cai and DasGupta,
Statistical Science 16, 2001).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING

from edge.core.model import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

# A finger is up to a second late, a clock on a phone as much off; people follow each other more closely than 3 s, but
# then it is the order that pairs them.
WINDOW_S = 3.0
# The same person counted twice is counted again by this time: a person needs longer to turn round and come back.
DOUBLE_S = 2.0
# Fewer pairs tell no lateness.
LEAST_PAIRS = 5
# 95 of 100 such intervals hold the true share.
Z_95 = 1.959964

Moment = tuple[float, Direction]
"""When, in seconds of one clock, and which way."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of ``n``, with the bounds between which the true one lies 95 times of 100. All None of nothing."""

    hits: int
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Audit:
    """How well the box counted while somebody counted along.

    ``missed`` were tapped and not counted, ``doubles`` counted again just after the same direction was counted right,
    ``turned`` counted the other way round, ``extra`` counted though nobody was tapped. ``late_s``: how much later
    people tap than the box counts. ``found`` is the share of people who were counted right, ``right`` the share of
    counts that were people.
    """

    tapped_in: int
    tapped_out: int
    counted_in: int
    counted_out: int
    pairs: tuple[tuple[float, float, Direction], ...]
    missed: tuple[Moment, ...]
    doubles: tuple[Moment, ...]
    turned: tuple[tuple[float, float, Direction], ...]
    extra: tuple[Moment, ...]
    late_s: float

    @property
    def found(self) -> Share:
        """Of the people tapped, how many were counted the right way."""
        return wilson(len(self.pairs), self.tapped_in + self.tapped_out)

    @property
    def right(self) -> Share:
        """Of what was counted, how much was a person going that way."""
        return wilson(len(self.pairs), self.counted_in + self.counted_out)


def wilson(hits: int, n: int, z: float = Z_95) -> Share:
    """A share with Wilson's interval; ``ValueError`` if there are more hits than tries."""
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return Share(0, 0, None, None, None)
    share, z2 = hits / n, z * z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Share(hits, n, share, max(0.0, middle - half), min(1.0, middle + half))


def audit(taps: Sequence[Moment], counted: Sequence[Moment], window_s: float = WINDOW_S) -> Audit:
    """Compare taps with crossings of the same time, both by one clock, in any order."""
    late_s = 0.0
    pairs = _paired(taps, counted, late_s, window_s)
    if len(pairs) >= LEAST_PAIRS:
        late_s = median(tap - count for tap, count, _ in pairs)
        pairs = _paired(taps, counted, late_s, window_s)
    missed = _left(taps, [(tap, direction) for tap, _, direction in pairs])
    over = _left(counted, [(count, direction) for _, count, direction in pairs])
    turned = _turned(missed, over, late_s, window_s)
    missed = _left(missed, [(tap, direction) for tap, _, direction in turned])
    over = _left(over, [(count, direction.opposite) for _, count, direction in turned])
    doubles = [one for one in over if _double(one, pairs)]
    tapped, told = (Counter(way for _, way in some) for some in (taps, counted))
    return Audit(
        tapped[Direction.IN], tapped[Direction.OUT], told[Direction.IN], told[Direction.OUT],
        tuple(pairs), tuple(missed), tuple(doubles), tuple(turned), tuple(_left(over, doubles)), late_s,
    )  # fmt: skip


def _paired(
    taps: Sequence[Moment], counted: Sequence[Moment], late_s: float, window_s: float
) -> list[tuple[float, float, Direction]]:
    """The best pairing of each direction, in order of time."""
    found = []
    for direction in Direction:
        tap_s, count_s = (sorted(at_s for at_s, way in some if way is direction) for some in (taps, counted))
        shifted = [at_s - late_s for at_s in tap_s]
        found += [(tap_s[i], count_s[j], direction) for i, j in best_pairs(shifted, count_s, window_s)]
    return sorted(found, key=lambda pair: pair[:2])


def best_pairs(one: Sequence[float], other: Sequence[float], window_s: float) -> list[tuple[int, int]]:
    """Places in two sorted lists to be paired: as many as possible no farther apart than the window, then the nearest.

    By dynamic programming over the first so many of either: exact, since two pairs that cross can be exchanged for two
    that do not, neither farther apart in sum nor in the greater distance.
    """
    best = [[(0, 0.0)] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, at in enumerate(one, start=1):
        row, above = best[i], best[i - 1]
        for j, to in enumerate(other, start=1):
            most = max(above[j], row[j - 1])
            if abs(at - to) <= window_s:
                number, nearness = above[j - 1]
                most = max(most, (number + 1, nearness - abs(at - to)))
            row[j] = most
    pairs, i, j = [], len(one), len(other)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def _turned(
    missed: Sequence[Moment], over: Sequence[Moment], late_s: float, window_s: float
) -> list[tuple[float, float, Direction]]:
    """Those tapped one way and counted the other."""
    return _paired(missed, [(at_s, direction.opposite) for at_s, direction in over], late_s, window_s)


def _double(one: Moment, pairs: Sequence[tuple[float, float, Direction]]) -> bool:
    at_s, way = one
    return any(direction is way and abs(at_s - count) <= DOUBLE_S for _, count, direction in pairs)


def _left(some: Sequence[Moment], taken: Sequence[Moment]) -> list[Moment]:
    """What is left when each of ``taken`` is taken away once."""
    left = sorted(some, key=lambda moment: moment[0])
    for moment in taken:
        left.remove(moment)
    return left
