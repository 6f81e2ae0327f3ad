"""What a page is: where it is, what it is called, who may see it, and the function that builds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.panel.view import View


@dataclass(frozen=True, slots=True)
class Page:
    """A page. ``title`` is a key of ``words``, ``icon`` a drawing of ``static/icons.svg``.

    ``build`` makes what stands under the title, given the ``View``; it may be a coroutine. ``listed``: whether it is
    among the places one can go to.
    """

    path: str
    title: str
    icon: str
    build: Callable[[View], Awaitable[None] | None]
    right: Right = Right.SEE
    listed: bool = True
