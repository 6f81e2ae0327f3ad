"""How a device comes in with its code, and to another token with its key."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edge.core.errors import InputError
from edge.hub.answers import RefusedError, errors
from edge.hub.callers import address_of, desk_of, pay_for
from edge.hub.secrecy import code_hash, fresh_nonce, fresh_token, hashed, nonce_holds
from edge.storage.hub.registry import Newcomer, Refusal
from edge.upstream.keys import enrol_message, fingerprint, public_bytes, token_message, verified

router = APIRouter(tags=["devices"])

STATUS_OF = {Refusal.UNKNOWN: 404, Refusal.USED: 409, Refusal.REVOKED: 403}
# No control characters: they end up in lists and logs, and PostgreSQL takes no NUL.
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]


class EnrolBody(BaseModel):
    """What a device says of itself, signed."""

    model_config = ConfigDict(extra="ignore")
    code: Words = Field(min_length=1, max_length=80, description="the code from: acm hub device claim SITE")
    public_key: Words = Field(min_length=1, max_length=100, description="the 32 bytes of its Ed25519 key, base64")
    name: Words = Field(default="", max_length=80, description="what it calls itself")
    version: Words = Field(default="", max_length=40, description="the program's version")
    signature: Words = Field(max_length=200, description='over "acm-enrol-v1\\n" + code + "\\n" + public_key, base64')


class Enrolled(BaseModel):
    """A device that is in."""

    device: str = Field(description="its fingerprint")
    token: str = Field(description="shown with each batch")
    site: str = Field(description="the site it belongs to")


class TokenBody(BaseModel):
    """A device's proof that it has its key."""

    model_config = ConfigDict(extra="ignore")
    device: Words = Field(min_length=1, max_length=80, description="its fingerprint")
    nonce: Words = Field(min_length=1, max_length=200, description="from /v1/nonce, five minutes old at most")
    signature: Words = Field(max_length=200, description='over "acm-token-v1\\n" + device + "\\n" + nonce, base64')


class NonceTold(BaseModel):
    """A word to sign."""

    nonce: str = Field(description="good for five minutes")


class TokenTold(BaseModel):
    """A new token; the one before stays good until this one is used."""

    token: str = Field(description="shown with each batch")


AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": Enrolled, "description": "enrolled before with the same code and key"}
}


@router.post(
    "/v1/enrol",
    summary="Enrol a device",
    status_code=201,
    responses={**AGAIN, **errors(400, 403, 404, 408, 409, 413, 422, 429, 503)},
)
async def enrol(request: Request, response: Response, body: EnrolBody) -> Enrolled:
    """Let a device in that has a code. The same key with the same code again gets a new token."""
    desk = desk_of(request)
    most = desk.settings.limits.enrolments_a_minute
    await pay_for(request, f"enrol from {address_of(request)}", most)
    code = code_hash(body.code)
    await pay_for(request, f"enrol with {code}", most)
    try:
        public = public_bytes(body.public_key)
    except InputError as error:
        raise RefusedError(422, str(error)) from None
    if not verified(public, body.signature, enrol_message(body.code, body.public_key)):
        raise RefusedError(403, "The signature is not of this key over this code; let acm enrol make it.")
    token = fresh_token()
    newcomer = Newcomer(fingerprint(public), body.public_key, body.name, body.version)
    outcome = await desk.do(lambda: desk.registry.enrol(code, newcomer, hashed(token), desk.now_ms))
    if isinstance(outcome, Refusal):
        raise RefusedError(STATUS_OF[outcome], f"{outcome.value[:1].upper()}{outcome.value[1:]}.")
    new, site = outcome
    response.status_code = 201 if new else 200
    request.state.who = newcomer.id
    return Enrolled(device=newcomer.id, token=token, site=site)


@router.get("/v1/nonce", summary="A word to sign", responses=errors(408, 413, 503))
async def nonce(request: Request) -> NonceTold:
    """Give a word to sign for a new token."""
    desk = desk_of(request)
    secret = await desk.do(lambda: desk.secret)
    return NonceTold(nonce=fresh_nonce(secret, desk.now_ms))


@router.post("/v1/token", summary="A new token", responses=errors(400, 401, 403, 404, 408, 413, 422, 429, 503))
async def token(request: Request, body: TokenBody) -> TokenTold:
    """Give a device another token for its signature under a nonce."""
    desk = desk_of(request)
    most = desk.settings.limits.tokens_a_minute
    await pay_for(request, f"token from {address_of(request)}", most)
    await pay_for(request, f"token of {body.device}", most)
    secret = await desk.do(lambda: desk.secret)
    if not nonce_holds(secret, body.nonce, desk.now_ms):
        raise RefusedError(401, "The nonce is none of this hub's, or too old; get another one.")
    found = await desk.do(lambda: desk.registry.public_key(body.device))
    if found is None:
        raise RefusedError(404, "The device is not known here; enrol it with a code.")
    public, revoked = found
    if not verified(public_bytes(public), body.signature, token_message(body.device, body.nonce)):
        raise RefusedError(401, "The signature is not of this device's key; enrol it with a code.")
    if revoked:
        raise RefusedError(403, "The device was revoked; it may send no more.")
    made = fresh_token()
    await desk.do(lambda: desk.registry.add_token(body.device, hashed(made), desk.now_ms))
    request.state.who = body.device
    return TokenTold(token=made)
