"""Draws what was seen and counted onto a copy of the picture: boxes, ids, trails, lines with their band, counts.

Strokes are outlined dark, letters stand on plates: legible on any background. All of it grows with the picture.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edge.core.frame import Frame
    from edge.core.model import Point, Sighting, Track, Tripwire, Zone

    Image = NDArray[np.uint8]
    Colour = tuple[int, int, int]

TRAIL_S = 3.0
ARROW_AT = 0.12
LINE_COLOUR = (60, 220, 255)
ZONE_COLOUR = (200, 170, 90)
DARK = (24, 24, 24)
BRIGHT = (255, 255, 255)
# Sum of blue, green and red from which on a plate takes dark letters.
LIGHT = 380
# Okabe and Ito's palette (BGR), told apart by colour-blind eyes too; black and the line's yellow left out.
PEOPLE_COLOURS = ((233, 180, 86), (115, 158, 0), (0, 159, 230), (167, 121, 204), (0, 94, 213), (178, 114, 0))
FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class LineLook:
    """One line as it stands: half the width of its band in frame heights, and its totals."""

    tripwire: Tripwire
    band: float
    entered: int
    left: int


class Painter:
    """Paints one camera's frames in order of time; remembers the last seconds of each walk."""

    def __init__(self, trail_s: float = TRAIL_S) -> None:
        self._trail_s = trail_s
        self._trails: dict[int, deque[tuple[float, Point]]] = {}
        self._seen_t_s: float | None = None

    def paint(
        self, frame: Frame, sighting: Sighting, lines: Sequence[LineLook], inside: int | None,
        zones: Sequence[Zone] = (),
    ) -> Image:  # fmt: skip
        """An annotated copy of ``frame`` (height x width x 3, uint8, BGR); the frame itself stays as it is.

        Without ``inside`` no totals are written onto it.
        """
        image = frame.image.copy()
        self.remember(sighting)
        pen = _Pen(image)
        for zone in zones:
            _zone(pen, zone)
        for look in lines:
            _band(pen, look)
        for look in lines:
            _line(pen, look)
        for track in sighting.tracks:
            if track.confirmed:
                self._person(pen, track)
        if inside is not None:
            _counts(pen, lines, inside)
        return image

    def twin(self) -> Painter:
        """Another painter that remembers the same: one may go on while the other paints."""
        twin = Painter(self._trail_s)
        twin._trails = {track_id: trail.copy() for track_id, trail in self._trails.items()}
        twin._seen_t_s = self._seen_t_s
        return twin

    def remember(self, sighting: Sighting) -> None:
        """Note where everybody is, without painting; the same sighting twice is noted once."""
        if sighting.t_s == self._seen_t_s:
            return
        if self._seen_t_s is not None and sighting.t_s < self._seen_t_s:
            # A recording starts again: nobody goes on.
            self._trails.clear()
        self._seen_t_s = sighting.t_s
        for track in sighting.tracks:
            if track.observed and track.place is not None:
                self._trails.setdefault(track.id, deque()).append((sighting.t_s, track.place))
        for track_id in sighting.ended:
            self._trails.pop(track_id, None)
        for trail in self._trails.values():
            while trail and sighting.t_s - trail[0][0] > self._trail_s:
                trail.popleft()

    def _person(self, pen: _Pen, track: Track) -> None:
        colour = PEOPLE_COLOURS[track.id % len(PEOPLE_COLOURS)]
        trail = self._trails.get(track.id, ())
        pen.path([pen.at(place) for _, place in trail], colour)
        corner, opposite = pen.at((track.box.left, track.box.top)), pen.at((track.box.right, track.box.bottom))
        # Somebody only remembered is drawn faintly: thin and without the outline.
        pen.box(corner, opposite, colour, sure=track.observed)
        pen.label(str(track.id), corner, colour, DARK if sum(colour) > LIGHT else BRIGHT)


class _Pen:
    """Strokes and letters in proportion to one picture."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.high, self.wide = image.shape[:2]
        self.unit = max(1, round(min(self.high, self.wide) / 360))
        self.letter = max(0.35, min(self.high, self.wide) / 900)

    def at(self, point: Point) -> tuple[int, int]:
        """Pixel of a place given in fractions of the frame."""
        return round(point[0] * self.wide), round(point[1] * self.high)

    def path(self, points: list[tuple[int, int]], colour: Colour) -> None:
        """An open line through ``points``, outlined."""
        line = [np.array(points, dtype=np.int32).reshape(-1, 1, 2)]
        for ink, breadth in ((DARK, 3 * self.unit), (colour, self.unit)):
            cv2.polylines(self.image, line, isClosed=False, color=ink, thickness=breadth, lineType=cv2.LINE_AA)

    def box(self, corner: tuple[int, int], opposite: tuple[int, int], colour: Colour, *, sure: bool) -> None:
        """A rectangle."""
        if sure:
            cv2.rectangle(self.image, corner, opposite, DARK, 3 * self.unit, cv2.LINE_AA)
        cv2.rectangle(self.image, corner, opposite, colour, self.unit, cv2.LINE_AA)

    def size(self, text: str, letter: float) -> tuple[int, int]:
        """Width and height of a text in pixels."""
        (wide, high), _ = cv2.getTextSize(text, FONT, letter, self.unit)
        return wide, high

    def write(self, text: str, at: tuple[int, int], letter: float, colour: Colour = BRIGHT) -> None:
        """Letters, ``at`` their lower left; what they stand on must differ from ``colour``."""
        cv2.putText(self.image, text, at, FONT, letter, colour, self.unit, cv2.LINE_AA)

    def label(self, text: str, at: tuple[int, int], plate: Colour, ink: Colour) -> None:
        """Letters on a plate standing on ``at``, kept inside the picture."""
        wide, high = self.size(text, self.letter)
        spare = 2 * self.unit
        left = min(max(0, at[0]), max(0, self.wide - wide - 2 * spare))
        base = min(max(high + 2 * spare, at[1]), self.high)
        cv2.rectangle(self.image, (left, base - high - 2 * spare), (left + wide + 2 * spare, base), plate, cv2.FILLED)
        self.write(text, (left + spare, base - spare), self.letter, ink)

    def shade(self, corners: list[tuple[float, float]], colour: Colour, part: float) -> None:
        """A see-through polygon; only the picture under it is touched, so that big pictures stay cheap."""
        points = np.round(np.array(corners)).astype(np.int32)
        left, top = np.maximum(points.min(axis=0), 0)
        right, bottom = np.minimum(points.max(axis=0) + 1, (self.wide, self.high))
        if right <= left or bottom <= top:
            return
        patch = self.image[top:bottom, left:right]
        tinted = patch.copy()
        cv2.fillPoly(tinted, [(points - (left, top)).astype(np.int32)], colour)
        patch[:] = cv2.addWeighted(tinted, part, patch, 1 - part, 0)


def _inward(pen: _Pen, wire: Tripwire) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Both ends in pixels and the unit vector people follow when they come in (the line's right hand)."""
    ax, ay = wire.start[0] * pen.wide, wire.start[1] * pen.high
    bx, by = wire.end[0] * pen.wide, wire.end[1] * pen.high
    length = hypot(bx - ax, by - ay)
    return (ax, ay), (bx, by), ((ay - by) / length, (bx - ax) / length)


def _band(pen: _Pen, look: LineLook) -> None:
    (ax, ay), (bx, by), (nx, ny) = _inward(pen, look.tripwire)
    dx, dy = nx * look.band * pen.high, ny * look.band * pen.high
    pen.shade([(ax + dx, ay + dy), (bx + dx, by + dy), (bx - dx, by - dy), (ax - dx, ay - dy)], LINE_COLOUR, 0.3)


def _zone(pen: _Pen, zone: Zone) -> None:
    """An area of floor, with its name where it begins."""
    corners = [pen.at(corner) for corner in zone.corners]
    pen.shade([(float(x), float(y)) for x, y in corners], ZONE_COLOUR, 0.25)
    pen.path([*corners, corners[0]], ZONE_COLOUR)
    pen.label(zone.name, corners[0], DARK, ZONE_COLOUR)


def _line(pen: _Pen, look: LineLook) -> None:
    """The line, and an arrow near its start that shows which way is in (people walk over the middle)."""
    (ax, ay), (bx, by), (nx, ny) = _inward(pen, look.tripwire)
    pen.path([(round(ax), round(ay)), (round(bx), round(by))], LINE_COLOUR)
    reach = 0.07 * min(pen.high, pen.wide)
    tail = (round(ax + ARROW_AT * (bx - ax)), round(ay + ARROW_AT * (by - ay)))
    head = (round(tail[0] + nx * reach), round(tail[1] + ny * reach))
    for ink, breadth in ((DARK, 3 * pen.unit), (LINE_COLOUR, pen.unit)):
        cv2.arrowedLine(pen.image, tail, head, ink, breadth, cv2.LINE_AA, tipLength=0.35)
    wide, high = pen.size("in", pen.letter)
    at = (round(head[0] + nx * 1.2 * wide - wide / 2), round(head[1] + ny * 1.8 * high + high))
    pen.label("in", at, DARK, LINE_COLOUR)


def _counts(pen: _Pen, lines: Sequence[LineLook], inside: int) -> None:
    """The totals on a dark plate in the upper left corner; smaller letters if the plate would not fit."""
    texts = [f"{look.tripwire.name}: in {look.entered}  out {look.left}" for look in lines]
    texts.append(f"inside {inside}")
    letter = 1.4 * pen.letter
    spare = 4 * pen.unit
    widest = max(pen.size(text, letter)[0] for text in texts)
    letter *= min(1.0, (pen.wide - 4 * spare) / widest)
    wide = max(pen.size(text, letter)[0] for text in texts)
    step = round(1.7 * pen.size("0", letter)[1]) + pen.unit
    right, bottom = wide + 3 * spare, step * len(texts) + 2 * spare
    pen.shade([(0, 0), (right, 0), (right, bottom), (0, bottom)], DARK, 0.6)
    for row, text in enumerate(texts, start=1):
        pen.write(text, (spare, spare // 2 + row * step), letter)
