"""A report as a workbook: a first sheet in sentences, then a sheet for each table with its charts.

Texts are written as texts whatever they begin with, so that a camera called ``=1+1`` stays one; figures are numbers in
formats of their own, so that sums can be made of them.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

import xlsxwriter

from edge.reports.excel_charts import insert_chart
from edge.reports.report import Drawn
from edge.reports.table import Kind, Withheld

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from edge.reports.cells import Teller
    from edge.reports.report import Report
    from edge.reports.table import Cell, Table

DAY_S = 86_400
NAME_LENGTH = 31
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
NARROWEST, WIDEST, LETTERS_MORE = 8, 60, 3
CHART_ROWS = 17
# What is told longer than on paper, in letters: a date too wide for its column is shown as ###.
WIDTHS = {Kind.DAY: 17, Kind.MONTH: 17, Kind.MOMENT: 19, Kind.DURATION: 9, Kind.MONEY: 14}
NUMBERS = {
    Kind.COUNT: "#,##0", Kind.NUMBER: "#,##0.0", Kind.SHARE: "0.0%", Kind.CHANGE: "+0.0%;-0.0%;0.0%",
    Kind.DURATION: "[h]:mm:ss", Kind.CLOCK_HOUR: '00":00"', Kind.YEAR: "0",
}  # fmt: skip
DATES = {Kind.DAY: "day", Kind.MONTH: "month", Kind.MOMENT: "moment"}


class Book:
    """A workbook being written, and its formats."""

    def __init__(self, report: Report, teller: Teller) -> None:
        self.report, self.teller, self.data = report, teller, io.BytesIO()
        self.workbook: Workbook = xlsxwriter.Workbook(
            self.data, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
                        "strings_to_urls": False, "nan_inf_to_errors": False},
        )  # fmt: skip
        made = report.made_at.astimezone(timezone.utc).replace(tzinfo=None)
        self.workbook.set_properties({
            "title": f"{teller.words('report.title')} {teller.period(report)}", "author": report.site, "created": made,
        })  # fmt: skip
        self._names: set[str] = set()
        self._formats: dict[Kind, Format] = {}
        self.bold = self.workbook.add_format({"bold": True})
        self.title = self.workbook.add_format({"bold": True, "font_size": 16})
        self.wrapped = self.workbook.add_format({"text_wrap": True, "valign": "top"})
        self.head = self.workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E9EEF3", "bottom": 1}
        )

    def sheet(self, title: str) -> Worksheet:
        """A new sheet, called something no other is."""
        name = title.translate(FORBIDDEN).strip()[:NAME_LENGTH].strip() or "-"
        number = 1
        while name.lower() in self._names:
            number += 1
            end = f" ({number})"
            name = name[: NAME_LENGTH - len(end)].strip() + end
        self._names.add(name.lower())
        found: Worksheet = self.workbook.add_worksheet(name)
        found.set_paper(9 if self.teller.look.paper == "A4" else 1)
        found.fit_to_pages(1, 0)
        return found

    def format(self, kind: Kind) -> Format:
        """How figures of that kind look."""
        if kind not in self._formats:
            shown = NUMBERS.get(kind) or (self.teller.words(f"excel.{DATES[kind]}") if kind in DATES else "")
            if kind is Kind.MONEY:
                shown = f'#,##0.00 "{self.teller.look.currency}"'
            self._formats[kind] = self.workbook.add_format({"num_format": shown} if shown else {})
        return self._formats[kind]

    def write(self, sheet: Worksheet, place: tuple[int, int], kind: Kind, cell: Cell) -> None:
        """Write a cell as what it is."""
        look = self.format(kind)
        if cell is None:
            return
        if isinstance(cell, (Withheld, bool)) or kind in TEXTS:
            sheet.write_string(*place, self.teller.cell(kind, cell), look)
        elif isinstance(cell, datetime):
            sheet.write_datetime(*place, cell.replace(tzinfo=None), look)
        elif isinstance(cell, date):
            self._day(sheet, place, kind, cell)
        elif isinstance(cell, str):
            sheet.write_string(*place, cell, look)
        else:
            sheet.write_number(*place, cell / DAY_S if kind is Kind.DURATION else cell, look)

    def _day(self, sheet: Worksheet, place: tuple[int, int], kind: Kind, day: date) -> None:
        if kind is Kind.YEAR:
            sheet.write_number(*place, day.year, self.format(kind))
        else:
            sheet.write_datetime(*place, datetime(day.year, day.month, day.day), self.format(kind))  # noqa: DTZ001 - a day has no zone


TEXTS = frozenset({Kind.WORD, Kind.WEEKDAY, Kind.WEEK, Kind.HOURS, Kind.BAND, Kind.YES, Kind.WHERE})

# What a section says again of the first page.
REPEATED = ("said.stays", "said.zone_stays")


def xlsx(report: Report, teller: Teller) -> bytes:
    """The report as a workbook."""
    book = Book(report, teller)
    _first(book)
    for section in report.sections:
        for table in section.tables:
            _table(book, table)
    book.workbook.close()
    return book.data.getvalue()


def _first(book: Book) -> None:
    """The sheet in sentences."""
    report, teller = book.report, book.teller
    sheet = book.sheet(teller.words("section.overview"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 46)
    row = 0
    for text, look in (
        (report.site, book.bold), (teller.period(report), book.title), (teller.days(report.period), None),
        (teller.scope(report), None), (teller.words("report.made", at=teller.words.moment(report.made_at)), None),
    ):  # fmt: skip
        if text:
            sheet.write_string(row, 0, text, look)
            row += 1
    row += 1
    for card in report.cards:
        sheet.write_string(row, 0, teller.words(f"card_title.{card.key}"), book.bold)
        book.write(sheet, (row, 1), card.kind, card.value)
        sheet.write_string(row, 2, "; ".join(teller.said(said) for said in card.beside))
        row += 1
    row += 1
    said = [*report.headline, *(one for section in report.sections for one in section.said if one.key not in REPEATED)]
    for one in dict.fromkeys(teller.said(one) for one in said):
        sheet.merge_range(row, 0, row, 2, "", book.wrapped)
        sheet.write_string(row, 0, one, book.wrapped)
        sheet.set_row(row, 15 * (1 + len(one) // 95))
        row += 1


def _table(book: Book, table: Table) -> None:
    """A sheet of a table: filters, headings that stay, and its charts beside it."""
    teller = book.teller
    sheet = book.sheet(teller.table(table))
    heads = [teller.heading(column) for column in table.columns]
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, book.head)
    for number, row in enumerate(table.rows, start=1):
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            book.write(sheet, (number, place), column.kind, cell)
    for place, column in enumerate(table.columns):
        told = [len(teller.cell(column.kind, row[place])) for row in table.rows[:200]]
        words = max(len(word) for word in heads[place].split()) + LETTERS_MORE
        longest = max([words, WIDTHS.get(column.kind, 0), *told])
        sheet.set_column(place, place, min(WIDEST, max(NARROWEST if not table.shaded else 5, longest + 2)))
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    if table.shaded and table.rows:
        first = 0 if table.key == "heat" else 2
        sheet.conditional_format(
            1, first, len(table.rows), len(table.columns) - 1,
            {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#5B8DB8"},
        )  # fmt: skip
    _charts(book, sheet, table)


def _charts(book: Book, sheet: Worksheet, table: Table) -> None:
    row = 1
    for chart, of in book.report.charts():
        if of is table and chart.drawn not in (Drawn.GRID, Drawn.FLOOR) and table.rows:
            insert_chart(book.workbook, sheet, chart, table, book.teller, (row, len(table.columns) + 1))
            row += CHART_ROWS
