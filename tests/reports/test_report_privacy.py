"""What is told of fewer than five people of a kind is in no form of a report."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from pypdf import PdfReader
from report_kit import report_of

from edge.analytics.periods import parse_period
from edge.reports.asked import Look
from edge.reports.cells import Teller
from edge.reports.charts import picture
from edge.reports.locales import languages
from edge.reports.report import Chart, Drawn, Section
from edge.reports.table import Column, Kind, Table, Withheld
from edge.reports.written import written

if TYPE_CHECKING:
    from seeded_kit import Seeded

    from edge.reports.report import Report

COLUMNS = (
    Column("zone", Kind.TEXT), Column("ins", Kind.COUNT), Column("outs", Kind.COUNT), Column("share", Kind.SHARE),
    Column("mean_s", Kind.DURATION),
)  # fmt: skip
ENGLISH = languages().get("en")
PEOPLE = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6)


def table_of(people: list[tuple[int, int]]) -> Table:
    """Each kind of people has a length and share of its own, so that either would tell on it."""
    rows = tuple(
        (f"kind {place}", ins, outs, 0.011 * (place + 1), 1000.5 * (place + 1))
        for place, (ins, outs) in enumerate(people)
    )
    return Table("zones", COLUMNS, rows, private=True)


@pytest.fixture(scope="module")
def plain(shops: dict[str, Seeded]) -> Report:
    return report_of(shops["day"], parse_period("2026-W43"))


def holding(plain: Report, table: Table) -> Report:
    section = Section("places", charts=(Chart("zones", Drawn.LYING, "zones", "zone", ("ins",)),), tables=(table,))
    return replace(plain, headline=plain.headline[:1], cards=(), sections=(plain.sections[0], section))


@given(people=PEOPLE)
def test_a_private_table_forgets_what_is_about_few(people: list[tuple[int, int]]) -> None:
    table = table_of(people)
    for (ins, outs), row in zip(people, table.rows, strict=True):
        assert (row[1] is Withheld.FEW, row[2] is Withheld.FEW) == (ins < 5, outs < 5)
        told = [cell for cell in row[1:3] if not isinstance(cell, Withheld)]
        assert all(cell >= 5 for cell in told)
        hidden = any(isinstance(cell, Withheld) for cell in row[1:3])
        assert all(isinstance(cell, Withheld) is hidden for cell in row[3:]), "a mean tells on them as well"
    for place in (1, 2):
        column = [row[place] for row in table.rows]
        withheld = [cell for cell in column if isinstance(cell, Withheld)]
        assert len(withheld) != 1 or len(column) == 1, "the sum of all would tell the only one"
        assert len(withheld) <= max(2, sum(pair[place - 1] < 5 for pair in people)), "more than need be is withheld"
    assert replace(table, private=False).rows == table.rows, "it is gone for good"


@tries(max_examples=15)
@given(people=PEOPLE)
def test_so_does_every_file_made_of_it(plain: Report, people: list[tuple[int, int]]) -> None:
    table = table_of(people)
    report = holding(plain, table)
    hidden = [[isinstance(cell, Withheld) for cell in row] for row in table.rows]
    found = {
        "csv": _csv(written(report, Look(), ENGLISH, "csv")[0].data),
        "json": _json(written(report, Look(), ENGLISH, "json")[0].data),
        "xlsx": _excel(written(report, Look(), ENGLISH, "xlsx")[0].data),
    }
    for form, rows in found.items():
        assert [[str(cell) in ("<5", "…") for cell in row] for row in rows] == hidden, form
        for row, (ins, outs) in zip(rows, people, strict=True):
            assert [cell for cell, real in zip(row[1:3], (ins, outs), strict=True)
                    if str(cell) not in ("<5", "…") and (int(cell) != real or real < 5)] == [], form  # fmt: skip


def _csv(data: bytes) -> list[list[object]]:
    text = zipfile.ZipFile(io.BytesIO(data)).read("zones.csv").decode()
    return [list(row) for row in csv.reader(io.StringIO(text))][1:]


def _json(data: bytes) -> list[list[object]]:
    rows: list[list[object]] = next(table["rows"] for table in json.loads(data)["tables"] if table["key"] == "zones")
    return rows


def _excel(data: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Zones"]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_so_do_paper_and_pictures(plain: Report) -> None:
    report = holding(plain, table_of([(3, 30), (12, 30), (33, 30)]))
    paper = PdfReader(io.BytesIO(written(report, Look(), ENGLISH, "pdf")[0].data))
    text = "\n".join(page.extract_text() for page in paper.pages)
    assert "<5" in text
    assert "16 min" not in text.split("Zones")[1], "the mean of the three is 1000.5 s"
    assert "50 min" in text.split("Zones")[1], "that of the many is told"
    chart = report.sections[1].charts[0]
    drawn = [
        picture(chart, table_of([(few, 30), (12, 30), (33, 30)]), Teller(ENGLISH, Look()), (120, 40)) for few in (1, 4)
    ]
    assert drawn[0] == drawn[1], "a bar's length tells as much as a number"
