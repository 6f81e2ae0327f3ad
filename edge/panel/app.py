"""Puts the panel together: the gate, the forms, the API, the wall, the files, and on top of them the pages."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from edge.core.timekeeping import to_ms
from edge.panel.api.routes import add_api
from edge.panel.auth.forms import form_routes
from edge.panel.gate import Gate
from edge.panel.packed import Packed
from edge.panel.pages.display import display_routes
from edge.panel.pages.manage.files import file_routes
from edge.panel.pages.statistics.routes import statistics_routes
from edge.panel.paper import paper_routes
from edge.panel.pictures import picture_routes
from edge.panel.sites.reports import report_routes
from edge.panel.sites.routes import site_routes
from edge.panel.statics import STATIC
from edge.panel.telling.noticing import Noticing
from edge.panel.trust import secure_routes
from edge.panel.web_app import web_app_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from fastapi import APIRouter
    from starlette.responses import Response

    from edge.panel.gate import App
    from edge.panel.panel import Panel

    Lasting = Callable[[], Coroutine[Any, Any, None]]

KEPT, ASKED_AGAIN = "public, max-age=31536000, immutable", "public, max-age=3600"
SWEEP_S = 6 * 3600.0
FORGOTTEN_MS = 7 * 86_400_000
GZIP_LEVEL, GZIP_BYTES = 5, 800


def base_app(panel: Panel, *lasting: Lasting) -> FastAPI:
    """The panel without its pages. ``lasting`` are run for as long as it is served."""
    web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(panel, lasting))
    for router in (form_routes(panel), web_app_routes(panel), secure_routes(panel), statistics_routes(panel)):
        web.include_router(router)
    for router in _of_box(panel) if panel.sites is None else (site_routes(panel), report_routes(panel)):
        web.include_router(router)
    add_api(web, panel)
    web.mount("/static", _Static(directory=STATIC))
    return web


def _of_box(panel: Panel) -> Sequence[APIRouter]:
    """What only a box has: a wall display, sounds and copies, reports, pictures."""
    return display_routes(panel), file_routes(panel), paper_routes(panel), picture_routes(panel)


def gated(panel: Panel, web: FastAPI, *, proxied: bool = False) -> App:
    """An application behind the gate: what is served."""
    packed = Packed(GZipMiddleware(web, minimum_size=GZIP_BYTES, compresslevel=GZIP_LEVEL))
    return Gate(packed, panel.doorman, panel.clock, proxied=proxied)


class _Static(StaticFiles):
    """Our own files; their address changes with what is in them, so a browser may keep them."""

    async def get_response(self, path: str, scope: Any) -> Response:  # noqa: ANN401 - the base class says so
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = KEPT if scope.get("query_string") else ASKED_AGAIN
        return answer


def _lifespan(panel: Panel, lasting: tuple[Lasting, ...]) -> Any:  # noqa: ANN401 - what FastAPI wants
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        notices = [Noticing(panel).run] if panel.sites is None else []
        every = (panel.daemon.run, lambda: _sweep(panel), *notices, *lasting)
        tasks = [asyncio.create_task(work()) for work in every]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            panel.reading.close()
            if panel.sites is not None:
                panel.sites.close()

    return running


async def _sweep(panel: Panel) -> None:
    """Forget what nobody needs any more, now and then."""
    while True:
        now_ms = to_ms(panel.clock.utc_now())
        await asyncio.to_thread(panel.store.sessions.sweep, now_ms)
        await asyncio.to_thread(panel.store.failures.sweep, now_ms - FORGOTTEN_MS)
        await asyncio.sleep(SWEEP_S)
