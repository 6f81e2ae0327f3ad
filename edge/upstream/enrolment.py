"""How a device becomes known to a hub, and how it gets another token: by its key, without a person."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.core.errors import DeviceRefusedError, InputError, UpstreamError
from edge.core.shipment import MOST_NAME
from edge.upstream.answers import told, trouble
from edge.upstream.keyring import TOKEN_FORM
from edge.upstream.keys import enrol_message, token_message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from edge.upstream.hub_http import HubHttp
    from edge.upstream.keyring import Keyring
    from edge.upstream.keys import DeviceKey

CODE = re.compile(r"[0-9A-Za-z_-]{4,200}")
JSON = {"Content-Type": "application/json"}
DONE, MADE, UNKNOWN, TAKEN = 200, 201, 404, 409
MOST_NONCE = 500


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the device is called and which site the hub takes it for."""

    device: str
    site: str


def enrol(hub: HubHttp, keyring: Keyring, code: str, now: datetime, **about: str) -> Enrolled:
    """Show a claim code and the device's key; keep the token that comes back.

    ``about`` is ``name`` (the shop's) and ``version`` (the product's). If the answer is lost, the same again does no
    harm. Raises ``InputError`` if the code is of no use, ``UpstreamError`` if the hub cannot be asked now.
    """
    code = code.strip()
    if not CODE.fullmatch(code):
        raise InputError("This is no claim code; take the one that acm hub device claim shows.")
    key = keyring.made_key()
    body = {"code": code, "public_key": key.public, "signature": key.sign(enrol_message(code, key.public))}
    answer = hub.ask("POST", "/v1/enrol", _json(about | body), JSON).without(code)
    if answer.status == UNKNOWN and told(answer):
        raise InputError(f"{hub.name} knows no such code, or it has expired; make another with acm hub device claim.")
    if answer.status == TAKEN and told(answer):
        raise InputError(f"{hub.name} says that another device used this code; make another with acm hub device claim.")
    if answer.status not in (DONE, MADE):
        raise trouble(answer, hub.name, now)
    found = told(answer)
    if found.get("device") != key.device:
        raise UpstreamError(f"{hub.name} answers as no hub does: it calls this device by another name.")
    keyring.keep(_token(found, hub), now)
    site = found.get("site")
    return Enrolled(key.device, site[:MOST_NAME] if isinstance(site, str) and site.isprintable() else "")


def renewed(hub: HubHttp, key: DeviceKey, now: datetime) -> str:
    """Another token for a device that is known. ``DeviceRefusedError`` if it was revoked; else ``UpstreamError``."""
    answer = hub.ask("GET", "/v1/nonce")
    nonce = told(answer).get("nonce")
    if answer.status != DONE or not isinstance(nonce, str) or not 0 < len(nonce) <= MOST_NONCE:
        raise trouble(answer, hub.name, now)
    signature = key.sign(token_message(key.device, nonce))
    answer = hub.ask(
        "POST", "/v1/token", _json({"device": key.device, "nonce": nonce, "signature": signature}), JSON
    )
    if answer.status == UNKNOWN and told(answer):
        raise DeviceRefusedError(f"{hub.name} does not know this device; enrol it with acm enrol CODE.")
    if answer.status != DONE:
        raise trouble(answer, hub.name, now)
    return _token(told(answer), hub)


def _token(found: Mapping[str, Any], hub: HubHttp) -> str:
    token = found.get("token")
    if not isinstance(token, str) or not TOKEN_FORM.fullmatch(token):
        raise UpstreamError(f"{hub.name} answers as no hub does: there is no token in it. See upstream.url.")
    return token


def _json(what: Mapping[str, str]) -> bytes:
    return json.dumps(dict(what)).encode("ascii")
