"""Charts of a workbook: drawn by whoever opens it, from the cells of its sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.reports.charts import chart_title
from edge.reports.report import Drawn

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from edge.reports.cells import Teller
    from edge.reports.report import Chart
    from edge.reports.table import Table

KINDS = {Drawn.BARS: "column", Drawn.PAIRS: "column", Drawn.LINES: "line", Drawn.LYING: "bar"}
DARK, INK = "#1F4E79", "#1A1A1A"
SIZE_PX = {"width": 640, "height": 320}


def insert_chart(  # noqa: PLR0913, PLR0917 - what is drawn, of what, in whose words, and where
    workbook: Workbook, sheet: Worksheet, chart: Chart, table: Table, teller: Teller, place: tuple[int, int]
) -> None:
    """Put a chart beside its table, at a row and column."""
    made = workbook.add_chart({"type": KINDS[chart.drawn]})
    for number, key in enumerate(chart.shown):
        if chart.drawn is Drawn.BARS and number:
            # What is usual is a mark across the bar, in other letters a line without a line.
            marks = workbook.add_chart({"type": "line"})
            marks.add_series(_series(sheet, chart, table, key) | {
                "line": {"none": True}, "marker": {"type": "long_dash", "size": 14, "fill": {"color": INK},
                                                   "border": {"color": INK}},
            })  # fmt: skip
            made.combine(marks)
        else:
            made.add_series(_series(sheet, chart, table, key) | _look(chart, number))
    made.set_title({"name": chart_title(chart, teller), "name_font": {"size": 12}, "overlay": False})
    made.set_legend({"position": "bottom"} if len(chart.shown) > 1 else {"none": True})
    made.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D5D8DC"}}}
                    if chart.drawn is not Drawn.LYING else {"reverse": True})  # fmt: skip
    made.set_size(SIZE_PX)
    sheet.insert_chart(*place, made, {"description": chart_title(chart, teller)})


def _series(sheet: Worksheet, chart: Chart, table: Table, key: str) -> dict[str, Any]:
    over, shown, last = table.place(chart.over), table.place(key), len(table.rows)
    return {
        "name": [sheet.get_name(), 0, shown],
        "categories": [sheet.get_name(), 1, over, last, over],
        "values": [sheet.get_name(), 1, shown, last, shown],
    }


def _look(chart: Chart, number: int) -> dict[str, Any]:
    """Told apart in black and white: full and hatched, unbroken and dashed."""
    if chart.drawn is Drawn.LINES:
        line = {"color": INK, "width": 1.75, "dash_type": "dash"} if number else {"color": DARK, "width": 2}
        return {"line": line, "marker": {"type": "square" if number else "circle", "size": 5}}
    if number:
        return {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": DARK, "bg_color": "#FFFFFF"},
                "border": {"color": DARK}}  # fmt: skip
    return {"fill": {"color": DARK}, "gap": 60}
