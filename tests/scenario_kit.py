"""Scripted walkers, and what a camera makes of them: boxes that tremble, are missed or melt into one.

Places of a script are told from the line: ``u`` is the part of the way from its start to its end, ``v`` how far past it
on the side people come in to, in frame heights. So one script runs on every line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from math import hypot
from random import Random
from typing import TYPE_CHECKING

from edge.analytics.scene import Scene
from edge.core.events import LineCrossed, LineTouched, RejectReason, TrackRejected
from edge.core.model import Anchor, Box, Detection, Direction, Point, Sighting, Track, Tripwire
from edge.vision.body import body_size
from edge.vision.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edge.core.events import Event
    from edge.core.model import Zone

ASPECT = 4 / 3
# Three pixels of a picture 480 high.
TREMBLE = 3 / 480
# As long as a tracker remembers somebody it does not see.
MEMORY_S = 2.0

LINES = {
    "level": Tripwire("door", (0.05, 0.62), (0.95, 0.62)),
    "level, people come in upwards": Tripwire("door", (0.95, 0.62), (0.05, 0.62)),
    "upright": Tripwire("door", (0.5, 0.4), (0.5, 0.98)),
    "slanting": Tripwire("door", (0.2, 0.75), (0.8, 0.5)),
}
RATES = ("3", "5", "10", "irregular")


def frame_times(rate: str, until_s: float, seed: int = 0) -> list[float]:
    """When frames are taken: ``rate`` a second (spaced as a busy small computer does), or quite irregularly."""
    chance = Random(f"times {rate} {seed}")
    times, t_s = [], 0.0
    while t_s <= until_s:
        times.append(t_s)
        gap = chance.choice((0.08, 0.1, 0.12, 0.2, 0.33)) if rate == "irregular" else 1 / float(rate)
        t_s += gap * chance.uniform(0.9, 1.1)
    return times


@dataclass(frozen=True)
class Walker:
    """Somebody's way: corners ``(t_s, u, v)``, straight and at even pace between them; nobody before and after.

    ``height`` is the stature in frame heights, ``breadth`` the part of it the body is broad.
    """

    way: tuple[tuple[float, float, float], ...]
    height: float = 0.3
    breadth: float = 0.4
    hidden: tuple[tuple[float, float], ...] = ()

    def at(self, t_s: float) -> tuple[float, float] | None:
        """Where the walker is, as ``(u, v)``."""
        if not self.way[0][0] <= t_s <= self.way[-1][0]:
            return None
        for (t0, u0, v0), (t1, u1, v1) in zip(self.way, self.way[1:], strict=False):
            if t0 <= t_s <= t1:
                part = (t_s - t0) / (t1 - t0) if t1 > t0 else 1.0
                return (u0 + part * (u1 - u0), v0 + part * (v1 - v0))
        return self.way[0][1:]

    def box(self, t_s: float, line: Tripwire) -> Box | None:
        """The true box, which may reach out of the picture; None while the walker is not to be seen."""
        where = self.at(t_s)
        if where is None or any(a <= t_s < b for a, b in self.hidden):
            return None
        x, y = on_picture(line, *where)
        half = self.height * self.breadth / 2 / ASPECT
        return Box(x - half, y - self.height, x + half, y)


def on_picture(line: Tripwire, u: float, v: float) -> Point:
    """A place told from the line, as a place on the picture."""
    ax, ay = line.start[0] * ASPECT, line.start[1]
    dx, dy = line.end[0] * ASPECT - ax, line.end[1] - ay
    length = hypot(dx, dy)
    return ((ax + u * dx - v * dy / length) / ASPECT, ay + u * dy + v * dx / length)


def steady(t_s: float) -> Point:  # noqa: ARG001 - one kind of camera shake: none
    """No camera shake."""
    return (0.0, 0.0)


@dataclass(frozen=True)
class Sight:
    """How well walkers are seen: ``tremble`` of every box edge (sigma), share ``missed``, boxes that ``melt`` into one.

    ``shake`` tells how far the whole picture is off its place at a time.
    """

    tremble: float = TREMBLE
    missed: float = 0.0
    melt_iou: float = 1.0
    score: float = 0.8
    shake: Callable[[float], Point] = steady


def detections_of(
    walkers: Sequence[Walker], times: Iterable[float], line: Tripwire, sight: Sight = Sight(), seed: int = 0
) -> list[tuple[float, list[Detection]]]:
    """What a detector tells of each frame."""
    chance = Random(f"detections {seed}")
    frames = []
    for t_s in times:
        boxes = [box for walker in walkers if (box := walker.box(t_s, line)) is not None]
        seen = [_seen(box, t_s, sight, chance) for box in _melted(boxes, sight.melt_iou)]
        found = [Detection(box, sight.score) for box in seen if box and chance.random() >= sight.missed]
        frames.append((t_s, found))
    return frames


def _seen(box: Box, t_s: float, sight: Sight, chance: Random) -> Box | None:
    """A box as the detector gives it: off its place, trembling, cut by the picture's edges."""
    dx, dy = sight.shake(t_s)
    tremble = [chance.gauss(0, sight.tremble) for _ in range(4)]
    left, right = box.left + dx + tremble[0] / ASPECT, box.right + dx + tremble[1] / ASPECT
    top, bottom = box.top + dy + tremble[2], box.bottom + dy + tremble[3]
    cut = Box(max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom))
    return cut if cut.width > 0.02 and cut.height > 0.05 else None


def _melted(boxes: list[Box], iou: float) -> list[Box]:
    """Of boxes that overlap by more than ``iou`` only the nearest person's is left, as non-maximum suppression does."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.bottom):
        if all(box.iou(other) <= iou for other in kept):
            kept.append(box)
    return kept


def tracked(frames: Iterable[tuple[float, list[Detection]]]) -> list[Sighting]:
    """Detections through the product's tracker."""
    tracker = Tracker()
    sightings = []
    for t_s, found in frames:
        tracks, ended = tracker.update(found, t_s, ASPECT)
        sightings.append(Sighting(t_s, tuple(tracks), tuple(ended)))
    return sightings


def raw_tracks(
    walkers: Sequence[Walker], times: Sequence[float], line: Tripwire, sight: Sight = Sight(), seed: int = 0
) -> list[Sighting]:
    """A perfect tracker's tracks, trembling: walker n is track n + 1 and ends when not seen for ``MEMORY_S``."""
    chance = Random(f"tracks {seed}")
    latest: dict[int, Track] = {}
    sightings = []
    for t_s in times:
        ended = tuple(number for number, track in latest.items() if t_s - track.t_s > MEMORY_S)
        latest = {number: replace(t, observed=False) for number, t in latest.items() if number not in ended}
        for number, walker in enumerate(walkers, start=1):
            true = walker.box(t_s, line)
            box = _seen(true, t_s, sight, chance) if true and chance.random() >= sight.missed else None
            if box is not None:
                latest[number] = _track(number, box, t_s, latest.get(number), sight.score)
        sightings.append(Sighting(t_s, tuple(latest.values()), ended))
    return sightings


def _track(number: int, box: Box, t_s: float, before: Track | None, score: float) -> Track:
    born_t_s = before.born_t_s if before else t_s
    size = body_size(box, ASPECT)
    return Track(number, box, score, t_s, born_t_s, True, size, box.foot, Anchor.FOOT, before is not None)  # noqa: FBT003


@dataclass
class Told:
    """What the scene told of one line, from the first sighting to the end of the footage."""

    events: list[Event] = field(default_factory=list)

    @property
    def crossings(self) -> list[LineCrossed]:
        """The crossings, in the order they were told."""
        return [event for event in self.events if isinstance(event, LineCrossed)]

    @property
    def touches(self) -> list[LineTouched]:
        """The provisional crossings."""
        return [event for event in self.events if isinstance(event, LineTouched)]

    @property
    def reasons(self) -> set[RejectReason]:
        """Why tracks were not counted."""
        return {event.reason for event in self.events if isinstance(event, TrackRejected)}

    @property
    def in_out(self) -> tuple[int, int]:
        """How many came in, how many went out."""
        count = Counter(crossing.direction for crossing in self.crossings)
        return (count[Direction.IN], count[Direction.OUT])


def told(sightings: Sequence[Sighting], line: Tripwire, zones: Sequence[Zone] = ()) -> Told:
    """Run sightings through a fresh scene."""
    scene = Scene([line], zones, ASPECT)
    events = [event for sighting in sightings for event in scene.update(sighting)]
    return Told(events + scene.finish(sightings[-1].t_s))
