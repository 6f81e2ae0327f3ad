"""What is said over the control socket: one JSON object a line, bounded.

A question is ``{"verb": "status"}``, with more words for some verbs; an answer ``{"ok": true, ...}`` or
``{"ok": false, "error": "one sentence"}``. After ``subscribe`` every event is a line ``{"event": ..., ...}``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from edge.core.errors import AcmError

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "acm"
# What can be asked for, and whether it changes anything (then it is noted who asked).
VERBS = {
    "status": False, "subscribe": False, "snapshot": False, "live": False, "aim": False, "relay": True,
    "light": True, "chime": True, "reload": True, "sync": True, "reports": True, "restart": True,
}  # fmt: skip
QUESTION_BYTES = 4096
# A picture of a 4K camera, written as text, has about two million.
ANSWER_BYTES = 4_000_000
Words = dict[str, Any]


def line_of(words: Mapping[str, object]) -> bytes:
    """A line to send. Raises ``ValueError`` if it holds what JSON cannot tell, such as a number that is none."""
    try:
        return json.dumps(words, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def words_of(line: bytes) -> Words:
    """What a line says. Raises ``ValueError`` if it is not a JSON object."""
    try:
        words = json.loads(line, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(words, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - wrong input, not a wrong call
    return words


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def refusal(sentence: str) -> Words:
    """The answer to what cannot be done."""
    return {"ok": False, "error": sentence}


class ControlError(AcmError):
    """The control socket cannot be used, or what was asked for over it was refused."""


class NotRunningError(ControlError):
    """There is no running program to ask."""
