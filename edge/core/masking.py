"""Addresses and messages without the secrets in them."""

from __future__ import annotations

import re

MASK = "***"
# Up to the last @ of the whole address: passwords typed carelessly hold / ? # and even @ themselves.
_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{0,30}://)[^\s\"'<>]*@", re.IGNORECASE)
_QUERY = re.compile(r"(?P<key>[?&;#][^=&;#\s\"'<>]*=)[^&;#\s\"'<>]*")
_QUERY_PART = re.compile(r"(?P<head>[a-z][a-z0-9+.-]{0,30}://[^?#\s\"'<>]*)(?P<query>[?#][^\s\"'<>]*)", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with the secrets of every address in it made unreadable.

    The user's part of an address (``user:password@``) and the values of its query (``?token=...``) are replaced by
    ``***``, whatever they are called: cameras name them in too many ways to know which of them is a secret.
    """
    without_user = _USER.sub(lambda match: f"{match['scheme']}{MASK}@", text)
    return _QUERY_PART.sub(_without_values, without_user)


def _without_values(match: re.Match[str]) -> str:
    query = _QUERY.sub(lambda part: f"{part['key']}{MASK}", match["query"])
    # A query that is no list of key=value may be the secret itself.
    return match["head"] + (query if "=" in query else f"{query[0]}{MASK}")
