"""What a site's own records teach about the days to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.forecast import History

if TYPE_CHECKING:
    from datetime import date

    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics


def history(source: Statistics, opening: Calendar | None, known: Period) -> History:
    """What the records know of the days ``known``. ``opening``: when the shop is open, if that is known."""
    fit = source.fit_days(known, opening)

    def closed(day: date) -> bool:
        return opening is not None and not opening.opening(day)

    return History(source.by_clock_hour(known), fit, known.first, closed)
