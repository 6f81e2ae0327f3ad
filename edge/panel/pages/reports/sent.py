"""What became of each report that came round, and what was asked for by hand."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.analytics.periods import Period
from edge.core.errors import AcmError
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.frame import asked
from edge.panel.parts import button, card, light, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nicegui.element import Element

    from edge.panel.view import View
    from edge.panel.words import Words

    Told = Mapping[str, Any]

SHOWN, LOOK_S = 30, 3.0
DONE, TRYING = "done", "trying"
OPEN = ("waiting", "at-work")


class Sent:
    """What the counter tells of reports, asked for every few seconds while the page is open."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.deliveries: Sequence[Told] = ()
        self.orders: Sequence[Told] = ()
        self.known = False
        self.told: list[Callable[[], None]] = []

    def start(self) -> None:
        """Look now, and again."""
        ui.timer(LOOK_S, self.look)

    async def look(self) -> None:
        """Ask the counter, and tell the cards if there is news."""
        before = (self.deliveries, self.orders, self.known)
        try:
            answer = await self._view.panel.daemon.ask_quietly("reports")
        except AcmError:
            self.known = False
        else:
            self.deliveries, self.orders, self.known = answer["deliveries"], answer["orders"], True
        if before != (self.deliveries, self.orders, self.known):
            for one in self.told:
                one()

    async def order(self, **words: object) -> Told:
        """Ask the counter for something. Raises ``NotAllowedError``, or another ``AcmError`` in a sentence."""
        view = self._view
        await view.panel.actions.permit(view.visitor, Right.SET)
        answer = await view.panel.daemon.ask("reports", **words)
        kind = "report-test" if words["do"] == "test" else "report-again"
        detail = {key: str(value) for key, value in words.items() if key in ("report", "first", "address")}
        await view.panel.actions.note(view.visitor, kind, undo=None, **detail)
        await self.look()
        return answer

    async def again(self, report: str, first: str) -> None:
        """Have one sent again."""
        done = await self._view.tried(self.order(do="again", report=report, first=first))
        if done is not None:
            self._view.tell(self._view.words("reports.asked"))


def sent_card(view: View, sent: Sent) -> None:
    """The card."""
    words = view.words
    with card(words("reports.sent"), "w6"):
        rows = ui.element("div").classes("stack").props("aria-live=polite")

    def told() -> None:
        rows.clear()
        with rows:
            _rows(view, sent, rows)

    sent.told.append(told)
    told()


def _rows(view: View, sent: Sent, _: Element) -> None:
    words = view.words
    if not sent.known:
        text(words("reports.unknown"), "p", "muted")
        return
    if not sent.deliveries:
        text(words("reports.none_sent"), "p", "empty")
        return
    with ui.element("ul").classes("list"):
        for one in sent.deliveries[:SHOWN]:
            _row(view, sent, one)


def _row(view: View, sent: Sent, one: Told) -> None:
    words = view.words
    level, said = state_of(words, one)
    period = Period(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]))
    with ui.element("li").classes("wraps").props("data-test=delivery"):
        with ui.element("div").classes("words grow wrap"):
            text(f"{one['report']} · {words.period(period.first, period.last)}", "h3")
            light(level, said)
            if one["state"] == DONE and one["done_at"]:
                at = datetime.fromisoformat(one["done_at"]).astimezone(view.calendar.zone)
                to = [words("reports.to_people", n=len(one["mailed"]))] if one["mailed"] else []
                to += [words("reports.to_folder")] if one["filed"] else []
                to += [words("reports.to_hub")] if one["at_hub"] else []
                text(" · ".join([words.moment(at), *to]), "p", "muted small")
            if one["unsure"]:
                text(words("reports.unsure_why", to=", ".join(one["unsure"])), "p", "small")
            if one["why"]:
                text(str(one["why"]), "p", "small why")
        known = any(table.name == one["report"] for table in view.panel.settings.config.report if table.enabled)
        if known:
            key = "reports.try_again" if one["state"] == TRYING else "reports.send_again"
            button(words(key), partial(_again, view, sent, one), "undo", plain=True).props("data-test=again")


async def _again(view: View, sent: Sent, one: Told) -> None:
    if one["state"] == DONE and one["mailed"]:
        question = view.words("reports.again_sure", to=", ".join(one["mailed"]))
        if not await asked(view, question, view.words("reports.send_again")):
            return
    await sent.again(one["report"], one["first"])


def state_of(words: Words, one: Told) -> tuple[str, str]:
    """A light and a word for how a delivery stands."""
    if one["state"] == DONE:
        return ("warn", words("reports.unsure")) if one["unsure"] else ("good", words("reports.done"))
    if one["state"] == TRYING:
        return ("bad", words("reports.failing", n=one["tries"])) if one["why"] else ("", words("reports.at_work"))
    return "", words("reports.given_up")
