"""Writes a report in the form that was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.reports.cells import Teller

if TYPE_CHECKING:
    from edge.config.words import Words
    from edge.reports.asked import Look
    from edge.reports.report import Report

FORMS = ("pdf", "xlsx", "csv", "json", "png")
# Pictures to be put elsewhere: as wide as a page of a presentation has room for.
PICTURE_MM = 200.0
ISO_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Made:
    """A file, not yet on any disk."""

    name: str
    data: bytes


def written(report: Report, look: Look, words: Words, form: str) -> list[Made]:
    """The report in one of ``FORMS``: one file, or with pictures one for each. CSV is an archive of one a table.

    ``InputError`` if there is no such form.
    """
    teller = Teller.of(report, words, look)
    name = file_name(report)
    # What draws and writes takes a second to load and forty megabytes; who asks for figures only should not wait.
    if form == "pdf":
        from edge.reports.pdf import pdf  # noqa: PLC0415

        return [Made(f"{name}.pdf", pdf(report, teller))]
    if form == "xlsx":
        from edge.reports.excel import xlsx  # noqa: PLC0415

        return [Made(f"{name}.xlsx", xlsx(report, teller))]
    if form == "png":
        return list(_pictures(report, teller, name))
    if form in ("csv", "json"):
        from edge.reports.plain_files import csv_archive, json_text  # noqa: PLC0415

        if form == "csv":
            return [Made(f"{name}-csv.zip", csv_archive(report))]
        return [Made(f"{name}.json", json_text(report, teller).encode())]
    raise InputError(f"There is no form {form!r} of a report; there are {', '.join(FORMS)}.")


def _pictures(report: Report, teller: Teller, name: str) -> list[Made]:
    from edge.reports.charts import heights_mm, picture  # noqa: PLC0415 - as above

    found: list[Made] = []
    several: dict[str, int] = {}
    for chart, table in report.charts():
        several[chart.key] = several.get(chart.key, 0) + 1
        end = f"{chart.key}-{several[chart.key]}" if chart.about else chart.key
        size_mm = (PICTURE_MM, heights_mm(chart, table, PICTURE_MM) + 12)
        found.append(Made(f"{name}-{end}.png", picture(chart, table, teller, size_mm, titled=True)))
    return found


def file_name(report: Report) -> str:
    """What its files are called, without their end: report-2026-W47, report-2026-10-hall."""
    first, last = report.asked.first, report.asked.last
    if first == last:
        when = first.isoformat()
    elif report.asked.whole_months == 1:
        when = f"{first:%Y-%m}"
    elif report.asked.whole_months == 12 and first.month == 1:  # noqa: PLR2004 - a year
        when = str(first.year)
    elif len(report.asked) == ISO_WEEK_DAYS and first.weekday() == 0:
        year, week, _ = first.isocalendar()
        when = f"{year}-W{week:02d}"
    else:
        when = f"{first}-to-{last}"
    scope = report.scope
    parts = [_plain(part) for part in (scope.camera, scope.line, scope.zone) if part is not None]
    return "-".join(["report", when, *(part for part in parts if part)])


def _plain(text: str) -> str:
    """A name as part of a file's: no more than letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
