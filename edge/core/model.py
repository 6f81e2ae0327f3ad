"""The nouns of counting: boxes, detections, tracks, lines and zones.

Places are fractions of the frame: x runs 0..1 from the left edge, y 0..1 from the top edge.
Times called ``t_s`` are seconds on the camera's own monotonic time line (for a file: seconds into the video).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Point = tuple[float, float]


class Mount(str, Enum):
    """How the camera looks at people; decides which pipeline sees them."""

    OBLIQUE = "oblique"
    OVERHEAD = "overhead"


class Direction(str, Enum):
    """Which way a tripwire was crossed, seen from the shop."""

    IN = "in"
    OUT = "out"

    @property
    def opposite(self) -> Direction:
        """The other way."""
        return Direction.OUT if self is Direction.IN else Direction.IN


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in fractions of the frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Horizontal extent, fraction of the frame's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Vertical extent, fraction of the frame's height."""
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        """Middle of the box."""
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    @property
    def foot(self) -> Point:
        """Bottom centre: where the person stands, seen obliquely."""
        return ((self.left + self.right) / 2, self.bottom)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        if wide <= 0 or high <= 0:
            return 0.0
        shared = wide * high
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True, slots=True)
class Detection:
    """A person seen in one frame. ``score`` is the detector's confidence, 0..1."""

    box: Box
    score: float


class Anchor(str, Enum):
    """Which point of a person a track's place was taken from."""

    FOOT = "foot"
    CENTRE = "centre"
    # Head and feet are both out of the picture: how far left or right the person is can be told, not how far up.
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Track:
    """One person followed over frames, as of the latest frame.

    ``observed`` is False while the person is only remembered (hidden or missed): such a track keeps its last
    seen box and commits nothing. ``size`` is the body's size in frame heights (oblique: stature; overhead: breadth).
    ``place`` is where the person counts as being, or None when that cannot be told from this frame.
    ``confirmed`` is False for a first glimpse that may yet turn out to be nothing.
    """

    id: int
    box: Box
    score: float
    t_s: float
    born_t_s: float
    observed: bool
    size: float
    place: Point | None
    anchor: Anchor
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Tripwire:
    """A line across the way. Its finite segment runs from ``start`` to ``end``.

    Somebody standing at ``start`` and facing ``end`` sees people come in from the left hand to the right hand
    (on the picture, y pointing down). So exchanging start and end exchanges in and out.
    """

    name: str
    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Zone:
    """A named area of floor: a simple polygon of at least three corners."""

    name: str
    corners: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one frame told: the living tracks, ids of those that ended, and whether the detector rested."""

    t_s: float
    tracks: tuple[Track, ...]
    ended: tuple[int, ...] = ()
    rested: bool = False
