"""The real counter, the real panel and a real browser, put together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from daemon_kit import SILENT, STOP_S, Daemon, door
from playwright.sync_api import sync_playwright
from ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from playwright.sync_api import Browser, BrowserContext, Page
    from typing_extensions import Self

# The panel yields to everything else on a busy machine.
START_S = 90.0
CHROMIUM = "/usr/bin/chromium"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
OWNER, PASSWORD = "Ada", "seven green umbrellas"
SHOP = SILENT.replace("[site]", '[site]\nname = "Corner Shop"\ntime_zone = "Europe/Berlin"')
RELAY = '[[relay]]\nname = "lamp"\npin = 17\n'
# A key of words that no language has shows itself.
UNSAID = re.compile(r"\b(?:manage|changes|relays|sounds|hours|cameras|people|tokens|audit|doctor|rules|trial)\.[a-z_]+")
# Serious enough to keep somebody from using a page.
GRAVE = ("serious", "critical")


class PanelProcess:
    """``acm panel`` for the counter whose settings and state are in ``folder``. A context manager, like ``Daemon``."""

    def __init__(self, daemon: Daemon, words: tuple[str, ...] = ()) -> None:
        self.daemon, self._words = daemon, words
        self.port = free_port()
        self._said = daemon.folder / "panel.txt"
        self.own = daemon.folder / "own"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_S)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    @property
    def claim_link(self) -> str:
        return re.findall(r"http\S+/claim/\S+", self.said)[-1]

    def start(self, *more: str) -> Self:
        """Start it and wait until it lets visitors in."""
        words = [sys.executable, "-m", "edge", "panel", "--config", str(self.daemon.settings), "--state",
                 str(self.daemon.state), "--control", str(self.daemon.control), "--own", str(self.own),
                 "--host", "127.0.0.1", "--port", str(self.port), *self._words, *more]  # fmt: skip
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(words, stdout=said, stderr=said, cwd=self.daemon.folder, env={**os.environ})  # noqa: S603 - ourselves
        end_s = time.monotonic() + START_S
        while "The panel is at" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end_s, f"it is not ready after {START_S} s:\n{self.said}"
            self.daemon.hear("\0", 0.1)
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Stop it properly; return how many seconds that took."""
        assert self.process is not None
        began_s = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(STOP_S)
        return time.monotonic() - began_s


class Window:
    """A browser's window on the panel, which keeps what the console complains of."""

    def __init__(self, browser: Browser, panel: PanelProcess, **look: Any) -> None:  # noqa: ANN401 - playwright's own
        self.panel = panel
        self.context: BrowserContext = browser.new_context(base_url=panel.address, **{"viewport": DESK, **look})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda told: self._heard(told.type, f"{told.text} ({told.location.get('url', '')})"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_default_timeout(60_000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.context.close()

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def claim(self, name: str = OWNER, password: str = PASSWORD) -> None:
        """Take the box into use."""
        self.page.goto(self.panel.claim_link)
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.fill("#again", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"{self.panel.address}/")
        self.settled()

    def sign_in(self, name: str = OWNER, password: str = PASSWORD) -> None:
        """Sign in; whether that worked is to be seen."""
        self.page.goto("/sign-in")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")

    def open(self, path: str) -> None:
        """Go to a page and wait until it stands."""
        self.page.goto(path)
        self.settled()

    def settled(self) -> None:
        """Wait until the page has its content and its websocket."""
        self.page.wait_for_selector("main h1")
        self.page.wait_for_function("!globalThis.io || globalThis.socket === undefined || globalThis.socket.connected")

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """A picture of the page."""
        self.page.screenshot(path=path, full_page=whole)

    def faults(self) -> list[str]:
        """What axe-core finds that would keep somebody from using the page."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only looked at where it is asked for

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']]}"
            for one in found if one["impact"] in GRAVE
        ]  # fmt: skip


@contextmanager
def browsing(*more: str) -> Iterator[Browser]:
    """A chromium; one at a time. ``more`` of its arguments."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *more])
        try:
            yield browser
        finally:
            browser.close()


def shop_settings(*, people: float = 30.0, speed: float = 1.0, more: str = RELAY) -> str:
    """A shop with a simulated door, a relay and no sound card."""
    return SHOP + more + door(people=people, speed=speed)
