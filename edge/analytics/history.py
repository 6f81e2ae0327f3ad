"""What a site's own records teach about the days to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.forecast import History
from edge.analytics.told import SITE_WIDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics
    from edge.analytics.told import Scope

# Eight weeks are judged, each by what the half year before it teaches.
WEEKS_LEARNED = 34


def history(
    source: Statistics, opening: Calendar | None, known: Period, scope: Scope = SITE_WIDE,
    fit: Callable[[date], bool] | None = None,
) -> History:  # fmt: skip
    """What the records know of the days ``known``. ``opening``: when the shop is open, if that is known.

    ``fit`` says which of these days may be learned from, where that was asked for already.
    """
    fit = source.fit_days(known, opening) if fit is None else fit

    def closed(day: date) -> bool:
        return opening is not None and not opening.opening(day)

    return History(source.by_clock_hour(known, scope), fit, known.first, closed)
