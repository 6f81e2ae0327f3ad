"""Figures and sentences in the words of a language."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from edge.reports.report import Said
from edge.reports.table import Kind, Withheld

if TYPE_CHECKING:
    from edge.analytics.periods import Period
    from edge.config.words import Words
    from edge.reports.asked import Look
    from edge.reports.report import Report
    from edge.reports.table import Cell, Column, Table

NOTHING = ""
# What an empty text means.
EMPTY = {Kind.HOURS: "cell.closed", Kind.WHERE: "cell.box"}
WEEK = 7
TENTHS_UP_TO = 100


class Teller:
    """Tells cells, sentences and headings in one language. ``look`` says in which money.

    Weeks begin on ``week_starts``; days are told with their year where there are several ``years``.
    """

    def __init__(self, words: Words, look: Look, week_starts: int = 0, *, years: bool = False) -> None:
        self.words, self.look, self._week_starts, self._years = words, look, week_starts, years

    @classmethod
    def of(cls, report: Report, words: Words, look: Look) -> Teller:
        """Who tells that report."""
        years = report.period.first.year != report.period.last.year
        return cls(words, look, report.week_starts, years=years)

    def cell(self, kind: Kind, cell: Cell | Said) -> str:  # noqa: PLR0911 - one for each kind
        """A cell as people write it; nothing for what is not known."""
        if isinstance(cell, Said):
            return self.said(cell)
        if isinstance(cell, Withheld):
            return cell.value
        if cell == "" and kind in EMPTY:
            return self.words(EMPTY[kind])
        if cell is None or cell == "":
            return NOTHING
        if isinstance(cell, bool):
            return self.words("cell.yes" if cell else "cell.no")
        if isinstance(cell, datetime):
            return self.words.moment(cell)
        if isinstance(cell, date):
            return self._day(kind, cell)
        if isinstance(cell, str):
            return self.words(cell) if kind is Kind.WORD else cell
        return self._number(kind, cell)

    def _day(self, kind: Kind, day: date) -> str:
        if kind is Kind.YEAR:
            return str(day.year)
        if kind is Kind.DATE:
            return self.words("date.whole_day", day=self.words.day(day), year=day.year)
        if kind is Kind.MONTH:
            return self.words("date.month", month=self.words.month(day.month), year=day.year)
        if kind is Kind.WEEK:
            return self.week(day)
        if self._years:
            return self.words.date(day)
        weekday, month = self.words.short_weekday(day.weekday()), self.words.short_month(day.month)
        return self.words("date.short", weekday=weekday, day=day.day, month=month)

    def week(self, first: date) -> str:
        """The number of the week, which only weeks from Monday on have; or the day it begins on."""
        if self._week_starts:
            return self.words("period.week_of", day=first.day, month=self.words.short_month(first.month))
        return self.words("period.week", week=first.isocalendar().week)

    def _number(self, kind: Kind, number: float) -> str:  # noqa: PLR0911 - one for each kind
        if kind is Kind.WEEKDAY:
            return self.words.weekday(int(number))
        if kind is Kind.CLOCK_HOUR:
            return f"{int(number):02d}:00"
        if kind is Kind.SHARE:
            return self.words.percent(number)
        if kind is Kind.CHANGE:
            return self.words.change(number)
        if kind is Kind.DURATION:
            return self.words.lasting(number, fine=True)
        if kind is Kind.MONEY:
            return f"{self.words.number(number, 2)} {self.look.currency}"
        if kind is Kind.BAND:
            return self._band(int(number))
        tenths = kind is Kind.NUMBER and abs(number) < TENTHS_UP_TO and number != int(number)
        return self.words.number(number, int(tenths))

    def _band(self, least_min: int) -> str:
        if not least_min:
            return self.words("band.first")
        if least_min >= 64:  # noqa: PLR2004 - the last one
            return self.words("band.last", least=least_min)
        return self.words("band.between", least=least_min, most=2 * least_min)

    def said(self, said: Said) -> str:
        """A sentence."""
        values: dict[str, str] = {name: self._spoken(kind, value) for name, kind, value in said.values}
        number = next((value for name, _, value in said.values if name == "n"), None)
        if isinstance(number, int):
            return self.words.filled(f"{said.key}.{'one' if number == 1 else 'other'}", values)
        return self.words.filled(said.key, values)

    def _spoken(self, kind: Kind, value: Cell | Said) -> str:
        """A value within a sentence, which has room for a weekday's whole name."""
        if kind is Kind.DAY and isinstance(value, date):
            return self._day(Kind.DATE, value) if self._years else self.words.day(value)
        return self.cell(kind, value)

    def heading(self, column: Column) -> str:
        """What a column is called."""
        return column.label or self.words(f"column.{column.key}")

    def table(self, table: Table) -> str:
        """What a table is called."""
        title = self.words(f"table.{table.key}")
        return f"{title}: {table.about}" if table.about else title

    def period(self, report: Report) -> str:
        """What was asked for, such as: Week 47 of 2026."""
        return self.named(report.asked)

    def named(self, period: Period) -> str:
        """What some days are called."""
        if len(period) == WEEK and period.first.weekday() == self._week_starts == 0:
            year, week, _ = period.first.isocalendar()
            return self.words("period.week_of_year", week=week, year=year)
        return self.days(period)

    def days(self, period: Period) -> str:
        """The same without the number of a week."""
        return self.words.period(period.first, period.last)

    def scope(self, report: Report) -> str:
        """What it is about, if not all of the site."""
        scope = report.scope
        some = [(name, getattr(scope, name)) for name in ("camera", "line", "zone") if getattr(scope, name) is not None]
        return ", ".join(f"{self.words(f'column.{name}')} {what}" for name, what in some)


def in_words(report: Report, words: Words, look: Look) -> list[str]:
    """A report in some sentences, the first one of which says how it was."""
    teller = Teller.of(report, words, look)
    return [teller.said(one) for one in report.headline]
