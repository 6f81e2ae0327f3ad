"""The hub's web application: what is asked where, and what is answered when something is wrong."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from edge import __version__
from edge.hub import enrolment, intake, reading, reports
from edge.hub.access import AccessLog
from edge.hub.answers import RefusedError, refusal
from edge.hub.bodies import SmallBodies
from edge.hub.desk import Desk
from edge.hub.listener import listening
from edge.hub.page import explained
from edge.storage.hub.errors import HubAwayError, HubStorageError
from edge.storage.hub.retention import let_go, look_ahead

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.config.hub import HubConfig
    from edge.core.clock import Clock

log = logging.getLogger("acm.hub")

TITLE = "Advanced Customer Messenger, hub"
ABOUT = (
    "Devices send batches of what they counted, and reports; readers ask for figures and files. Times are UTC, hours "
    'and days go by the clock on the shop\'s wall. What is refused is answered with {"error": "a sentence"}.'
)
UPKEEP_S, UPKEEP_AGAIN_S = 6 * 3600.0, 60.0
STATUS_WORDS = {404: "There is nothing here; /docs explains what there is.", 405: "That is not done here that way."}


def hub_app(settings: HubConfig, clock: Clock) -> FastAPI:
    """The application; one for each process. The database need not be there yet."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        desk = Desk(settings, clock)
        app.state.desk, app.state.purses = desk, {}
        upkeep = asyncio.create_task(_look_after(desk))
        with listening(desk):
            yield
        upkeep.cancel()
        with suppress(asyncio.CancelledError):
            await upkeep
        desk.close()

    pages: dict[str, Any] = {} if settings.server.pages else {"openapi_url": None}
    app = FastAPI(
        title=TITLE, description=ABOUT, version=__version__, lifespan=living, docs_url=None, redoc_url=None, **pages
    )
    for router in (enrolment.router, intake.router, reports.sending, reading.router, reports.router):
        app.include_router(router)
    _add_pages(app, shown=settings.server.pages)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HubStorageError, _away)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(SmallBodies)
    app.add_middleware(AccessLog, clock=clock)
    return app


def _add_pages(app: FastAPI, *, shown: bool) -> None:
    @app.get("/health", include_in_schema=False)
    async def health(request: Request) -> Response:
        """Say whether requests can be worked on: for load balancers."""
        desk: Desk = request.app.state.desk
        await desk.do(desk.registry.secret)
        return Response("ok\n", media_type="text/plain")

    if shown:

        @app.get("/docs", include_in_schema=False)
        async def docs() -> HTMLResponse:
            """Explain the API."""
            return HTMLResponse(explained(app.openapi()))


async def _look_after(desk: Desk) -> None:
    """Look after the tables from time to time: as soon as the database is there, then every few hours."""
    while True:
        try:
            await desk.do(lambda: look_ahead(desk.store.database, desk.now))
            if desk.settings.keep.months:
                gone = await desk.do(lambda: let_go(desk.store.database, desk.settings.keep.months, desk.now))
                told = "%d rows and files of reports of more than %d months ago were let go of."
                log.info(told, gone, desk.settings.keep.months)
            pause_s = UPKEEP_S
        except HubStorageError as error:
            log.warning("%s", error)
            pause_s = UPKEEP_AGAIN_S
        await asyncio.sleep(pause_s)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 - it is registered for these
    return error.answer()


async def _away(_: Request, error: Exception) -> Response:
    log.error("%s", error)
    retry_s = HubAwayError.retry_after_s
    return refusal(503, "The hub's database cannot be used now; what was sent was not taken.", retry_s)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return refusal(422, f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}.")


async def _plain(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return refusal(error.status_code, STATUS_WORDS.get(error.status_code, f"{str(error.detail).rstrip('.')}."))


async def _failed(_: Request, __: Exception) -> Response:
    # The server logs it, with its traceback.
    return refusal(500, "The hub failed over this request; its log tells more.")


