"""What pages are built of. Looks stand in ``static/panel.css``; here is only what is where."""

from __future__ import annotations

from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nicegui.element import Element

# What stands where a figure is not known.
UNKNOWN = "\N{EN DASH}"


def icon(name: str, classes: str = "") -> Element:
    """A drawing of ``static/icons.svg``; it says nothing to who cannot see it."""
    return ui.html(icon_text(name), sanitize=False, tag="span").classes(f"icon-box {classes}").props("aria-hidden=true")


def icon_text(name: str) -> str:
    """The same as HTML."""
    return f'<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#{escape(name)}"/></svg>'


def text(said: str, tag: str = "span", classes: str = "") -> ui.label:
    """A text in an element of that tag; ``text`` of it may be set later."""
    label = ui.label(said)
    label.tag = tag
    return label.classes(classes)


@contextmanager
def card(title: str = "", classes: str = "", side: Callable[[], object] | None = None) -> Iterator[Element]:
    """A card with its title; ``side`` makes what stands beside the title."""
    with ui.element("section").classes(f"card {classes}") as section:
        if title:
            with ui.element("header"):
                text(title, "h2")
                if side is not None:
                    side()
        yield section


@contextmanager
def cards() -> Iterator[Element]:
    """A grid of cards: their classes w3..w9 say how many of twelve columns they take on a desk."""
    with ui.element("div").classes("cards") as grid:
        yield grid


def button(said: str, on_click: Callable[..., object], icon_name: str = "", *, plain: bool = False) -> ui.button:
    """A button; ``plain`` for what is not the page's first thing."""
    made = ui.button(on_click=on_click, color=None).props("unelevated no-caps").classes("button")
    made.classes("plain" if plain else "")
    with made:
        if icon_name:
            icon(icon_name)
        text(said)
    return made


def light(level: str, said: str) -> ui.label:
    """A coloured dot and a word: good, warn or bad."""
    return text(said, "span", f"light {level}")


def banner(said: str, why: str = "", *, bad: bool = False) -> Element:
    """Something the whole page has to say."""
    with ui.element("div").classes("banner bad" if bad else "banner").props("role=status") as made:
        icon("warning")
        with ui.element("div"):
            text(said, "h3")
            if why:
                text(why, "p", "small")
    return made
