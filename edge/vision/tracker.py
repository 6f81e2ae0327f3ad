"""Follows people over frames at low and irregular rates (3-15 a second), with times given as arguments.

At such rates a walker's boxes in two frames often do not overlap, so pairs are made by centre distance in body
sizes, not by overlap, and every limit is in seconds. Weak detections only keep tracks alive, never start one (the
second stage of ByteTrack: Zhang et al., ECCV 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, hypot, log, sqrt
from typing import TYPE_CHECKING

from edge.core.model import Anchor, Box, Detection, Point, Track
from edge.vision.assignment import NO_PAIR, assign
from edge.vision.body import body_size, edge_margin, plausible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """What decides births, pairs and deaths. Sizes are bodies (box heights; overhead: breadths)."""

    birth_score: float = 0.45
    strong_score: float = 0.35
    confirm_hits: int = 2
    memory_s: float = 2.0
    glimpse_memory_s: float = 0.7
    # How far from where it is expected a body may turn up: the box's own slack and three sigmas of its motion.
    reach: float = 0.3
    reach_sigmas: float = 3.0
    # A person seen half (behind a counter) is half as high: log 2 = 0.69.
    size_change: float = 0.5
    reach_most: float = 1.5
    reach_weak: float = 0.4
    twin_reach: float = 1.0
    twin_apart: float = 0.3
    twin_proof_s: float = 0.4
    fresh_s: float = 0.5
    echo_overlap: float = 0.3
    anchor: Anchor = Anchor.FOOT
    # Standing or walking either way: one body a second is two sigmas of what can be (bodies a second).
    pace: float = 0.6
    # People start, stop and turn at about one body a second squared.
    stir: float = 1.0
    # How much a box trembles, in bodies.
    jitter: float = 0.06


@dataclass(frozen=True, slots=True)
class Build:
    """What a box says about a body in this mount: its size in frame heights, and whether it can be a person at all."""

    size: Callable[[Box, float], float] = body_size
    plausible: Callable[[Box, float], bool] = plausible


class _Life:
    """One track's private state. Positions are in frame heights."""

    __slots__ = (
        "aspect",
        "born_t_s",
        "bottom",
        "bottom_v",
        "box",
        "build",
        "confirmed",
        "feet_cut",
        "hits",
        "id",
        "observed",
        "pp",
        "pv",
        "score",
        "seen_t_s",
        "settings",
        "size",
        "t_before_s",
        "t_s",
        "together_s",
        "top",
        "top_v",
        "twin_of",
        "vv",
        "vx",
        "x",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913, PLR0917 - private, called in one place
        self, number: int, detection: Detection, t_s: float, aspect: float, settings: TrackerSettings, build: Build
    ) -> None:
        self.id = number
        self.settings, self.build = settings, build
        self.box = detection.box
        self.score = detection.score
        self.born_t_s = self.seen_t_s = self.t_s = t_s
        self.hits = 1
        self.observed = True
        self.confirmed = False
        self.feet_cut = False
        self.t_before_s = t_s
        self.together_s = 0.0
        self.twin_of: _Life | None = None
        self.aspect = aspect
        self.x = (detection.box.left + detection.box.right) / 2 * aspect
        self.top, self.bottom = detection.box.top, detection.box.bottom
        self.size = build.size(detection.box, aspect)
        self.vx = self.top_v = self.bottom_v = 0.0
        self.pp, self.pv, self.vv = (settings.jitter * self.size) ** 2, 0.0, (settings.pace * self.size) ** 2

    @property
    def y(self) -> float:
        """Middle height."""
        return (self.top + self.bottom) / 2

    def predict(self, t_s: float) -> None:
        """Carry place and uncertainty forward: constant velocity, random acceleration."""
        dt = t_s - self.t_s
        self.t_before_s = self.t_s
        self.t_s = t_s
        if dt <= 0:
            return
        self.x += self.vx * dt
        self.top += self.top_v * dt
        self.bottom += self.bottom_v * dt
        q = (self.settings.stir * self.size) ** 2
        self.pp += 2 * dt * self.pv + dt * dt * self.vv + q * dt**4 / 4
        self.pv += dt * self.vv + q * dt**3 / 2
        self.vv += q * dt * dt

    def correct(self, detection: Detection, t_s: float, aspect: float) -> None:
        """Take a detection in (Kalman update; both axes share one covariance)."""
        box = detection.box
        size = self.build.size(box, aspect)
        noise = (self.settings.jitter * size) ** 2
        gain_p = self.pp / (self.pp + noise)
        gain_v = self.pv / (self.pp + noise)
        # An edge that jumps farther is hidden (by a counter, by somebody else) rather than moved: follow it slowly.
        most = EDGE_JUMP * self.size + 2 * sqrt(self.pp)
        dx = (box.left + box.right) / 2 * aspect - self.x
        dtop = max(-most, min(most, box.top - self.top))
        dbottom = max(-most, min(most, box.bottom - self.bottom))
        self.x += gain_p * dx
        self.top += gain_p * dtop
        self.bottom += gain_p * dbottom
        self.vx += gain_v * dx
        self.top_v += gain_v * dtop
        self.bottom_v += gain_v * dbottom
        self.vv -= gain_v * self.pv
        self.pv *= 1 - gain_p
        self.pp *= 1 - gain_p
        self.size += (1 - exp(-max(t_s - self.t_before_s, 0.0) / SIZE_MEMORY_S)) * (size - self.size)
        self.box, self.score = box, detection.score
        self.hits += 1
        self.seen_t_s = t_s
        self.observed = True


class Tracker:
    """Turns each frame's detections into tracks.

    ``update`` takes frames in order of time and returns the living tracks (first glimpses included, marked) and the
    ids of those that ended, whose state dies here.
    """

    def __init__(self, settings: TrackerSettings | None = None, build: Build | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._build = build or Build()
        self._lives: list[_Life] = []
        self._next_id = 1

    @property
    def busy(self) -> bool:
        """Whether anybody is being followed or remembered."""
        return bool(self._lives)

    def expected(self, t_s: float) -> list[Point]:
        """Where the known people will be at ``t_s`` if they go on as they went, in fractions of the frame."""
        fresh = [life for life in self._lives if life.confirmed and t_s - life.seen_t_s <= self._settings.fresh_s]
        places = []
        for life in fresh:
            dt = t_s - life.t_s
            x, y = life.x + life.vx * dt, life.y + (life.top_v + life.bottom_v) / 2 * dt
            places.append((x / life.aspect, y))
        return places

    def update(self, detections: Sequence[Detection], t_s: float, aspect: float) -> tuple[list[Track], list[int]]:
        """Pair ``detections`` with the known people at ``t_s`` in a frame of ``aspect`` (width over height)."""
        for life in self._lives:
            life.predict(t_s)
            life.observed = False
        s = self._settings
        detections = [d for d in detections if self._build.plausible(d.box, aspect)]
        strong = [d for d in detections if d.score >= s.strong_score]
        weak = [d for d in detections if d.score < s.strong_score]
        fresh = [life for life in self._lives if t_s - life.seen_t_s <= s.fresh_s]
        left = self._pair(fresh, strong, t_s, aspect, s.reach_most)
        self._pair([life for life in fresh if not life.observed], weak, t_s, aspect, s.reach_weak)
        left = self._clear(left)
        left = self._pair([life for life in self._lives if not life.observed], left, t_s, aspect, s.reach_most)
        for detection in left:
            if detection.score >= s.birth_score:
                self._bear(detection, t_s, aspect)
        ended = self._try_twins(t_s, aspect) + self._bury(t_s)
        return [self._told(life) for life in self._lives], ended

    def _bear(self, detection: Detection, t_s: float, aspect: float) -> None:
        """Start a track; if somebody else is (or was just) here, it must yet prove to be a second person."""
        life = _Life(self._next_id, detection, t_s, aspect, self._settings, self._build)
        self._next_id += 1
        near = [(_away(o, life), o) for o in self._lives if o.confirmed and self._alike(o, life)]
        near = [(away, o) for away, o in near if away < self._settings.twin_reach]
        if near:
            life.twin_of = min(near, key=lambda pair: pair[0])[1]
        self._lives.append(life)

    def _try_twins(self, t_s: float, aspect: float) -> list[int]:
        """Settle newborns beside an older track: seen together long enough they are two, otherwise one."""
        ended = []
        for life in self._lives:
            older = life.twin_of
            if older is None or not life.observed:
                continue
            away = _away(older, life)
            if older not in self._lives:
                life.twin_of = None
            elif older.observed:
                if away >= self._settings.twin_apart:
                    life.together_s += min(t_s - life.t_before_s, self._settings.fresh_s)
                if life.together_s >= self._settings.twin_proof_s or away > self._settings.twin_reach:
                    life.twin_of = None
            elif away < self._settings.twin_reach and self._alike(older, life):
                older.correct(Detection(life.box, life.score), t_s, aspect)
                ended.append(life.id)
        self._lives = [life for life in self._lives if life.id not in ended]
        for life in self._lives:
            if life.twin_of is None and life.hits >= self._settings.confirm_hits:
                life.confirmed = True
        return ended

    def _clear(self, detections: list[Detection]) -> list[Detection]:
        """Those that do not overlap somebody seen in this frame: a second box beside a body is mostly its echo."""
        seen = [life.box for life in self._lives if life.observed]
        most = self._settings.echo_overlap
        return [d for d in detections if all(d.box.iou(box) <= most for box in seen)]

    def _pair(
        self, lives: list[_Life], detections: list[Detection], t_s: float, aspect: float, reach_most: float
    ) -> list[Detection]:
        """Give each life its detection; return the detections nobody took."""
        if not lives or not detections:
            return detections
        costs = [[self._cost(life, d, aspect, reach_most) for d in detections] for life in lives]
        taken = set()
        for row, column in assign(costs):
            lives[row].correct(detections[column], t_s, aspect)
            taken.add(column)
        return [d for c, d in enumerate(detections) if c not in taken]

    def _alike(self, one: _Life, other: _Life) -> bool:
        return abs(log(one.size / other.size)) <= self._settings.size_change

    def _cost(self, life: _Life, detection: Detection, aspect: float, reach_most: float) -> float:
        """Distance in bodies plus change of size; ``NO_PAIR`` past what a person can do in the time."""
        s = self._settings
        size = self._build.size(detection.box, aspect)
        change = abs(log(size / life.size))
        if change > s.size_change:
            return NO_PAIR
        x, y = _centre(detection.box, aspect)
        away = hypot(x - life.x, y - life.y) / max(size, life.size)
        if away > min(s.reach + s.reach_sigmas * sqrt(life.pp) / life.size, reach_most):
            return NO_PAIR
        return away + 0.5 * change

    def _bury(self, t_s: float) -> list[int]:
        s = self._settings
        ended = [
            life.id
            for life in self._lives
            if t_s - life.seen_t_s > (s.memory_s if life.confirmed else s.glimpse_memory_s)
        ]
        if ended:
            gone = set(ended)
            self._lives = [life for life in self._lives if life.id not in gone]
        return ended

    def _told(self, life: _Life) -> Track:
        place, anchor = self._place(life)
        return Track(
            id=life.id,
            box=life.box,
            score=life.score,
            t_s=life.seen_t_s,
            born_t_s=life.born_t_s,
            observed=life.observed,
            size=life.size,
            place=place,
            anchor=anchor,
            confirmed=life.confirmed,
        )

    def _place(self, life: _Life) -> tuple[Point, Anchor]:
        """The foot; the body's centre while the feet are below the picture; the middle when the head is above, too."""
        box = life.box
        centre = (life.x / life.aspect, life.y)
        if self._settings.anchor is Anchor.CENTRE:
            return centre, Anchor.CENTRE
        margin = edge_margin(life.size)
        # Two marks, so that a box that trembles at the edge does not change its anchor every frame.
        life.feet_cut = box.bottom > 1 - (2 * margin if life.feet_cut else margin)
        if not life.feet_cut:
            return (life.x / life.aspect, life.bottom), Anchor.FOOT
        return ((centre[0], 0.5), Anchor.ASIDE) if box.top < margin else (centre, Anchor.CENTRE)


EDGE_JUMP = 0.1
SIZE_MEMORY_S = 0.4


def _away(one: _Life, other: _Life) -> float:
    """Distance of two bodies in sizes of the bigger."""
    return hypot(one.x - other.x, one.y - other.y) / max(one.size, other.size)


def _centre(box: Box, aspect: float) -> Point:
    return ((box.left + box.right) / 2 * aspect, (box.top + box.bottom) / 2)
