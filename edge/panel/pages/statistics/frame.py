"""What every sheet of statistics has: where one can go, which days, which part of the shop, compared with what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nicegui import ui

from edge.analytics.told import SITE_WIDE, Scope
from edge.panel.pages.page import Page
from edge.panel.pages.statistics.chosen import FIRST, LAST, Against, Span
from edge.panel.pages.statistics.figure import figure_card
from edge.panel.pages.statistics.sheet import asked
from edge.panel.parts import banner, cards, icon, text
from edge.panel.statics import static
from edge.storage.errors import StorageError
from edge.storage.hub.errors import HubStorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nicegui.element import Element

    from edge.panel.pages.statistics.chosen import Chosen
    from edge.panel.pages.statistics.sheet import Ask, Sheet
    from edge.panel.view import View

HOME = "/statistics"


def page_of(sheet: Sheet, sheets: Sequence[Sheet]) -> Page:
    """The page of a sheet, among the others one can go to from it."""

    async def build(view: View) -> None:
        ui.add_head_html(f'<script src="{static("statistics.js")}" defer></script>')
        ask = asked(view.panel, view.words, view.client.request.query_params, sheet)
        frame(view, ask, sheet, sheets)
        if sheet.lately:
            ask = replace(ask, chosen=ask.chosen.late())
        try:
            figures = await sheet.figures(ask)
        except (StorageError, HubStorageError) as error:
            banner(view.words("statistics.unread"), str(error), bad=True)
            return
        with cards():
            for figure in figures:
                others = [one for one in figures if figure.turn and one.turn == figure.turn]
                figure_card(view, ask.chosen, figure, sheet, others)
            if sheet.more is not None:
                await sheet.more(view, ask)

    title = "statistics.title" if sheet.path == HOME else sheet.title
    return Page(sheet.path, title, "statistics", build, listed=sheet.path == HOME)


def frame(view: View, ask: Ask, sheet: Sheet, sheets: Sequence[Sheet]) -> None:
    """The tabs to the other sheets and the picker."""
    words = view.words
    with ui.element("nav").classes("tabs") as tabs:
        tabs.props["aria-label"] = words("statistics.sheets")
        for other in sheets:
            link(words(other.title), f"{other.path}?{ask.chosen.query()}", current=other is sheet)
    chosen = ask.chosen.late() if sheet.lately else ask.chosen
    with ui.element("section").classes("picker") as picker:
        picker.props["aria-label"] = words("statistics.picker")
        if view.panel.sites is not None:
            with ui.element("div").classes("choices site-choice"):
                select(words("sites.site"), _sites(view, chosen, sheet), "site")
        _spans(view, chosen, sheet)
        if not sheet.lately:
            _stepper(view, chosen, sheet)
        with ui.element("div").classes("choices"):
            if not sheet.lately:
                _days(view, chosen, sheet)
            scopes = _scopes(view, ask, sheet) if sheet.scopes and not ask.shop.together else []
            if len(scopes) > 1:
                select(words("statistics.scope"), scopes, "scope")
            if sheet.compares:
                select(words("statistics.against"), _againsts(view, chosen, sheet), "against")


def _spans(view: View, chosen: Chosen, sheet: Sheet) -> None:
    """How long a time is looked at; of what is kept for two days only, which of them."""
    words = view.words
    if sheet.lately:
        spans = [(f"statistics.lately_{name}", to) for name, to in chosen.lately().items()]
    else:
        spans = [(f"statistics.span_{span.value}", chosen.spanning(span)) for span in Span]
    with ui.element("div").classes("segments").props("role=group") as segments:
        segments.props["aria-label"] = words("statistics.span")
        for key, to in spans:
            here = to.period == chosen.period if sheet.lately else to.span is chosen.span
            link(words(key), f"{sheet.path}?{to.query()}", current=here)


def link(said: str, where: str, *, current: bool) -> Element:
    """A link within a group of which one is where somebody is."""
    made = ui.element("a")
    made.props["href"] = where
    if current:
        made.props["aria-current"] = "page"
    with made:
        text(said)
    return made


def _stepper(view: View, chosen: Chosen, sheet: Sheet) -> None:
    """Earlier, which days, later, today."""
    words = view.words
    with ui.element("div").classes("stepper"):
        _step(words("statistics.earlier"), sheet, chosen.earlier(), "back")
        text(chosen.said(words), "strong", "period").props("data-test=period aria-live=polite")
        _step(words("statistics.later"), sheet, chosen.later(), "next")
        if chosen.now() != chosen:
            with ui.element("a").classes("button plain today") as today:
                text(words(f"statistics.now_{chosen.span.value}"))
            today.props["href"] = f"{sheet.path}?{chosen.now().query()}"
            today.props["data-test"] = "now"


def _step(said: str, sheet: Sheet, to: Chosen, drawing: str) -> None:
    with ui.element("a").classes("button plain round") as step:
        icon(drawing)
    step.props["href"] = f"{sheet.path}?{to.query()}"
    step.props["aria-label"] = step.props["title"] = said


def _days(view: View, chosen: Chosen, sheet: Sheet) -> None:
    """A calendar to pick a day from, or both ends of a range. Its place in the address is filled in by the browser."""
    words, period = view.words, chosen.period
    ranged = chosen.span is Span.RANGE
    fields = (("from", period.first), ("to", period.last)) if ranged else (("day", period.first),)
    with ui.element("div").classes("days-picked") as days:
        days.props["data-go"] = f"{sheet.path}?{chosen.query()}"
        for name, day in fields:
            with ui.element("label"):
                text(words(f"statistics.pick_{name}"), "span", "muted small")
                field = ui.element("input").props("type=date required")
            field.props["value"], field.props["data-name"] = day.isoformat(), name
            field.props["min"], field.props["max"] = FIRST.isoformat(), LAST.isoformat()


def select(said: str, options: Sequence[tuple[str, str, bool]], name: str) -> None:
    """A choice that leads somewhere: what is said, where it leads, whether that is here."""
    with ui.element("label"):
        text(said, "span", "muted small")
        with ui.element("select") as made:
            made.props["data-choice"] = name
            for label, where, chosen in options:
                option = text(label, "option")
                option.props["value"] = where
                if chosen:
                    option.props["selected"] = True


def _sites(view: View, chosen: Chosen, sheet: Sheet) -> list[tuple[str, str, bool]]:
    """Each site of a hub, and all of them where that makes sense. What was picked of one is not of another."""
    names = view.panel.sites.names if view.panel.sites is not None else ()
    found = [(view.words("sites.every"), "")] if sheet.sums or not names else []
    found += [(name, name) for name in names]
    return [
        (said, f"{sheet.path}?{replace(chosen, site=name, scope=SITE_WIDE).query()}", name == chosen.site)
        for said, name in found
    ]  # fmt: skip


def _scopes(view: View, ask: Ask, sheet: Sheet) -> list[tuple[str, str, bool]]:
    """The whole site, each camera, and each of its lines or zones; what is looked at although it is gone, too."""
    words, chosen = view.words, ask.chosen
    found = [(words("statistics.whole"), SITE_WIDE)]
    cameras = ask.shop.cameras
    for camera in cameras:
        if len(cameras) > 1:
            found.append((camera.name, Scope(camera.name)))
        if "zones" in sheet.scopes:
            found += [(f"{camera.name} · {zone}", Scope(camera.name, zone=zone)) for zone in camera.zones]
        if "lines" in sheet.scopes:
            found += [(f"{camera.name} · {line}", Scope(camera.name, line)) for line in camera.lines]
    if chosen.scope not in [scope for _, scope in found]:
        found.append((scope_said(chosen.scope), chosen.scope))
    return [(said, f"{sheet.path}?{chosen.of_scope(scope).query()}", scope == chosen.scope) for said, scope in found]


def scope_said(scope: Scope) -> str:
    """A part of the shop by its names."""
    return " · ".join(name for name in (scope.camera, scope.line, scope.zone) if name)


def _againsts(view: View, chosen: Chosen, sheet: Sheet) -> list[tuple[str, str, bool]]:
    return [
        (view.words(f"statistics.against_{against.value}"), f"{sheet.path}?{chosen.compared(against).query()}",
         against is chosen.against)
        for against in Against
    ]  # fmt: skip


