"""Making a report now: which days, as what, in which language."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from nicegui import ui

from edge.analytics.periods import DAY, Period, Unit, period_of
from edge.core.errors import InputError
from edge.core.timekeeping import to_ms
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import tried
from edge.panel.paper import FORMS, Press
from edge.panel.parts import button, card, icon, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.panel.paper import OnPaper
    from edge.panel.view import View

SPANS = ("week", "month", "day", "year", "range")
RANGE = "range"
FIRST_YEAR, LAST_YEAR = 1971, 2199


def make_card(view: View) -> None:
    """The card."""
    words = view.words
    yesterday = view.calendar.day_of(to_ms(view.panel.clock.utc_now())) - DAY
    starts = view.panel.settings.config.site.first_weekday
    before = period_of(Unit.WEEK, period_of(Unit.WEEK, yesterday + DAY, starts).first - DAY, starts)
    with card(words("reports.make"), "w6"):
        text(words("reports.make_what"), "p", "muted small")
        with ui.element("div").classes("pairs"):
            spans = {one: words(f"reports.span_{one}") for one in SPANS}
            span = Choice(words("reports.of"), spans, "week", test="span")
            language = language_choice(view)
            day = Line(words("reports.with_day"), before.last.isoformat(), kind="date", test="day")
            first = Line(words("reports.from"), before.first.isoformat(), kind="date", test="first")
            last = Line(words("reports.to"), before.last.isoformat(), kind="date", test="last")
        chosen = form_boxes(view, ("pdf",))

        def fit() -> None:
            day.whole.set_visibility(span.value != RANGE)
            for one in (first, last):
                one.whole.set_visibility(span.value == RANGE)

        async def made() -> OnPaper:
            if span.value == RANGE:
                period = _period(view, first.value, last.value)
            else:
                on = _day(view, day.value)
                period = period_of(Unit(span.value), on, starts)
            return await Press(view.panel).report(view.visitor, period, chosen(), language.value)

        span.on_change(fit)
        fit()
        maker(view, words("reports.make_now"), made, test="make")


def maker(view: View, said: str, made: Callable[[], Awaitable[OnPaper]], *, test: str) -> None:
    """A button that has something made, says that it is under way, and shows what came of it."""
    words = view.words

    async def work() -> None:
        start.disable()
        under_way.set_visibility(True)
        result.clear()
        done = await tried(view, made())
        under_way.set_visibility(False)
        start.enable()
        if done is not None:
            with result:
                _links(view, done, test)

    with ui.element("div").classes("row"):
        start = button(said, work, "report")
        start.props["data-test"] = test
        with ui.element("div").classes("row under-way") as under_way:
            bar = ui.element("progress")
            bar.props["aria-label"] = words("reports.under_way")
            text(words("reports.under_way"), "span", "muted small").props("role=status")
    under_way.set_visibility(False)
    result = ui.element("div").classes("stack").props("aria-live=polite")


def language_choice(view: View, *, test: str = "language") -> Choice:
    """In which language; that of the reports is chosen."""
    config = view.panel.settings.config
    known = {one.language: one.name for one in view.panel.languages.all}
    usual = next((one for one in (config.reports.language, view.words.language) if one in known), "en")
    return Choice(view.words("reports.language"), known, usual, test=test)


def form_boxes(view: View, chosen: tuple[str, ...]) -> Callable[[], tuple[str, ...]]:
    """A box for each format; gives what says which are ticked."""
    with ui.element("fieldset").classes("forms"):
        text(view.words("reports.formats"), "legend")
        with ui.element("div").classes("row"):
            boxes = {form: ui.checkbox(view.words(f"reports.form_{form}"), value=form in chosen) for form in FORMS}
    for form, box in boxes.items():
        box.props["data-test"] = f"form-{form}"
    return lambda: tuple(form for form, box in boxes.items() if box.value)


def _links(view: View, done: OnPaper, test: str) -> None:
    text(view.words("reports.ready"), "p")
    with ui.element("ul").classes("list"):
        for name in done.names:
            with ui.element("li"), ui.element("a").classes("button plain") as link:
                link.props["href"] = done.link(name)
                link.props["download"] = name
                link.props["data-test"] = f"{test}-file"
                icon("download")
                text(name)


def _day(view: View, said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise InputError(view.words("reports.no_day")) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(view.words("reports.no_day"))
    return day


def _period(view: View, first: str, last: str) -> Period:
    days = _day(view, first), _day(view, last)
    if days[1] < days[0]:
        raise InputError(view.words("reports.backwards"))
    return Period(*days)


