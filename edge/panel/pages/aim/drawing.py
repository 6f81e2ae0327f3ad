"""What is drawn on a camera's picture: lines and zones as hands move them, and as the settings have them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from edge.config.change import Edit
from edge.core.geometry import distance
from edge.core.model import Tripwire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from edge.config.schema import CameraTable, LineTable
    from edge.core.model import Point

FEWEST_CORNERS, MOST_CORNERS = 3, 12
# A thousandth of the picture is less than a pixel of most cameras.
DIGITS = 3
NEW_LINE = ((0.5, 0.85), (0.5, 0.15))
NEW_ZONE = ((0.2, 0.55), (0.45, 0.55), (0.45, 0.85), (0.2, 0.85))


@dataclass(frozen=True, slots=True)
class Line:
    """A line. Whoever stands at ``start`` and faces ``end`` sees people come in from left to right.

    ``written`` is how the settings have it, as long as nobody has moved it.
    """

    name: str
    start: Point
    end: Point
    door: bool = True
    written: Mapping[str, object] | None = field(default=None, compare=False)

    @property
    def tripwire(self) -> Tripwire:
        """The line as it is counted at."""
        return Tripwire(self.name, self.start, self.end)

    @property
    def flipped(self) -> Line:
        """The same with in and out exchanged."""
        return replace(self, start=self.end, end=self.start, written=None)

    def moved(self, start: Point, end: Point) -> Line:
        """The same somewhere else."""
        if (start, end) == (self.start, self.end):
            return self
        return replace(self, start=start, end=end, written=None)

    @property
    def table(self) -> dict[str, object]:
        """The line as a table of the settings."""
        ends = self.written or {"from": list(self.start), "to": list(self.end), "in": motion(self.start, self.end)}
        return {"name": self.name, **ends, "door": self.door}


@dataclass(frozen=True, slots=True)
class Area:
    """A zone."""

    name: str
    corners: tuple[Point, ...]

    @property
    def table(self) -> dict[str, object]:
        """The zone as a table of the settings."""
        return {"name": self.name, "corners": [list(corner) for corner in self.corners]}

    @property
    def richer(self) -> Area:
        """The same with a corner more, in the middle of the longest side."""
        if len(self.corners) >= MOST_CORNERS:
            return self
        after = [*self.corners[1:], self.corners[0]]
        sides = [distance(one, other) for one, other in zip(self.corners, after, strict=True)]
        at = sides.index(max(sides))
        (ax, ay), (bx, by) = self.corners[at], after[at]
        middle = rounded(((ax + bx) / 2, (ay + by) / 2))
        return replace(self, corners=(*self.corners[: at + 1], middle, *self.corners[at + 1 :]))

    @property
    def poorer(self) -> Area:
        """The same without its last corner, if it has more than it needs."""
        return self if len(self.corners) <= FEWEST_CORNERS else replace(self, corners=self.corners[:-1])


@dataclass(frozen=True, slots=True)
class Drawing:
    """All lines and zones of one camera."""

    lines: tuple[Line, ...] = ()
    areas: tuple[Area, ...] = ()

    @classmethod
    def of(cls, camera: CameraTable) -> Drawing:
        """As the settings have it."""
        wires = camera.tripwires()
        lines = (_line(table, wire) for table, wire in zip(camera.line, wires, strict=True))
        return cls(tuple(lines), tuple(Area(zone.name, zone.corners) for zone in camera.zone))

    def moved(self, told: Mapping[str, Any]) -> Drawing:
        """As hands have left it: places by number, from the browser. ``ValueError`` if it is no such thing."""
        try:
            lines = [line.moved(*map(_place, two)) for line, two in zip(self.lines, told["lines"], strict=True)]
            areas = [
                replace(area, corners=tuple(map(_place, corners)))
                for area, corners in zip(self.areas, told["zones"], strict=True)
            ]
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"no drawing: {error}") from None
        return Drawing(tuple(lines), tuple(areas))

    def edits(self, camera: str) -> list[Edit]:
        """What has to be written for it."""
        return [
            Edit(("camera", camera, "line"), [line.table for line in self.lines]),
            Edit(("camera", camera, "zone"), [area.table for area in self.areas]),
        ]

    def changes(self, before: Drawing) -> list[tuple[str, str]]:
        """What is other than before: what happened (a key of ``aim.change``) and the name of what it happened to."""
        told = _names_changed("line", self.lines, before.lines) + _names_changed("zone", self.areas, before.areas)
        was = {line.name: line for line in before.lines}
        for line in self.lines:
            old = was.get(line.name)
            if old is None or old == line:
                continue
            if (line.start, line.end) == (old.end, old.start):
                told.append(("line_flipped", line.name))
            elif (line.start, line.end) != (old.start, old.end):
                told.append(("line_moved", line.name))
            if line.door != old.door:
                told.append(("line_door" if line.door else "line_within", line.name))
        areas = {area.name: area for area in before.areas}
        told += [("zone_moved", area.name) for area in self.areas if areas.get(area.name, area) != area]
        return told

    def free_name(self, names: Iterable[str]) -> str:
        """The first of some names that nothing has yet."""
        taken = {line.name for line in self.lines} | {area.name for area in self.areas}
        return next(name for name in names if name not in taken)


def motion(start: Point, end: Point) -> str:
    """The way people move who come in at a line, as the settings call it: the one most across it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    if abs(dy) >= abs(dx):
        return "left-to-right" if dy < 0 else "right-to-left"
    return "top-to-bottom" if dx > 0 else "bottom-to-top"


def rounded(place: Point) -> Point:
    """A place in the picture, no finer than anybody can draw."""
    x, y = (round(min(1.0, max(0.0, part)), DIGITS) for part in place)
    return x, y


def _line(table: LineTable, wire: Tripwire) -> Line:
    written = {"from": list(table.start), "to": list(table.end), "in": table.motion}
    return Line(table.name, wire.start, wire.end, table.door, written)


def _place(told: Any) -> Point:  # noqa: ANN401 - whatever a browser says
    x, y = told
    if type(x) not in (int, float) or type(y) not in (int, float) or x != x or y != y:  # noqa: PLR0124 - not a number
        raise TypeError("a place is two numbers")
    return rounded((float(x), float(y)))


def _names_changed(kind: str, now: Sequence[Line | Area], before: Sequence[Line | Area]) -> list[tuple[str, str]]:
    names, were = [one.name for one in now], [one.name for one in before]
    told = [(f"{kind}_added", name) for name in names if name not in were]
    return told + [(f"{kind}_removed", name) for name in were if name not in names]
