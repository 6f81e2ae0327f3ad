"""Tables on paper: as wide as what is in them, with their headings on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fpdf.enums import Align, TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace

from edge.reports.paper import INK, RULE, SMALL, TINT, TINY
from edge.reports.table import FIGURES, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.reports.paper import Paper
    from edge.reports.table import Column, Table

PADDING_MM, LINE_MM = 1.3, 3.9
# The table's title, its headings and some rows stay together.
TOGETHER_MM = 30
# A table of up to this part of a page is not split.
KEPT_WHOLE = 0.6
# A column of texts takes no more of the page than this part of it, however long they are.
WIDEST = 0.4
MIDDLE = frozenset({Kind.YES, Kind.CLOCK_HOUR})
FULL_HEADING_MM = 17
# Nobody reads more on paper; files have all of it.
MOST_ROWS = 62
# With more columns letters are smaller.
MANY_COLUMNS = 9


def print_table(paper: Paper, table: Table) -> None:
    """Print what of a table is printed."""
    places = [place for place, column in enumerate(table.columns) if column.printed]
    columns = [table.columns[place] for place in places]
    tell = paper.teller.cell
    rows = [[tell(table.columns[place].kind, row[place]) for place in places] for row in table.rows[:MOST_ROWS]]
    heads = [paper.teller.heading(column) for column in columns]
    whole = 12 + (LINE_MM + 1.4) * len(rows)
    paper.caption(paper.teller.table(table), whole if whole < paper.eph * KEPT_WHOLE else TOGETHER_MM)
    size = TINY - 0.5 if len(columns) > MANY_COLUMNS else SMALL - 0.5
    paper.styled(size)
    widths = _widths(paper, heads, rows)
    paper.set_draw_color(*RULE)
    paper.set_line_width(0.2)
    with paper.table(
        align=Align.L, width=sum(widths), col_widths=widths, line_height=LINE_MM, padding=(0.7, PADDING_MM),
        text_align=tuple(_aligned(column) for column in columns), borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", color=INK), cell_fill_color=TINT,
        cell_fill_mode=TableCellFillMode.EVEN_ROWS,
    ) as printed:  # fmt: skip
        for texts in (heads, *rows):
            row = printed.row()
            for text in texts:
                row.cell(text)
    if len(table.rows) > MOST_ROWS:
        paper.ln(1)
        paper.paragraph(paper.teller.words("said.cut", len(table.rows) - MOST_ROWS), SMALL)
    paper.ln(4)


def _aligned(column: Column) -> Align:
    if column.kind in FIGURES:
        return Align.R
    return Align.C if column.kind in MIDDLE else Align.L


def _widths(paper: Paper, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide each column is: its widest cell and the longest word of its heading, if there is room."""
    wished = []
    for place, head in enumerate(heads):
        paper.set_font(style="B")
        words = max((paper.get_string_width(word) for word in head.split()), default=0.0)
        # A long heading on few lines is read more easily.
        words = max(words, min(paper.get_string_width(head), FULL_HEADING_MM), paper.get_string_width(head) / 2)
        paper.set_font(style="")
        cells = max((paper.get_string_width(row[place]) for row in rows), default=0.0)
        wished.append(max(words, min(cells, paper.epw * WIDEST)) + 2 * PADDING_MM + 1)
    whole = sum(wished)
    if whole <= paper.epw:
        return wished
    # Only what is wide gives way.
    fair = paper.epw / len(wished)
    wide = sum(width - fair for width in wished if width > fair)
    return [width - (whole - paper.epw) * (width - fair) / wide if width > fair else width for width in wished]
