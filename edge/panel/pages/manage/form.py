"""Fields of the Manage pages: the browser's own, with a label; what was typed is kept as it is."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.parts import button, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from nicegui.element import Element
    from nicegui.events import GenericEventArguments, UploadEventArguments

    from edge.panel.view import View

TOLD = "(event) => emit(event.target.value)"
_numbers = count(1)


class Field:
    """A labelled field; ``value`` is what stands in it now. ``whole`` is the element with the label."""

    def __init__(self, label: str, value: str = "", *, hint: str = "", test: str = "") -> None:
        self.value = value
        self._changed: list[Callable[[], object]] = []
        with ui.element("div").classes("field") as self.whole:
            number = f"field-{next(_numbers)}"
            named = text(label, "label")
            named.props["for"] = number
            self.control = self._control()
            self.control.props["id"] = number
            if test:
                self.control.props["data-test"] = test
            if hint:
                text(hint, "p", "hint")
        for event in ("change", "input"):
            self.control.on(event, self._told, js_handler=TOLD)

    def on_change(self, changed: Callable[[], object]) -> None:
        """Have something done whenever the value is another one."""
        self._changed.append(changed)

    def _control(self) -> Element:
        raise NotImplementedError

    def _told(self, event: GenericEventArguments) -> None:
        told = str(event.args)
        if told != self.value:
            self.value = told
            for changed in self._changed:
                changed()


class Line(Field):
    """One line of text; ``kind`` is the browser's (text, number, password, datetime-local)."""

    def __init__(self, label: str, value: str = "", *, kind: str = "text", hint: str = "", test: str = "") -> None:
        self._kind = kind
        super().__init__(label, value, hint=hint, test=test)

    def _control(self) -> Element:
        made = ui.element("input")
        made.props["type"] = self._kind
        made.props["value"] = self.value
        if self._kind == "number":
            made.props["step"] = "any"
        if self._kind == "password":
            made.props["autocomplete"] = "new-password"
        return made

    @property
    def number(self) -> float | None:
        """The value as a number; None if there is none."""
        try:
            return float(self.value.replace(",", "."))
        except ValueError:
            return None


class Choice(Field):
    """One of several: values with what is said for them."""

    def __init__(
        self, label: str, options: Mapping[str, str], value: str = "", *, hint: str = "", test: str = ""
    ) -> None:
        # What is set already is never lost because it is not on the list.
        self._options = dict(options) if value in options else {value: value, **options}
        super().__init__(label, value, hint=hint, test=test)

    def _control(self) -> Element:
        with ui.element("select") as made:
            for value, said in self._options.items():
                option = text(said, "option")
                option.props["value"] = value
                if value == self.value:
                    option.props["selected"] = True
        return made


def upload(  # noqa: PLR0913 - what is said in which case
    view: View, said: str, came: Callable[[UploadEventArguments], Awaitable[None]], *, most_bytes: int, refused: str,
    accept: str,
) -> None:  # fmt: skip
    """A button that asks for a file and gives it to ``came``; one that is too big is refused with a sentence."""
    made = ui.upload(on_upload=came, auto_upload=True, max_file_size=most_bytes,
                     on_rejected=lambda: view.tell(refused, bad=True)).classes("hidden")  # fmt: skip
    made.props["accept"] = accept
    # Asked for by the browser itself: it opens its list of files only for a hand that clicks.
    opens = f"() => document.querySelector('#{made.html_id} input[type=file]').click()"
    button(said, lambda: None, "upload", plain=True).on("click", js_handler=opens).props("data-test=upload")
