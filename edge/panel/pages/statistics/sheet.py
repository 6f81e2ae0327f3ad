"""A sheet of statistics: a function that works its figures out. The page and the files come from the same one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from edge.core.timekeeping import to_ms
from edge.panel.pages.statistics.chosen import Chosen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics
    from edge.panel.pages.statistics.figure import Figure
    from edge.panel.panel import Panel
    from edge.panel.shop import Shop
    from edge.panel.view import View
    from edge.panel.words import Words

T = TypeVar("T")
FIRST = "visitors"


class Asking(Protocol):
    """Puts a question to the records of the chosen site, off the event loop. Raises the kinds of ``AcmError``."""

    async def __call__(self, question: Callable[[Statistics], T], /) -> T:
        """What the question gives."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """What the figures of a sheet are worked out from. ``shop`` is the one that is looked at."""

    words: Words
    chosen: Chosen
    ask: Asking
    panel: Panel
    shop: Shop

    @property
    def opening(self) -> Calendar | None:
        """When the shop is open, if that is known."""
        return self.shop.opening


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. ``title`` is a key of ``words``; ``scopes`` says what can be picked: "lines", "zones", or nothing.

    ``compares``: whether it can be compared; ``box_only``: a hub has no data for it; ``sums``: it
    makes sense of all shops together; ``lately``: it is about the last
    two days only; ``more`` builds what stands below the figures and is none.
    """

    path: str
    title: str
    figures: Callable[[Ask], Awaitable[list[Figure]]]
    scopes: str = "lines"
    compares: bool = False
    box_only: bool = False
    sums: bool = False
    lately: bool = False
    more: Callable[[View, Ask], Awaitable[None]] | None = None

    @property
    def name(self) -> str:
        """What it is called in the address of its files."""
        return self.path.removeprefix("/statistics").strip("/") or FIRST


def asked(panel: Panel, words: Words, query: Mapping[str, str], sheet: Sheet) -> Ask:
    """What somebody asks for by an address."""
    shop = panel.shop(query.get("site", ""))
    if shop.together and not sheet.sums and panel.sites is not None:
        # Of all shops together only sums are told: it is about the first one then.
        shop = panel.shop(next(iter(panel.sites.names), ""))
    today = shop.calendar.day_of(to_ms(panel.clock.utc_now()))
    chosen = replace(Chosen.of(query, today, shop.week_starts), site=shop.name)

    async def ask(question: Callable[[Statistics], T], /) -> T:
        return await shop.ask(question)

    return Ask(words, chosen, ask, panel, shop)
