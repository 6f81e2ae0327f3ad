"""The routes people take between zones, from their walks. Pure.

Nobody is recognised, and a walk ends where a person is lost, so a route is what one camera saw in one go. A zone is
passed by who is in it for a second, so that cutting a corner is no visit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.ways import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edge.analytics.ways import Ways
    from edge.core.model import Zone

LEAST_S = 1.0
# A last step says nothing of how long it lasted.
STEP_S = 0.5
ELSEWHERE = -1


@dataclass(frozen=True, slots=True)
class Leg:
    """How many went from one zone to another; ``origin`` empty: their walk began before it, ``to`` empty: it ended."""

    origin: str
    to: str
    walks: int


@dataclass(frozen=True, slots=True)
class Route:
    """The zones of a walk, in order, how many took it, and how long those walks lasted on the mean, in seconds."""

    zones: tuple[str, ...]
    walks: int
    mean_s: float


@dataclass(frozen=True, slots=True)
class Routes:
    """Of ``walks`` in all: the legs between zones (most used first, for a flow diagram), and the most used routes."""

    walks: int
    legs: tuple[Leg, ...]
    routes: tuple[Route, ...]


def routes(ways: Ways, zones: Sequence[Zone], most: int = 20) -> Routes:
    """The routes of some walks between zones. Where zones overlap, the first one of them counts."""
    where = _where(ways, zones)
    lasts = _lasts(ways)
    taken: defaultdict[tuple[int, ...], list[float]] = defaultdict(list)
    first = 0
    for steps in ways.steps.tolist():
        lasted = lasts[first : first + steps]
        taken[_route(where[first : first + steps], lasted)].append(sum(lasted))
        first += steps
    names = [zone.name for zone in zones]
    told = {tuple(names[number] for number in route): lasted for route, lasted in taken.items()}
    legs: Counter[tuple[str, str]] = Counter()
    for route, lasted in told.items():
        if route:
            for leg in pairwise(("", *route, "")):
                legs[leg] += len(lasted)
    some = [Route(route, len(lasted), sum(lasted) / len(lasted)) for route, lasted in told.items() if route]
    return Routes(
        len(ways),
        tuple(Leg(*leg, walks) for leg, walks in sorted(legs.items(), key=lambda found: (-found[1], found[0]))),
        tuple(sorted(some, key=lambda route: (-route.walks, route.zones))[:most]),
    )


def _where(ways: Ways, zones: Sequence[Zone]) -> list[int]:
    """Which zone each step is in."""
    where: NDArray[np.int64] = np.full(len(ways.x), ELSEWHERE)
    for number in range(len(zones) - 1, -1, -1):
        where[within(ways.x, ways.y, zones[number].corners)] = number
    found: list[int] = where.tolist()
    return found


def _lasts(ways: Ways) -> list[float]:
    """How long each step lasted: until the next of its walk. A place is noted only when it is left."""
    lasts = np.diff(ways.after_s, append=0.0)
    if len(lasts):
        lasts[ways.firsts[1:] - 1] = STEP_S
        lasts[-1] = STEP_S
    found: list[float] = lasts.tolist()
    return found


def _route(where: Sequence[int], lasts: Sequence[float]) -> tuple[int, ...]:
    """The zones of one walk that were stayed in for long enough, each told once in a row."""
    stays = [
        (zone, sum(last for _, last in steps))
        for zone, steps in groupby(zip(where, lasts, strict=True), key=lambda step: step[0])
    ]
    passed = [zone for zone, lasted_s in stays if zone != ELSEWHERE and lasted_s >= LEAST_S]
    return tuple(zone for zone, _ in groupby(passed))
