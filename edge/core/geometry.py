"""Plane geometry of lines and zones. Distances are in frame heights: x is stretched by the frame's aspect first."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.model import Point


def stretched(point: Point, aspect: float) -> Point:
    """A point in frame heights, so that distances mean the same along x and y."""
    return (point[0] * aspect, point[1])


def distance(a: Point, b: Point) -> float:
    """Euclidean distance of two points given in the same unit."""
    return hypot(a[0] - b[0], a[1] - b[1])


def offset_from_line(point: Point, start: Point, end: Point) -> tuple[float, float]:
    """Where a point lies relative to a line, all in the same unit.

    Returns ``(across, along)``: the signed distance from the infinite line, positive on the right hand of somebody who
    faces ``end`` from ``start`` on a picture (y down), and the position along it, 0 at ``start`` and 1 at ``end``.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = point[0] - start[0], point[1] - start[1]
    length = hypot(dx, dy)
    return ((dx * py - dy * px) / length, (px * dx + py * dy) / (length * length))


def inside_polygon(point: Point, corners: tuple[Point, ...]) -> bool:
    """Whether a point lies in a simple polygon (even-odd rule; points on the border may fall either way)."""
    x, y = point
    inside = False
    ax, ay = corners[-1]
    for bx, by in corners:
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
        ax, ay = bx, by
    return inside


def distance_to_border(point: Point, corners: tuple[Point, ...]) -> float:
    """Shortest distance from a point to a polygon's border, in the points' unit."""
    nearest = float("inf")
    ax, ay = corners[-1]
    for bx, by in corners:
        dx, dy = bx - ax, by - ay
        length2 = dx * dx + dy * dy
        part = 0.0 if length2 == 0 else ((point[0] - ax) * dx + (point[1] - ay) * dy) / length2
        part = min(1.0, max(0.0, part))
        nearest = min(nearest, hypot(point[0] - ax - part * dx, point[1] - ay - part * dy))
        ax, ay = bx, by
    return nearest
