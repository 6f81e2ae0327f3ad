"""People: who may sign in, as what, and where they are signed in."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.core.timekeeping import to_ms
from edge.panel.actions_manage import Managing
from edge.panel.auth.rights import Right, Role
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import asked, moment_text, small_button, tried, way_back
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, text

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from edge.panel.view import View
    from edge.storage.panel.people import Session, User


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    store, now_ms = view.panel.store, to_ms(view.panel.clock.utc_now())
    users = await asyncio.to_thread(store.users.all)
    sessions = {user.id: await asyncio.to_thread(store.sessions.of, user.id, now_ms) for user in users}
    with cards():
        for user in users:
            _card(view, user, sessions[user.id])
        _new(view)


def _card(view: View, user: User, sessions: list[Session]) -> None:
    words, managing = view.words, Managing(view.panel)
    me = view.visitor.user is not None and view.visitor.user.id == user.id
    with card(user.name, "w6", lambda: text(words(f"role.{user.role}"), "span", "tag accent")) as made:
        made.props["data-test"] = "user"
        roles = {role.value: words(f"role.{role.value}") for role in Role}
        role = Choice(words("people.role"), roles, user.role, test="role")
        role.on_change(lambda: view.go(_done(view, managing.set_role(view.visitor, user, Role(role.value)))))
        password = Line(words("people.new_password"), kind="password", hint=words("people.password_hint"))

        async def set_password() -> None:
            await _done(view, managing.set_password(view.visitor, user, password.value))

        async def remove() -> None:
            if await asked(view, words("people.remove_sure", name=user.name), words("people.remove")):
                await _done(view, managing.remove_user(view.visitor, user))

        with ui.element("div").classes("row"):
            button(words("people.set_password"), set_password, plain=True)
            if not me:
                button(words("people.remove"), remove, "trash", plain=True).props("data-test=remove")
        if sessions:
            text(words("people.sessions"), "h3")
            with ui.element("ul").classes("list"):
                for session in sessions:
                    _session(view, user, session)


def _session(view: View, user: User, session: Session) -> None:
    words, managing = view.words, Managing(view.panel)
    here = session.key == view.visitor.session
    with ui.element("li"):
        with ui.element("div").classes("grow words"):
            text(words("people.here") if here else session.device or words("people.device"), "p", "device")
            text(f"{session.address} · {moment_text(view, session.seen_ms)}", "p", "muted small")
        if not here:
            end = partial(managing.end_session, view.visitor, user, session.key)
            small_button(words("people.end"), lambda: _done(view, end()), "sign-out", "end-session")


def _new(view: View) -> None:
    words = view.words
    with card(words("people.add"), "w6"):
        name = Line(words("people.name"), test="new-name")
        password = Line(words("people.password"), kind="password", hint=words("people.password_hint"),
                        test="new-password")  # fmt: skip
        roles = {role.value: words(f"people.is_{role.value}") for role in Role}
        role = Choice(words("people.role"), roles, Role.VIEWER.value, test="new-role")

        async def add() -> None:
            managing = Managing(view.panel)
            await _done(view, managing.add_user(view.visitor, name.value, password.value, Role(role.value)))

        with ui.element("div"):
            button(words("people.add"), add, "plus").props("data-test=add-user")


async def _done(view: View, work: Awaitable[None]) -> None:
    """Do it, and show the page anew if that went well."""

    async def whole() -> bool:
        await work
        return True

    if await tried(view, whole()):
        view.anew()


PAGE = Page("/manage/people", "manage.people", "manage", build, right=Right.PEOPLE, listed=False)
