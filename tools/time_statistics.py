"""Measures how long each statistic takes on some records, for the budget of 300 ms on five years of them.

    python tools/seed.py /tmp/five.db --years 5 --people 1150
    python tools/time_statistics.py /tmp/five.db

Each is asked for three times, of the last whole day, week, month and year and of everything; the slowest time counts.
So is every question that a sheet of the panel's statistics asks for its figures, whichever span is looked at: in time
of the processor, so that others at work on it do not count.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from functools import partial
from itertools import product
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

sys.path.insert(0, str(Path(__file__).parents[1]))

from edge.analytics.periods import DAY, Period, Unit, before, period_of
from edge.analytics.schedule import Calendar
from edge.config.files import SettingsFiles
from edge.core.clock import ManualClock
from edge.core.timekeeping import from_ms
from edge.panel.pages.statistics.chosen import Against
from edge.panel.pages.statistics.sheet import asked as asked_for
from edge.panel.pages.statistics.sheets import SHEETS
from edge.panel.panel import Panel
from edge.panel.words import Languages
from edge.storage.panel.store import PanelStore
from edge.storage.statistics.reader import StatisticsReader
from tools.seed import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.analytics.statistics import Statistics
    from edge.panel.pages.statistics.sheet import Sheet

BUDGET_MS, TIMES, SHOWN = 300.0, 3, 25
ALL = ", all figures"


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


def by_sheet(records: Path, known: Period) -> dict[str, float]:
    """How long each question of each sheet takes, and all figures of a sheet do, in ms."""
    with tempfile.TemporaryDirectory() as place:
        settings = Path(place) / "acm.toml"
        settings.write_text(Shop().settings(), encoding="utf-8")
        clock = ManualClock(0.0, datetime.combine(known.last, time(15), timezone.utc))
        with PanelStore(Path(place) / "panel.db") as store:
            files = SettingsFiles.around(settings, Path(place))
            panel = Panel.of(files, records, store, control=None, clock=clock)
            spans = [f"span={span}" for span in ("day", "week", "month", "year")]
            spans.append(f"span=range&from={known.first}&to={known.last}")
            took: dict[str, float] = {}
            for sheet, span, against in product(SHEETS, spans, Against):
                if sheet.compares or against is Against.BEFORE:
                    query = dict(parse_qsl(f"{span}&against={against.value}"))
                    took |= asyncio.run(_of_sheet(panel, sheet, query, f"{sheet.name}, {span}, {against.value}"))
            panel.reading.close()
    return took


async def _of_sheet(panel: Panel, sheet: Sheet, query: dict[str, str], name: str) -> dict[str, float]:
    """Time of the processor for each question and all figures, the least of some tries: what a second look takes."""
    ask = asked_for(panel, Languages().get("en"), query, sheet)
    took: dict[str, float] = {}
    for _ in range(TIMES):
        times: list[float] = []

        async def timed(question: Callable[[Statistics], object], times: list[float] = times) -> object:
            def measured(told: Statistics) -> object:
                began_s = thread_time()
                answer = question(told)
                times.append(thread_time() - began_s)
                return answer

            return await ask.ask(measured)

        began_s = process_time()
        await sheet.figures(replace(ask, ask=timed))  # type: ignore[arg-type]
        for number, each_s in enumerate([process_time() - began_s, *sorted(times, reverse=True)]):
            what = f"{name}, question {number}" if number else f"{name}{ALL}"
            took[what] = min(each_s * 1000, took.get(what, each_s * 1000))
    return took


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
    words.add_argument("--sheets", action="store_true", help="only what the sheets of the panel ask")
    ask = words.parse_args()
    with StatisticsReader(ask.records) as reader:
        took = {} if ask.sheets else {name: slowest_ms(job) for name, job in asked(reader).items()}
        known = reader.recorded()
    if known is not None:
        took |= by_sheet(ask.records, known)
    slowest = sorted(((each_ms, name) for name, each_ms in took.items() if not name.endswith(ALL)), reverse=True)
    for each_ms, name in slowest[:SHOWN]:
        print(f"{each_ms:8.1f} ms  {name}")
    whole = [(each_ms, name) for name, each_ms in took.items() if name.endswith(ALL)]
    for each_ms, name in sorted(whole, reverse=True)[:SHOWN // 3]:
        print(f"{each_ms:8.1f} ms  {name}")
    over = sum(each_ms > BUDGET_MS for each_ms, _ in slowest)
    print(f"{len(slowest)} questions, {over} over {BUDGET_MS:.0f} ms.")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
