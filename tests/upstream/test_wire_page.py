"""The page and the schema say what the code does."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from shipment_kit import crossings, shipments

import edge
from edge.core.shipment import Shipment, Verdict
from edge.upstream.faults import WireError
from edge.upstream.wire import MEDIA_TYPE, as_json, decode_receipt, from_json

ROOT = Path(edge.__file__).parents[1]
UPSTREAM = ROOT / "edge" / "upstream"
SCHEMA = json.loads((UPSTREAM / "wire-v1.schema.json").read_text(encoding="utf-8"))
PAGE = (UPSTREAM / "WIRE.md").read_text(encoding="utf-8")
AGREES = jsonschema.Draft202012Validator(SCHEMA)


def examples() -> list[Any]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_page_and_schema_are_as_new_as_the_code() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_wire.py"))
    assert (UPSTREAM / "wire-v1.schema.json").read_text(encoding="utf-8") == made["schema_text"](), "make_wire.py"
    assert made["page"](PAGE) == PAGE, "run: python tools/make_wire.py"


def test_the_examples_can_be_read() -> None:
    batch, receipt = examples()
    read = from_json(batch)
    assert (read.rows, read.crossings.rows, read.last_seq) == (8, 4, 1210)
    assert as_json(read) == batch
    assert decode_receipt(json.dumps(receipt).encode()).verdict is Verdict.ACCEPTED
    assert MEDIA_TYPE in PAGE


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@given(shipments())
def test_the_schema_takes_every_batch(batch: Shipment) -> None:
    AGREES.validate(as_json(batch))


@pytest.mark.parametrize(
    "part",
    [
        {"v": 2}, {"device": "x"}, {"after_seq": -1}, {"revised": 0}, {"day_starts_h": 24}, {"cellar": 1},
        {"standing": {}}, {"subjects": [["line", "door"]]}, {"crossings": {}}, {"zone": ""},
        {"subjects": [["line", "door", "a\x00", True]]},
    ],
)  # fmt: skip
def test_what_the_schema_refuses_the_decoder_refuses(part: dict[str, Any]) -> None:
    told = as_json(crossings(3)) | part
    assert not AGREES.is_valid(told)
    with pytest.raises(WireError):
        from_json(told)
