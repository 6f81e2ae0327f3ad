"""What somebody can be told of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.panel.words import Words


class Kind(str, Enum):
    """Of what. The values stand in the panel's database."""

    HEALTH = "health"
    """The box needs help, or is well again."""
    UNUSUAL = "unusual"
    """The day is unusually quiet or busy so far."""
    AFTER_HOURS = "after-hours"
    """Somebody came in while the shop was closed."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell: what is said in a language, where it is to be seen, and for how long it is worth telling.

    What is said names the shop and its cameras, and no person: nobody is known to this box.
    """

    kind: Kind
    says: Callable[[Words], str]
    page: str = "/"
    lasts_s: float = 3600.0
    urgent: bool = False
