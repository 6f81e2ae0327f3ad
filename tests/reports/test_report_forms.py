"""Each form of a report has every figure in it, as whoever opens it reads it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader
from report_kit import report_of, table_of
from seeded_kit import DOORS

import edge.reports
from edge.analytics.periods import parse_period
from edge.reports.asked import Look
from edge.reports.cells import Teller
from edge.reports.locales import languages
from edge.reports.report import Section
from edge.reports.table import Column, Kind, Table, Withheld
from edge.reports.written import FORMS, written

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet
    from seeded_kit import Seeded

    from edge.reports.report import Report
    from edge.reports.table import Cell

SCHEMA = json.loads((Path(edge.reports.__file__).parent / "report-v1.schema.json").read_text(encoding="utf-8"))
ENGLISH, LOOK = languages().get("en"), Look()
EVIL = ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", '=HYPERLINK("http://example.org")')

SAID = {Kind.WORD, Kind.WEEKDAY, Kind.WEEK, Kind.HOURS, Kind.BAND, Kind.WHERE}


@pytest.fixture(scope="module")
def report(shops: dict[str, Seeded]) -> Report:
    """A month with a holiday, three days without power and the day of 25 hours."""
    return report_of(shops["day"], parse_period("2026-10"))


def made(report: Report, form: str) -> bytes:
    (file,) = written(report, LOOK, ENGLISH, form)
    return file.data


def came_in(shop: Seeded) -> int:
    """How many came in in October, by the rows."""
    number: int = shop.sql(
        f"SELECT count(*) FROM crossing WHERE {DOORS} AND direction = 0 AND site_day(seq, at_ms) LIKE '2026-10-%'"  # noqa: S608 - ours
    )[0][0]
    return number


def in_excel(kind: Kind, cell: Cell, teller: Teller) -> object:
    """What a workbook should hold for a cell."""
    if cell is None or cell == "":
        return teller.cell(kind, cell) or cell
    if isinstance(cell, (Withheld, bool)) or kind in SAID:
        return teller.cell(kind, cell)
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a day has no zone
    return cell


def test_a_workbook(report: Report, shops: dict[str, Seeded]) -> None:
    data = made(report, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    teller = Teller(ENGLISH, LOOK)
    sheets: list[Worksheet] = book.worksheets[1:]
    tables = list(report.tables())
    assert len(sheets) == len(tables) > 12
    for sheet, table in zip(sheets, tables, strict=True):
        found = [list(row) for row in sheet.iter_rows()]
        assert [cell.value for cell in found[0]] == [teller.heading(column) for column in table.columns]
        for row, cells in zip(found[1:], table.rows, strict=True):
            for (column, cell), got in zip(zip(table.columns, cells, strict=True), row, strict=True):
                assert same(got.value, in_excel(column.kind, cell, teller), column.kind), (table.key, column.key)
        assert not [cell.coordinate for row in found for cell in row if cell.data_type == "f"], "a formula"
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref or not table.rows
        columns = sheet.column_dimensions.values()
        wide = [place for some in columns for place in range(some.min, some.max + 1) if some.width > 16]
        dated = [place for place, column in enumerate(table.columns, start=1) if column.kind is Kind.DAY]
        assert set(dated) <= set(wide), "it would be shown as ###"
    days = next(sheet for sheet in sheets if sheet.title == "By day")
    heads = [cell.value for cell in days[1]]
    ins = [row[heads.index("Came in")] for row in days.iter_rows(min_row=2)]
    assert sum(cell.value for cell in ins) == came_in(shops["day"])
    assert ins[0].number_format == "#,##0"
    assert [row[heads.index("Typical stay")].number_format for row in days.iter_rows(min_row=2, max_row=2)] == [
        "[h]:mm:ss"
    ]
    charts = [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == sum(chart.key not in ("heat", "density") for chart, _ in report.charts())
    first = [str(row[0].value) for row in book.worksheets[0].iter_rows()]
    assert [text for text in map(teller.said, report.headline) if text not in first] == []


def same(found: Any, meant: object, kind: Kind) -> bool:  # noqa: ANN401 - a cell holds anything
    if kind is Kind.DURATION and isinstance(meant, float):
        seconds = found.total_seconds() if hasattr(found, "total_seconds") else _of_day(found)
        return bool(seconds == pytest.approx(meant, abs=0.51))
    return bool(found == pytest.approx(meant) if isinstance(meant, float) else found == meant)


def _of_day(found: Any) -> float:  # noqa: ANN401 - a time, or a day and a time since 1899
    if isinstance(found, (int, float)):
        return found * 86400.0
    return found.hour * 3600.0 + found.minute * 60 + found.second + found.microsecond / 1e6


def test_an_archive_of_tables(report: Report, shops: dict[str, Seeded]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(made(report, "csv")))
    assert len(archive.namelist()) == len(list(report.tables()))
    for name in archive.namelist():
        rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
        about = {"heat-1.csv": "door", "heat-2.csv": "yard", "heat-3.csv": "hall"}.get(name, "")
        table = table_of(report, name.split(".")[0].split("-")[0], about)
        assert rows[0] == [column.key for column in table.columns]
        assert len(rows) - 1 == len(table.rows)
        for column, cells in zip(table.columns, zip(*rows[1:], strict=True), strict=True):
            if column.kind in (Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.DURATION, Kind.CHANGE):
                told = [None if cell == "" else float(cell) for cell in cells]
                meant = table.column(column.key)
                assert told == [None if cell is None else pytest.approx(cell, abs=1e-5) for cell in meant]
            elif column.kind is Kind.DAY:
                assert list(cells) == [str(day or "") for day in table.column(column.key)]
    days = list(csv.DictReader(io.StringIO(archive.read("days.csv").decode())))
    assert sum(int(row["ins"]) for row in days) == came_in(shops["day"])
    hours = list(csv.DictReader(io.StringIO(archive.read("hours.csv").decode())))
    assert len(hours) == 31 * 24 + 1, "one day has 25"
    assert sum(int(row["ins"]) for row in hours) == came_in(shops["day"])


def test_figures_for_programs(report: Report, shops: dict[str, Seeded]) -> None:
    told = json.loads(made(report, "json"))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(told)
    assert {kind.value for kind in Kind} == set(
        SCHEMA["$defs"]["table"]["properties"]["columns"]["items"]["properties"]["kind"]["enum"]
    )
    tables = {table["name"]: table for table in told["tables"]}
    assert len(tables) == len(list(report.tables()))
    days = tables["days"]
    keys = [column["key"] for column in days["columns"]]
    assert sum(row[keys.index("ins")] for row in days["rows"]) == told["figures"]["ins"] == came_in(shops["day"])
    assert told["period"] == told["asked"] == {"first": "2026-10-01", "last": "2026-10-31"}
    assert tables["hours"]["rows"][0][1] == "2026-10-01T00:00:00+02:00"


def test_a_paper_has_every_figure_that_is_printed(report: Report, shops: dict[str, Seeded]) -> None:
    """Letters without their spaces: lines are broken anywhere, but nothing is cut."""
    paper = PdfReader(io.BytesIO(made(report, "pdf")))
    text = "".join("".join(page.extract_text().split()) for page in paper.pages)
    teller = Teller(ENGLISH, LOOK)
    for table in report.tables():
        for row in table.rows if table.printed else ():
            for column, cell in zip(table.columns, row, strict=True):
                told = "".join(teller.cell(column.kind, cell).split())
                assert not column.printed or told in text, (table.key, column.key, told)
    assert f"{came_in(shops['day']):,}" in "".join(paper.pages[0].extract_text().split()), "the first page says it"
    for said in report.headline:
        assert "".join(teller.said(said).split()) in text
    assert paper.metadata is not None
    assert paper.metadata.title == "Visitors \N{EN DASH} October 2026 \N{EN DASH} The seeded shop"
    assert paper.metadata.author == "The seeded shop"
    assert f"Page1of{len(paper.pages)}" in "".join(paper.pages[0].extract_text().split())
    assert paper.trailer["/Root"]["/Lang"] == "en"
    assert next(entry.title for entry in paper.outline if not isinstance(entry, list)) == "What stood out"


def test_pictures_are_what_they_are_called(shops: dict[str, Seeded]) -> None:
    report = report_of(shops["day"], parse_period("2026-W43"))
    files = {file.name: file.data for file in written(report, LOOK, ENGLISH, "png")}
    assert set(files) == {
        f"report-2026-W43-{name}.png"
        for name in ("flow_usual", "clock_hours", "density", "fullness", "stay_lengths", "zones", "heat-1", "heat-2",
                     "heat-3")
    }  # fmt: skip
    for data in files.values():
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.width == int(200 / 25.4 * 200)
            assert len(picture.convert("L").getcolors() or []) > 4, "nothing is drawn"


@pytest.mark.parametrize("form", FORMS)
def test_names_are_never_formulas(report: Report, form: str) -> None:
    columns = (Column("camera", Kind.TEXT), Column("ins", Kind.COUNT))
    table = Table("lines", columns, tuple((name, 7) for name in EVIL))
    evil = replace(report, site="=2+2", sections=(report.sections[0], Section("places", tables=(table,))))
    data = [file.data for file in written(evil, LOOK, ENGLISH, form)]
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data[0]))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.value for cell in cells if cell.data_type == "s"} >= {"=2+2", *EVIL}
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    if form == "csv":
        text = zipfile.ZipFile(io.BytesIO(data[0])).read("lines.csv").decode()
        assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == [f"'{name}" for name in EVIL]


def test_an_office_program_reads_the_workbook(report: Report, shops: dict[str, Seeded], tmp_path: Path) -> None:
    """LibreOffice opens it and writes every sheet as it reads it."""
    (tmp_path / "report.xlsx").write_bytes(made(report, "xlsx"))
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
    done = subprocess.run(  # noqa: S603 - words of ours
        ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",  # noqa: S607 - where the system has it
         every_sheet, "--outdir", str(tmp_path), str(tmp_path / "report.xlsx")],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    sheets = {path.stem.removeprefix("report-"): path for path in tmp_path.glob("report-*.csv")}
    assert len(sheets) == 1 + len(list(report.tables())), done.stdout + done.stderr
    rows = list(csv.DictReader(io.StringIO(sheets["By day"].read_text(encoding="utf-8"))))
    days = table_of(report, "days")
    assert sum(int(row["Came in"]) for row in rows) == came_in(shops["day"])
    assert [row["Day"] for row in rows][:2] == ["Thu 1 Oct 2026", "Fri 2 Oct 2026"]
    hours, minutes, seconds = (int(part) for part in rows[0]["Typical stay"].split(":"))
    assert hours * 3600 + minutes * 60 + seconds == pytest.approx(days.column("median_s")[0], abs=0.6)
    shares = [row["More or less"] for row in rows]
    assert shares[1] == f"{days.numbers('change')[1] * 100:+.1f}%"
    assert not [path for path in sheets.values() if "#" in path.read_text(encoding="utf-8")], "a cell is an error"
