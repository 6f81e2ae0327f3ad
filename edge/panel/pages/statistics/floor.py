"""The floor: where people stand, as heat over the picture of each camera. No picture is kept: it lives in the browser.

The browser fetches one still over the route of the live pictures, which blurs people and keeps the privacy lock.
Without one the heat lies on a plain ground.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui

from edge.analytics.ways import within
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Share, Table
from edge.panel.parts import text
from edge.panel.statics import static

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from edge.config.schema import CameraTable
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.view import View
    from edge.panel.words import Words

    Cells = NDArray[np.float64]

MINUTE_S = 60.0
BUSIEST = 5
# Where somebody always stands, behind a till, all else would look empty: so many of the fields decide the colours.
MOST_OF = 0.98
DIGITS, WHOLE_FROM = 1, 8


@dataclass(frozen=True, slots=True)
class Floor:
    """The heat of one camera, the ``number``-th of the settings: person-minutes of each field, rows x columns."""

    number: int
    camera: CameraTable
    minutes: Cells | None

    @property
    def whole(self) -> float:
        """All of it."""
        return 0.0 if self.minutes is None else float(self.minutes.sum())


async def figures(ask: Ask) -> list[Figure]:
    """The sheet's figures: the floor before each camera."""
    period, only = ask.chosen.period, ask.chosen.scope.camera
    cameras = [one for one in ask.panel.settings.config.camera if only in {None, one.name}]
    maps = await ask.ask(lambda records: [records.heat_map(camera.name, period) for camera in cameras])
    found = [
        Floor(number, camera, None if heat is None else heat / MINUTE_S)
        for number, (camera, heat) in enumerate(zip(cameras, maps, strict=True), start=1)
    ]
    return [floor(ask.words, one, alone=len(found) == 1) for one in found]


def floor(words: Words, found: Floor, *, alone: bool = False) -> Figure:
    """Where people stood before one camera."""
    title, width = (words("statistics_floor.heat"), "w12") if alone else (found.camera.name, "w6")
    columns = tuple(words(f"statistics_floor.{key}") for key in ("place", "minutes", "share"))
    if found.minutes is None or not found.whole:
        return Figure(f"floor-{found.number}", title, "", None, Table(columns, ()), width=width)
    zones, busiest = by_zone(found.camera, found.minutes), busiest_fields(found.minutes)
    rows = [(name, round(minutes, DIGITS), Share(minutes / found.whole)) for name, minutes in zones]
    for row, column, minutes in busiest:
        place = words("statistics_floor.field", row=row + 1, column=column + 1)
        rows.append((place, round(minutes, DIGITS), Share(minutes / found.whole)))
    whole = words.number(found.whole)
    if zones:
        name, minutes = zones[0]
        said = words("statistics_floor.said_zone", camera=found.camera.name, minutes=whole, zone=name,
                     percent=words.percent(minutes / found.whole))  # fmt: skip
    else:
        row, column, _ = busiest[0]
        said = words("statistics_floor.said", camera=found.camera.name, minutes=whole, row=row + 1, column=column + 1)
    shape = found.minutes.shape
    note = words("statistics_floor.note", columns=shape[1], rows=shape[0])
    return Figure(
        f"floor-{found.number}", title, said, None, Table(columns, tuple(rows)), note, width=width,
        drawn=_drawing(words, found, said), painted=True, opened=True,
    )  # fmt: skip


def by_zone(camera: CameraTable, minutes: Cells) -> list[tuple[str, float]]:
    """Person-minutes in each zone, most first: of the fields whose middle lies in it. Zones may overlap."""
    rows, columns = minutes.shape
    y, x = (np.indices(minutes.shape) + 0.5) / np.array([rows, columns]).reshape(2, 1, 1)
    found = [
        (zone.name, float(minutes.ravel()[within(x.ravel(), y.ravel(), zone.corners)].sum())) for zone in camera.zone
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def busiest_fields(minutes: Cells, number: int = BUSIEST) -> list[tuple[int, int, float]]:
    """Row, column and person-minutes of the fields in which people stood longest."""
    order = np.argsort(-minutes, axis=None, kind="stable")[:number]
    places = (divmod(int(place), minutes.shape[1]) for place in order)
    return [(row, column, float(minutes[row, column])) for row, column in places if minutes[row, column] > 0]


def full_colour(minutes: Cells) -> float:
    """The person-minutes from which on a field has the strongest colour."""
    some = minutes[minutes > 0]
    return float(np.quantile(some, MOST_OF)) if len(some) else 1.0


def told(words: Words, found: Floor, minutes: Cells) -> dict[str, object]:
    """What the browser draws: fields row by row, the legend's ends, lines and zones in fractions of the picture."""
    most, camera = full_colour(minutes), found.camera
    digits = 0 if most >= WHOLE_FROM else DIGITS
    return {
        "camera": camera.name, "columns": minutes.shape[1], "fields": [round(float(one), 2) for one in minutes.ravel()],
        "most": most,
        "legend": {
            "title": words("statistics_floor.legend"), "half": words.number(most / 2, digits),
            "full": words("statistics_floor.and_more", minutes=words.number(most, digits)),
        },
        "lines": [{"name": wire.name, "ends": [wire.start, wire.end]} for wire in camera.tripwires()],
        "zones": [{"name": zone.name, "corners": zone.corners} for zone in camera.zone],
    }  # fmt: skip


def _drawing(words: Words, found: Floor, said: str) -> Callable[[View], None]:
    def draw(_: View) -> None:
        if found.minutes is None:
            return
        ui.add_head_html(f'<script src="{static("floor.js")}" defer></script>')
        with ui.element("div").classes("floor") as place:
            canvas = ui.element("canvas").props("role=img data-png")
            canvas.props["aria-label"] = said
            text("", "p", "muted small no-picture").props("role=status")
        place.props["data-floor"] = json.dumps(told(words, found, found.minutes))

    return draw


SHEET = Sheet("/statistics/floor", "statistics_floor.title", figures, scopes="cameras", box_only=True)
