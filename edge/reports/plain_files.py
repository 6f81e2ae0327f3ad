"""A report for programs: CSV, a file for each table, and JSON of a form that stays.

Keys and not headings, points and not commas, seconds and not words: the same whatever language people read.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from edge.reports.table import Kind, Withheld

if TYPE_CHECKING:
    from edge.analytics.periods import Period
    from edge.reports.cells import Teller
    from edge.reports.report import Report
    from edge.reports.table import Cell, Column, Table

FORM = "acm-report"
VERSION = 1
# A spreadsheet takes a text that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Archives know no earlier time.
ARCHIVE_TIME = (1980, 1, 1, 0, 0, 0)
# Programs are not told more digits than are meant.
DIGITS = 6


def csv_archive(report: Report) -> bytes:
    """A zip with one CSV for each table, in UTF-8."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in _named(report):
            member = zipfile.ZipInfo(f"{name}.csv", ARCHIVE_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, csv_text(table))
    return found.getvalue()


def csv_text(table: Table) -> str:
    """One table."""
    found = io.StringIO()
    writer = csv.writer(found)
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow([_csv_cell(column, cell) for column, cell in zip(table.columns, row, strict=True)])
    return found.getvalue()


def _csv_cell(column: Column, cell: Cell) -> str | int | float:
    plain = _plain(column, cell)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return str(plain).lower()
    if isinstance(plain, str) and plain.startswith(FORMULA):
        return f"'{plain}"
    return plain


def _named(report: Report) -> list[tuple[str, Table]]:
    """Tables by names that can be files': those of one for each of several are numbered."""
    found: list[tuple[str, Table]] = []
    several: dict[str, int] = {}
    for table in report.tables():
        several[table.key] = several.get(table.key, 0) + 1
        found.append((f"{table.key}-{several[table.key]}" if table.about else table.key, table))
    return found


def json_text(report: Report, teller: Teller) -> str:
    """The whole report; ``report-v1.schema.json`` says what is in it."""
    told: dict[str, Any] = {
        "form": FORM, "version": VERSION, "site": report.site, "language": teller.words.language,
        "made_at": report.made_at.isoformat(timespec="seconds"), "asked": _days(report.asked),
        "period": _days(report.period), "so_far": report.so_far, "week_starts": report.week_starts,
        "scope": {name: getattr(report.scope, name) for name in ("camera", "line", "zone")},
        "currency": teller.look.currency,
        "headline": [teller.said(said) for said in report.headline],
        "figures": {card.key: _rounded(_plain_of(card.kind, card.value)) for card in report.cards},
        "tables": [_told(name, table, teller) for name, table in _named(report)],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _told(name: str, table: Table, teller: Teller) -> dict[str, Any]:
    return {
        "name": name, "key": table.key, "about": table.about, "title": teller.table(table),
        "columns": [{"key": column.key, "kind": column.kind.value, "title": teller.heading(column)}
                    for column in table.columns],
        "rows": [[_plain(column, cell) for column, cell in zip(table.columns, row, strict=True)]
                 for row in table.rows],
    }  # fmt: skip


def _plain(column: Column, cell: Cell) -> str | int | float | bool | None:
    return _rounded(_plain_of(column.kind, cell))


def _plain_of(kind: Kind, cell: Cell) -> str | int | float | bool | None:
    if isinstance(cell, Withheld):
        return cell.value
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and kind is Kind.WORD:
        return cell.rpartition(".")[2]
    return cell


def _rounded(cell: str | float | bool | None) -> str | int | float | bool | None:  # noqa: FBT001 - a cell
    return round(cell, DIGITS) if isinstance(cell, float) else cell
