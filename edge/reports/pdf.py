"""A report on paper. The first page answers how it was; what follows is for whoever wants to know more."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.reports.charts import alt_text, chart_title, heights_mm, picture
from edge.reports.paper import BODY, INK, MARGIN_MM, MUTED, RULE, SMALL, TINT, TINY, TITLE, Paper
from edge.reports.printed_table import print_table
from edge.reports.report import Drawn

if TYPE_CHECKING:
    from edge.reports.cells import Teller
    from edge.reports.report import Card, Chart, Report, Section
    from edge.reports.table import Table

LOGO_MM = (44, 18)
GAP_MM = 3.5
NUMBER, LEAST_NUMBER = 21.0, 11.0


def pdf(report: Report, teller: Teller) -> bytes:
    """The report as a PDF."""
    title = f"{teller.words('report.title')} \N{EN DASH} {teller.period(report)}"
    foot = " · ".join(part for part in (report.site, teller.scope(report), teller.period(report)) if part)
    paper = Paper(teller.look.paper, teller, foot)
    paper.set_title(f"{title} \N{EN DASH} {report.site}" if report.site else title)
    paper.set_lang(teller.words.language)
    paper.set_author(report.site or teller.words("report.product"))
    paper.set_creator(teller.words("report.product"))
    paper.set_creation_date(report.made_at)
    paper.add_page()
    _head(paper, report)
    overview = report.sections[0]
    _cards(paper, report.cards)
    for chart in overview.charts:
        _chart(paper, chart, report)
    paper.points([teller.said(said) for said in report.headline[1:]])
    paper.ln(2)
    for table in overview.tables:
        # Nobody reads through a night.
        print_table(paper, table.trimmed() if report.unit is Unit.HOUR and table.key == "hours" else table)
    for section in report.sections[1:]:
        _section(paper, section, report)
    return bytes(paper.output())


def _head(paper: Paper, report: Report) -> None:
    """Whose report of when it is, and how it was."""
    teller = paper.teller
    top = paper.y
    if teller.look.logo:
        paper.image(
            io.BytesIO(teller.look.logo), x=paper.w - MARGIN_MM - LOGO_MM[0], y=top, w=LOGO_MM[0], h=LOGO_MM[1],
            keep_aspect_ratio=True, alt_text=teller.words("report.logo", site=report.site),
        )  # fmt: skip
    width = paper.epw - (LOGO_MM[0] + GAP_MM if teller.look.logo else 0)
    lines = [
        (report.site, 11.0, "B", MUTED), (teller.period(report), TITLE, "B", INK),
        (" · ".join(part for part in (_days(report, teller), teller.scope(report)) if part), 11.0, "", MUTED),
    ]  # fmt: skip
    for text, size, style, ink in lines:
        if text:
            height = paper.styled(size, style, ink)
            paper.multi_cell(width, height, text, new_x="LMARGIN", new_y="NEXT", align="L")
    paper.set_y(max(paper.y, top + (LOGO_MM[1] if teller.look.logo else 0)) + 4)
    paper.paragraph(teller.said(report.headline[0]), 12.5, "B")
    paper.ln(2)


def _days(report: Report, teller: Teller) -> str:
    """The days it is about, if its name does not say them."""
    days = teller.days(report.period)
    return "" if days == teller.period(report) else days


def _cards(paper: Paper, cards: tuple[Card, ...]) -> None:
    """Figures side by side. Each box is as high as the highest needs."""
    if not cards:
        return
    width = (paper.epw - GAP_MM * (len(cards) - 1)) / len(cards)
    small = paper.styled(TINY)
    texts = [[paper.teller.said(said) for said in card.beside] for card in cards]
    lines = [sum(paper.lines(text, width - 5) for text in some) for some in texts]
    height = 19 + small * max(lines)
    paper.room(height)
    top = paper.y
    for number, card in enumerate(cards):
        left = paper.l_margin + number * (width + GAP_MM)
        paper.set_draw_color(*RULE)
        paper.set_fill_color(*TINT)
        paper.rect(left, top, width, height, style="DF")
        _card(paper, card, texts[number], (left + 2.5, top + 2.5, width - 5))
    paper.set_xy(paper.l_margin, top + height + 4)


def _card(paper: Paper, card: Card, beside: list[str], place: tuple[float, float, float]) -> None:
    """A figure: what it is, how much, and what it is compared with."""
    left, top, width = place
    paper.set_xy(left, top)
    height = paper.styled(SMALL, ink=MUTED)
    paper.cell(width, height, paper.fitted(paper.teller.words(f"card_title.{card.key}"), width))
    told = paper.teller.cell(card.kind, card.value) or "\N{EN DASH}"
    size = NUMBER
    while size > LEAST_NUMBER:
        paper.styled(size, "B")
        if paper.get_string_width(told) <= width - 2:
            break
        size -= 1
    paper.set_xy(left, top + height + 0.5)
    paper.cell(width, 9, told)
    small = paper.styled(TINY)
    paper.set_xy(left, top + height + 10.5)
    for text in beside:
        paper.set_x(left)
        paper.multi_cell(width, small, text, new_x="LEFT", new_y="NEXT", align="L")


def _section(paper: Paper, section: Section, report: Report) -> None:
    tables = [table for table in section.tables if table.printed]
    if not (section.said or section.charts or tables):
        return
    paper.heading(paper.teller.words(f"section.{section.key}"), 70 if section.charts else 40)
    if section.said:
        paper.points([paper.teller.said(said) for said in section.said])
        paper.ln(1)
    floors = [chart for chart in section.charts if chart.drawn is Drawn.FLOOR]
    for chart in section.charts:
        if chart.drawn is not Drawn.FLOOR:
            _chart(paper, chart, report)
    for table in tables:
        print_table(paper, table)
    for pair in (floors[place : place + 2] for place in range(0, len(floors), 2)):
        _floors(paper, pair, report)


def _table_of(report: Report, chart: Chart) -> Table:
    return next(table for one, table in report.charts() if one is chart)


def _chart(paper: Paper, chart: Chart, report: Report) -> None:
    """A chart as wide as the page."""
    table = _table_of(report, chart)
    height = heights_mm(chart, table, paper.epw)
    paper.caption(chart_title(chart, paper.teller), height)
    drawn = picture(chart, table, paper.teller, (paper.epw, height))
    alt = alt_text(chart, table, paper.teller)
    paper.image(io.BytesIO(drawn), x=paper.l_margin, y=paper.y, w=paper.epw, h=height, alt_text=alt)
    paper.set_y(paper.y + height + 3)


def _floors(paper: Paper, charts: list[Chart], report: Report) -> None:
    """Two cameras' floors side by side."""
    width = (paper.epw - GAP_MM) / 2
    tables = [_table_of(report, chart) for chart in charts]
    heights = [heights_mm(chart, table, width) for chart, table in zip(charts, tables, strict=True)]
    line = paper.styled(BODY, "B")
    paper.room(max(heights) + line + 4)
    top = paper.y
    for number, (chart, table, height) in enumerate(zip(charts, tables, heights, strict=True)):
        left = paper.l_margin + number * (width + GAP_MM)
        paper.set_xy(left, top)
        paper.styled(BODY, "B")
        paper.cell(width, line, paper.fitted(chart_title(chart, paper.teller), width))
        drawn = picture(chart, table, paper.teller, (width, height))
        alt = alt_text(chart, table, paper.teller)
        paper.image(io.BytesIO(drawn), x=left, y=top + line + 1, w=width, h=height, alt_text=alt)
    paper.set_xy(paper.l_margin, top + line + max(heights) + 5)
