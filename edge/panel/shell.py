"""The frame around every page: where one can go, whose box it is, who is signed in."""

from __future__ import annotations

from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.auth.rights import Right
from edge.panel.parts import banner, icon, icon_text, light, text
from edge.panel.statics import static

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nicegui.element import Element

    from edge.panel.pages.page import Page
    from edge.panel.view import View

THEMES = (("auto", "auto"), ("light", "sun"), ("dark", "moon"))
MARK = '<svg class="mark" aria-hidden="true"><use href="/static/icons.svg#mark"/></svg>'
# So many fit into the bar of a phone.
BAR = 5


def head(view: View) -> None:
    """What the browser is told before the page is drawn: theme, looks, icons of the installed app."""
    theme = "auto" if view.visitor.user is None else view.visitor.user.theme
    ui.add_head_html(
        f'<meta name="theme" content="{escape(theme)}"><meta name="csrf" content="{escape(view.visitor.csrf)}">'
        f'<script src="{static("theme.js")}"></script><script src="{static("panel.js")}"></script>'
        f'<link rel="stylesheet" href="{static("panel.css")}">'
        '<link rel="manifest" href="/manifest.webmanifest">'
        f'<link rel="apple-touch-icon" href="{static("icon-180.png")}">'
        '<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f4f6f5">'
        '<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0d1312">'
    )


@contextmanager
def shell(view: View, page: Page, pages: Sequence[Page]) -> Iterator[Element]:
    """The frame of ``page``, its content inside; ``pages`` are those the visitor may go to."""
    head(view)
    words = view.words
    ui.link(words("shell.skip"), "#content").classes("skip")
    with ui.element("div").classes("shell"):
        with ui.element("div").classes("rail"):
            _brand(view)
            _places(view, page, pages)
        with ui.element("main").classes("main").props("id=content tabindex=-1") as main:
            with ui.element("div").classes("top"):
                with ui.element("div").classes("titles"):
                    text(words(page.title), "h1")
                    text(view.panel.site, "div", "muted small only-phone")
                _lamp(view)
                _menu(view)
            _away(view)
            yield main
    with ui.element("nav").classes("bar").props(f'aria-label="{escape(words("shell.navigation"))}"'):
        for place in pages[:BAR]:
            _goto(view, place, page)


def _brand(view: View) -> None:
    with ui.link(target="/").classes("brand"):
        ui.html(MARK, sanitize=False, tag="span").classes("icon-box")
        text(view.panel.site, "span", "site")


def _places(view: View, page: Page, pages: Sequence[Page]) -> None:
    with ui.element("nav").classes("stack").style("gap:4px").props(
        f'aria-label="{escape(view.words("shell.navigation"))}"'
    ):
        for place in pages:
            _goto(view, place, page)
    ui.element("div").classes("spring")
    if view.panel.sites is not None:
        return
    with ui.link(target="/display").classes("goto"):
        icon("display")
        text(view.words("shell.display"))


def _goto(view: View, place: Page, page: Page) -> None:
    link = ui.link(target=place.path).classes("goto")
    # A page below another one belongs to it.
    if page.path == place.path or page.path.startswith(f"{place.path.rstrip('/')}/" if place.path != "/" else "\0"):
        link.props("aria-current=page")
    with link:
        icon(place.icon)
        text(view.words(place.title))


def _lamp(view: View) -> None:
    """The traffic light of the box, on every page."""
    lamp = light("", "").props("role=status")

    def show() -> None:
        health = view.panel.health
        lamp.text = view.words(health.word)
        lamp.classes(replace=f"light {health.level.value}")

    show()
    view.watch(show)


def _menu(view: View) -> None:
    """Who is signed in, language, colours, sign out."""
    words, role = view.words, view.visitor.role
    with ui.element("details").classes("menu"):
        with ui.element("summary").classes("button plain round").props(f'aria-label="{escape(words("shell.menu"))}"'):
            icon("user")
        with ui.element("div").classes("menu-sheet"):
            with ui.element("div").classes("who"):
                text(words("shell.signed_in", name=view.visitor.name), "div")
                text(words(f"role.{role.value}") if role else "", "div", "muted small")
            if view.panel.sites is None:
                _box_places(view)
            text(words("shell.language"), "h2")
            for language in view.panel.languages.all:
                chosen = language.language == words.language
                _choice(view, language.name, {"language": language.language}, "language", chosen=chosen)
            text(words("shell.theme"), "h2")
            theme = "auto" if view.visitor.user is None else view.visitor.user.theme
            for name, drawing in THEMES:
                _choice(view, words(f"shell.theme_{name}"), {"theme": name}, drawing, chosen=name == theme)
            _sign_out(view)


def _box_places(view: View) -> None:
    """What of a box alone one can go to from the menu."""
    words = view.words
    with ui.link(target="/display").classes("goto only-phone"):
        icon("display")
        text(words("shell.display"))
    with ui.link(target="/notices").classes("goto"):
        icon("bell")
        text(words("notices.title"))
    if view.visitor.may(Right.SET):
        with ui.link(target="/secure").classes("goto"):
            icon("secure")
            text(words("secure.title"))


def _choice(view: View, said: str, wish: dict[str, str], drawing: str, *, chosen: bool) -> None:
    def choose() -> None:
        if view.visitor.user is not None:
            view.panel.store.users.change(view.visitor.user.id, **wish)
        view.anew()

    item = ui.element("button").classes("goto").props(f"type=button aria-pressed={str(chosen).lower()}")
    with item.on("click", choose):
        icon(drawing)
        text(said, "span", "grow")
        if chosen:
            icon("check")


def _sign_out(view: View) -> None:
    """A form of its own: signing out takes the cookie away, which a websocket cannot."""
    said = escape(view.words("shell.sign_out"))
    ui.html(
        f'<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="{escape(view.visitor.csrf)}">'
        f'<button class="goto">{icon_text("sign-out")}<span>{said}</span></button></form>',
        sanitize=False,
    ).style("border-top: 1px solid var(--line); margin-top: 8px; padding-top: 8px")


def _away(view: View) -> None:
    """Says that the counter (the hub's database) is gone, for as long as it is."""
    words = view.words
    on_hub = view.panel.sites is not None
    told = banner(words("sites.away"), words("sites.away_why")) if on_hub else banner(
        words("shell.away"), words("shell.away_why"))  # fmt: skip

    def show() -> None:
        told.set_visibility(bool(view.panel.daemon.gone))

    show()
    view.watch(show)
