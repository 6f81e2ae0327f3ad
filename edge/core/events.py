"""What happened: the facts the scene reports. Sinks (chime, records, panel) are given these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.model import Direction


@dataclass(frozen=True, slots=True)
class LineTouched:
    """A track reached the line from the near side: the crossing is likely, the chime need not wait."""

    t_s: float
    line: str
    direction: Direction
    track_id: int


@dataclass(frozen=True, slots=True)
class LineCrossed:
    """A crossing is certain: the track left the far side of the line's band.

    ``t_s`` is when the line itself was crossed (interpolated), ``provisional_t_s`` when it was foreseen,
    ``committed_t_s`` when it became certain.
    """

    t_s: float
    line: str
    direction: Direction
    track_id: int
    provisional_t_s: float
    committed_t_s: float


class RejectReason(str, Enum):
    """Why a track that came near a line was not counted. The values are sentences a person reads."""

    TURNED_BACK = "turned back inside the band"
    BORN_IN_BAND = "appeared inside the band and left on the side where it appeared"
    BARELY_MOVED = "moved less than half a body: a poster, a mannequin or somebody waiting"
    ENDED_IN_BAND = "was lost inside the band"
    PASSED_BESIDE = "passed beside the end of the line"
    COUNTED_ALREADY = "the same step was counted already by another point of the body"


@dataclass(frozen=True, slots=True)
class TrackRejected:
    """A track came to a line and was not counted, and why."""

    t_s: float
    line: str
    track_id: int
    reason: RejectReason


@dataclass(frozen=True, slots=True)
class ZoneEntered:
    """A track stepped into a zone."""

    t_s: float
    zone: str
    track_id: int


@dataclass(frozen=True, slots=True)
class ZoneExited:
    """A track left a zone (or was lost in it) after ``dwell_s`` seconds."""

    t_s: float
    zone: str
    track_id: int
    dwell_s: float


@dataclass(frozen=True, slots=True)
class OccupancyChanged:
    """How many people are inside now, after a crossing or a correction."""

    t_s: float
    inside: int


@dataclass(frozen=True, slots=True)
class VisitEnded:
    """Somebody left. ``stay_s`` pairs the departure with the oldest open arrival: true in the mean, not per person."""

    t_s: float
    stay_s: float


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A button was pressed, or a contact became active. ``t_s`` is on the box's own monotonic clock."""

    t_s: float
    button: str


@dataclass(frozen=True, slots=True)
class ButtonReleased:
    """A button was let go, or a contact became inactive, after ``held_s`` seconds."""

    t_s: float
    button: str
    held_s: float


@dataclass(frozen=True, slots=True)
class NightFell:
    """A camera went over to its lamp. ``t_s`` is on the box's own monotonic clock."""

    t_s: float


@dataclass(frozen=True, slots=True)
class DayBroke:
    """A camera sees without its lamp again."""

    t_s: float


Event = (
    LineTouched | LineCrossed | TrackRejected | ZoneEntered | ZoneExited | OccupancyChanged | VisitEnded
    | ButtonPressed | ButtonReleased | NightFell | DayBroke
)  # fmt: skip
