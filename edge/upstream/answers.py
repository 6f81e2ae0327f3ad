"""What the hub's answer to a batch means. Only what the hub itself says is believed to be about the batch."""

from __future__ import annotations

import json
import math
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from edge.core.errors import DeviceRefusedError, HubFailedError, UpstreamError
from edge.core.shipment import MOST_SEQ, NO_CURSOR, Receipt, Verdict
from edge.upstream.faults import WireError
from edge.upstream.troubles import clean
from edge.upstream.wire import MOST_WAIT_S, decode_receipt

if TYPE_CHECKING:
    from datetime import datetime

    from edge.upstream.hub_http import Answer

OK, GAP, FORBIDDEN, UNKNOWN_FORMAT = 200, 409, 403, 415
REJECTED = {400, 413, 422}
# Also what a proxy before a hub says that is away.
AWAY = {429, 502, 503, 504}
FAILED = range(500, 600)
MOVED = range(300, 400)
SECONDS = re.compile(r"\d{1,9}")


def receipt_of(answer: Answer, hub: str, now: datetime) -> Receipt:
    """The receipt for a batch. ``hub`` begins the sentences; raises ``UpstreamError`` if the batch is kept.

    A batch is at fault only if the hub says so in its own words: otherwise a sign-on page of somebody's network would
    make the device put all its rows aside.
    """
    if answer.status == OK:
        return _accepted(answer, hub)
    said = words(answer)
    if answer.status in REJECTED and said:
        return Receipt(Verdict.REJECTED, sentence=f"{hub} refuses the batch: {said}")
    if answer.status == GAP and said:
        cursor = told(answer).get("cursor")
        if type(cursor) is int and NO_CURSOR <= cursor <= MOST_SEQ:
            return Receipt(Verdict.KEPT, cursor=cursor, sentence=f"{hub} wants earlier rows first: {said}")
    raise trouble(answer, hub, now)


def trouble(answer: Answer, hub: str, now: datetime) -> UpstreamError:
    """The error for an answer that is none to what was asked."""
    said, status, wait_s = words(answer), answer.status, retry_after_s(answer, now)
    because = f": {said}" if said else f" (status {status})."
    if status == FORBIDDEN and said:
        return DeviceRefusedError(f"{hub} refuses this device{because}", wait_s)
    if status in AWAY:
        return UpstreamError(f"{hub} cannot take anything now{because}", wait_s)
    if status in FAILED:
        return HubFailedError(f"{hub} failed over what was sent{because}", wait_s)
    if status in MOVED:
        return UpstreamError(f"{hub} sends us elsewhere (status {status}); give its present address as upstream.url.")
    if status == UNKNOWN_FORMAT:
        return UpstreamError(f"{hub} does not know what this version sends; bring the hub up to date first.", wait_s)
    strange = f"answers as no hub does (status {status}); see upstream.url."
    return UpstreamError(f"{hub} {f'refuses what was sent{because}' if said else strange}", wait_s)


def told(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer, empty if it is none."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def words(answer: Answer) -> str:
    """What the hub says is wrong, as a sentence on one line; empty if it does not say so as hubs do."""
    error = told(answer).get("error")
    said = clean(error) if isinstance(error, str) else ""
    return f"{said}." if said and not said.endswith(".") else said


def retry_after_s(answer: Answer, now: datetime) -> float | None:
    """For how long the hub wants to be left alone, if it says so: in seconds, or until a date.

    A date is compared with the one of the answer itself, if there is one: this device's clock may be wrong by years.
    """
    text = answer.headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(text):
        return min(float(text), MOST_WAIT_S)
    until = _date(text)
    if until is None:
        return None
    wait_s = (until - (_date(answer.headers.get("date", "")) or now)).total_seconds()
    return min(max(0.0, math.ceil(wait_s)), MOST_WAIT_S)


def _accepted(answer: Answer, hub: str) -> Receipt:
    try:
        return decode_receipt(answer.body)
    except WireError as error:
        raise UpstreamError(f"{hub} answers as no hub does. {error} See upstream.url.") from None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo is not None else None
