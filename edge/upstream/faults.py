"""What is wrong with bytes that should be a batch or a receipt."""

from __future__ import annotations

from edge.core.errors import InputError

LONGEST_VALUE = 40


class WireError(InputError):
    """These bytes are no batch (or no receipt); the sentence names the place in it."""


class WireVersionError(WireError):
    """A batch of another version of the format: the fault is not in its rows, but in who is too old to read it."""


def fault(place: str, found: object, allowed: str, of: str = "batch") -> WireError:
    """The error for something at a place ``of`` a batch or receipt that may not be there."""
    return WireError(f"The {of} cannot be used: {place} is {shown(found)}; it has to be {allowed}.")


def shown(found: object) -> str:
    """What was found, in few words and on one line."""
    if isinstance(found, (list, dict)):
        return f"a list of {len(found)}" if isinstance(found, list) else "an object"
    if isinstance(found, int) and not isinstance(found, bool) and found.bit_length() > 64:  # noqa: PLR2004 - as numpy's
        return "a number of more than 64 bits"
    text = ascii(found[: LONGEST_VALUE + 1] if isinstance(found, str) else found)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
