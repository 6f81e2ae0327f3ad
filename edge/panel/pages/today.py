"""Today: how many are inside, how the day goes against a usual one, the chime, and how the box is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.analytics.periods import Period
from edge.core.timekeeping import to_ms
from edge.panel import charts
from edge.panel.figures import today
from edge.panel.pages.chime_card import chime_card
from edge.panel.pages.health_card import health_card
from edge.panel.pages.page import Page
from edge.panel.parts import UNKNOWN, card, cards, icon, text
from edge.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from edge.analytics.usual import UsualDay
    from edge.panel.figures import HourOfDay, Today
    from edge.panel.view import View
    from edge.storage.statistics.reader import StatisticsReader

# The figures of the records are read again so often while somebody looks.
FRESH_S = 4.0
# What is usual changes from day to day only.
USUAL_S = 900.0
# The hours shown reach from the first to the last with people, and are at least so many.
FEWEST_HOURS = 10
# An hour in which fewer come, mostly, is an hour in which the shop is closed.
USUAL = 0.5


async def build(view: View) -> None:
    """The start page."""
    _Today(view).build()


class _Today:
    """The page's elements, and what keeps them right."""

    def __init__(self, view: View) -> None:
        self._view, self._words = view, view.words
        self._figures: Today | None = None
        self._read_s = -FRESH_S
        self._reading = False
        self._seen = (-1, -1)
        self._kept: tuple[int, ...] = ()

    def build(self) -> None:
        with cards():
            self._inside_card()
            self._way_card("in")
            self._way_card("out")
            self._hours_card()
            self._arrivals_card()
            with ui.element("div").classes("cards nested w6"):
                self._busiest_card()
                self._stay_card()
                health_card(self._view)
            chime_card(self._view)
        self._view.watch(self._told)
        ui.timer(FRESH_S, self._read)
        self._told()

    def _inside_card(self) -> None:
        day = self._view.calendar.day_of(to_ms(self._view.panel.clock.utc_now()))
        self._day = self._words.day(day)
        with card(self._words("today.inside"), "w6 hero", lambda: text(self._day, "span", "muted small nowrap")):
            self._inside = text(UNKNOWN, "div", "figure big accent").props("data-test=inside aria-live=polite")
            self._peak = text("", "p", "muted")

    def _way_card(self, way: str) -> None:
        with card(self._words(f"today.{way}_today"), "half-phone w3", lambda: icon(way, "muted")):
            figure = text(UNKNOWN, "div", "figure").props(f"data-test={way}")
            note = text("", "p", "muted small")
        if way == "in":
            self._in, self._usual = figure, note
        else:
            self._out, self._drift = figure, note

    def _hours_card(self) -> None:
        with card(self._words("today.hours"), "w8"):
            self._none = text(self._words("today.hours_none"), "p", "empty")
            self._chart = ui.echart(charts.frame([]), renderer="svg").classes("chart").props("role=img")
            self._chart.set_visibility(False)

    def _arrivals_card(self) -> None:
        with card(self._words("today.arrivals"), "w4"):
            self._arrivals = ui.element("ul").classes("list")
            with self._arrivals:
                text(self._words("today.arrivals_none"), "li", "empty")

    def _busiest_card(self) -> None:
        with card(self._words("today.busiest"), "half", lambda: icon("clock", "muted")):
            self._busiest = text(UNKNOWN, "div", "figure small-figure")
            self._busiest_n = text(self._words("today.busiest_none"), "p", "muted small")

    def _stay_card(self) -> None:
        with card(self._words("today.stay"), "half", lambda: icon("people", "muted")):
            self._stay = text(UNKNOWN, "div", "figure small-figure")
            self._visits = text(self._words("today.stay_none"), "p", "muted small")

    def _told(self) -> None:
        """The counter told how it does: its counts are newer than any record."""
        status = self._view.status
        if status is None:
            return
        self._inside.text = self._words.number(status["inside"])
        self._in.text, self._out.text = self._words.number(status["in"]), self._words.number(status["out"])
        self._keep(status)
        if (status["in"], status["out"]) != self._seen:
            self._seen = status["in"], status["out"]
            self._view.go(self._read())

    def _keep(self, status: Mapping[str, Any]) -> None:
        """Have the browser keep the figures, for when it has no network."""
        last = (status["inside"], status["in"], status["out"])
        if last != self._kept:
            self._kept = last
            ui.run_javascript(f"acm.keep({{inside: {last[0]}, in: {last[1]}, out: {last[2]}}})")

    async def _read(self) -> None:
        """Read the records again, unless that was done just now."""
        now_s = self._view.panel.clock.monotonic_s()
        if self._reading or now_s - self._read_s < FRESH_S / 4:
            return
        self._reading, self._read_s = True, now_s
        try:
            calendar, now = self._view.calendar, self._view.panel.clock.utc_now()
            day = calendar.day_of(to_ms(now))
            usual = await self._usual_day(day)
            key = ("today", calendar.zone_name, calendar.day_starts_h, day)
            figures = await self._view.ask(
                lambda records: today(records, calendar, now, usual), key=key, keep_s=FRESH_S / 2
            )
        except StorageError:
            self._peak.text = self._words("today.unread")
            return
        finally:
            self._reading = False
        if figures != self._figures:
            self._figures = figures
            self._show(figures)

    async def _usual_day(self, day: date) -> UsualDay | None:
        opening = self._view.panel.settings.opening

        def asked(records: StatisticsReader) -> UsualDay | None:
            return records.usual_day(day, records.fit_days(Period(day, day), opening))

        return await self._view.ask(asked, key=("usual", day), keep_s=USUAL_S)

    def _show(self, figures: Today) -> None:
        words = self._words
        if self._view.status is None:
            self._in.text, self._out.text = words.number(figures.entered), words.number(figures.left)
        if figures.peak_hour is None:
            self._peak.text = "" if figures.timeless(self._view.status) else words("today.nobody_yet")
        else:
            most = words.number(figures.peak)
            self._peak.text = words("today.peak", most=most, clock=_clock(figures.peak_hour))
        self._usual.text = self._usual_text(figures)
        agreed = figures.agreed
        self._drift.text = "" if agreed is None else words("today.drift", percent=words.percent(agreed))
        busiest = figures.busiest
        if busiest is not None:
            self._busiest.text = words.number(busiest.ins)
            start, end = _clock(busiest.clock_hour), _clock(busiest.clock_hour + 1)
            self._busiest_n.text = words("today.busiest_clock", from_clock=start, to_clock=end)
        if figures.stay_s is not None:
            self._stay.text = words.lasting(figures.stay_s)
            self._visits.text = words("today.visits", figures.visits)
        self._show_hours(figures)
        self._show_arrivals(figures)

    def _usual_text(self, figures: Today) -> str:
        words, weekday = self._words, self._words.weekday(figures.day.weekday())
        share = figures.against_usual
        if share is None:
            return words("today.usual_none", weekday=weekday)
        if not share:
            return words("today.usual_same", weekday=weekday)
        key = "today.usual_more" if share > 0 else "today.usual_less"
        return words(key, percent=words.percent(abs(share)), weekday=weekday)

    def _show_hours(self, figures: Today) -> None:
        hours = shown(figures)
        self._none.text = self._words("today.timeless" if figures.timeless(self._view.status) else "today.hours_none")
        self._none.set_visibility(not hours)
        self._chart.set_visibility(bool(hours))
        if not hours:
            return
        words = self._words
        series = [charts.bars(words("today.in"), [hour.ins or None for hour in hours])]
        series.append(charts.bars(words("today.out"), [hour.outs or None for hour in hours], "second"))
        if any(hour.usual is not None for hour in hours):
            usual = [None if hour.usual is None else round(hour.usual, 1) for hour in hours]
            name = words("today.usual", weekday=words.weekday(figures.day.weekday()))
            series.append(charts.curve(name, usual, "muted", dashed=True))
        labels = [_clock(hour.clock_hour) for hour in hours]
        self._chart.options.clear()
        self._chart.options.update(charts.with_series(charts.frame(labels, every=1), *series))
        said = words("today.hours_said", ins=words.number(figures.entered), outs=words.number(figures.left))
        self._chart.props["aria-label"] = said
        self._chart.update()

    def _show_arrivals(self, figures: Today) -> None:
        self._arrivals.clear()
        none = "today.timeless" if figures.timeless(self._view.status) else "today.arrivals_none"
        with self._arrivals:
            if not figures.arrivals:
                text(self._words(none), "li", "empty")
            for arrival in figures.arrivals:
                with ui.element("li"):
                    text(f"{arrival.at:%H:%M:%S}", "span", "nowrap")
                    text(arrival.line, "span", "grow muted")
                    icon("in", "muted")


def shown(figures: Today) -> list[HourOfDay]:
    """The hours worth showing: from the first to the last in which somebody came or usually comes."""
    busy = [number for number, hour in enumerate(figures.hours) if hour.ins or hour.outs or (hour.usual or 0) >= USUAL]
    if not busy:
        return []
    first, last = busy[0], busy[-1]
    while last - first + 1 < FEWEST_HOURS:
        first, last = max(0, first - 1), min(len(figures.hours) - 1, last + 1)
    return list(figures.hours[first : last + 1])


def _clock(hour: int) -> str:
    return f"{hour % 24:02d}:00"


PAGE = Page("/", "today.title", "today", build)
