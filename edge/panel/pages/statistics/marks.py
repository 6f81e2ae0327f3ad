"""Marks on the time line: what people noted about days, and the shop's holidays."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.panel import charts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Any

    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.told import Flow
    from edge.panel.panel import Panel
    from edge.panel.words import Words
    from edge.storage.panel.written import Note

# More than so many marks hide the chart; the list has all of them.
MOST_MARKS = 24
# Of longer periods only what people noted is shown: holidays would be all over it.
HOLIDAYS_DAYS = 100
SIZE, ABOVE_PX, ROOM_PX = 20, 10, 28


@dataclass(frozen=True, slots=True)
class Mark:
    """Something about some days. ``note`` is what somebody wrote; without it, it is a holiday of the settings."""

    number: int
    first: date
    last: date
    kind: str
    text: str
    note: Note | None = None


async def marks_between(panel: Panel, period: Period, opening: Calendar | None) -> list[Mark]:
    """All marks on these days, in order, numbered from 1. A holiday of the settings has no text."""
    notes = await asyncio.to_thread(panel.store.notes.between, period.first, period.last)
    found = [Mark(0, note.first, note.last, note.kind, note.text, note) for note in notes]
    if opening is not None and len(period) <= HOLIDAYS_DAYS:
        noted = {note.first for note in notes if note.kind == "holiday"}
        found += [Mark(0, day, day, "holiday", "") for day in period if opening.is_holiday(day) and day not in noted]
    found.sort(key=lambda mark: (mark.first, mark.note is None))
    return [Mark(place, mark.first, mark.last, mark.kind, mark.text, mark.note) for place, mark in enumerate(found, 1)]


def marks(options: dict[str, Any], words: Words, flow: Sequence[Flow], known: Sequence[Mark], unit: Unit) -> None:
    """Draw the marks above their bars, each with its number; two on one bar share a mark."""
    if unit is Unit.HOUR or not known:
        return
    placed: dict[int, list[Mark]] = {}
    for mark in known:
        place = next((place for place, one in enumerate(flow) if one.slot.last >= mark.first), None)
        if place is not None:
            placed.setdefault(place, []).append(mark)
    top = options["grid"]["top"]
    options["grid"]["top"] = top + ROOM_PX
    drawn = [_point(words, place, some, top + ABOVE_PX) for place, some in list(placed.items())[:MOST_MARKS]]
    bars = next(one for one in options["series"] if one["type"] == "bar")
    bars["markPoint"] = {
        "symbol": "circle", "symbolSize": SIZE, "animation": False, "data": drawn,
        "itemStyle": {":color": charts.colour("warn-soft"), ":borderColor": charts.colour("warn"), "borderWidth": 1},
        "label": {"fontFamily": charts.TYPE, "fontSize": 11, "fontWeight": 600, ":color": charts.colour("warn"),
                  "formatter": "{b}"},
        "tooltip": {"show": True, "trigger": "item", ":formatter": "acm.tip"},
    }  # fmt: skip


def _point(words: Words, place: int, some: Sequence[Mark], y_px: int) -> dict[str, Any]:
    name = str(some[0].number) if len(some) == 1 else f"{some[0].number}\N{EN DASH}{some[-1].number}"
    wide = {} if len(some) == 1 else {"symbol": "roundRect", "symbolSize": [SIZE * 1.8, SIZE]}
    said = "; ".join(mark.text or words("statistics.kind_holiday") for mark in some)
    return {"name": name, "coord": [place, 0], "y": y_px, "said": said, **wide}
