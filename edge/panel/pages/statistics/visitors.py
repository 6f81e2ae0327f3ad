"""Visitors: how many came and went, hour by hour or month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.panel import charts
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.places import slot_said
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Table

if TYPE_CHECKING:
    from edge.panel.pages.statistics.sheet import Ask


async def figures(ask: Ask) -> list[Figure]:
    """The figures of the sheet."""
    words, chosen = ask.words, ask.chosen
    flow = await ask.ask(lambda told: told.flow(chosen.period, chosen.unit, chosen.scope, chosen.week_starts))
    labels = [slot_said(words, one.slot, chosen.unit) for one in flow]
    options = charts.with_series(
        charts.frame(labels), charts.bars(words("today.in"), [one.ins for one in flow]),
        charts.bars(words("today.out"), [one.outs for one in flow], "second"),
    )  # fmt: skip
    ins, outs = sum(one.ins for one in flow), sum(one.outs for one in flow)
    said = words("statistics.flow_said", ins=words.number(ins), outs=words.number(outs))
    rows = tuple((label, one.ins, one.outs) for label, one in zip(labels, flow, strict=True))
    table = Table((words("statistics.when"), words("today.in"), words("today.out")), rows)
    return [Figure("visitors", words("statistics.visitors"), said, options, table, tall=True)]


SHEET = Sheet("/statistics", "statistics.visitors", figures, compares=True)
