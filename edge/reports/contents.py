"""Puts a report together from the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.usual import notable_days
from edge.reports.books import opened
from edge.reports.flows import compared, first_look, flow_tables
from edge.reports.headline import cards, headline
from edge.reports.peaks import peaks
from edge.reports.report import Report, Section
from edge.reports.staying import places, stays
from edge.reports.table import Column, Kind, Table
from edge.reports.trust import trust

if TYPE_CHECKING:
    from edge.analytics.statistics import Statistics
    from edge.reports.asked import Asked
    from edge.reports.books import Books


def gather(source: Statistics, asked: Asked) -> Report:
    """A report of what was asked for. ``InputError`` if there is nothing of these days."""
    books = opened(source, asked)
    now = source.summary(books.period, asked.scope)
    beside = books.beside()
    flows = flow_tables(books)
    notable = _notable(books)
    remarks = _remarks(books)
    comparison = compared(books, now, beside)
    overview = Section("overview", (), (first_look(books, flows),), (comparison, *flows[:1]))
    sections = (
        overview, Section("noted", tables=tuple(table for table in (notable, remarks) if table.rows)),
        peaks(books), stays(books, now.stays), places(books), trust(books), Section("more", tables=tuple(flows[1:])),
    )  # fmt: skip
    return Report(
        asked.site, asked.scope, asked.period, books.period, books.unit, asked.week_starts,
        asked.now.astimezone(books.site.zone), headline(books, now, beside, notable),
        cards(books, now, comparison, beside), tuple(section for section in sections if section.tables or section.said),
    )  # fmt: skip


def _notable(books: Books) -> Table:
    """Days far from usual, in order."""
    known = (day for day in books.period if day in books.known)
    some = sorted(notable_days(known, books.counts, books.fit, books.known.first), key=lambda one: one.day)
    rows = tuple((one.day, round(one.value), one.usual.value, one.part) for one in some)
    columns = (
        Column("day", Kind.DAY), Column(books.lead, Kind.COUNT), Column("usual", Kind.NUMBER),
        Column("change", Kind.CHANGE),
    )  # fmt: skip
    return Table("notable", columns, rows)


def _remarks(books: Books) -> Table:
    """What people noted about these days."""
    some = [one for one in books.asked.remarks if one.first <= books.period.last and one.last >= books.period.first]
    columns = (Column("first", Kind.DAY), Column("last", Kind.DAY), Column("text", Kind.TEXT))
    return Table("remarks", columns, tuple((one.first, one.last, one.text) for one in some))
