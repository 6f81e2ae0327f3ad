"""What every call has: somebody who asks, with the right to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Request
from fastapi.params import Depends as Dependency

from edge.panel.actions import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from edge.panel.auth.rights import Right
    from edge.panel.auth.visitor import Visitor

    T = TypeVar("T")

MOST = 1000
Limit = Annotated[int, Query(ge=1, le=MOST, description="how many at most")]
After = Annotated[int, Query(ge=0, le=2**53, description="`next` of the page before, 0 for the first")]


def visitor_of(request: Request) -> Visitor:
    """Who asks; the gate let them in."""
    visitor: Visitor = request.state.visitor
    return visitor


def needs(right: Right) -> Dependency:
    """A dependency: only for those who may do that."""

    def check(request: Request) -> None:
        if not visitor_of(request).may(right):
            raise NotAllowedError

    return Dependency(check)


def page(items: Sequence[T], after: int, limit: int, shape: Callable[[T], object]) -> tuple[list[object], int | None]:
    """A page of a list, and where the next one begins."""
    end = after + limit
    return [shape(item) for item in items[after:end]], end if end < len(items) else None
