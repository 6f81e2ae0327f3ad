"""The cameras' live pictures: fetched from the counter while somebody looks, each once for all who do."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from edge.host.control_wire import ControlError
from edge.panel.auth.rights import Right
from edge.panel.plain import words_of

if TYPE_CHECKING:
    from edge.core.clock import Clock
    from edge.panel.daemon import Daemon
    from edge.panel.panel import Panel
    from edge.panel.words import Words

PLACE = "/pictures"
# Whoever asks within this gets the same picture: five a second.
FRESH_S = 0.2
# As many are remembered at once.
MOST_CAMERAS = 64
# That there is no picture is an answer, too: a browser would note anything else among its errors.
NO_PICTURE = 200
Camera = Annotated[str, Query(min_length=1, max_length=40)]


class Pictures:
    """The newest picture of each camera, as JPEG. For the thread of the event loop."""

    def __init__(self, daemon: Daemon, clock: Clock) -> None:
        self._daemon, self._clock = daemon, clock
        self._asked: dict[tuple[str, bool], tuple[float, asyncio.Task[bytes]]] = {}

    async def newest(self, camera: str, *, lines: bool) -> bytes:
        """A picture no older than a fifth of a second. ``ControlError`` says in a sentence why there is none."""
        key, now_s = (camera, lines), self._clock.monotonic_s()
        asked_s, task = self._asked.get(key, (0.0, None))
        if task is None or (task.done() and now_s - asked_s >= FRESH_S):
            if len(self._asked) >= MOST_CAMERAS:
                self._asked.clear()
            task = asyncio.create_task(self._fetched(camera, lines=lines))
            self._asked[key] = now_s, task
        # Who goes away must not take the picture from the others.
        return await asyncio.shield(task)

    async def _fetched(self, camera: str, *, lines: bool) -> bytes:
        answer = await self._daemon.ask_quietly("live", camera=camera, lines=lines)
        return base64.b64decode(str(answer["jpeg"]))


def picture_routes(panel: Panel) -> APIRouter:
    """The route the pages fetch pictures from, one after the other."""
    router = APIRouter(include_in_schema=False)
    pictures = Pictures(panel.daemon, panel.clock)

    @router.get(PLACE, response_model=None)
    async def picture(
        request: Request, camera: Camera, lines: Annotated[bool, Query()] = True  # noqa: FBT002 - a query
    ) -> Response:
        words = words_of(panel, request)
        if not request.state.visitor.may(Right.SEE):
            return _sentence(words("shell.refused"), 403)
        fault = _fault(panel, words, camera)
        if fault is not None:
            return fault
        try:
            jpeg = await pictures.newest(camera, lines=lines)
        except ControlError:
            return _fault(panel, words, camera) or _sentence(words("live.none_yet", camera=camera), NO_PICTURE)
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    return router


def _fault(panel: Panel, words: Words, camera: str) -> Response | None:
    """Why there is no picture, in a sentence; None if there should be one."""
    config = panel.settings.config
    if camera not in [table.name for table in config.camera]:
        return _sentence(words("live.no_camera", camera=camera), 404)
    if config.panel.privacy_lock:
        return _sentence(words("live.locked"), NO_PICTURE)
    if panel.daemon.gone:
        return _sentence(words(panel.daemon.gone), NO_PICTURE)
    posts = (panel.daemon.status or {}).get("cameras", [])
    state = next((post["state"] for post in posts if post["name"] == camera), "starting")
    key = {"lost": "live.lost", "hanging": "live.hanging", "ended": "live.ended"}.get(state)
    return None if key is None else _sentence(words(key, camera=camera), NO_PICTURE)


def _sentence(said: str, status: int) -> Response:
    return JSONResponse({"error": said}, status, headers={"Cache-Control": "no-store"})
