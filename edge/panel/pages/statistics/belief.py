"""How far figures can be believed, judged from in against out, from gaps, and from counting along. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from edge.analytics.audit import Share
    from edge.analytics.occupancy import CorrectionReason
    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.told import DataQuality, DayDrift

# From here on figures are right in the main, or to be taken with care: in and out apart, opening hours missing, and
# people not found by the box while somebody counted along.
APART, MISSED, UNFOUND = (0.05, 0.15), (0.02, 0.1), (0.05, 0.15)
DAY_S = 86_400.0


class Level(str, Enum):
    """How far figures can be believed. The values are those of lights."""

    GOOD = "good"
    FAIR = "warn"
    POOR = "bad"


@dataclass(frozen=True, slots=True)
class LedgerPart:
    """Some days of the ledger.

    ``over`` came in on those that are over, and ``apart``: by how many in and out of each of them differ, so that a day
    of too many does not make up for a day of too few.
    """

    period: Period
    ins: int = 0
    outs: int = 0
    over: int = 0
    apart: int = 0
    corrections: Mapping[CorrectionReason, int] = field(default_factory=dict)

    @property
    def drift(self) -> float | None:
        """By what part of those who came in and out differ; None if nobody came on a day that is over."""
        return self.apart / self.over if self.over else None


@dataclass(frozen=True, slots=True)
class Belief:
    """The judgement. ``missed`` is the part of the opening hours in which the box was off; None where nothing is known.

    ``level`` is None where nobody came in on a day that is over, so that there is nothing to believe.
    """

    level: Level | None
    drift: float | None
    missed: float | None
    missed_s: float
    found: Share | None


def by_parts(days: Sequence[DayDrift], cut: Sequence[Period], today: date | None = None) -> list[LedgerPart]:
    """The ledger of each part of a period; both in order. ``today`` is not over: who is inside has yet to leave."""
    made, at = [], 0
    for part in cut:
        first = at
        while at < len(days) and days[at].day <= part.last:
            at += 1
        some = days[first:at]
        corrections: Counter[CorrectionReason] = Counter()
        for day in some:
            for reason, change in day.corrections.items():
                corrections[reason] += change
        ins, outs = sum(day.ins for day in some), sum(day.outs for day in some)
        over = [day for day in some if day.day != today]
        apart = sum(abs(day.ins - day.outs) for day in over)
        made.append(LedgerPart(part, ins, outs, sum(day.ins for day in over), apart, corrections))
    return made


def believed(
    whole: LedgerPart, quality: DataQuality | None, opening: Calendar | None, found: Share | None
) -> Belief:
    """Judge some days. ``found``: of the people somebody tapped when they last counted along, those counted right."""
    missed_s = sum(gap.open_s for gap in quality.gaps if not gap.camera) if quality is not None else 0.0
    open_s = opening_s(whole.period, opening)
    missed = min(1.0, missed_s / open_s) if open_s and quality is not None else None
    if whole.drift is None:
        return Belief(None, None, missed, missed_s, found)
    unfound = None if found is None or found.value is None else 1 - found.value
    judged = ((whole.drift, APART), (missed, MISSED), (unfound, UNFOUND))
    worst = max(sum(value > bound for bound in bounds) for value, bounds in judged if value is not None)
    return Belief(tuple(Level)[worst], whole.drift, missed, missed_s, found)


def opening_s(period: Period, opening: Calendar | None) -> float:
    """For how long the shop was open; all day where that is not known."""
    if opening is None:
        return len(period) * DAY_S
    return sum((span.end - span.start).total_seconds() for day in period for span in opening.opening(day))
