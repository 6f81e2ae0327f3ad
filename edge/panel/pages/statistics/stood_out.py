"""What stood out: notable days, the busiest hours, and the lines one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.sums import clock_said
from edge.panel.pages.statistics.table import Day, Share, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.usual import NotableDay
    from edge.panel.pages.statistics.chosen import Chosen
    from edge.panel.pages.statistics.counted import StoodOut
    from edge.panel.pages.statistics.marks import Mark
    from edge.panel.words import Words

MOST_DAYS = 100


def notable_figure(words: Words, chosen: Chosen, found: StoodOut, known: Sequence[Mark]) -> Figure | None:
    """Days far from usual, a sentence each, with what is known about them."""
    if len(chosen.period) == 1 and not found.notable:
        return None
    rows = tuple(
        (Day(one.day), notable_said(words, one), round(one.value), round(one.usual.value),
         Share(one.part, signed=True), _known(one, known))
        for one in found.notable[:MOST_DAYS]
    )  # fmt: skip
    columns = tuple(
        words(f"statistics.{name}") for name in ("day", "notable_what", "came_in", "usual", "difference", "noted")
    )
    note = words("statistics.notable_note")
    return Figure("notable", words("statistics.notable"), note, None, Table(columns, rows), note,
                  empty=words("statistics.notable_none"))  # fmt: skip


def notable_said(words: Words, one: NotableDay) -> str:
    """A notable day in a sentence."""
    key = "statistics.above" if one.part > 0 else "statistics.below"
    day = words.day(one.day)
    return words(key, day=day, percent=words.percent(abs(one.part)), weekday=words.weekday(one.day.weekday()))


def _known(one: NotableDay, known: Sequence[Mark]) -> str:
    return ", ".join(mark.text for mark in known if mark.first <= one.day <= mark.last)


def busiest_figure(words: Words, chosen: Chosen, found: StoodOut) -> Figure | None:
    """The ten hours in which most came in."""
    if len(chosen.period) == 1:
        return None
    rows = tuple((Day(one.day), clock_said(words, one.clock_hour), one.ins) for one in found.busiest)
    columns = tuple(words(f"statistics.{name}") for name in ("day", "hour", "came_in"))
    title = words("statistics.busiest")
    return Figure("busiest", title, title, None, Table(columns, rows), width="w6")


def lines_figure(words: Words, found: StoodOut) -> Figure | None:
    """In and out of each line, doors first."""
    if len(found.lines) <= 1:
        return None
    rows = tuple(
        (f"{line.camera} · {line.line}", words("statistics.door" if line.door else "statistics.within"),
         line.ins, line.outs)
        for line in found.lines
    )  # fmt: skip
    columns = (words("aim.line"), words("statistics.leads"), words("today.in"), words("today.out"))
    title = words("statistics.lines")
    return Figure("lines", title, title, None, Table(columns, rows), words("statistics.lines_note"), width="w6")
