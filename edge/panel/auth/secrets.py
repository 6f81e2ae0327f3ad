"""Random ids, and what is kept or sent in their place."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ID_BYTES = 32
TOKEN_START = "acm_"  # noqa: S105 - tells our tokens from others, in programs that look for leaked ones
CODE_BYTES = 12


def fresh_id() -> str:
    """An id nobody can guess."""
    return secrets.token_urlsafe(ID_BYTES)


def fresh_token() -> str:
    """A token for a program."""
    return TOKEN_START + secrets.token_urlsafe(ID_BYTES)


def fresh_code() -> str:
    """A code for a link, short enough to be typed from a terminal: 96 bits."""
    return secrets.token_urlsafe(CODE_BYTES)


def digest(secret: str) -> str:
    """What is kept of an id or token. They are random, so that a plain hash cannot be undone by trying."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(session_id: str) -> str:
    """What a page of a session sends back. Only who holds the cookie, or was sent the page, can know it."""
    return hmac.new(session_id.encode(), b"a call from a page of ours", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())
