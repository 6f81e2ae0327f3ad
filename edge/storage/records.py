"""What can be kept: plain records, each with the monotonic time at which it happened. Nothing here knows a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.events import LineCrossed, VisitEnded, ZoneExited

if TYPE_CHECKING:
    from edge.analytics.occupancy import CorrectionReason
    from edge.core.events import Event
    from edge.core.model import Direction
    from edge.core.notice import Fact


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody crossed a line. ``door``: whether that changes how many are inside."""

    uptime_s: float
    camera: str
    line: str
    direction: Direction
    door: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody left after ``stay_s`` seconds, seen by ``camera``."""

    uptime_s: float
    camera: str
    stay_s: float


@dataclass(frozen=True, slots=True)
class ZoneStay:
    """Somebody left a zone after ``dwell_s`` seconds."""

    uptime_s: float
    camera: str
    zone: str
    dwell_s: float


@dataclass(frozen=True, slots=True)
class Correction:
    """How many are inside was set right by ``change``, for a reason."""

    uptime_s: float
    change: int
    reason: CorrectionReason


@dataclass(frozen=True, slots=True)
class Step:
    """A place on a walk: seconds after its beginning, and fractions of the frame."""

    after_s: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Walk:
    """Where somebody walked, from ``uptime_s`` on. Kept to 0.1 s and a thousandth of the frame, for two days."""

    uptime_s: float
    camera: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """How long people stood in each cell of the picture, over ``span_s`` seconds that ended at ``uptime_s``.

    ``cells`` are person-seconds row by row, ``columns`` to a row.
    """

    uptime_s: float
    camera: str
    span_s: float
    columns: int
    cells: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the box said about itself."""

    uptime_s: float
    fact: Fact


Record = Crossing | Visit | ZoneStay | Correction | Walk | Heat | Told


def record_of(event: Event, camera: str, uptime_s: float, *, door: bool = True) -> Record | None:
    """What is kept of an event that happened at the monotonic time ``uptime_s``; None for what is not kept."""
    if isinstance(event, LineCrossed):
        return Crossing(uptime_s, camera, event.line, event.direction, door)
    if isinstance(event, VisitEnded):
        return Visit(uptime_s, camera, event.stay_s)
    if isinstance(event, ZoneExited):
        return ZoneStay(uptime_s, camera, event.zone, event.dwell_s)
    return None
