"""People seen from straight above as blobs: what differs from the floor, cut into pieces of a person's size."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.core.model import Box, Detection
from edge.vision.shadows import Look, look, shadow_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from edge.core.model import Point
    from edge.vision.background import Difference

    Mask = NDArray[np.uint8]
    Where = NDArray[np.bool_]
    Reals = NDArray[np.float32]

# Shoulders from above: about half as deep as broad, in an ellipse. Area = pi/4 * breadth * depth.
AREA_BY_BREADTH2 = 0.45
# Less than a quarter of a person, alone, is an arm, a bag, a patch of light; less than a twentieth is nothing. Somebody
# new is a third at least: the first of him over the edge.
LEAST_PART, SPECK_PART, BIRTH_PART = 0.25, 0.05, 0.35
# Before the size is known the camera may hang so high that people are a fifth of what is assumed.
UNKNOWN_LEAST_PART, UNKNOWN_BIRTH_PART = 0.12, 0.16
# A piece of less than half of what is beside it is mostly a hand or a head of his.
SCRAP_PART = 0.5
# A shadow lies beside who throws it, a dark coat around its head: how many breadths apart their middles are at least.
BESIDE = 0.25
# How far, in breadths, a scrap may be from its body, and a shadow from who throws it.
SCRAP_GAP, SHADOW_GAP = 0.5, 0.5
# Less than this of a group that is not shadow is patches of sun in the shadow, not who throws it.
LIT_PART = 0.15
# From this many people's area on a blob is cut in two; one already followed as two stays two a little longer.
TWO, STILL_TWO = 1.7, 1.4
MOST_IN_A_BLOB = 12
ROUNDS = 8
# A fifth of the shoulders' breadth is the finest that says anything: specks go, gaps (a belt, a strap) close.
GRAIN = 0.2
HALF = 127
# Something new must move to be somebody; what stands still only keeps a known person alive.
STIRS, KEPT_SCORE = 0.05, 0.3
# Half the shoulders' breadth is this many standard deviations of an even ellipse's pixels.
HALF_SIGMAS = 2.0


@dataclass(frozen=True, slots=True)
class Blob:
    """Somebody. ``area`` is in frame heights squared.

    ``alone``: a piece of its own, not cut off a bigger one. ``at_edge``: it reaches the frame's edge.
    """

    detection: Detection
    area: float
    alone: bool
    at_edge: bool


@dataclass(slots=True, eq=False)
class _Piece:
    """A connected piece of the mask: its pixels (x, y), N x 2, those beside its shadow if it has one, and its box."""

    pixels: Reals
    lit: Reals | None
    low: Reals
    high: Reals

    @property
    def all_shadow(self) -> bool:
        """Whether all of it looks like shadow."""
        return self.lit is not None and len(self.lit) == 0

    def gap_px(self, other: _Piece) -> float:
        """Distance between two pieces' boxes, 0 when they touch."""
        return float(np.linalg.norm(np.maximum(0, np.maximum(self.low - other.high, other.low - self.high))))

    def take(self, other: _Piece) -> None:
        self.pixels = np.concatenate((self.pixels, other.pixels))


class BlobFinder:
    """Finds the people of one frame, all of them about ``person_area`` frame heights squared big."""

    def __init__(self, difference: Difference, person_area: float, *, known_size: bool) -> None:
        self._difference = difference
        self._high, self._wide = difference.strange.shape
        self._person_px = person_area * self._high * self._high
        self._known_size = known_size
        self._least_px = (LEAST_PART if known_size else UNKNOWN_LEAST_PART) * self._person_px
        self._birth_px = (BIRTH_PART if known_size else UNKNOWN_BIRTH_PART) * self._person_px
        self._breadth_px = sqrt(self._person_px / AREA_BY_BREADTH2)

    def find(self, expected: Sequence[Point]) -> list[Blob]:
        """The frame's blobs. ``expected`` are places of known people (fractions of the frame).

        Blobs as big as several people are cut only once the size is known: before that they are one.
        """
        people = np.array([(x * self._wide, y * self._high) for x, y in expected], np.float32).reshape(-1, 2)
        blobs: list[Blob] = []
        for piece in self._bodies(list(self._pieces())):
            share = len(piece.pixels) / self._person_px
            if len(piece.pixels) < self._least_px:
                continue
            inside = self._inside(piece, people)
            number = people_in(share, len(inside)) if self._known_size else 1
            blobs += [self._blob(part, alone=number == 1) for part in _cut(piece, number, inside)]
        return blobs

    def _pieces(self) -> Iterator[_Piece]:
        """The mask's connected pieces, without specks and mere light."""
        for mask in _components(self._tidied(self._difference.strange), SPECK_PART * self._person_px):
            brighter = self._difference.brighter[mask]
            looks = look(brighter)
            if looks is Look.LIGHT:
                continue
            shadow = shadow_in(brighter) if looks is Look.BODY else np.full(brighter.shape, looks is Look.SHADOW)
            yield _piece(mask, self._lit(mask, shadow) if shadow.any() else None)

    def _lit(self, mask: Where, shadow: NDArray[np.bool_]) -> Reals | None:
        """What of a piece is not its shadow: who throws it. Empty if nothing of size is left.

        None if what is dark lies around what is lit rather than beside it: that is a dark coat under a head.
        """
        rest = np.zeros_like(self._difference.strange)
        rest[mask] = np.where(shadow, 0, 255)
        parts = [_places(part) for part in _components(self._tidied(rest), SPECK_PART * self._person_px)]
        lit = np.concatenate([*parts, np.empty((0, 2), np.float32)])
        if len(lit) == 0:
            return lit
        beside = np.linalg.norm(lit.mean(axis=0) - _places(mask)[shadow].mean(axis=0))
        return lit if beside >= BESIDE * self._breadth_px else None

    def _tidied(self, mask: Mask) -> Mask:
        """Solid where most of the neighbourhood is. Beyond the frame a body goes on as it does at the frame's edge."""
        across = 2 * max(1, round(GRAIN * self._breadth_px / 2)) + 1
        density = cv2.blur(mask, (across, across), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.threshold(density, HALF, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)

    def _bodies(self, pieces: list[_Piece]) -> list[_Piece]:
        """The pieces that are people, each with the scraps and without the shadow that belongs to it."""
        pieces.sort(key=lambda piece: -len(piece.pixels))
        shadows: list[_Piece] = []
        bodies: list[_Piece] = []
        for group in self._grouped(pieces):
            if all(piece.all_shadow for piece in group):
                shadows += group
            elif any(piece.lit is not None for piece in group):
                bodies.append(self._thrower(group))
            else:
                bodies += self._with_scraps(group)
        # A shadow that nobody throws is somebody all in black.
        thrown = list(bodies)
        while near := [s for s in shadows if any(s.gap_px(o) < SHADOW_GAP * self._breadth_px for o in thrown)]:
            shadows = [shadow for shadow in shadows if shadow not in near]
            thrown = near
        return bodies + shadows

    def _grouped(self, pieces: list[_Piece]) -> list[list[_Piece]]:
        """Pieces that are so near each other that they may belong together."""
        left, groups = list(pieces), []
        while left:
            group = [left.pop(0)]
            for member in group:
                near = [other for other in left if member.gap_px(other) < SCRAP_GAP * self._breadth_px]
                group += near
                left = [other for other in left if other not in near]
            groups.append(group)
        return groups

    def _with_scraps(self, group: list[_Piece]) -> list[_Piece]:
        """The people of a group, biggest first: the small pieces belong to the nearest of them."""
        bodies: list[_Piece] = []
        for piece in group:
            whole = self._known_size and len(piece.pixels) >= SCRAP_PART * self._person_px
            owner = None if whole else self._owner(piece, bodies)
            if owner is None:
                bodies.append(piece)
            else:
                owner.take(piece)
        return bodies

    def _thrower(self, group: list[_Piece]) -> _Piece:
        """Who throws the shadow in a group: all that is lit; a shadow nobody throws is somebody all in black."""
        everything = np.concatenate([piece.pixels for piece in group])
        lit = np.concatenate([piece.pixels if piece.lit is None else piece.lit for piece in group])
        if len(lit) < max(self._least_px, LIT_PART * len(everything)):
            lit = everything
        return _Piece(lit, None, lit.min(axis=0), lit.max(axis=0))

    def _owner(self, scrap: _Piece, bodies: list[_Piece]) -> _Piece | None:
        near = [
            body for body in bodies
            if len(scrap.pixels) < SCRAP_PART * len(body.pixels)
            and scrap.gap_px(body) < SCRAP_GAP * self._breadth_px
        ]  # fmt: skip
        return min(near, key=scrap.gap_px, default=None)

    def _inside(self, piece: _Piece, people: Reals) -> Reals:
        """Those of the known people who are expected on this piece, or within a quarter of a body of it."""
        reach2 = (self._breadth_px / 4) ** 2
        near = [((piece.pixels - person) ** 2).sum(axis=1).min() <= reach2 for person in people]
        return people[near]

    def _blob(self, piece: _Piece, *, alone: bool) -> Blob:
        pixels = piece.pixels
        middle = pixels.mean(axis=0)
        spread = pixels.std(axis=0)
        edge = np.array((self._wide, self._high), np.float32)
        low, high = (middle - HALF_SIGMAS * spread) / edge, (middle + HALF_SIGMAS * spread + 1) / edge
        box = Box(*(float(side) for side in (*np.maximum(low, 0), *np.minimum(high, 1))))
        at_edge = pixels.min() < 1 or bool((pixels.max(axis=0) > edge - 2).any())
        columns, rows = pixels.astype(np.intp).T
        stirs = np.count_nonzero(self._difference.moving[rows, columns]) > STIRS * len(pixels)
        # While exposure moves anything may look strange; but people come in over the edge.
        new = stirs and (at_edge or self._difference.settled) and len(pixels) >= self._birth_px
        score = min(1.0, 0.3 + len(pixels) / self._person_px) if new else KEPT_SCORE
        return Blob(Detection(box, score), len(pixels) / (self._high * self._high), alone, at_edge)


def _components(mask: Mask, least_px: float) -> Iterator[Where]:
    """Each connected part of a mask of at least so many pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] >= least_px:
            yield labels == label


def _places(mask: Where) -> Reals:
    rows, columns = np.nonzero(mask)
    return np.stack((columns, rows), axis=1).astype(np.float32)


def _piece(mask: Where, lit: Reals | None) -> _Piece:
    pixels = _places(mask)
    return _Piece(pixels, lit, pixels.min(axis=0), pixels.max(axis=0))


def people_in(share: float, known: int) -> int:
    """How many people a blob of ``share`` people's area holds, when ``known`` are already followed in it."""
    number = max(1, min(MOST_IN_A_BLOB, int(share + (2 - TWO))))
    while number < min(known, MOST_IN_A_BLOB) and share >= number + 1 - (2 - STILL_TWO):
        number += 1
    return number


def _cut(piece: _Piece, number: int, seeds: Reals) -> list[_Piece]:
    """Cut a piece into ``number`` around known people (k-means from them; farthest pixels for the rest)."""
    if number == 1:
        return [piece]
    pixels = piece.pixels
    centres = list(seeds[:number]) or [pixels.mean(axis=0)]
    while len(centres) < number:
        away = np.min([((pixels - centre) ** 2).sum(axis=1) for centre in centres], axis=0)
        centres.append(pixels[int(np.argmax(away))])
    middle = np.array(centres, np.float32)
    owner = np.zeros(len(pixels), np.intp)
    for _ in range(ROUNDS):
        owner = ((pixels[:, None] - middle[None]) ** 2).sum(axis=2).argmin(axis=1)
        for k in range(number):
            mine = owner == k
            if mine.any():
                middle[k] = pixels[mine].mean(axis=0)
    parts = [pixels[owner == k] for k in range(number)]
    return [_Piece(part, piece.lit, part.min(axis=0), part.max(axis=0)) for part in parts if len(part)]
