"""What is sent and taken: one shape for each, which is also how the interface describes itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Nothing unknown is taken."""

    model_config = ConfigDict(extra="forbid")


class Fault(Shape):
    """What was wrong, in a sentence."""

    error: str


class Light(Shape):
    """The box's traffic light."""

    level: Literal["good", "warn", "bad"]
    reasons: list[str]


class Status(Shape):
    """How the box does. ``counter`` is what ``acm status --json`` tells; null while the counter does not answer."""

    site: str
    health: Light
    counter: dict[str, Any] | None


class Count(Shape):
    """How many crossed a line in an hour or a day. ``start`` and ``clock_hour`` are null for a day."""

    day: date
    start: datetime | None
    clock_hour: int | None
    camera: str
    line: str
    door: bool
    ins: int
    outs: int


class Level(Shape):
    """How many were inside in an hour or on a day: most at once, and at its end."""

    day: date
    start: datetime | None
    clock_hour: int | None
    peak: int
    inside: int


class Visit(Shape):
    """Somebody left after ``stay_s`` seconds. Nobody in particular: a departure is paired with the oldest arrival."""

    seq: int
    at: datetime | None
    camera: str
    stay_s: float


class Counts(Shape):
    """A page of counts."""

    items: list[Count]
    next: int | None


class Levels(Shape):
    """A page of levels, and how many are inside now (null while the counter does not answer)."""

    inside: int | None
    items: list[Level]
    next: int | None


class Visits(Shape):
    """A page of visits."""

    items: list[Visit]
    next: int | None


class Relay(Shape):
    """A relay: whether it is on, why, and whether it cannot be reached."""

    name: str
    on: bool
    why: str
    lost: bool


class Turn(Shape):
    """What to do with a relay; ``for_s`` is how long a pulse lasts."""

    turn: Literal["on", "off", "pulse"]
    for_s: Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)] | None = None


class Ring(Shape):
    """Which chime; empty for the one for arrivals."""

    sound: Annotated[str, Field(max_length=200)] = ""


class Rung(Shape):
    """How long it took until the first sample was queued."""

    queued_ms: float


class Sound(Shape):
    """A sound; ``own``: the shop's, not one that ships."""

    name: str
    own: bool
