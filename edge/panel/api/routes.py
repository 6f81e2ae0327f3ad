"""Puts the REST interface together: ``/api/v1`` with its description at ``/api/v1/openapi.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from edge.core.errors import AcmError, InputError
from edge.host.control_wire import ControlError, NotRunningError
from edge.panel.actions import NotAllowedError
from edge.panel.api.devices import device_routes
from edge.panel.api.events import event_routes
from edge.panel.api.figures import figure_routes
from edge.panel.api.settings import setting_routes
from edge.panel.api.shapes import Fault
from edge.panel.api.sites import site_api
from edge.panel.api.sounds import sound_routes
from edge.panel.api.statistics import statistic_routes
from edge.panel.settings import StaleError
from edge.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from edge.panel.panel import Panel

PLACE = "/api/v1"
DESCRIPTION = """Figures, devices and settings of this box.

A program sends a token, made on the panel by the owner: `Authorization: Bearer acm_...`. A page of the panel itself
comes by its cookie, and brings the header `X-CSRF-Token` with every call that changes something. Days are the shop's;
moments are UTC. Lists come in pages: `next` is the `after` of the next one, null on the last. Who calls too often gets
429 with `Retry-After`.
"""
FAULTS = {
    400: "The call makes no sense; the sentence says why.",
    401: "No token, or one that is not known.",
    403: "The token or the role does not include this.",
    404: "There is nothing at this address.",
    412: "The settings are no longer those of your `If-Match`; get them again.",
    413: "That is more than is taken here.",
    422: "A value is not of its kind.",
    428: "Settings are changed only with `If-Match`, so that nobody writes over what another has just set.",
    429: "Too many calls.",
    503: "The counter or the records cannot be reached now.",
}
STATUS: tuple[tuple[type[AcmError], int], ...] = (
    (NotAllowedError, 403), (NotRunningError, 503), (StorageError, 503), (ControlError, 400), (StaleError, 412),
    (InputError, 400),
)  # fmt: skip


def add_api(web: FastAPI, panel: Panel) -> None:
    """Serve the interface from ``web``."""
    api = FastAPI(
        title="Advanced Customer Messenger", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None,
        openapi_url="/openapi.json", servers=[{"url": PLACE}], responses=_described(),
    )  # fmt: skip
    for router in _routers(panel):
        api.include_router(router)
    api.add_exception_handler(AcmError, _told)
    api.add_exception_handler(RequestValidationError, _unfit)
    api.add_exception_handler(HTTPException, _plain)
    web.mount(PLACE, api)


def _routers(panel: Panel) -> Sequence[APIRouter]:
    if panel.sites is not None:
        return (site_api(panel),)
    return (
        figure_routes(panel), statistic_routes(panel), device_routes(panel), sound_routes(panel),
        setting_routes(panel), event_routes(panel),
    )  # fmt: skip


def _described() -> dict[int | str, dict[str, object]]:
    return {status: {"model": Fault, "description": told} for status, told in FAULTS.items()}


async def _told(_: Request, error: Exception) -> JSONResponse:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    return JSONResponse({"error": str(error)}, status)


async def _unfit(_: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    rows = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults]
    return JSONResponse({"error": "; ".join(rows) or "A value is not of its kind."}, 422)


async def _plain(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "Something went wrong."
    return JSONResponse({"error": str(detail)}, status)
