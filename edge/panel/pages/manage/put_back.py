"""Putting a copy of the records back: a card of the Backup page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.actions_restore import NIGHTLY, Restoring
from edge.panel.auth.rights import Role
from edge.panel.pages.manage.frame import asked, moment_text, tried
from edge.panel.parts import UNKNOWN, button, text
from edge.panel.statics import static

if TYPE_CHECKING:
    from datetime import datetime

    from edge.panel.view import View
    from edge.storage.restoring import Judged, Loss

ANEW_S = 4.0


def put_back(view: View) -> None:
    """What stands in the card."""
    words = view.words
    text(words("put_back.what"), "p", "muted")
    if view.visitor.role is not Role.OWNER:
        text(words("put_back.owner_only"), "p")
        return
    restoring = Restoring(view.panel)
    offered = restoring.offered
    if offered is None:
        _choose(view, restoring)
    else:
        _offered(view, restoring, *offered)


def _choose(view: View, restoring: Restoring) -> None:
    words, nightly = view.words, restoring.nightly
    ui.add_head_html(f'<script src="{static("restore.js")}" defer></script>')
    with ui.element("div").classes("row"):
        if nightly is not None:
            made = button(words("put_back.nightly"), partial(_offer, view, restoring), "undo", plain=True)
            made.props["data-test"] = "nightly"
        made = button(words("put_back.upload"), lambda: None, "upload", plain=True)
        made.props["data-test"] = "upload-records"
        made.on("click", js_handler="() => acm.restore.choose()")
    if nightly is None:
        text(words("put_back.no_nightly"), "p", "muted small")
    else:
        at_ms = round(nightly.stat().st_mtime * 1000)
        text(words("put_back.nightly_of", at=moment_text(view, at_ms)), "p", "muted small")
    status = text("", "p", "muted").props("role=status id=restore-status data-test=restore-status")
    # Filled in by the browser: {percent} is how much has arrived.
    status.props["data-coming"] = words.filled("put_back.coming", {"percent": "{percent}"})
    status.props["data-looking"] = words("put_back.looking")
    status.props["data-failed"] = words("put_back.failed")


async def _offer(view: View, restoring: Restoring) -> None:
    view.tell(view.words("put_back.looking"))
    if await tried(view, restoring.offer_nightly(view.visitor)) is not None:
        view.anew()


def _offered(view: View, restoring: Restoring, told: Loss, source: str) -> None:
    words = view.words
    text(words("put_back.from_nightly" if source == NIGHTLY else "put_back.from_upload"), "p")
    with ui.element("table").classes("figures").props("data-test=offered"):
        with ui.element("thead"), ui.element("tr"):
            for said in ("", words("put_back.copy"), words("put_back.now")):
                text(said, "th")
        with ui.element("tbody"):
            _row(words("put_back.until"), *(_until(view, one) for one in (told.copy, told.now)))
            _row(words("put_back.counted"), *(
                UNKNOWN if one is None else words.number(one.crossings) for one in (told.copy, told.now)
            ))  # fmt: skip
    text(words("put_back.lost", n=told.crossings), "p").props("data-test=lost")
    if told.now is not None and not told.same:
        text(words("put_back.strange"), "p")
    with ui.element("div").classes("row"):
        button(words("put_back.go"), partial(_restore, view, restoring, told), "undo").props("data-test=put-back")
        button(words("manage.cancel"), partial(_drop, view, restoring), plain=True).props("data-test=put-back-not")


def _row(head: str, *cells: str) -> None:
    with ui.element("tr"):
        text(head, "th")
        for cell in cells:
            text(cell, "td")


def _until(view: View, judged: Judged | None) -> str:
    latest: datetime | None = None if judged is None else judged.latest
    return UNKNOWN if latest is None else view.words.moment(latest.astimezone(view.calendar.zone))


async def _restore(view: View, restoring: Restoring, told: Loss) -> None:
    words = view.words
    question = words("put_back.sure", n=told.crossings)
    if not await asked(view, question, words("put_back.go")):
        return
    anew = await tried(view, restoring.restore(view.visitor))
    if anew is not None:
        view.tell(words("put_back.anew" if anew else "put_back.at_start"))
        view.anew(ANEW_S)


async def _drop(view: View, restoring: Restoring) -> None:
    async def work() -> bool:
        await restoring.drop(view.visitor)
        return True

    if await tried(view, work()):
        view.anew()
