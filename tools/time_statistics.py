"""Measures how long each statistic takes on some records, for the budget of 300 ms on five years of them.

    python tools/seed.py /tmp/five.db --years 5 --people 1150
    python tools/time_statistics.py /tmp/five.db

Each is asked for three times, of the last whole day, week, month and year and of everything; the slowest time counts.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from edge.analytics.periods import DAY, Period, Unit, before, period_of
from edge.analytics.schedule import Calendar
from edge.core.timekeeping import from_ms
from edge.storage.statistics.reader import StatisticsReader
from tools.seed import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET_MS, TIMES, SHOWN = 300.0, 3, 25


def asked(reader: StatisticsReader) -> dict[str, Callable[[], object]]:
    """Every question, by name."""
    known = reader.recorded()
    if known is None:
        raise SystemExit("there is nothing in these records.")
    opening = Calendar(Shop().schedule, reader.calendar().zone_name)
    fit = reader.fit_days(known, opening)
    last = known.last
    periods = {unit.value: before(period_of(unit, last)) for unit in list(Unit)[1:]}
    jobs: dict[str, Callable[[], object]] = {}
    for name, period in {**periods, "everything": known}.items():
        of_period = _of_period(reader, period, opening, fit)
        jobs.update({f"{what}, {name}": job for what, job in of_period.items()})
    end = from_ms(reader.calendar().span_ms(last)[1])
    jobs["usual day"] = lambda: reader.usual_day(last, fit)
    jobs["curve"] = lambda: reader.curve(last - DAY)
    jobs["curve by 10 s"] = lambda: reader.curve(last - DAY, 10)
    jobs["walks"] = lambda: reader.ways("hall", end - timedelta(hours=48), end)
    return jobs


def _of_period(
    reader: StatisticsReader, period: Period, opening: Calendar, fit: Callable[..., bool]
) -> dict[str, Callable[[], object]]:
    jobs: dict[str, Callable[[], object]] = {
        "summary": lambda: reader.summary(period),
        "compare": lambda: reader.compare(period, fit),
        "density": lambda: reader.density(period),
        "stays": lambda: reader.stays(period),
        "places": lambda: reader.places(period),
        "drift": lambda: reader.drift(period),
        "busiest": lambda: reader.busiest(period),
        "notable": lambda: reader.notable(period, fit),
        "quality": lambda: reader.quality(period, opening),
        "heat": lambda: reader.heat_map("hall", period),
        "clock hours": lambda: reader.clock_hour_levels(period),
        "lines": lambda: reader.lines(period),
    }
    for unit in Unit:
        jobs[f"flow by {unit.value}"] = partial(reader.flow, period, unit)
        jobs[f"levels by {unit.value}"] = partial(reader.levels, period, unit)
        jobs[f"stays by {unit.value}"] = partial(reader.stay_parts, period, unit)
    return jobs


def slowest_ms(job: Callable[[], object]) -> float:
    """How long it takes at worst."""
    took = []
    for _ in range(TIMES):
        began_s = perf_counter()
        job()
        took.append(perf_counter() - began_s)
    return max(took) * 1000


def main() -> int:
    """Measure and tell; 1 if anything took longer than the budget."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("records", type=Path)
    with StatisticsReader(words.parse_args().records) as reader:
        took = sorted(((slowest_ms(job), name) for name, job in asked(reader).items()), reverse=True)
    for each_ms, name in took[:SHOWN]:
        print(f"{each_ms:8.1f} ms  {name}")
    over = sum(each_ms > BUDGET_MS for each_ms, _ in took)
    print(f"{len(took)} questions, {over} over {BUDGET_MS:.0f} ms.")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
