"""The mail server reports go out by, and a test that says whether they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.config.change import Edit
from edge.core.errors import InputError
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import tried
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.sounds import changed
from edge.panel.pages.reports.sent import OPEN
from edge.panel.parts import button, card, light, text

if TYPE_CHECKING:
    from edge.panel.pages.reports.sent import Sent
    from edge.panel.view import View

SECURITY = ("starttls", "tls", "none")
STEPS = """sudo nano /etc/acm/secrets.toml

[mail]
password = "..."

sudo systemctl reload acm"""
TEST = "test"


def mail_card(view: View, sent: Sent) -> None:
    """The card."""
    words, table = view.words, view.panel.settings.config.mail
    with card(words("reports.mail"), "w6"):
        text(words("reports.mail_what"), "p", "muted small")
        with ui.element("div").classes("pairs"):
            lines: dict[str, Line] = {
                "host": Line(words("reports.host"), table.host, hint="smtp.example.org", test="host"),
                "sender": Line(words("reports.sender"), table.sender, hint=words("reports.sender_hint"), test="sender"),
                "user": Line(words("reports.user"), table.user, test="user"),
                "port": Line(words("reports.port"), str(table.port or ""), kind="number",
                             hint=words("reports.port_hint"), test="port"),
            }  # fmt: skip
            said = {one: words(f"reports.security_{one}") for one in SECURITY}
            security = Choice(words("reports.security"), said, table.security, test="security")
        _password(view)

        async def look() -> None:
            async def work() -> list[Edit]:
                values: dict[str, Any] = {key: line.value.strip() for key, line in lines.items() if key != "port"}
                values |= {"port": _port(view, lines["port"].value), "security": security.value}
                return changed([Edit(("mail", key), value) for key, value in values.items()], table)

            edits = await tried(view, work())
            if edits is not None:
                await propose(view, edits)

        with ui.element("div").classes("row"):
            button(words("manage.look"), look, "check", plain=True).props("data-test=propose-mail")
        if table.host:
            _test(view, sent)


def _port(view: View, said: str) -> int:
    if not said.strip():
        return 0
    if not said.strip().isdigit():
        raise InputError(view.words("reports.no_port"))
    return int(said)


def _password(view: View) -> None:
    """Whether there is a password, and how one is given: no secret goes through the browser or the audit log."""
    words, table = view.words, view.panel.settings.config.mail
    given = bool(table.password.get_secret_value())
    with ui.element("details").classes("table-below"):
        text(words("reports.password_is" if given else "reports.password_none"), "summary")
        text(words("reports.password_how"), "p", "muted small")
        text(STEPS, "pre", "code").props("tabindex=0")


def _test(view: View, sent: Sent) -> None:
    """A test mail: asked for, and what became of it."""
    words = view.words
    addresses = [one for table in view.panel.settings.config.report for one in table.mail_to]
    with ui.element("div").classes("stack part"):
        to = Line(words("reports.test_to"), addresses[0] if addresses else "", kind="email", test="test-to")
        result = light("", "").props("role=status data-test=test-result")
        why = text("", "p", "small why")
        number = 0

        async def send() -> None:
            nonlocal number
            asked = sent.order(do=TEST, address=to.value.strip(), language=words.language)
            order = await view.tried(asked)
            if order is not None:
                number = int(order["number"])
                told()

        def told() -> None:
            mine = next((one for one in sent.orders if one["number"] == number), None)
            result.set_visibility(mine is not None)
            why.text = ""
            if mine is None:
                return
            state = "open" if mine["state"] in OPEN else str(mine["state"])
            result.text = words(f"reports.test_{state}")
            result.classes(replace=f"light {'good' if state == 'well' else 'bad' if state == 'badly' else ''}")
            why.text = str(mine["said"]) if state == "badly" else ""

        with ui.element("div").classes("row"):
            button(words("reports.test"), send, "play", plain=True).props("data-test=send-test")
        sent.told.append(told)
        told()
