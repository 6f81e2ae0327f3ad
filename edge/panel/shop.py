"""A shop that can be looked at: the box's own, or one of those a hub knows. Pages ask either in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics
    from edge.core.calendar import SiteCalendar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShopCamera:
    """A camera with the names of its lines and zones."""

    name: str
    lines: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


class Asked(Protocol):
    """Puts a question to a shop's records off the event loop; see ``panel.reading``."""

    def __call__(self, question: Callable[[Any], T], *, key: Hashable, keep_s: float) -> Awaitable[T]:
        """What the question gives."""
        ...


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop. ``opening``: when it is open, if that is known; ``week_starts``: 0 is Monday.

    ``together``: it is all shops of a hub at once, of which only sums can be told.
    """

    name: str
    calendar: SiteCalendar
    week_starts: int
    opening: Calendar | None
    cameras: tuple[ShopCamera, ...]
    asked: Asked
    together: bool = False

    async def ask(self, question: Callable[[Statistics], T], *, key: Hashable = None, keep_s: float = 0.0) -> T:
        """Put a question to its records. Whoever asks with the same ``key`` within ``keep_s`` gets the same answer.

        Raises the kinds of ``AcmError`` of who keeps the records.
        """
        return await self.asked(question, key=None if key is None else (self.name, key), keep_s=keep_s)
