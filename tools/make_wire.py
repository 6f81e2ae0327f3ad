"""Writes edge/upstream/wire-v1.schema.json and what is made by the code in edge/upstream/WIRE.md.

    python tools/make_wire.py

A test fails when they are older than the code.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import edge
from edge.core.shipment import (
    Corrections,
    Crossings,
    Notices,
    Receipt,
    Shipment,
    Standing,
    Subject,
    Verdict,
    Visits,
    ZoneStays,
    column,
)  # fmt: skip
from edge.upstream.layout import KINDS, Kind, Numbers
from edge.upstream.schema import batch_schema
from edge.upstream.wire import as_json, encode_receipt

UPSTREAM = Path(edge.__file__).parent / "upstream"
SCHEMA, PAGE = UPSTREAM / "wire-v1.schema.json", UPSTREAM / "WIRE.md"
MADE = re.compile(r"(?<=<!-- made: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
AT_MS = 1_780_300_800_000
LEAVING = (AT_MS + 61_300, AT_MS + 95_020)


def schema_text() -> str:
    """The schema's file."""
    return json.dumps(batch_schema(), indent=2) + "\n"


def page(text: str) -> str:
    """The page, with everything between its marks made anew."""
    made = {"example": example, "receipt": receipt, "columns": columns}
    return MADE.sub(lambda match: f"{match[1]}{match[2]}\n{made[match[1]]()}\n", text)


def small_batch() -> Shipment:
    """Somebody came in, somebody looked around, both left; the till's camera was lost for a while."""
    return Shipment(
        device="abcdefghij234567", epoch="9f86d081884c7d65", after_seq=1200, last_seq=1210, kept_from_seq=1,
        revised=False, zone="Europe/Paris", day_starts_h=0,
        standing=Standing("0.1.0", 0, None, "synced", 86_400),
        subjects=(
            Subject("line", "door", "entrance", door=True),
            Subject("camera", "door"),
            Subject("zone", "door", "till"),
        ),
        crossings=Crossings(
            column(1201, 1202, 1205, 1208), column(1, 1, 1, 1), column(AT_MS, AT_MS + 4_710, *LEAVING),
            column(0, 0, 0, 0), column(0, 0, 1, 1),
        ),
        visits=Visits(column(1206, 1209), column(1, 1), column(*LEAVING), column(1, 1), column(613, 903)),
        zone_stays=ZoneStays(column(1204), column(1), column(AT_MS + 58_000), column(2), column(215)),
        corrections=Corrections.empty(),
        notices=Notices(column(1210), column(1), column(AT_MS + 120_000), ("camera-lost",), ('{"camera":"till"}',)),
    )  # fmt: skip


def example() -> str:
    """The small batch as text, a line for each part."""
    told = as_json(small_batch())
    rows = ",\n".join(f"  {json.dumps(name)}: {_line(part)}" for name, part in told.items())
    return f"```json\n{{\n{rows}\n}}\n```\n"


def receipt() -> str:
    """What the hub may answer."""
    answer = Receipt(Verdict.ACCEPTED, 1210, ((1204, "its time is a year ahead of the hub's"),))
    return f"```json\n{encode_receipt(answer).decode()}\n```\n"


def columns() -> str:
    """A table of all columns."""
    rows = ["| kind | column | as | from | to | what |", "|---|---|---|---|---|---|"]
    rows += [row for kind in KINDS for row in _rows(kind)]
    return "\n".join(rows) + "\n"


def _rows(kind: Kind) -> list[str]:
    rows = []
    for layout in kind.columns:
        if isinstance(layout, Numbers):
            limits = f"{'steps' if layout.steps else 'numbers'} | {layout.least} | {layout.most}"
        else:
            limits = f"texts | | {layout.most} {'bytes' if layout.json else 'letters'}"
        rows.append(f"| {kind.name} | {layout.name} | {limits} | {layout.means} |")
    return rows


def _line(part: object) -> str:
    return json.dumps(part, separators=(", ", ": "))


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{SCHEMA.name} and {PAGE.name} are as new as the code")
