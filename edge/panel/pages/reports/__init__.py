"""Reports: made now, those that come round and what became of them, the mail server, and the notice at the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.panel.auth.rights import Right
from edge.panel.pages.page import Page
from edge.panel.pages.reports.coming import coming_card
from edge.panel.pages.reports.door import door_card
from edge.panel.pages.reports.mail import mail_card
from edge.panel.pages.reports.make import make_card
from edge.panel.pages.reports.sent import Sent, sent_card
from edge.panel.parts import cards

if TYPE_CHECKING:
    from edge.panel.view import View


def build(view: View) -> None:
    """The page. What is sent to whom is for those who may change it."""
    with cards():
        make_card(view)
        if not view.visitor.may(Right.SET):
            return
        sent = Sent(view)
        coming_card(view, sent)
        sent_card(view, sent)
        mail_card(view, sent)
        door_card(view)
    sent.start()


PAGE = Page("/reports", "reports.title", "report", build)
