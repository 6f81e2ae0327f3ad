"""The reports that come round: how often, as what, to whom."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.config.change import GONE, Edit
from edge.config.load import read_text
from edge.config.report_way import MOST_REPORTS
from edge.core.errors import InputError
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import tried
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.rules import tables_in
from edge.panel.pages.reports.make import form_boxes
from edge.panel.parts import button, card, light, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.report_way import ReportTable
    from edge.panel.pages.reports.sent import Sent
    from edge.panel.view import View
    from edge.panel.words import Words

EVERY = ("day", "week", "month")


def coming_card(view: View, sent: Sent) -> None:
    """The card."""
    words, tables = view.words, view.panel.settings.config.report
    with card(words("reports.coming"), "w6"):
        if not tables:
            text(words("reports.none_coming"), "p", "empty")
        next_at: dict[str, Any] = {}
        for table in tables:
            next_at[table.name] = _report(view, table)
        place = ui.element("div").classes("stack")

        def new() -> None:
            add.set_visibility(False)
            with place:
                ReportForm(view, None).build()

        with ui.element("div").classes("row"):
            add = button(words("reports.add"), new, "plus", plain=bool(tables))
        add.props["data-test"] = "add-report"
        add.set_visibility(len(tables) < MOST_REPORTS)

    def told() -> None:
        plans = (view.status or {}).get("reports", {}).get("plans", [])
        found = {plan["name"]: plan for plan in plans}
        for name, label in next_at.items():
            label.text = _next(view, found.get(name))

    sent.told.append(told)
    view.watch(told)
    told()


def _next(view: View, plan: Mapping[str, Any] | None) -> str:
    if plan is None:
        return ""
    if plan["next_at"] is None:
        return view.words("reports.clock_unknown")
    at = datetime.fromisoformat(plan["next_at"]).astimezone(view.calendar.zone)
    return view.words("reports.next_at", at=view.words.moment(at))


def _report(view: View, table: ReportTable) -> ui.label:
    """One of them, as a sentence, and its form when asked for."""
    words = view.words
    with ui.element("div").classes("stack part").props("data-test=report"):
        with ui.element("div").classes("row"):
            text(table.name, "h3", "grow")
            light("good" if table.enabled else "", words("reports.on" if table.enabled else "reports.off"))
        text(sentence(words, table), "p")
        coming = text("", "p", "muted small")
        place = ui.element("div").classes("stack")

        def edit() -> None:
            row.set_visibility(False)
            with place:
                ReportForm(view, table).build()

        with ui.element("div").classes("row") as row:
            button(words("reports.edit"), edit, "edit", plain=True).props("data-test=edit-report")
            if table.name not in tables_in(read_text(view.panel.settings.files.base), "report"):
                gone = [Edit(("report", table.name), GONE)]
                button(words("manage.delete"), partial(propose, view, gone), "trash", plain=True)
    return coming


def sentence(words: Words, table: ReportTable) -> str:
    """What comes round, for people."""
    forms = ", ".join(words(f"reports.form_{form}") for form in table.formats)
    to = [", ".join(table.mail_to)] if table.mail_to else []
    to += [table.folder] if table.folder else []
    to += [words("reports.to_hub")] if table.hub else []
    return " · ".join([words(f"reports.every_{table.every}", at=table.at), forms, *to])


class ReportForm:
    """A new one, or one that is there."""

    def __init__(self, view: View, table: ReportTable | None) -> None:
        self._view, self._table = view, table

    def build(self) -> None:
        """Make it where we are."""
        words, table = self._view.words, self._table
        with ui.element("div").classes("stack rule-form"):
            if table is None:
                self._name = Line(words("reports.name"), words("reports.usual_name"), test="report-name")
            with ui.element("div").classes("pairs"):
                every = {one: words(f"reports.span_{one}") for one in EVERY}
                self._every = Choice(words("reports.every"), every, table.every if table else "week", test="every")
                self._at = Line(words("reports.at"), table.at if table else "07:00", kind="time", test="at")
                known = {"": words("reports.usual"), **{o.language: o.name for o in self._view.panel.languages.all}}
                self._language = Choice(words("reports.language"), known, table.language if table else "")
                state = {"on": words("reports.on"), "off": words("reports.off")}
                self._state = Choice(words("reports.state"), state, "off" if table and not table.enabled else "on")
            self._forms = form_boxes(self._view, tuple(table.formats) if table else ("pdf",))
            to = ", ".join(table.mail_to) if table else ""
            self._to = Line(words("reports.mail_to"), to, hint=words("reports.mail_to_hint"), test="mail-to")
            folder = table.folder if table else ""
            self._folder = Line(words("reports.folder"), folder, hint=words("reports.folder_hint"), test="folder")
            self._hub = self._hub_choice()
            with ui.element("div").classes("row"):
                button(words("manage.look"), self._propose, "check").props("data-test=propose-report")

    def _hub_choice(self) -> Choice | None:
        """Whether it goes to the hub; nothing to choose for a box that has none."""
        words, upstream = self._view.words, self._view.panel.settings.config.upstream
        goes = bool(self._table and self._table.hub)
        if not upstream.enabled and not goes:
            return None
        answers = {"yes": words("reports.hub_yes"), "no": words("reports.hub_no")}
        return Choice(words("reports.hub"), answers, "yes" if goes else "no", test="to-hub")

    async def _propose(self) -> None:
        async def work() -> Edit:
            return Edit(("report", self._named()), self._values())

        edit = await tried(self._view, work())
        if edit is not None:
            await propose(self._view, [edit])

    def _named(self) -> str:
        words = self._view.words
        if self._table is not None:
            return self._table.name
        name = self._name.value.strip()
        if not name:
            raise InputError(words("reports.nameless"))
        if any(table.name == name for table in self._view.panel.settings.config.report):
            raise InputError(words("reports.twice", name=name))
        return name

    def _values(self) -> dict[str, Any]:
        forms = self._forms()
        if not forms:
            raise InputError(self._view.words("reports.no_form"))
        return {
            "enabled": self._state.value == "on", "every": self._every.value, "at": self._at.value[:5],
            "formats": list(forms), "language": self._language.value,
            "mail_to": [part.strip() for part in self._to.value.replace(";", ",").split(",") if part.strip()],
            "folder": self._folder.value.strip(), "hub": self._hub is not None and self._hub.value == "yes",
        }  # fmt: skip
