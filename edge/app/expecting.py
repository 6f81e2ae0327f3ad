"""``acm bench forecast``: how good forecasts would have been for this shop, by its own records."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from edge.analytics.forecast import judge
from edge.analytics.history import history
from edge.analytics.periods import DAY, Period
from edge.analytics.schedule import Calendar
from edge.app.run import settings_files
from edge.core.errors import AcmError
from edge.storage.statistics.reader import StatisticsReader

if TYPE_CHECKING:
    from typing import TextIO

    from edge.analytics.forecast import Judged
    from edge.app.records import RecordsAsk
    from edge.config.schema import Config

# The first weeks only teach; a year is enough to be judged by.
LEARNING_DAYS, JUDGED_DAYS = 28, 365


@dataclass(frozen=True, slots=True)
class ForecastAsk:
    """What was asked for: of which records, and in which form."""

    records: RecordsAsk
    as_json: bool = False


def bench_forecast(ask: ForecastAsk, out: TextIO) -> int:
    """Judge the forecast of each week of the last year beside the same as a week ago."""
    config = settings_files(ask.records.where).load().config
    with StatisticsReader(ask.records.records) as reader:
        known = reader.recorded()
        first = None if known is None else max(known.first + LEARNING_DAYS * DAY, known.last - JUDGED_DAYS * DAY)
        if known is None or first is None or first > known.last:
            raise AcmError(f"{ask.records.records}: there are no {LEARNING_DAYS} days of records yet to learn from.")
        found = judge(history(reader, _opening(config), known), first, known.last)
    if found is None:
        raise AcmError(f"{ask.records.records}: too few days can be compared; opening hours and holidays tell which.")
    told = {**asdict(found), "ratio": found.ratio, "first": first.isoformat(), "last": known.last.isoformat()}
    out.write(json.dumps(told) + "\n" if ask.as_json else _text(found, Period(first, known.last)))
    return 0


def _opening(config: Config) -> Calendar | None:
    table = config.schedule
    return Calendar(table, config.site.time_zone) if table.known else None


def _text(found: Judged, period: Period) -> str:
    ratio = "-" if found.ratio is None else f"{found.ratio:.2f}"
    fair = "-" if found.fair_ratio is None else f"{found.fair_ratio:.2f}"
    return (
        f"Forecasts of {found.days} days, {period.first} to {period.last}, each made before its week:\n"
        f"  mean error of a day    {found.day_error:8.1f} people; same as last week {found.naive_day_error:8.1f}\n"
        f"  mean error of an hour  {found.hour_error:8.1f} people; same as last week {found.naive_hour_error:8.1f}\n"
        f"  error by the naive one's: {ratio}; where last week was a usual one ({found.fair_days} days): {fair}\n"
        f"  days within the band: {found.held:.0%}\n"
    )
