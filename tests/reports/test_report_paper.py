"""How reports look: nothing stands outside the margins, nothing is cut, no text is missing in any language."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from report_kit import asked, report_of, table_of

from edge.analytics.audit import wilson
from edge.analytics.periods import parse_period
from edge.config.words import TELLING, read
from edge.core.errors import InputError
from edge.core.model import Zone
from edge.reports.asked import CountedAlong, Floor, Look, Remark
from edge.reports.cells import Teller
from edge.reports.contents import gather
from edge.reports.locales import LOCALE, languages
from edge.reports.logo import read_logo
from edge.reports.report import Section
from edge.reports.table import Column, Kind, Table
from edge.reports.written import written

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from seeded_kit import Seeded

    from edge.reports.report import Report

DPI = 50
PAPERS = {"A4": (210, 297), "letter": (216, 279)}
LONGEST = "Wareneingangstürkontrollbereichsleitung"  # 39 letters and nowhere to break
CODES = sorted(path.stem for path in LOCALE.glob("*.toml"))
# A key of a text that was shown in its place.
KEY = re.compile(
    r"\b(?:report|cell|band|section|table|chart|alt|column|which|clock|card\w*|as|than|said|period|date)\.[a-z]\w+"
)


@pytest.fixture(scope="module")
def crowded(shops: dict[str, Seeded]) -> Report:
    """A week with the longest names there can be, notes, and a count by hand."""
    shop, period = shops["night"], parse_period("2026-W13")
    corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    floors = (Floor("hall", (Zone(LONGEST, corners), Zone(LONGEST[::-1], corners[::-1]))), Floor("door"))
    remarks = (Remark(period.first, period.last, f"{LONGEST * 6} {'Straßenfest, '.join(['ğüşıöç '] * 40)}"),)
    whole = replace(
        asked(shop, period), floors=floors, remarks=remarks, site=f"{LONGEST} & {LONGEST}"[:80],
        counted_along=CountedAlong(asked(shop, period).now, wilson(48, 50)),
    )  # fmt: skip
    with shop.reader() as source:
        report = gather(source, whole)
    lines = Table("lines", (Column("camera", Kind.TEXT), Column("line", Kind.TEXT), Column("ins", Kind.COUNT)),
                  tuple((LONGEST, LONGEST[::-1], 10**number) for number in range(8)))  # fmt: skip
    return replace(report, sections=(*report.sections, Section("more", tables=(lines,))))


def pages(data: bytes, path: Path) -> list[NDArray[np.uint8]]:
    """Each page as a picture in grey."""
    path.write_bytes(data)
    subprocess.run(["pdftoppm", "-gray", "-r", str(DPI), str(path), str(path.with_suffix(""))], check=True)  # noqa: S603, S607
    return [np.asarray(Image.open(one)) for one in sorted(path.parent.glob(f"{path.stem}-*.pgm"))]


@pytest.mark.parametrize(("paper", "language"), [("A4", "en"), ("letter", "de"), ("A4", "tr")])
def test_nothing_stands_in_the_margins_and_nothing_is_cut(
    crowded: Report, tmp_path: Path, paper: str, language: str
) -> None:
    words, look = languages().get(language), Look(paper=paper, logo=logo(400, 100))
    data = written(crowded, look, words, "pdf")[0].data
    margin = round(15 / 25.4 * DPI)
    found = pages(data, tmp_path / "report.pdf")
    for page in found:
        height, width = page.shape
        assert (round(width * 25.4 / DPI), round(height * 25.4 / DPI)) == pytest.approx(PAPERS[paper], abs=1)
        assert page[:, :margin].min() > 250, "ink in the left margin"
        assert page[:, -margin:].min() > 250, "ink in the right margin"
        assert page[:margin].min() > 250, "ink in the upper margin"
        assert page[-round(8 / 25.4 * DPI) :].min() > 250, "ink below the page's number"
        assert page[margin:-margin].min() < 100, "a page without anything"
    assert data.count(b"/Alt (") + data.count(b"/Alt <") == 1 + len(list(crowded.charts())), "a picture nobody can hear"
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    for table in (table_of(crowded, "remarks"), list(crowded.tables())[-1]):
        for row in table.rows:
            for column, cell in zip(table.columns, row, strict=True):
                assert "".join(Teller(words, look).cell(column.kind, cell).split()) in text
    assert KEY.findall(text) == []


def test_every_language_has_every_text() -> None:
    assert CODES == ["de", "en", "tr"] == sorted(path.stem for path in TELLING.glob("*.toml"))
    for folder in (LOCALE, TELLING):
        english = read(folder / "en.toml")
        for code in CODES:
            texts = read(folder / f"{code}.toml")
            assert set(texts) == set(english), code
            for key, text in texts.items():
                assert text.strip() == text != "", (code, key)
                assert blanks(text) == blanks(english[key]), (code, key)


def blanks(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", CODES)
def test_no_text_is_missing_where_it_is_said(shops: dict[str, Seeded], crowded: Report, language: str) -> None:
    words = languages().get(language)
    teller = Teller(words, Look())
    reports = [crowded, *(report_of(shops[name], parse_period(period)) for name, period in (
        ("day", "2026-10"), ("day", "2026-10-24"), ("moved", "2026-11"), ("night", "2026-03"),
    ))]  # fmt: skip
    for report in reports:
        said = [*report.headline, *(one for card in report.cards for one in card.beside)]
        said += [one for section in report.sections for one in section.said]
        texts = [teller.said(one) for one in said] + [teller.period(report), teller.days(report.period)]
        texts += [words(f"section.{section.key}") for section in report.sections]
        texts += [words(f"card_title.{card.key}") for card in report.cards]
        texts += [teller.table(table) for table in report.tables()]
        texts += [teller.heading(column) for table in report.tables() for column in table.columns]
        texts += [words(f"chart.{chart.key}") for chart, _ in report.charts()]
        assert [text for text in texts if KEY.search(text) or "{" in text] == []


def logo(width: int, height: int) -> bytes:
    found = io.BytesIO()
    Image.new("RGB", (width, height), "#1f4e79").save(found, "PNG")
    return found.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"GIF89a", "is no PNG"), (logo(40, 40)[:60], "is damaged"), (b"", "is no PNG"), (logo(4001, 1), "4000 pixels"),
        (logo(40, 40) + bytes(1_000_000), "more than 1 MB"), (None, "cannot be read"),
    ],
)  # fmt: skip
def test_a_logo_that_will_not_do(tmp_path: Path, data: bytes | None, sentence: str) -> None:
    path = tmp_path / "logo.png"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=sentence) as refused:
        read_logo(path)
    assert str(path) in str(refused.value)
    assert "name a PNG" in str(refused.value)
