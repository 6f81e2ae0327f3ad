"""Who is asking: the token a request shows, the address it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import Request, Security
from fastapi.security import HTTPBearer

from edge.core.timekeeping import to_ms
from edge.hub.answers import RefusedError
from edge.hub.secrecy import hashed
from edge.storage.hub.allowance import Allowance
from edge.storage.hub.purses import pay

if TYPE_CHECKING:
    from edge.hub.desk import Desk
    from edge.storage.hub.registry import Caller

TOKEN = re.compile(r"[Bb]earer +([A-Za-z0-9_-]{20,200}) *")
# For the API's description; tokens are read by ``token_of``, which tells what is wrong in our words.
DEVICE = Security(HTTPBearer(scheme_name="device", description="a device's token, from /v1/enrol", auto_error=False))
READER = Security(HTTPBearer(scheme_name="reader", description="from: acm hub reader add NAME", auto_error=False))
MOST_READERS = 1000


def desk_of(request: Request) -> Desk:
    """Where this hub's requests are worked on."""
    desk: Desk = request.app.state.desk
    return desk


def token_of(request: Request) -> str:
    """The token that a request shows. Raises ``RefusedError`` if there is none."""
    found = TOKEN.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise RefusedError(401, "There is no token; send it in the header Authorization, after the word Bearer.")
    return found[1]


def address_of(request: Request) -> str:
    """The address a request comes from."""
    return request.client.host if request.client else ""


async def pay_for(request: Request, who: str, a_minute: int) -> None:
    """Take one request out of somebody's purse, which all processes share. Raises ``RefusedError`` if it is empty."""
    desk = desk_of(request)
    wait_s = await desk.do(lambda: pay(desk.store.database, who, Allowance(a_minute), desk.now_ms))
    if wait_s:
        raise RefusedError(429, "That is asked for too often from here; come again later.", wait_s)


async def caller_of(request: Request) -> Caller:
    """The device that asks. Raises ``RefusedError`` if it may not send, or not so often."""
    desk, token = desk_of(request), token_of(request)
    caller = await desk.do(lambda: desk.registry.caller(hashed(token), desk.now_ms))
    if caller is None:
        raise RefusedError(401, "The token is not known; ask for a new one.")
    if caller.revoked:
        raise RefusedError(403, "The device was revoked; it may send no more.")
    if caller.wait_s:
        sentence = "The device sends too many batches or reports; put more rows into each batch."
        raise RefusedError(429, sentence, caller.wait_s)
    request.state.who = caller.id
    return caller


async def reader(request: Request) -> str:
    """The reader that asks. Raises ``RefusedError`` if its token is not known, or it asks too often."""
    desk, token = desk_of(request), token_of(request)
    name = await desk.do(lambda: desk.registry.reader(hashed(token)))
    if name is None:
        raise RefusedError(401, "The token is not known; have one made: acm hub reader add NAME.")
    request.state.who = f"reader {name}"
    _pay_here(request, name)
    return name


def _pay_here(request: Request, name: str) -> None:
    """Readers' purses are each process's own: a figure more or less does no harm, a write for each read would."""
    desk = desk_of(request)
    purses: dict[str, tuple[int, int]] = request.app.state.purses
    allowance = Allowance(desk.settings.limits.reads_a_minute)
    now_ms = to_ms(desk.now)
    amount, at_ms = purses.get(name, (0, 0))
    wait_s = allowance.wait_s(amount, at_ms, now_ms)
    if wait_s:
        raise RefusedError(429, "This reader asks too often; come again later.", wait_s)
    if len(purses) >= MOST_READERS:
        purses.clear()
    purses[name] = (allowance.less_one(amount, at_ms, now_ms), now_ms)
