"""Visitors: how many came and went, beside another time, and what stood out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.panel import charts
from edge.panel.pages.statistics.chosen import Against
from edge.panel.pages.statistics.coming import (
    LABEL_PX,
    coming_figures,
    expected_series,
    expected_slots,
    with_legend,
)
from edge.panel.pages.statistics.counted import counted, stood_out
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.marks import marks, marks_between
from edge.panel.pages.statistics.notes import notes_card
from edge.panel.pages.statistics.places import FEW_DAYS, slot_cell, slot_said
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.stood_out import busiest_figure, lines_figure, notable_figure
from edge.panel.pages.statistics.sums import sums
from edge.panel.pages.statistics.table import Table

if TYPE_CHECKING:
    from edge.analytics.forecast import Expected
    from edge.analytics.told import Flow
    from edge.panel.pages.statistics.chosen import Chosen
    from edge.panel.pages.statistics.counted import Counted
    from edge.panel.pages.statistics.marks import Mark
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.words import Words

FEWEST_HOURS = 10
# So many names stand in one row of a legend on a phone; more need two.
ONE_ROW, TWO_ROWS_PX = 3, 56


async def figures(ask: Ask) -> list[Figure]:
    """The figures of the sheet."""
    words, chosen, panel = ask.words, ask.chosen, ask.panel
    now = panel.clock.utc_now()
    found, outstanding, known = await asyncio.gather(
        ask.ask(lambda told: counted(told, chosen, ask.opening, now)),
        ask.ask(lambda told: stood_out(told, chosen, ask.opening)),
        marks_between(panel, chosen.period, ask.opening),
    )
    made: list[Figure | None] = [sums(words, chosen, found), _flow_figure(words, chosen, found, known)]
    made += coming_figures(words, chosen, found.coming)
    made += [notable_figure(words, chosen, outstanding, known), busiest_figure(words, chosen, outstanding)]
    made.append(lines_figure(words, outstanding))
    return [figure for figure in made if figure is not None]


def _flow_figure(words: Words, chosen: Chosen, found: Counted, known: list[Mark]) -> Figure:
    """In and out of each part of the period, with what it is compared with and what is expected."""
    expected = expected_slots(found.flow, chosen, found.coming)
    flow, beside, expected = _worth_showing(chosen, found, expected)
    days = len(chosen.period)
    labels = [slot_said(words, one.slot, chosen.unit, days) for one in flow]
    if chosen.unit is Unit.DAY and days <= FEW_DAYS:
        labels = [label.replace(" ", "\n", 1) for label in labels]
    options = charts.frame(labels)
    options["xAxis"]["axisLabel"] |= {"interval": "auto", "hideOverlap": True, "lineHeight": LABEL_PX}
    series = [
        charts.bars(words("today.in"), [one.ins or None for one in flow]),
        charts.bars(words("today.out"), [one.outs or None for one in flow], "second"),
    ]
    if any(expected):
        series.insert(0, expected_series(words, expected))
    if any(value is not None for value in beside):
        values = [None if value is None else round(value, 1) for value in beside]
        other = charts.curve(words(f"statistics.beside_{chosen.against.value}"), values, "ink", dashed=True)
        series.append({**other, "smooth": False, "lineStyle": {**other["lineStyle"], "width": 1.5}})
    options = with_legend(charts.with_series(options, *series))
    options["tooltip"][":formatter"] = "acm.tip"
    if len(series) > ONE_ROW:
        options["grid"]["top"] = TWO_ROWS_PX
    marks(options, words, flow, known, chosen.unit)
    table = _flow_table(words, chosen, flow, beside, expected)
    said = words("statistics.flow_said", ins=words.number(found.summary.ins), outs=words.number(found.summary.outs))
    title, note = words("statistics.in_and_out"), _note(words, chosen, known)
    return Figure("visitors", title, said, options, table, note, tall=True)


def _flow_table(
    words: Words, chosen: Chosen, flow: list[Flow], beside: list[float | None], expected: list[Expected | None]
) -> Table:
    columns = [words("statistics.when"), words("today.in"), words("today.out")]
    rows: list[list[object]] = [[slot_cell(words, one.slot, chosen.unit), one.ins, one.outs] for one in flow]
    if any(value is not None for value in beside):
        columns.append(words("statistics.in_beside", beside=beside_said(words, chosen)))
        for row, value in zip(rows, beside, strict=True):
            row.append(value)
    if any(expected):
        columns += [words(f"statistics.{name}") for name in ("expected", "at_least", "at_most")]
        for row, one in zip(rows, expected, strict=True):
            row.extend([None] * 3 if one is None else [round(one.value), round(one.low), round(one.high)])
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def _worth_showing(
    chosen: Chosen, found: Counted, expected: list[Expected | None]
) -> tuple[list[Flow], list[float | None], list[Expected | None]]:
    """Of a day's hours those in which somebody came, usually comes or is expected, and some around them."""
    flow = list(found.flow)
    beside = list(found.beside) or [None] * len(flow)
    if chosen.unit is not Unit.HOUR or len(chosen.period) > 1:
        return flow, beside, expected
    busy = [
        place for place, one in enumerate(flow)
        if one.ins or one.outs or (beside[place] or 0) >= 1 or expected[place] is not None
    ]  # fmt: skip
    first, last = (busy[0], busy[-1]) if busy else (8, 19)
    while last - first + 1 < min(FEWEST_HOURS, len(flow)):
        first, last = max(0, first - 1), min(len(flow) - 1, last + 1)
    shown = slice(first, last + 1)
    return flow[shown], beside[shown], expected[shown]


def beside_said(words: Words, chosen: Chosen) -> str:
    """What the period is compared with, for a legend."""
    if chosen.against is Against.USUAL:
        return words("statistics.usual")
    other = chosen.other
    return words("statistics.nothing") if other is None else words.period(other.first, other.last)


def _note(words: Words, chosen: Chosen, known: list[Mark]) -> str:
    """What the marks on the chart mean, if there are any."""
    return words("statistics.marks_note") if known and chosen.unit is not Unit.HOUR else ""


SHEET = Sheet("/statistics", "statistics.visitors", figures, compares=True, sums=True, more=notes_card)
