"""A trial under way: what was tapped and what was counted, on one clock. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from edge.analytics.audit import Audit, audit

if TYPE_CHECKING:
    from edge.core.model import Direction


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap: when by the phone's clock, when it arrived by ours, and which way."""

    phone_s: float
    arrived_s: float
    direction: Direction


@dataclass(slots=True)
class Trial:
    """Taps and crossings since ``began_s``, by the machine's monotonic clock."""

    camera: str
    line: str
    began_s: float
    taps: list[Tap] = field(default_factory=list)
    counted: list[tuple[float, Direction]] = field(default_factory=list)

    def moments(self) -> list[tuple[float, Direction]]:
        """When each tap was made, in seconds since the beginning.

        A network that stumbles delivers taps late, and the phone has a clock of its own: the quickest delivery tells
        how far apart the two are, and that is taken for all.
        """
        apart_s = min((tap.arrived_s - tap.phone_s for tap in self.taps), default=0.0)
        return [(tap.phone_s + apart_s - self.began_s, tap.direction) for tap in self.taps]

    def crossings(self) -> list[tuple[float, Direction]]:
        """When each crossing was, in seconds since the beginning; those from before it are none of ours."""
        since = [(at_s - self.began_s, direction) for at_s, direction in self.counted]
        return [(at_s, direction) for at_s, direction in since if at_s >= 0]

    def judged(self, ended_s: float) -> Audit:
        """The comparison; what was counted after ``ended_s`` nobody could tap any more."""
        until_s = ended_s - self.began_s
        return audit(self.moments(), [one for one in self.crossings() if one[0] <= until_s])


def told(result: Audit) -> dict[str, object]:
    """What is kept of a comparison: shares with their bounds, and how many of each kind of fault."""
    return {
        "tapped": {"in": result.tapped_in, "out": result.tapped_out},
        "counted": {"in": result.counted_in, "out": result.counted_out},
        "found": asdict(result.found), "right": asdict(result.right),
        "missed": len(result.missed), "doubles": len(result.doubles),
        "turned": len(result.turned), "extra": len(result.extra), "late_s": round(result.late_s, 2),
    }  # fmt: skip
