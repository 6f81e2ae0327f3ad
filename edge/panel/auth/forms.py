"""Signing in and out, and claiming a box: plain forms, so that nobody gets a websocket before they are known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from edge.config.change import Edit
from edge.core.errors import AcmError, ConfigError
from edge.panel.auth.cookies import FORM, SESSION, cookie, cookies_of
from edge.panel.auth.doorman import SignInError
from edge.panel.auth.rights import Right
from edge.panel.auth.secrets import fresh_id, same
from edge.panel.plain import message, plain_page, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.schema import Config
    from edge.panel.panel import Panel

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FORM_DAYS = 0.5
CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


def form_routes(panel: Panel) -> APIRouter:
    """The routes of the forms."""
    forms = _Forms(panel)
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/sign-in", forms.sign_in_page, methods=["GET"])
    router.add_api_route("/sign-in", forms.sign_in, methods=["POST"])
    router.add_api_route("/sign-out", forms.sign_out, methods=["POST"])
    router.add_api_route("/enter/{code}", forms.enter, methods=["GET"])
    router.add_api_route("/claim/{code}", forms.claim_page, methods=["GET"])
    router.add_api_route("/claim/{code}", forms.claim, methods=["POST"])
    return router


class _Forms:
    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    async def sign_in_page(self, request: Request, to: str = "/") -> Response:
        if request.cookies and await self._known(request):
            return RedirectResponse(_inside(to), 303)
        return self._sign_in_again(request, {"to": to})

    async def sign_in(self, request: Request) -> Response:
        form = _plain(await request.form())
        words, state = words_of(self._panel, request), request.state
        if not _own(request, form):
            return self._sign_in_again(request, form, words("sign_in.stale"), 403)
        try:
            session_id = await asyncio.to_thread(
                self._panel.doorman.sign_in, form.get("name", "").strip(), form.get("password", ""),
                address=state.address, device=request.headers.get("user-agent", ""), before=_session(request),
            )  # fmt: skip
        except SignInError as error:
            status = 429 if error.wait_s else 403
            fault = words(error.key, lasting=words.lasting(error.wait_s + 0.5)) if error.wait_s else words(error.key)
            return self._sign_in_again(request, form, fault, status)
        return self._let_in(request, session_id, _inside(form.get("to", "/")))

    async def enter(self, request: Request, code: str) -> Response:
        session_id = await asyncio.to_thread(
            self._panel.doorman.enter, code, address=request.state.address, device=request.headers.get("user-agent", "")
        )
        if session_id is None:
            return message(self._panel, request, 404, "claim.bad_link", to="/")
        return self._let_in(request, session_id, "/")

    async def sign_out(self, request: Request) -> Response:
        form, visitor = _plain(await request.form()), request.state.visitor
        if visitor is None or not same(form.get("csrf", ""), visitor.csrf):
            return message(self._panel, request, 403, "shell.fault", to="/")
        await asyncio.to_thread(self._panel.doorman.sign_out, visitor)
        answer = RedirectResponse("/sign-in", 303)
        answer.headers.append("set-cookie", cookie(SESSION, "", secure=_secure(request), days=0))
        answer.headers["Clear-Site-Data"] = '"storage"'
        return answer

    async def claim_page(self, request: Request, code: str) -> Response:
        if not await asyncio.to_thread(self._panel.doorman.claimable, code):
            return message(self._panel, request, 404, "claim.bad_link", to="/" if self._panel.store.claimed else "")
        config = self._panel.settings.config
        form = {"name": "", "site": config.site.name, "zone": config.site.time_zone}
        form |= {day: ", ".join(getattr(config.schedule, day)) for day in DAYS}
        return self._claim_again(request, code, form)

    async def claim(self, request: Request, code: str) -> Response:
        form, words = _plain(await request.form()), words_of(self._panel, request)
        if not _own(request, form):
            return self._claim_again(request, code, form, words("sign_in.stale"))
        if form.get("password", "") != form.get("again", ""):
            return self._claim_again(request, code, form, words("claim.differ"))
        edits = _edits(form, self._panel.settings.config) if self._panel.sites is None else []
        try:
            await asyncio.to_thread(self._panel.settings.tried, edits)
            session_id = await asyncio.to_thread(
                self._panel.doorman.claim, code, form.get("name", ""), form.get("password", ""),
                address=request.state.address, device=request.headers.get("user-agent", ""),
            )  # fmt: skip
        except SignInError as error:
            if error.key == "claim.bad_link":
                return message(self._panel, request, 404, error.key, to="/")
            return self._claim_again(request, code, form, words(error.key))
        except ConfigError as error:
            return self._claim_again(request, code, form, words("claim.not_saved", why=_short(error)))
        await self._take(request, session_id, edits)
        return self._let_in(request, session_id, "/")

    async def _take(self, request: Request, session_id: str, edits: list[Edit]) -> None:
        visitor = await asyncio.to_thread(self._panel.doorman.visitor, session_id, request.state.address)
        if visitor is None:
            return
        try:
            await self._panel.actions.change(visitor, edits, Right.SET)
        except AcmError as error:
            # They are owner all the same, and find the settings under Manage; the audit tells what went wrong.
            await self._panel.actions.note(visitor, "settings-refused", why=str(error))

    async def _known(self, request: Request) -> bool:
        found = await asyncio.to_thread(self._panel.doorman.visitor, _session(request), request.state.address)
        return found is not None

    @property
    def _unclaimed(self) -> str:
        """What is said of a panel without an owner, as a key of ``words``; empty if it has one."""
        if self._panel.store.claimed:
            return ""
        return "sign_in.unclaimed" if self._panel.sites is None else "sites.unclaimed"

    def _sign_in_again(self, request: Request, form: Mapping[str, str], fault: str = "", status: int = 200) -> Response:
        csrf = cookies_of(request.scope["headers"]).get(FORM) or fresh_id()
        answer = plain_page(
            self._panel, request, "sign_in.html", status, fault=fault, csrf=csrf, name=form.get("name", ""),
            to=_inside(form.get("to", "/")), unclaimed=self._unclaimed,
        )  # fmt: skip
        answer.headers.append("set-cookie", cookie(FORM, csrf, secure=_secure(request), days=FORM_DAYS))
        return answer

    def _claim_again(self, request: Request, code: str, form: Mapping[str, str], fault: str = "") -> Response:
        csrf = cookies_of(request.scope["headers"]).get(FORM) or fresh_id()
        words = words_of(self._panel, request)
        days = [{"key": day, "name": words.weekday(number)} for number, day in enumerate(DAYS)]
        filled = {name: form.get(name, "") for name in ("name", "site", "zone", *DAYS)}
        places = {zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS}
        zones = sorted({"UTC", self._panel.settings.config.site.time_zone, *places})
        answer = plain_page(
            self._panel, request, "claim.html", 400 if fault else 200, fault=fault, csrf=csrf, code=code, form=filled,
            days=days, zones=zones, place=self._panel.sites is None,
        )  # fmt: skip
        answer.headers.append("set-cookie", cookie(FORM, csrf, secure=_secure(request), days=FORM_DAYS))
        return answer

    def _let_in(self, request: Request, session_id: str, to: str) -> Response:
        answer = RedirectResponse(to, 303)
        days = self._panel.settings.config.panel.session_days
        secure = _secure(request)
        answer.headers.append("set-cookie", cookie(SESSION, session_id, secure=secure, days=days))
        answer.headers.append("set-cookie", cookie(FORM, "", secure=secure, days=0))
        return answer


def _edits(form: Mapping[str, str], config: Config) -> list[Edit]:
    """What was filled in that is not so already: what is laid over the owner's file hides later changes of it."""
    edits = []
    if form.get("site", "").strip() != config.site.name:
        edits.append(Edit(("site", "name"), form.get("site", "").strip()))
    if form.get("zone", config.site.time_zone) != config.site.time_zone:
        edits.append(Edit(("site", "time_zone"), form["zone"]))
    for day in DAYS:
        spans = [span.strip() for span in form.get(day, "").replace(";", ",").split(",") if span.strip()]
        if spans != list(getattr(config.schedule, day)):
            edits.append(Edit(("schedule", day), spans))
    return edits


def _plain(form: object) -> dict[str, str]:
    """The fields of a form that are texts."""
    items = form.items() if hasattr(form, "items") else ()
    return {name: value for name, value in items if isinstance(value, str)}


def _own(request: Request, form: Mapping[str, str]) -> bool:
    """Whether a form was sent by a page of ours: it has what the page's cookie has."""
    kept = cookies_of(request.scope["headers"]).get(FORM, "")
    return bool(kept) and same(kept, form.get("csrf", ""))


def _session(request: Request) -> str:
    return cookies_of(request.scope["headers"]).get(SESSION, "")


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _inside(to: str) -> str:
    """Where to go next: a page of ours, never another site."""
    parts = urlsplit(to)
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return to if plain and to.isprintable() else "/"


def _short(error: ConfigError) -> str:
    """The faults without the names of files, which say nothing to an owner."""
    rows = [row.split(": ", 1)[-1] for row in str(error).splitlines()]
    return " ".join(rows)
