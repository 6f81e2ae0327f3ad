"""A panel without its pages, in this process: forms, API and gate as they are served, its clock in our hand."""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import httpx
from argon2 import PasswordHasher

from edge.config.files import SettingsFiles
from edge.core.clock import ManualClock
from edge.integrations.web_push import PUBLIC
from edge.panel.app import base_app, gated
from edge.panel.auth.passwords import Passwords
from edge.panel.auth.rights import Right, Role
from edge.panel.auth.visitor import Visitor
from edge.panel.panel import Panel
from edge.storage.panel.store import PanelStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any, TypeVar

    from edge.integrations.web_push import Reach
    from edge.panel.gate import App

    T = TypeVar("T")

HOME = "http://box:8080"
NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
PASSWORD = "seven green umbrellas"  # noqa: S105 - of a made-up user
SETTINGS = '[site]\nname = "Corner Shop"\ntime_zone = "Europe/Berlin"\n[[camera]]\nname = "door"\nsource = "sim"\n'
# As quick as Argon2 can be: what is tried here is what is done with it.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Browser:
    """A browser without a picture: it sends, and keeps cookies. ``address`` is where it is."""

    def __init__(self, app: App, home: str = HOME, headers: dict[str, str] | None = None) -> None:
        self._app = app
        self.headers, self.cookies = dict(headers or {}), httpx.Cookies()
        self._home = home

    def get(self, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        return self.send("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("POST", path, **how)

    def send(self, method: str, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401 - as above
        headers = {**self.headers, **how.pop("headers", {})}

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=self._home, cookies=self.cookies) as client:
                answer = await client.request(method, path, headers=headers, **how)
                self.cookies = client.cookies
                return answer

        return asyncio.run(sent())

    def socket(self, path: str, **headers: str) -> list[dict[str, Any]]:
        """Knock at a websocket; what is said before anybody opens it."""
        plain, _, query = path.partition("?")
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"host": self._home.partition("//")[2], "cookie": cookies, **headers}
        scope = {
            "type": "websocket", "path": plain, "query_string": query.encode(), "client": ("192.0.2.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in told.items()], "scheme": "ws",
        }  # fmt: skip
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:  # noqa: ANN401 - a message of ASGI
            said.append(dict(message))

        asyncio.run(_called(self._app, scope, receive, send))
        return said


async def _called(app: App, *words: Any) -> None:  # noqa: ANN401 - what ASGI passes
    await app(*words)


@dataclass
class Box:
    """A box, its panel and its clock."""

    panel: Panel
    clock: ManualClock
    app: App
    files: SettingsFiles
    tokens: int = 0

    def browser(self, **headers: str) -> Browser:
        """Somebody's browser, which keeps cookies."""
        return Browser(self.app, HOME, headers)

    def user(self, name: str, role: Role = Role.OWNER, password: str = PASSWORD) -> None:
        """Make a user."""
        self.panel.store.users.add(name, self.panel.doorman.hashed(password, ""), role.value, 0)

    def signed_in(self, name: str, role: Role = Role.OWNER) -> Browser:
        """A browser of a user who was made for it."""
        self.user(name, role)
        browser = self.browser()
        assert sign_in(browser, name).status_code == 303
        return browser

    def token(self, *scopes: str, days: int | None = None) -> Browser:
        """A program with a token."""
        self.tokens += 1
        maker = Visitor("Ada", frozenset(Right), "here")
        token = self.panel.doorman.make_token(f"till {self.tokens}", frozenset(scopes), maker, days)
        return self.browser(Authorization=f"Bearer {token}")

    def csrf(self, browser: Browser) -> str:
        """What a page of theirs would send back."""
        visitor = self.panel.doorman.visitor(browser.cookies["acm_session"], "here")
        assert visitor is not None
        return visitor.csrf


@contextmanager
def box(folder: Path, settings: str = SETTINGS, reach: Reach = PUBLIC) -> Iterator[Box]:
    """A box nobody has claimed. ``reach``: which push services it may use."""
    (folder / "acm.toml").write_text(settings, encoding="utf-8")
    clock = ManualClock(1000.0, NOON)
    files = SettingsFiles.around(folder / "acm.toml", folder)
    with PanelStore(folder / "panel.db") as store:
        panel = Panel.of(
            files, folder / "records.db", store, control=folder / "none.sock", clock=clock, passwords=Passwords(QUICK),
            reach=reach,
        )  # fmt: skip
        yield Box(panel, clock, gated(panel, base_app(panel)), files)


def form_key(answer: httpx.Response) -> str:
    """What the form on a page sends back."""
    found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert found is not None, answer.text
    return found[1]


def sign_in(browser: Browser, name: str, password: str = PASSWORD, to: str = "/") -> httpx.Response:
    """Fill in the form and send it."""
    key = form_key(browser.get("/sign-in"))
    return browser.post("/sign-in", data={"csrf": key, "name": name, "password": password, "to": to})
