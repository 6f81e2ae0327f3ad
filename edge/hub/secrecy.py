"""Codes, tokens and nonces: made here, kept nowhere but as hashes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

TOKEN_BYTES, NONCE_BYTES, MAC_BYTES, TIME_BYTES = 32, 12, 16, 6
NONCE_MS = 5 * 60 * 1000
# A clock of another process may be ahead a little.
AHEAD_MS = 60 * 1000
# Without those that look alike.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_GROUPS, GROUP_LETTERS = 4, 4


def fresh_token() -> str:
    """A token for a device or reader."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def fresh_code() -> str:
    """A code to enrol with, such as ``k7mp-2xwq-9nrd-hv4t``; 79 bits of chance, made to be typed."""
    groups = ["".join(secrets.choice(LETTERS) for _ in range(GROUP_LETTERS)) for _ in range(CODE_GROUPS)]
    return "-".join(groups)


def code_hash(code: str) -> str:
    """What is kept of a code; how it is written (capitals, spaces, dashes) does not matter."""
    return hashed("".join(letter for letter in code.lower() if letter.isalnum()))


def hashed(secret: str) -> str:
    """What is kept of a token: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fresh_nonce(secret: bytes, now_ms: int) -> str:
    """A word to be signed, which any process of the hub knows again as one of ours for five minutes."""
    body = now_ms.to_bytes(TIME_BYTES, "big") + secrets.token_bytes(NONCE_BYTES)
    return base64.urlsafe_b64encode(body + _mac(secret, body)).decode("ascii")


def nonce_holds(secret: bytes, nonce: str, now_ms: int) -> bool:
    """Whether a nonce is one of ours, and not too old."""
    try:
        raw = base64.b64decode(nonce, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if len(body) != TIME_BYTES + NONCE_BYTES or not hmac.compare_digest(mac, _mac(secret, body)):
        return False
    age_ms = now_ms - int.from_bytes(body[:TIME_BYTES], "big")
    return -AHEAD_MS <= age_ms <= NONCE_MS


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, body, hashlib.sha256).digest()[:MAC_BYTES]
