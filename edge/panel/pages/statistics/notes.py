"""Notes: the list of what is known about the days looked at, and how one adds to it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.actions_notes import KINDS, Noting, Written
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import asked, small_button
from edge.panel.pages.statistics.marks import marks_between
from edge.panel.parts import button, card, text

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from edge.panel.pages.statistics.marks import Mark
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.view import View
    from edge.panel.words import Words
    from edge.storage.panel.written import Note


async def notes_card(view: View, ask: Ask) -> None:
    """The card of the notes on the days looked at."""
    words = view.words
    known = await marks_between(view.panel, ask.chosen.period, ask.opening)
    with card(words("notes.title"), "figure-card") as made:
        made.props["data-figure"] = "notes"
        with ui.element("ul").classes("list notes"):
            if not known:
                text(words("notes.none"), "li", "empty")
            for mark in known:
                _row(view, mark)
        if view.visitor.may(Right.NOTE):
            with ui.element("details").classes("note-form table-below"):
                text(words("notes.add"), "summary").props("data-test=add-note")
                day = min(max(ask.chosen.today, ask.chosen.period.first), ask.chosen.period.last)
                _form(view, Written(day, day, KINDS[0], ""))


def _row(view: View, mark: Mark) -> None:
    words, note = view.words, mark.note
    with ui.element("li").props("data-test=note"):
        text(str(mark.number), "span", "mark-number")
        with ui.element("div").classes("grow words"):
            text(mark.text or words("notes.kind_holiday"), "p")
            said = [words.period(mark.first, mark.last), words(f"notes.kind_{mark.kind}")]
            said.append(words("notes.by", name=note.made_by) if note is not None else words("notes.by_settings"))
            text(" · ".join(said), "p", "muted small")
        if note is not None and view.visitor.may(Right.NOTE):
            small_button(words("notes.change", text=note.text), partial(_change, view, note), "edit", "change-note")
            small_button(words("notes.remove", text=note.text), partial(_remove, view, note), "trash", "remove-note")


def _form(view: View, written: Written, number: int | None = None) -> None:
    """Fields for a note; with a number it is that one which is changed."""
    words = view.words
    with ui.element("div").classes("note-fields"):
        first = Line(words("notes.first"), written.first.isoformat(), kind="date", test="note-first")
        last = Line(words("notes.last"), written.last.isoformat(), kind="date", test="note-last")
        kinds = {kind: words(f"notes.kind_{kind}") for kind in KINDS}
        kind = Choice(words("notes.kind"), kinds, written.kind, test="note-kind")
        said = Line(words("notes.text"), written.text, test="note-text")
        said.control.props["maxlength"] = 200
    said.whole.classes("grow")

    async def save() -> None:
        noting = Noting(view.panel)
        wish = await view.tried(_read(words, first.value, last.value, kind.value, said.value))
        if wish is not None:
            work = noting.add(view.visitor, wish) if number is None else noting.change(view.visitor, number, wish)
            await _done(view, work)

    with ui.element("div"):
        button(words("notes.save"), save, "check").props("data-test=save-note")


async def _read(words: Words, first: str, last: str, kind: str, said: str) -> Written:
    return Written.read(first, last, kind, said, words("notes.wrong"))


async def _change(view: View, note: Note) -> None:
    with ui.dialog() as dialog, ui.card().classes("proposal"):
        dialog.props["aria-label"] = view.words("notes.change_title")
        text(view.words("notes.change_title"), "h2")
        _form(view, Written(note.first, note.last, note.kind, note.text), note.id)
        button(view.words("manage.cancel"), dialog.close, plain=True)
    dialog.open()


async def _remove(view: View, note: Note) -> None:
    if await asked(view, view.words("notes.remove_sure", text=note.text), view.words("manage.delete")):
        await _done(view, Noting(view.panel).remove(view.visitor, note.id))


async def _done(view: View, work: Awaitable[None]) -> None:
    """Do it, and show the page anew if that went well."""

    async def whole() -> bool:
        await work
        return True

    if await view.tried(whole()):
        view.anew()
