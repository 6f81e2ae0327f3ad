"""Integrations: whom the box tells, whether that works, and trying it. Forms are made of the settings' own schema."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import Edit
from edge.panel.actions_linked import Linked
from edge.panel.actions_told import BeingTold
from edge.panel.auth.rights import Right
from edge.panel.form_of import Kind, asked_of, edits_of
from edge.panel.linked import links, standing
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import tried, way_back
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, icon, light, text

if TYPE_CHECKING:
    from edge.panel.form_of import Asked
    from edge.panel.linked import Link, Standing
    from edge.panel.pages.manage.form import Field
    from edge.panel.view import View


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    with cards():
        for link in links(view.panel.settings.config):
            with card(view.words(f"linked.{link.table}"), "w6") as made:
                made.props["data-test"] = link.table
                _LinkCard(view, link).build()
        with card(view.words("linked.push"), "w6") as made:
            made.props["data-test"] = "push"
            await _push(view)


class _LinkCard:
    """One table: how it does, its form, and a button that tries it."""

    def __init__(self, view: View, link: Link) -> None:
        self._view, self._link, self._words = view, link, view.words
        self._table = getattr(view.panel.settings.config, link.table)
        self._fields: dict[str, Field] = {}
        self._cleared: set[str] = set()

    def build(self) -> None:
        words, link = self._words, self._link
        text(words(f"linked.{link.table}_what"), "p", "muted small")
        self._state = light("", "").props("role=status data-test=standing")
        self._why = text("", "p", "small words")
        self._show()
        self._view.watch(self._show)
        if link.page:
            with ui.element("div").classes("row"), ui.link(target=link.page).classes("button plain"):
                icon("edit")
                text(words("linked.set_there"))
        else:
            self._form()
        if link.table == "mail":
            self._mail()

    def _form(self) -> None:
        words, link = self._words, self._link
        asked = {one.key: one for one in asked_of(self._table)}
        with ui.element("div").classes("pairs"):
            for key in link.first:
                if key in asked:
                    self._field(asked[key])
        with ui.element("details").classes("trial"):
            text(words("linked.more"), "summary")
            with ui.element("div").classes("pairs"):
                for one in asked.values():
                    if one.key not in link.first:
                        self._field(one)
        with ui.element("div").classes("row"):
            button(words("manage.look"), self._propose, "check").props("data-test=propose")
            button(words("linked.try"), self._try, "play", plain=True).props("data-test=try")

    def _show(self) -> None:
        panel = self._view.panel
        now = standing(self._link, panel.settings.config, None if panel.daemon.gone else panel.daemon.status)
        self._state.text = self._said(now)
        self._state.classes(replace=f"light {now.level}")
        self._why.text = now.why
        self._why.set_visibility(bool(now.why))

    def _said(self, now: Standing) -> str:
        said = self._words(now.key)
        return f"{said} {self._words('linked.waiting', n=now.waiting)}" if now.waiting else said

    def _field(self, one: Asked) -> None:
        words, view = self._words, self._view
        place = (self._link.table, one.key)
        test = f"{self._link.table}-{one.key}"
        label = words(f"linked_settings.{one.key}")
        label = one.key if label.startswith("linked_settings.") else label
        if view.panel.settings.now.source(place) is not None and view.panel.settings.now.secret(place):
            with ui.element("div").classes("field"):
                text(label, "span", "label")
                text(words("linked.in_secrets"), "p", "hint")
            return
        if one.kind is Kind.SWITCH:
            options = {"true": words("manage.yes"), "false": words("manage.no")}
            self._fields[one.key] = Choice(label, options, one.value, test=test)
        elif one.kind is Kind.CHOICE:
            self._fields[one.key] = Choice(label, {option: option for option in one.options}, one.value, test=test)
        elif one.kind is Kind.SECRET:
            hint = words("linked.secret_set" if one.is_set else "linked.secret_none")
            self._fields[one.key] = Line(label, "", kind="password", hint=hint, test=test)
            if one.is_set:
                self._forget(one.key)
        else:
            kind = "number" if one.kind is Kind.NUMBER else "text"
            self._fields[one.key] = Line(label, one.value, kind=kind, test=test)

    def _forget(self, key: str) -> None:
        """A secret can be taken away, though not seen."""

        def chosen() -> None:
            (self._cleared.add if box.value else self._cleared.discard)(key)

        with self._fields[key].whole:
            box = ui.checkbox(self._words("linked.forget"), on_change=chosen)

    async def _propose(self) -> None:
        typed = {key: field.value for key, field in self._fields.items()}
        edits = edits_of(self._link.table, self._table, typed)
        edits += [Edit((self._link.table, key), "") for key in sorted(self._cleared) if not typed.get(key)]
        await propose(self._view, edits)

    async def _try(self) -> None:
        self._view.tell(self._words("linked.trying"))
        found = await tried(self._view, Linked(self._view.panel).try_link(self._view.visitor, self._link))
        if found is not None:
            self._show()
            said = self._said(found)
            self._view.tell(f"{said} {found.why}".strip(), bad=found.level != "good")

    def _mail(self) -> None:
        words, view = self._words, self._view
        address = Line(words("linked.mail_to"), "", kind="email", test="mail-to")

        async def send() -> None:
            async def work() -> bool:
                await Linked(view.panel).try_mail(view.visitor, address.value.strip(), words)
                return True

            view.tell(words("linked.trying"))
            if await tried(view, work()):
                view.tell(words("linked.mail_sent"))

        with ui.element("div").classes("row"):
            button(words("linked.try"), send, "play", plain=True).props("data-test=try")


async def _push(view: View) -> None:
    words, told = view.words, BeingTold(view.panel)
    text(words("linked.push_what"), "p", "muted small")
    mine = [] if view.visitor.user is None else await told.mine(view.visitor)
    light("good" if mine else "", words("linked.devices", n=len(mine)))
    with ui.element("div").classes("row"):
        with ui.link(target="/notices").classes("button plain"):
            icon("bell")
            text(words("notices.title"))
        for push in mine[:1]:
            button(words("linked.try"), partial(_try_push, view, push.endpoint), "play", plain=True)


async def _try_push(view: View, endpoint: str) -> None:
    async def work() -> bool:
        await BeingTold(view.panel).try_it(view.visitor, endpoint, view.words)
        return True

    if await view.tried(work()):
        view.tell(view.words("notices.sent"))


PAGE = Page("/manage/integrations", "manage.integrations", "manage", build, right=Right.SET, listed=False)
