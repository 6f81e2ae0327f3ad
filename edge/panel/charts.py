"""Charts that look alike everywhere: plain data in, ECharts options out.

Colours come from ``static/panel.css`` by way of ``acm.colour`` in the browser (a key that begins with a colon is worked
out there), so that a chart is right in light and dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Options = dict[str, Any]

TYPE = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
SIZE = 13


def colour(name: str) -> str:
    """A colour of the theme, for a key that begins with a colon."""
    return f"acm.colour({name!r})"


def frame(labels: Sequence[str], *, every: int = 0) -> Options:
    """A chart's frame: labels below, numbers at the left, what is where the finger is. ``every``: labels left out."""
    plain = {"fontFamily": TYPE, "fontSize": SIZE, ":color": colour("muted")}
    return {
        "animationDuration": 300,
        "animationDurationUpdate": 300,
        "textStyle": {"fontFamily": TYPE},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 14, "itemHeight": 8, "itemGap": 16, "textStyle": plain},
        "tooltip": tooltip(),
        "xAxis": {
            "type": "category", "data": list(labels), "axisTick": {"show": False},
            "axisLine": {"lineStyle": {":color": colour("line")}},
            "axisLabel": {**plain, "interval": every},
        },
        "yAxis": {
            "type": "value", "minInterval": 1, "splitNumber": 4, "axisLabel": {**plain, ":formatter": "acm.number"},
            "splitLine": {"lineStyle": {":color": colour("line")}},
        },
        "series": [],
    }  # fmt: skip


def tooltip(trigger: str = "axis") -> Options:
    """What is shown where the finger is."""
    return {
        "trigger": trigger, "confine": True, "borderWidth": 1, ":borderColor": colour("line"),
        ":backgroundColor": colour("raised"), "padding": [8, 12], ":valueFormatter": "acm.number",
        "textStyle": {"fontFamily": TYPE, "fontSize": 14, ":color": colour("ink")},
        "axisPointer": {"type": "shadow", "shadowStyle": {":color": colour("sunken"), "opacity": 0.6}},
    }  # fmt: skip


def bars(name: str, values: Sequence[float | None], tint: str = "accent", *, stack: str = "") -> Options:
    """A series of bars."""
    made: Options = {
        "type": "bar", "name": name, "data": list(values), "barMaxWidth": 28, "barCategoryGap": "28%",
        "itemStyle": {":color": colour(tint), "borderRadius": [4, 4, 0, 0]},
    }  # fmt: skip
    return {**made, "stack": stack} if stack else made


def curve(name: str, values: Sequence[float | None], tint: str = "second", *, dashed: bool = False) -> Options:
    """A series as a line."""
    return {
        "type": "line", "name": name, "data": list(values), "symbol": "none", "smooth": 0.25, "connectNulls": False,
        "lineStyle": {":color": colour(tint), "width": 2, "type": "dashed" if dashed else "solid"},
        "itemStyle": {":color": colour(tint)},
    }  # fmt: skip


def lying(labels: Sequence[str], name: str, values: Sequence[float | None]) -> Options:
    """Bars that lie, each with its label before it: for labels too long to stand side by side, first one on top."""
    made = frame([])
    made["legend"] = {"show": False}
    made["grid"] = {"left": 8, "right": 24, "top": 4, "bottom": 28, "containLabel": True}
    labelled = {**made["xAxis"]["axisLabel"], "interval": 0, "width": 130, "overflow": "truncate"}
    made["yAxis"], made["xAxis"] = (
        {**made["xAxis"], "data": list(labels), "inverse": True, "axisLabel": labelled},
        {**made["yAxis"], "axisLabel": {**made["yAxis"]["axisLabel"], "hideOverlap": True},
         "name": name, "nameLocation": "middle", "nameGap": 26,
         "nameTextStyle": {"fontFamily": TYPE, "fontSize": SIZE, ":color": colour("muted")}},
    )  # fmt: skip
    made["series"] = [{**bars(name, values), "itemStyle": {":color": colour("accent"), "borderRadius": [0, 4, 4, 0]}}]
    return made


def heat(columns: Sequence[str], rows: Sequence[str], cells: Sequence[tuple[int, int, float]], name: str) -> Options:
    """A table of columns and rows whose cells ``(column, row, value)`` are the darker the more there is."""
    made = frame(columns)
    plain = {"fontFamily": TYPE, "fontSize": SIZE, ":color": colour("muted")}
    made["grid"] = {"left": 8, "right": 8, "top": 8, "bottom": 56, "containLabel": True}
    made["legend"] = {"show": False}
    made["tooltip"] = tooltip("item")
    made["yAxis"] = {
        "type": "category", "data": list(rows), "inverse": True, "axisTick": {"show": False}, "axisLabel": plain,
        "axisLine": {"show": False},
    }  # fmt: skip
    made["visualMap"] = {
        "min": 0, "max": max((value for *_, value in cells), default=0) or 1, "calculable": False, "bottom": 0,
        "left": "center", "orient": "horizontal", "itemWidth": 12, "itemHeight": 120, "textStyle": plain,
        "inRange": {":color": f"[{colour('sunken')}, {colour('accent')}]"},
    }  # fmt: skip
    made["series"] = [{
        "type": "heatmap", "name": name, "data": [list(cell) for cell in cells],
        "itemStyle": {"borderWidth": 2, ":borderColor": colour("surface"), "borderRadius": 4},
    }]  # fmt: skip
    return made


def with_series(options: Options, *series: Mapping[str, Any]) -> Options:
    """A frame with what is drawn in it."""
    return {**options, "series": [dict(one) for one in series]}
