"""A change of settings, shown before it is made: what was, what will be, and two buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.core.masking import masked
from edge.panel.parts import UNKNOWN, button, icon, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge.config.change import Edit
    from edge.panel.view import View
    from edge.panel.words import Words

LONGEST = 300


async def propose(view: View, edits: Sequence[Edit]) -> None:
    """Show what the edits change and make them if that is wanted; faults are told as sentences."""
    words = view.words
    changed = await view.tried(view.panel.actions.preview(view.visitor, edits))
    if changed is None:
        return
    if not changed:
        view.tell(words("manage.same"))
        return
    with ui.dialog() as dialog, ui.card().classes("proposal"):
        dialog.props["aria-label"] = words("manage.changes_now")
        text(words("manage.changes_now"), "h2")
        difference_list(words, [(one.written, one.before, one.after) for one in changed])

        async def save() -> None:
            dialog.close()
            await change(view, edits)

        with ui.element("div").classes("row"):
            button(words("manage.save"), save, "check").props("data-test=save")
            button(words("manage.cancel"), dialog.close, plain=True)
    dialog.open()


async def change(view: View, edits: Sequence[Edit]) -> None:
    """Make a change and show the page anew."""
    waiting = await view.tried(view.panel.actions.change(view.visitor, edits))
    if waiting is not None:
        told_and_anew(view, waiting)


def told_and_anew(view: View, waiting: Sequence[str]) -> None:
    """Say that it was saved, and what waits for a restart; then the page is built again."""
    words = view.words
    view.tell(words("manage.waiting", what=", ".join(waiting)) if waiting else words("manage.saved"))
    view.anew(2.5 if waiting else 0.8)


def difference_list(words: Words, rows: Iterable[Sequence[Any]]) -> None:
    """Settings that are not as they were, each with what was and what is."""
    with ui.element("ul").classes("list differences").props("data-test=differences"):
        for place, before, after in rows:
            with ui.element("li"):
                text(str(place), "span", "muted small place")
                with ui.element("span").classes("row"):
                    text(value_text(words, before), "span", "before")
                    icon("next", "muted")
                    text(value_text(words, after), "span", "after")


def value_text(words: Words, value: Any) -> str:  # noqa: ANN401 - a setting may be anything
    """A setting's value for people; secrets in addresses are masked."""
    if value is None or value in ("", [], {}):
        return UNKNOWN
    if isinstance(value, bool):
        return words("manage.yes" if value else "manage.no")
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, dict):
        said = "; ".join(f"{key}: {value_text(words, one)}" for key, one in value.items() if one not in (None, "", []))
    elif isinstance(value, (list, tuple)):
        said = ", ".join(value_text(words, one) for one in value)
    else:
        said = masked(str(value))
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} \N{HORIZONTAL ELLIPSIS}"
