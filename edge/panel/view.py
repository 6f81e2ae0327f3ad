"""A page as one visitor has it open: who they are, in which language, and what ends with the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from nicegui import background_tasks, ui

from edge.core.errors import AcmError
from edge.panel.actions import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping
    from typing import Any

    from nicegui import Client

    from edge.core.calendar import SiteCalendar
    from edge.panel.auth.visitor import Visitor
    from edge.panel.daemon import Watch
    from edge.panel.panel import Panel
    from edge.panel.words import Words
    from edge.storage.statistics.reader import StatisticsReader

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class View:
    """What a page is built with. ``words`` says everything; ``panel`` has everything."""

    panel: Panel
    visitor: Visitor
    words: Words
    client: Client
    watches: list[Watch] = field(default_factory=list)

    @property
    def status(self) -> Mapping[str, Any] | None:
        """What the counter told last; None before it told anything."""
        return self.panel.daemon.status

    @property
    def calendar(self) -> SiteCalendar:
        """The site's days; on a hub those most sites go by."""
        return self.panel.settings.calendar if self.panel.sites is None else self.panel.shop().calendar

    def watch(self, told: Callable[[], None], happened: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        """Have ``told`` called whenever the counter's status is news, and ``happened`` with each event.

        Both are called within the page, so that elements may be made and changed; it ends with the page.
        """

        def within() -> None:
            with self.client:
                told()

        def event(words: Mapping[str, Any]) -> None:
            if happened is not None:
                with self.client:
                    happened(words)

        self.watches.append(self.panel.daemon.watch(within, event if happened is not None else None))

    def close(self) -> None:
        """The page was left."""
        for watch in self.watches:
            watch.stop()
        self.watches.clear()

    async def ask(self, question: Callable[[StatisticsReader], T], *, key: Hashable = None, keep_s: float = 0.0) -> T:
        """Put a question to the box's records, off the event loop; see ``Reading.ask``. Of a hub: ``Panel.shop``."""
        return await self.panel.reading.ask(question, key=key, keep_s=keep_s)

    def go(self, work: Awaitable[None]) -> None:
        """Do something that takes a while, within this page; what goes wrong is told on it."""

        async def told() -> None:
            with self.client:
                await self.tried(work)

        background_tasks.create(told())

    async def tried(self, work: Awaitable[T]) -> T | None:
        """Await something; if it is refused or fails, tell so on the page and give None."""
        try:
            return await work
        except NotAllowedError as error:
            self.tell(self.words(error.key), bad=True)
        except AcmError as error:
            self.tell(str(error), bad=True)
        return None

    def tell(self, sentence: str, *, bad: bool = False) -> None:
        """Show a sentence for a few seconds."""
        ui.notify(sentence, type="negative" if bad else "positive", position="top", timeout=8000 if bad else 2500,
                  icon="", close_button=self.words("shell.close") if bad else False)  # fmt: skip

    def anew(self, after_s: float = 0.0) -> None:
        """Have the page built again, after a while; not if its visitor is on the way to another one by then."""
        self.client.run_javascript(f"acm.anew({after_s * 1000:.0f})")
