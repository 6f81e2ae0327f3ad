"""Reports: what boxes made by themselves and sent to the hub, to be fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nicegui import ui

from edge.core.timekeeping import from_ms
from edge.panel.pages.page import Page
from edge.panel.pages.statistics.frame import select
from edge.panel.parts import banner, card, cards, icon, text
from edge.panel.sites.reports import link, together
from edge.panel.statics import static
from edge.storage.hub.errors import HubStorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.panel.sites.reports import SentReport
    from edge.panel.view import View
    from edge.panel.words import Words
    from edge.storage.hub.reports import KeptFile

PATH = "/reports"
# More is asked for by site.
MOST_FILES = 500
KB, MB = 1000, 1_000_000


async def build(view: View) -> None:
    """The page."""
    words, sites = view.words, view.panel.sites
    names = () if sites is None else sites.names
    wanted = view.client.request.query_params.get("site", "")
    site = wanted if wanted in names else ""
    try:
        files = [] if sites is None else await sites.reports(site, MOST_FILES)
    except HubStorageError as error:
        banner(words("hub_reports.unread"), str(error), bad=True)
        return
    _picker(words, names, site)
    with cards(), card("", "w12"):
        if not files:
            text(words("hub_reports.none"), "p", "empty").props("data-test=no-reports")
            return
        text(words("hub_reports.what"), "p", "muted small")
        with ui.element("ul").classes("list"):
            for report in together(files):
                _row(view, report)
        if len(files) == MOST_FILES:
            text(words("hub_reports.more"), "p", "muted small")


def _picker(words: Words, names: Sequence[str], site: str) -> None:
    """Which shop's; nothing to choose where there is only one."""
    if len(names) < 2:  # noqa: PLR2004 - one
        return
    ui.add_head_html(f'<script src="{static("statistics.js")}" defer></script>')
    every = [(words("sites.every"), PATH, not site)]
    each = [(name, f"{PATH}?{urlencode({'site': name})}", name == site) for name in names]
    with ui.element("section").classes("picker"), ui.element("div").classes("choices site-choice"):
        select(words("sites.site"), every + each, "site")


def _row(view: View, report: SentReport) -> None:
    words, latest = view.words, report.files[0]
    with ui.element("li").classes("wraps").props("data-test=sent-report"):
        with ui.element("div").classes("words grow wrap"):
            text(f"{latest.report} · {words.period(report.first, report.last)}", "h3")
            sent = words("hub_reports.sent", at=words.moment(from_ms(latest.sent_ms).astimezone(view.calendar.zone)))
            text(f"{latest.site} · {latest.device_name} · {sent}", "p", "muted small")
        with ui.element("div").classes("row"):
            for one in sorted(report.files, key=lambda one: one.file):
                _link(words, one)


def _link(words: Words, one: KeptFile) -> None:
    with ui.element("a").classes("button plain") as made:
        icon("download")
        text(one.file)
        text(size(words, one.size_bytes), "span", "muted small")
    made.props["href"] = link(one)
    made.props["download"] = one.file
    made.props["data-test"] = "report-file"


def size(words: Words, size_bytes: int) -> str:
    """How big a file is, for people."""
    if size_bytes < MB:
        return words("hub_reports.kilobytes", size=words.number(max(1, round(size_bytes / KB))))
    return words("hub_reports.megabytes", size=words.number(size_bytes / MB, 1))


PAGE = Page(PATH, "hub_reports.title", "report", build)
