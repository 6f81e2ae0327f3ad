"""How big a person is in this picture from above, learned from those who came alone."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from edge.core.geometry import distance, stretched
from edge.vision.blobs import AREA_BY_BREADTH2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.model import Point, Track
    from edge.vision.blobs import Blob

# A door camera at 2.3 m sees shoulders half the picture high, one at 5 m a tenth; until people have passed, between.
USUAL_AREA = 0.05
LEAST_AREA, MOST_AREA = 0.004, 0.2
WALKERS = 100
# Insects before the lens and trolleys walk straight, too, but are much smaller: those below this part of the usual big
# one are left out. Two people side by side are rare enough not to move a median.
BIG, SMALL_PART = 80, 0.4
ENOUGH = 5
# Somebody walking through goes straight, and farther than his own breadth; leaves and light stay or jump about.
SAMPLES = 4
# Who is here longer does not walk through; what is kept of him has an end.
MOST_SAMPLES = 600
STRAIGHT = 0.6
BREADTHS_GONE, HEIGHTS_GONE = 1.0, 0.4
# Cut by the frame's edge on coming and going: the size is what was seen at the fullest.
FULLEST = 80


@dataclass(slots=True)
class _Walk:
    """One track while it is a blob of its own."""

    areas: list[float]
    first: Point
    last: Point
    way: float
    over_edge: bool


class PersonSize:
    """The area of one person, in frame heights squared."""

    def __init__(self) -> None:
        self._areas: deque[float] = deque(maxlen=WALKERS)
        self._walks: dict[int, _Walk] = {}
        self.area = USUAL_AREA

    @property
    def following(self) -> int:
        """How many walks are being noted."""
        return len(self._walks)

    @property
    def known(self) -> bool:
        """Whether enough people have passed to tell."""
        return len(self._areas) >= ENOUGH

    def learn(self, blobs: Sequence[Blob], tracks: Sequence[Track], ended: Sequence[int], aspect: float) -> None:
        """Take one frame's blobs and the tracks made of them."""
        by_box = {blob.detection.box: blob for blob in blobs}
        for track in tracks:
            blob = by_box.get(track.box)
            if blob is not None and track.observed and blob.alone:
                self._follow(track, blob, stretched(track.box.centre, aspect))
        for track_id in ended:
            walk = self._walks.pop(track_id, None)
            if walk is not None:
                self._take(walk)

    def _follow(self, track: Track, blob: Blob, place: Point) -> None:
        walk = self._walks.get(track.id)
        if walk is None:
            self._walks[track.id] = _Walk([blob.area], place, place, 0.0, blob.at_edge)
            return
        if len(walk.areas) < MOST_SAMPLES:
            walk.areas.append(blob.area)
        walk.way += distance(walk.last, place)
        walk.last = place
        walk.over_edge |= blob.at_edge

    def _take(self, walk: _Walk) -> None:
        area = float(np.percentile(walk.areas, FULLEST))
        gone = distance(walk.first, walk.last)
        breadth = sqrt(area / AREA_BY_BREADTH2)
        if (
            len(walk.areas) < SAMPLES
            or not walk.over_edge
            or not LEAST_AREA <= area <= MOST_AREA
            or gone < max(BREADTHS_GONE * breadth, HEIGHTS_GONE, STRAIGHT * walk.way)
        ):
            return
        self._areas.append(area)
        if self.known:
            areas = np.array(self._areas)
            self.area = float(np.median(areas[areas >= SMALL_PART * np.percentile(areas, BIG)]))
