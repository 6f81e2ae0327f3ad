"""What the hub answers when it does not do what was asked: a status, a sentence, and when to come again."""

from __future__ import annotations

import json
import math
from typing import Any

from fastapi import Response

JSON = "application/json"


class RefusedError(Exception):
    """A request is not done; ``fields`` go into the answer beside the sentence."""

    def __init__(self, status: int, sentence: str, retry_after_s: float | None = None, **fields: object) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry_after_s = retry_after_s
        self.fields = fields

    def answer(self) -> Response:
        """The same as a response."""
        return refusal(self.status, self.sentence, self.retry_after_s, **self.fields)


def refusal(status: int, sentence: str, retry_after_s: float | None = None, **fields: object) -> Response:
    """A response with ``{"error": sentence}``; who is to show a token is told so."""
    headers = {} if retry_after_s is None else {"Retry-After": str(max(1, math.ceil(retry_after_s)))}
    if status == 401:  # noqa: PLR2004 - a status
        headers["WWW-Authenticate"] = "Bearer"
    told = json.dumps({"error": sentence, **fields}).encode()
    return Response(told, status_code=status, media_type=JSON, headers=headers)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the API's description says of refusals with these statuses."""
    return {status: {"description": WORDS[status], "content": {JSON: {"schema": SCHEMA}}} for status in statuses}


SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "what is wrong and what to do, in a sentence"}},
}
WORDS = {
    400: "malformed; of a batch, sent in halves, all but what is at fault may pass",
    401: "no token, or one that is not known",
    403: "the device was revoked, or the token is another device's",
    404: "there is no such thing",
    408: "the request took too long to come in",
    409: "not in this order",
    413: "too big",
    415: "of a kind that this hub does not know",
    422: "a value that will not do",
    429: "too often; Retry-After says when to come again",
    503: "the database cannot be used now; Retry-After says when to come again",
}
