"""Texts in a batch, of which nothing is believed."""

from __future__ import annotations

import re
from typing import Any

from edge.upstream.faults import fault

NUL = "\x00"


def checked_text(
    found: Any,  # noqa: ANN401 - whatever JSON holds
    place: str,
    most: int,
    pattern: str = "",
    of: str = "batch",
) -> str:
    """A text of at most so many letters, without what UTF-8 or PostgreSQL cannot hold; ``WireError`` otherwise."""
    if not isinstance(found, str) or len(found) > most:
        raise fault(place, found, f"a text of at most {most} letters", of)
    if NUL in found or (not found.isascii() and _has_surrogates(found)):
        raise fault(place, found, "free of the character U+0000 and of halves of characters", of)
    if pattern and not re.fullmatch(pattern, found):
        raise fault(place, found, f"of the form {pattern}", of)
    return found


def checked_whole(found: Any, place: str, least: int, most: int, of: str = "batch") -> int:  # noqa: ANN401 - as above
    """A whole number within limits; ``WireError`` otherwise. True is none."""
    if type(found) is not int or not least <= found <= most:
        raise fault(place, found, f"a whole number from {least} to {most}", of)
    return found


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
