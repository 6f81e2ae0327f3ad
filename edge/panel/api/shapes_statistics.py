"""What is told of zones, of where people stood, and of figures by any unit."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - the framework reads what the shapes are made of

from edge.panel.api.shapes import Shape


class Stays(Shape):
    """Stays that ended. Null where nobody stayed; of hours only number and mean are known."""

    count: int
    mean_s: float | None
    median_s: float | None
    nine_of_ten_s: float | None


class Zone(Shape):
    """A zone. ``corners`` are fractions of the picture; null for one that is no longer drawn."""

    camera: str
    zone: str
    corners: list[tuple[float, float]] | None
    stays: Stays


class Zones(Shape):
    """A page of zones."""

    items: list[Zone]
    next: int | None


class Heat(Shape):
    """How long people stood where: seconds of all together, row by row from the top left. Never a picture."""

    camera: str
    first: date
    last: date
    rows: int
    columns: int
    person_seconds: list[list[float]]


class Part(Shape):
    """A part of a period. ``start`` and ``clock_hour`` are null unless it is an hour."""

    first: date
    last: date
    start: datetime | None
    clock_hour: int | None


class FlowPart(Part):
    """How many came in and went out in it."""

    ins: int
    outs: int


class Flows(Shape):
    """A page of parts."""

    items: list[FlowPart]
    next: int | None


class StayPart(Part):
    """Stays that ended in it."""

    stays: Stays


class StayParts(Shape):
    """A page of parts, and the whole period together."""

    together: Stays
    items: list[StayPart]
    next: int | None


class Density(Shape):
    """In and out in each hour of the week: rows are Monday to Sunday, columns the clock's hours.

    ``days`` of each weekday are in the period.
    """

    first: date
    last: date
    ins: list[list[int]]
    outs: list[list[int]]
    days: list[int]
