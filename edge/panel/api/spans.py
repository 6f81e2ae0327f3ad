"""Which days a call asks about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from pydantic import Field

from edge.analytics.periods import Period, Unit
from edge.core.errors import InputError
from edge.core.timekeeping import to_ms
from edge.panel.api.asking import MOST as MOST_ROWS
from edge.panel.api.shapes import Shape

if TYPE_CHECKING:
    from edge.panel.panel import Panel

EARLIEST, LATEST = date(1971, 1, 1), date(2199, 12, 31)
# More at once would keep a small board busy for long.
MOST_DAYS = {"hour": 400}
MOST = 4000
From = Annotated[date | None, Query(alias="from", description="the first day; today if left out")]
To = Annotated[date | None, Query(description="the last day; today if left out")]

LONGEST_NAME = 40


class Cut(Shape):
    """A period, cut into parts."""

    by: Unit = Field(default=Unit.DAY, description="by what the period is cut")
    first: date | None = Field(default=None, alias="from", description="the first day; today if left out")
    to: date | None = Field(default=None, description="the last day; today if left out")
    camera: str = Field(default="", max_length=LONGEST_NAME, description="only this camera; all if left out")
    after: int = Field(default=0, ge=0, le=2**53, description="`next` of the page before, 0 for the first")
    limit: int = Field(default=500, ge=1, le=MOST_ROWS, description="how many at most")

    def period(self, panel: Panel) -> Period:
        """The days asked for. ``InputError`` if they make no sense."""
        return Period(*days_asked(panel, self.first, self.to, self.by.value))


class CutAtLine(Cut):
    """The same, of those who crossed a line."""

    line: str = Field(default="", max_length=LONGEST_NAME, description="only this line; all doors if left out")


class CutInZone(Cut):
    """The same, of those who stayed somewhere."""

    zone: str = Field(default="", max_length=LONGEST_NAME, description="only this zone; the shop if left out")


def days_asked(panel: Panel, first: date | None, last: date | None, by: str) -> tuple[date, date]:
    """The days asked for. ``InputError`` if they make no sense."""
    today = panel.settings.calendar.day_of(to_ms(panel.clock.utc_now()))
    last = last or max(today, first or today)
    first = first or min(today, last)
    if not EARLIEST <= first <= last <= LATEST:
        raise InputError(f"There are no days from {first} to {last}; give them in order, {EARLIEST} to {LATEST}.")
    most = MOST_DAYS.get(by, MOST)
    if last - first >= timedelta(days=most):
        raise InputError(f"These are more than {most} days by the {by}; ask for fewer at a time.")
    return first, last
