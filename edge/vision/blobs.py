"""People seen from straight above as blobs: what differs from the floor, cut into pieces of a person's size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from math import hypot, sqrt
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.core.model import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edge.core.model import Point
    from edge.vision.background import Difference

    Mask = NDArray[np.uint8]

# Shoulders from above: about half as deep as broad, in an ellipse. Area = pi/4 * breadth * depth.
AREA_BY_BREADTH2 = 0.45
# Less than a quarter of a person is an arm, a bag, a patch of light.
LEAST_PART = 0.25
# From this many people's area on a blob is cut in two; one already followed as two stays two a little longer.
TWO, STILL_TWO = 1.6, 1.3
MOST_IN_A_BLOB = 12
ROUNDS = 8
SCRAP_PART, SCRAP_GAP, SCRAP_SCORE = 0.4, 0.5, 0.3
# A quarter brighter or darker and as even as the floor is: reflected light, a cloud (logarithms).
LIGHT_SPREAD, LIGHT_MOST = 0.1, 0.5
# Hard shadow leaves a sixth of the light at least.
SHADOW_PART, SHADOW_SPREAD, SHADOW_LEAST = 0.98, 0.35, -1.9
# Something new must move to be somebody; what stands still only keeps a known person alive.
STIRS, KEPT_SCORE = 0.05, 0.36
# A fifth of the shoulders' breadth is the finest that says anything: a neck, a foot; gaps (a belt, the sun) close.
GRAIN = 0.2
HALF = 127


class Look(Enum):
    """What a piece of the mask looks like."""

    BODY = "somebody"
    SHADOW = "evenly darker than the floor: a shadow, or somebody all in black"
    LIGHT = "the floor itself, a little brighter or darker"


@dataclass(frozen=True, slots=True)
class Blob:
    """A piece of the mask. ``area`` is in frame heights squared.

    ``alone``: a piece of its own, not cut off a bigger one. ``at_edge``: it reaches the frame's edge.
    """

    detection: Detection
    area: float
    alone: bool
    at_edge: bool
    look: Look


class BlobFinder:
    """Cuts masks into people of a given area (frame heights squared), helped by where people are expected."""

    def find(
        self, difference: Difference, person_area: float, expected: Sequence[Point], *, may_split: bool
    ) -> list[Blob]:
        """Blobs of one frame. ``expected`` are places of known people, in fractions of the frame."""
        mask = difference.strange
        high, wide = mask.shape
        breadth_px = sqrt(person_area / AREA_BY_BREADTH2) * high
        count, labels, stats, _ = cv2.connectedComponentsWithStats(_tidied(mask, breadth_px), connectivity=8)
        people_px = np.array([(x * wide, y * high) for x, y in expected], np.float32).reshape(-1, 2)
        blobs: list[Blob] = []
        for label in range(1, count):
            part = stats[label, cv2.CC_STAT_AREA] / (person_area * high * high)
            if part < LEAST_PART:
                continue
            pixels = _pixels(labels, stats[label], label)
            inside = _inside(labels, people_px, label, breadth_px)
            number = people_in(part, len(inside)) if may_split else 1
            for piece in _cut(pixels, number, inside):
                blobs += _blob(piece, number == 1, difference, person_area)
        bodies = _bodies(blobs, breadth_px / high, wide / high)
        return [_ranked(blob, bodies, breadth_px / high, wide / high) for blob in bodies]


def people_in(part: float, known: int) -> int:
    """How many people a blob of ``part`` people's area holds, when ``known`` are already followed in it."""
    number = max(1, min(MOST_IN_A_BLOB, int(part + (2 - TWO))))
    while number < min(known, MOST_IN_A_BLOB) and part >= number + 1 - (2 - STILL_TWO):
        number += 1
    return number


def _tidied(mask: Mask, breadth_px: float) -> Mask:
    """Solid where most of the neighbourhood is: specks go, holes and gaps in a body close."""
    across = 2 * max(1, round(GRAIN * breadth_px / 2)) + 1
    # Beyond the frame a body goes on as it does at the frame's edge.
    density = cv2.blur(mask, (across, across), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.threshold(density, HALF, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _pixels(labels: NDArray[np.int32], stats: NDArray[np.int32], label: int) -> NDArray[np.float32]:
    """The pixels (x, y) of one component, N x 2."""
    left, top = stats[cv2.CC_STAT_LEFT], stats[cv2.CC_STAT_TOP]
    window = labels[top : top + stats[cv2.CC_STAT_HEIGHT], left : left + stats[cv2.CC_STAT_WIDTH]]
    rows, columns = np.nonzero(window == label)
    return np.stack((columns + left, rows + top), axis=1).astype(np.float32)


def _inside(
    labels: NDArray[np.int32], people_px: NDArray[np.float32], label: int, breadth_px: float
) -> NDArray[np.float32]:
    """Those of the known people who are expected on this component, or within a quarter of a body of it."""
    reach = max(1, round(breadth_px / 4))
    kept = []
    for x, y in people_px:
        left, top = max(0, int(x) - reach), max(0, int(y) - reach)
        if (labels[top : int(y) + reach + 1, left : int(x) + reach + 1] == label).any():
            kept.append((x, y))
    return np.array(kept, np.float32).reshape(-1, 2)


def _cut(
    pixels: NDArray[np.float32], number: int, seeds: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """Cut a component into ``number`` pieces around known people (k-means from them; farthest pixels for the rest)."""
    if number == 1:
        return [pixels]
    centres = list(seeds[:number]) or [pixels.mean(axis=0) - 1e-3]
    while len(centres) < number:
        away = np.min([((pixels - centre) ** 2).sum(axis=1) for centre in centres], axis=0)
        centres.append(pixels[int(np.argmax(away))])
    middle = np.array(centres, np.float32)
    for _ in range(ROUNDS):
        owner = ((pixels[:, None] - middle[None]) ** 2).sum(axis=2).argmin(axis=1)
        pieces = [pixels[owner == k] for k in range(number)]
        middle = np.array([p.mean(axis=0) if len(p) else middle[k] for k, p in enumerate(pieces)], np.float32)
    return [piece for piece in pieces if len(piece)]


def _blob(piece: NDArray[np.float32], alone: bool, difference: Difference, person_area: float) -> list[Blob]:  # noqa: FBT001 - private
    high, wide = difference.moving.shape
    area = len(piece) / (high * high)
    if area < LEAST_PART * person_area:
        return []
    columns, rows = piece.astype(np.intp).T
    look = _look(difference.brighter[rows, columns])
    if look is Look.LIGHT:
        return []
    # Arms and bags stick out: the outermost pixels do not make the body bigger.
    (left, top), (right, bottom) = np.percentile(piece, (3, 97), axis=0)
    box = Box(left / wide, top / high, (right + 1) / wide, (bottom + 1) / high)
    low, most = piece.min(axis=0), piece.max(axis=0)
    at_edge = low.min() < 1 or most[0] > wide - 2 or most[1] > high - 2
    stirs = np.count_nonzero(difference.moving[rows, columns]) > STIRS * len(piece)
    score = min(1.0, 0.3 + area / person_area) if stirs else KEPT_SCORE
    return [Blob(Detection(box, score), area, alone, bool(at_edge), look)]


def _look(brighter: NDArray[np.float32]) -> Look:
    """Tell light and shadow from bodies: on those the floor shows through, evenly changed; hair and clothes differ.

    The spread is the quartiles', scaled to a standard deviation: borders are left out.
    """
    low, middle, top = np.percentile(brighter, (25, 50, 75))
    spread = (top - low) / 1.35
    if spread < LIGHT_SPREAD and abs(middle) < LIGHT_MOST:
        return Look.LIGHT
    dark = np.count_nonzero(brighter < 0) > SHADOW_PART * len(brighter)
    return Look.SHADOW if dark and spread < SHADOW_SPREAD and middle > SHADOW_LEAST else Look.BODY


def _bodies(blobs: list[Blob], breadth: float, aspect: float) -> list[Blob]:
    """Without the shadows that somebody throws; a shadow nobody throws is somebody all in black."""
    bodies = [blob for blob in blobs if blob.look is Look.BODY]
    shadows = [blob for blob in blobs if blob.look is Look.SHADOW]
    thrown = list(bodies)
    while near := [s for s in shadows if any(_gap(s, other, aspect) < breadth for other in thrown)]:
        shadows = [s for s in shadows if s not in near]
        thrown = near
    return bodies + shadows


def _ranked(blob: Blob, blobs: list[Blob], breadth: float, aspect: float) -> Blob:
    """A scrap beside somebody much bigger is mostly a hand or a head of his: it may keep a track, not begin one."""
    scrap = any(
        blob.area < SCRAP_PART * other.area and _gap(blob, other, aspect) < SCRAP_GAP * breadth for other in blobs
    )
    return replace(blob, detection=replace(blob.detection, score=SCRAP_SCORE)) if scrap else blob


def _gap(one: Blob, other: Blob, aspect: float) -> float:
    """Distance between two boxes, in frame heights; 0 when they touch."""
    a, b = one.detection.box, other.detection.box
    dx = max(0.0, a.left - b.right, b.left - a.right) * aspect
    return hypot(dx, max(0.0, a.top - b.bottom, b.top - a.bottom))
