"""Ways: by which zones people walk, as a flow from step to step and as a list of the most used routes.

Walks are kept for two days only, so the sheet knows today, yesterday, and both.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from edge.analytics.routes import routes
from edge.core.model import Zone
from edge.core.timekeeping import from_ms
from edge.panel import charts
from edge.panel.pages.statistics.figure import Figure, Tile
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Lasting, Share, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from edge.analytics.routes import Routes
    from edge.analytics.statistics import Statistics
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.words import Words

# A diagram of more steps or legs is no longer read by anybody.
MOST_STEPS, MOST_LEGS = 4, 40
MOST_ROUTES = 10
# Smaller nodes have their name where the finger is, and in the table.
LEAST_NAMED = 0.015
ALL = 100_000
# Colours that people see apart who do not see all colours, on light and on dark (Okabe and Ito, 2008).
TINTS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#a6a034", "#7f7f7f")
NARROW_PX = 520

Node = tuple[str, int]
"""A zone and the how-manieth of a route it is, from 1 on."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The routes one camera saw, the ``number``-th of the settings. ``zones``: those it can see, in their order."""

    number: int
    camera: str
    zones: tuple[str, ...]
    routes: Routes


async def figures(ask: Ask) -> list[Figure]:
    """The sheet's figures: flow and routes of each camera that sees zones."""
    words, config = ask.words, ask.panel.settings.config
    site, only = ask.panel.settings.calendar, ask.chosen.scope.camera
    days = ask.chosen.late().period
    start, end = from_ms(site.start_ms(days.first)), from_ms(site.span_ms(days.last)[1])
    cameras = [camera for camera in config.camera if camera.zone and only in {None, camera.name}]
    asked = [(number, camera.name, [Zone(zone.name, zone.corners) for zone in camera.zone])
             for number, camera in enumerate(cameras, start=1)]  # fmt: skip
    found = await ask.ask(lambda records: [walked(records, *one, (start, end)) for one in asked])
    kept = words("statistics_ways.kept", hours=config.records.keep_walks_h)
    if not config.records.walks:
        kept = words("aim.walks_off")
    elif not cameras:
        kept = words("statistics_ways.no_zones")
    made = [summary(words, found, kept)]
    for one in found:
        made += [flow(words, one, alone=len(found) == 1), used(words, one, alone=len(found) == 1)]
    return made


def walked(
    records: Statistics, number: int, camera: str, zones: Sequence[Zone], span: tuple[datetime, datetime]
) -> Walked:
    """Ask the records."""
    found = routes(records.ways(camera, *span), zones, ALL)
    return Walked(number, camera, tuple(zone.name for zone in zones), found)


def summary(words: Words, found: Sequence[Walked], note: str) -> Figure:
    """How many walks there are, and how many of them led through a zone."""
    title = words("statistics_ways.summary")
    columns = (words("statistics_table.what"), words("statistics_table.value"))
    walks = sum(one.routes.walks for one in found)
    if not walks:
        return Figure("summary", title, "", None, Table(columns, ()), note)
    passed = sum(_passed(one) for one in found)
    between = sum(route.walks for one in found for route in one.routes.routes if len(route.zones) > 1)
    rows = tuple((words(f"statistics_ways.{key}"), number)
                 for key, number in (("walks", walks), ("passed", passed), ("between", between)))  # fmt: skip
    tiles = tuple(Tile(said, words.number(number), "" if number == walks else words(
        "statistics_ways.of_walks", percent=words.percent(number / walks))) for said, number in rows)  # fmt: skip
    said = " ".join(f"{tile.label}: {tile.value}." for tile in tiles)
    return Figure("summary", title, said, None, Table(columns, rows), note, tiles=tiles)


def flow(words: Words, found: Walked, *, alone: bool) -> Figure:
    """From which zone people go on to which, step by step."""
    title = words("statistics_ways.flow") if alone else f"{found.camera}: {words('statistics_ways.flow')}"
    columns = tuple(words(f"statistics_ways.{key}") for key in ("step", "origin", "to", "number", "share"))
    legs, passed = legs_of(found.routes), _passed(found)
    if not legs:
        return Figure(f"flow-{found.number}", title, "", None, Table(columns, ()), words("statistics_ways.no_legs"))
    rows = tuple((one[1], one[0], other[0], walks, Share(walks / passed)) for (one, other), walks in legs.most_common())
    (one, other), most = legs.most_common(1)[0]
    said = words("statistics_ways.flow_said", origin=one[0], to=other[0], walks=words.number(most))
    return Figure(f"flow-{found.number}", title, said, _sankey(found, legs), Table(columns, rows),
                  words("statistics_ways.flow_note"), tall=True)  # fmt: skip


def used(words: Words, found: Walked, *, alone: bool) -> Figure:
    """The routes that were used most."""
    title = words("statistics_ways.routes") if alone else f"{found.camera}: {words('statistics_ways.routes')}"
    columns = tuple(words(f"statistics_ways.{key}") for key in ("route", "number", "share", "mean"))
    passed = _passed(found)
    rows = tuple(
        (" → ".join(route.zones), route.walks, Share(route.walks / passed), Lasting(route.mean_s))
        for route in found.routes.routes[:MOST_ROUTES]
    )
    note = words("statistics_ways.mean_note")
    return Figure(f"routes-{found.number}", title, title, None, Table(columns, rows), note)


def legs_of(found: Routes) -> Counter[tuple[Node, Node]]:
    """How many went from a zone to the next one, apart by the step at which they did.

    Only so is there never a way back to a zone before, which a flow diagram could not draw.
    """
    legs: Counter[tuple[Node, Node]] = Counter()
    for route in found.routes:
        nodes = [(zone, step) for step, zone in enumerate(route.zones[:MOST_STEPS], start=1)]
        for leg in pairwise(nodes):
            legs[leg] += route.walks
    return legs


def _passed(found: Walked) -> int:
    """How many walks led through a zone."""
    return sum(route.walks for route in found.routes.routes)


def _sankey(found: Walked, legs: Counter[tuple[Node, Node]]) -> dict[str, Any]:
    shown = legs.most_common(MOST_LEGS)
    nodes = sorted({node for leg, _ in shown for node in leg}, key=lambda node: (node[1], found.zones.index(node[0])))
    passed = _passed(found)
    label = {"fontFamily": charts.TYPE, "fontSize": charts.SIZE, ":color": charts.colour("ink"), "width": 110,
             "overflow": "truncate"}  # fmt: skip
    series = {
        "type": "sankey", "draggable": False, "nodeAlign": "left", "nodeGap": 14, "nodeWidth": 14, "left": 4,
        "right": 116, "top": 8, "bottom": 8, "label": label, "emphasis": {"focus": "adjacency"},
        "lineStyle": {"color": "source", "opacity": 0.32, "curveness": 0.5},
        "data": [
            {
                "name": _named(node), "depth": node[1] - 1, "value": _value(found.routes, node),
                "itemStyle": {"color": TINTS[found.zones.index(node[0]) % len(TINTS)], "borderWidth": 0},
                "label": {"show": _value(found.routes, node) >= LEAST_NAMED * passed},
            }
            for node in nodes
        ],
        "links": [{"source": _named(one), "target": _named(other), "value": walks} for (one, other), walks in shown],
    }  # fmt: skip
    narrow = {"series": [{"label": {"fontSize": 11, "width": 72}, "right": 78}]}
    return {
        "baseOption": {"tooltip": charts.tooltip("item"), "textStyle": {"fontFamily": charts.TYPE}, "series": [series],
                       "animationDuration": 300},
        "media": [{"query": {"maxWidth": NARROW_PX}, "option": narrow}],
    }  # fmt: skip


def _value(found: Routes, node: Node) -> int:
    """How many came to a zone at a step, whether they went on or not."""
    zone, step = node
    return sum(route.walks for route in found.routes if len(route.zones) >= step and route.zones[step - 1] == zone)


def _named(node: Node) -> str:
    return f"{node[0]} ({node[1]})"


SHEET = Sheet("/statistics/ways", "statistics_ways.title", figures, scopes="", box_only=True, lately=True)
