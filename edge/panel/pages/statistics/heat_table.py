"""Days by hours of the clock, the darker the more: as a chart and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.panel import charts
from edge.panel.pages.statistics.table import Table

if TYPE_CHECKING:
    from typing import Any

    from edge.panel.words import Words

CLOCK_HOURS = 24
FEWEST_HOURS = 8
# Figures fit into so many columns.
LEGIBLE = 16
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Cells:
    """A row for each day, with its name in full and in short, and 24 values for the hours of the clock."""

    names: tuple[str, ...]
    short: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    @property
    def hours(self) -> range:
        """The hours worth showing: from the first to the last in which anybody comes."""
        busy = [hour for hour in range(CLOCK_HOURS) if any(row[hour] >= LEAST for row in self.values)]
        first, last = (busy[0], busy[-1]) if busy else (9, 18)
        while last - first + 1 < FEWEST_HOURS:
            first, last = max(0, first - 1), min(CLOCK_HOURS - 1, last + 1)
        return range(first, last + 1)


def heat_table(words: Words, cells: Cells, name: str) -> tuple[dict[str, Any], Table]:
    """The chart's options, and the same as a table."""
    hours = cells.hours
    clock = [f"{hour:02d}" for hour in hours]
    values = [
        (column, row, round(cells.values[row][hour], 1))
        for row in range(len(cells.names)) for column, hour in enumerate(hours)
    ]  # fmt: skip
    most = max(value for *_, value in values) or 1
    options = charts.heat(clock, cells.short, values, name)
    options["visualMap"]["dimension"] = 2
    if len(hours) <= LEGIBLE:
        options["visualMap"]["show"] = False
        options["grid"]["bottom"] = 8
        options["series"][0] |= {
            "data": [_labelled(words, cell, most) for cell in values],
            "label": {"show": True, "formatter": "{@[3]}", "fontSize": 12, "fontFamily": charts.TYPE},
            "labelLayout": {"hideOverlap": True},
        }
    options["tooltip"][":formatter"] = "acm.tip"
    columns = (words("statistics.day"), *(f"{hour:02d}:00" for hour in hours))
    rows = tuple(
        (name, *(round(cells.values[row][hour], 1) for hour in hours)) for row, name in enumerate(cells.names)
    )
    return options, Table(columns, rows)


def _labelled(words: Words, cell: tuple[int, int, float], most: float) -> dict[str, Any]:
    """A cell with its figure in a colour that is legible on it."""
    value = cell[2]
    said = "" if value < LEAST else words.number(value, 1 if value < 10 else 0)  # noqa: PLR2004 - two digits are enough
    return {"value": [*cell, said], "label": {":color": f"acm.on_heat({value / most:.3f})"}}
