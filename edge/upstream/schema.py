"""The JSON Schema of a batch, unpacked; made from the same table as the batches.

It says what each part looks like. That parts agree with each other (rows in order, subjects of the right kind) no
schema can say; ``WIRE.md`` does.
"""

from __future__ import annotations

from typing import Any

from edge.core import shipment as s
from edge.upstream.layout import DEVICE, EPOCH, HEAD, KINDS, STANDING, VERSION, ZONE, Kind, Numbers, Texts

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def batch_schema() -> Schema:
    """The whole schema."""
    properties = {**_head(), **{kind.name: _kind(kind) for kind in KINDS}}
    return {
        "$schema": DIALECT,
        "title": f"A batch of a people counter, version {VERSION}",
        **_object(properties, required=HEAD),
    }


def _head() -> dict[str, Schema]:
    name = {"type": "string", "maxLength": s.MOST_NAME, "pattern": r"^[^\u0000]*$"}
    described = {
        "v": ({"const": VERSION}, "version of this format"),
        "device": (_matching(DEVICE), "fingerprint of the device's public key: base32 of the start of its SHA-256"),
        "epoch": (_matching(EPOCH), "random name of the device's database; a new one when it begins anew"),
        "after_seq": (_whole(0, s.MOST_SEQ), "the batch begins after this row"),
        "last_seq": (_whole(0, s.MOST_SEQ), "and ends with this one"),
        "kept_from_seq": (_whole(0, s.MOST_SEQ), "rows before this one are gone on the device"),
        "revised": ({"type": "boolean"}, "whether these are new versions of rows sent before"),
        "zone": (_matching(ZONE), "the site's time zone"),
        "day_starts_h": (_whole(0, 23), "what the site's wall clock shows when a day begins"),
        "standing": (_standing(name), "how the device does"),
        "subjects": (_subjects(name), "what rows are about: kind, camera, name, and whether a line is a door"),
    }
    return {part: {"description": means, **kind} for part, (kind, means) in described.items()}


def _standing(name: Schema) -> Schema:
    oldest: Schema = {"type": ["integer", "null"], "minimum": -s.MOST_SEQ, "maximum": s.MOST_SEQ}
    parts = (name, _whole(0, s.MOST_SEQ), oldest, name, _whole(0, s.MOST_SEQ))
    return _object(dict(zip(STANDING, parts, strict=True)), required=STANDING)


def _subjects(name: Schema) -> Schema:
    parts = [{"enum": list(s.KINDS)}, name, name, {"type": "boolean"}]
    one = {"type": "array", "prefixItems": parts, "minItems": len(parts), "items": False}
    return {"type": "array", "maxItems": s.MOST_SUBJECTS, "items": one}


def _kind(kind: Kind) -> Schema:
    columns = {layout.name: _column(layout) for layout in kind.columns}
    return _object(columns, required=tuple(columns))


def _column(layout: Numbers | Texts) -> Schema:
    if isinstance(layout, Texts):
        return _list(layout.means, {"type": "string", "maxLength": layout.most})
    if layout.steps:
        return _list(f"{layout.means}; the first, then the steps", _whole(-s.MOST_SEQ, s.MOST_SEQ))
    one = _whole(layout.least, layout.most)
    return {"description": layout.means, "oneOf": [one, {"type": "array", "maxItems": s.MOST_ROWS, "items": one}]}


def _list(means: str, one: Schema) -> Schema:
    return {"description": means, "type": "array", "maxItems": s.MOST_ROWS, "items": one}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _matching(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _object(properties: dict[str, Schema], required: tuple[str, ...]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
