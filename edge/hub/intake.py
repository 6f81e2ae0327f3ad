"""Batches: who sends, what, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from edge.core.shipment import MOST_PACKED_BYTES, Receipt, Verdict
from edge.hub.answers import JSON, RefusedError, errors, refusal
from edge.hub.bodies import read_body
from edge.hub.callers import DEVICE, caller_of, desk_of
from edge.storage.hub.store import UnknownDeviceError
from edge.upstream.faults import WireError, WireVersionError
from edge.upstream.wire import MEDIA_TYPE, decode, encode_receipt

if TYPE_CHECKING:
    from datetime import datetime

    from edge.hub.desk import Desk
    from edge.storage.hub.registry import Caller
    from edge.storage.hub.store import HubStore

router = APIRouter(tags=["devices"])
BATCH_BODY = {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}


def take_body(store: HubStore, body: bytes, now: datetime, sender: str | None = None) -> Receipt:
    """Take a batch as it came over any wire; ``sender`` is the device that showed its token, None if none had to.

    Raises ``WireError``, ``UnknownDeviceError`` and ``HubAwayError``; then nothing was done.
    """
    shipment = decode(body)
    if sender is not None and shipment.device != sender:
        raise UnknownDeviceError("The batch is of another device than the token; each device sends its own.")
    return store.take(shipment, now)


@router.post(
    "/v1/batches",
    summary="Send a batch",
    responses=errors(400, 401, 403, 408, 409, 413, 415, 429, 503),
    openapi_extra={"requestBody": BATCH_BODY},
    dependencies=[DEVICE],
)
async def batches(request: Request) -> Response:
    """Take a batch: all of it in one transaction. What was taken before is accepted again and changes nothing.

    The body is packed as the wire format says. 409 carries ``cursor``: the device has to go back to that row.
    """
    desk = desk_of(request)
    caller = await caller_of(request)
    _refuse_kind(request)
    await desk.enter()
    try:
        body = await read_body(request, MOST_PACKED_BYTES, desk.settings.limits.body_s)
        return await desk.do(lambda: _answer(desk, body, caller))
    finally:
        desk.leave()


def _refuse_kind(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise RefusedError(415, f"The body is of a kind not known here; send {MEDIA_TYPE}.")
    packing = request.headers.get("content-encoding", "").strip().lower()
    if packing not in ("gzip", ""):
        raise RefusedError(415, "The body is packed in a way not known here; pack it with gzip.")


def _answer(desk: Desk, body: bytes, caller: Caller) -> Response:
    try:
        receipt = take_body(desk.store, body, desk.now, caller.id)
    except WireError as error:
        desk.registry.charge(caller.id, desk.now_ms)
        return refusal(415 if isinstance(error, WireVersionError) else 400, str(error))
    except UnknownDeviceError as error:
        return refusal(403, str(error))
    if receipt.verdict is Verdict.KEPT:
        return refusal(409, receipt.sentence, verdict=receipt.verdict.value, cursor=receipt.cursor)
    return Response(encode_receipt(receipt), media_type=JSON)
