"""When something is worth telling. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from edge.analytics.schedule import Calendar

# A restart takes less; what lasts longer needs somebody.
LASTED_S = 150.0
# A box that is in trouble every few minutes is told of twice an hour.
APART_S = 1800.0
# Who opens the shop comes before it opens, and leaves after it has closed.
BEFORE, AFTER = timedelta(hours=1), timedelta(minutes=30)


@dataclass(slots=True)
class Trouble:
    """Whether the box is in trouble: told once it has lasted a while, and so is its end."""

    told: bool = False
    since_s: float | None = None
    last_s: float | None = None

    def look(self, now_s: float, *, bad: bool) -> bool | None:
        """True when trouble is to be told, False when its end is, None if there is nothing new."""
        if bad == self.told:
            self.since_s = None
            return None
        if self.since_s is None:
            self.since_s = now_s
        early = now_s - self.since_s < LASTED_S
        often = bad and self.last_s is not None and now_s - self.last_s < APART_S
        if early or often:
            return None
        self.told, self.since_s = bad, None
        self.last_s = now_s if bad else self.last_s
        return bad


@dataclass(slots=True)
class Seldom:
    """Something that is told at most once in ``apart_s`` seconds."""

    apart_s: float
    last_s: float | None = None

    def may(self, now_s: float) -> bool:
        """Whether it may be told now; then it was."""
        if self.last_s is not None and now_s - self.last_s < self.apart_s:
            return False
        self.last_s = now_s
        return True


def after_hours(opening: Calendar | None, at: datetime) -> bool:
    """Whether the shop is closed, and has been for a while, and does not open soon. Never if that is not known."""
    if opening is None:
        return False
    return all(opening.open_since(moment) is None for moment in (at - AFTER, at, at + BEFORE))
