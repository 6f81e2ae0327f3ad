"""The settings: read, changed by edits that are checked as the file itself is, and put back.

Two who change them at once do not write over each other: whoever writes brings the mark of the settings they looked at
(``ETag``, ``If-Match``).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.exceptions import HTTPException

from edge.config.change import Edit
from edge.config.plain import plain_settings
from edge.core.timekeeping import from_ms
from edge.panel.actions import SETTINGS
from edge.panel.api import shapes_settings as shapes
from edge.panel.api.asking import After, Limit, needs, visitor_of
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge.config.change import Difference
    from edge.panel.panel import Panel
    from edge.storage.panel.written import Change

PRECONDITION_REQUIRED = 428
ANY = "*"
DryRun = Annotated[bool, Query(description="only tell what would change")]
IfMatch = Annotated[
    str, Header(max_length=200, description="the `ETag` of the settings that were looked at, or * for any")
]
Number = Annotated[int, Path(ge=1, le=2**53, description="the change's number")]


def setting_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["settings"], dependencies=[needs(Right.SET)])
    _add_settings(router, panel)
    _add_changes(router, panel)
    return router


def _add_settings(router: APIRouter, panel: Panel) -> None:
    @router.get("/settings")
    async def settings(response: Response) -> shapes.Settings:
        """Everything that is set. `ETag` stands for it, and is wanted back as `If-Match` by who changes it."""
        # First the mark: whoever is told something newer than it is only asked to look again.
        response.headers["ETag"] = await _etag(panel)
        return shapes.Settings(settings=await asyncio.to_thread(lambda: plain_settings(panel.settings.now)))

    @router.patch("/settings")
    async def change(
        request: Request, response: Response, wish: shapes.Wish, *, dry_run: DryRun = False, if_match: IfMatch = ""
    ) -> shapes.Changed:
        """Change settings: all the edits or none. They are checked as the file is, written, and taken into use."""
        edits = [Edit(tuple(edit.place), edit.value) for edit in wish.edits]
        visitor = visitor_of(request)
        if dry_run:
            found = await panel.actions.preview(visitor, edits)
            response.headers["ETag"] = await _etag(panel)
            return shapes.Changed(dry_run=True, changed=_told(found), waiting=[])
        if not if_match:
            raise HTTPException(PRECONDITION_REQUIRED, "Send If-Match: the ETag of the settings that you looked at.")
        made = await panel.actions.made(visitor, edits, known=_mark(if_match))
        response.headers["ETag"] = await _etag(panel)
        return shapes.Changed(dry_run=False, changed=_told(made.changed), waiting=list(made.waiting))


def _add_changes(router: APIRouter, panel: Panel) -> None:
    @router.get("/settings/changes")
    async def changes(after: After = 0, limit: Limit = 50) -> shapes.Changes:
        """What was changed, by whom, the last one first."""
        audit = panel.store.audit
        found = await asyncio.to_thread(audit.latest, limit + 1, after or None, SETTINGS)
        following = found[limit - 1].id if len(found) > limit else None
        return shapes.Changes(items=[_change(one) for one in found[:limit]], next=following)

    @router.post("/settings/changes/{number}/revert")
    async def revert(request: Request, response: Response, number: Number, if_match: IfMatch = "") -> shapes.Changed:
        """Put back what a change had changed; which is a change itself."""
        made = await panel.actions.reverted(visitor_of(request), number, _mark(if_match))
        response.headers["ETag"] = await _etag(panel)
        return shapes.Changed(dry_run=False, changed=_told(made.changed), waiting=list(made.waiting))


async def _etag(panel: Panel) -> str:
    return f'"{await asyncio.to_thread(lambda: panel.settings.mark)}"'


def _mark(if_match: str) -> str:
    """The mark that somebody knows; empty where any will do."""
    told = if_match.strip().removeprefix("W/").strip('"')
    return "" if told == ANY else told


def _told(found: Iterable[Difference]) -> list[shapes.Difference]:
    return [shapes.Difference(place=one.written, before=one.before, after=one.after) for one in found]


def _change(change: Change) -> shapes.Change:
    rows: Sequence[Sequence[object]] = change.detail.get("changed", [])
    found = [shapes.Difference(place=str(place), before=before, after=after) for place, before, after in rows]
    return shapes.Change(number=change.id, at=from_ms(change.at_ms), who=change.who, changed=found)
