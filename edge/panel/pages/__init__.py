"""The pages, one module each; ``PAGES`` has them in the order in which one can go to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.panel.pages import aim, count, live, manage, notices, reports, secure, sites, statistics, today

if TYPE_CHECKING:
    from edge.panel.pages.page import Page
    from edge.panel.panel import Panel

PAGES = (
    today.PAGE, live.PAGE, *statistics.PAGES, aim.PAGE, count.PAGE, *manage.PAGES, reports.PAGE, notices.PAGE,
    secure.PAGE,
)  # fmt: skip
# In front of a hub.
HUB_PAGES = (*sites.PAGES, *statistics.HUB_PAGES, *manage.HUB_PAGES)


def pages_of(panel: Panel) -> tuple[Page, ...]:
    """The pages of this panel."""
    return PAGES if panel.sites is None else HUB_PAGES
