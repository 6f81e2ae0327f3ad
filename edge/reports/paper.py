"""Sheets of paper with their margins, headings and page numbers, and what keeps things whole on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fpdf import FPDF

from edge.reports.fonts import FAMILY, add_fonts

if TYPE_CHECKING:
    from edge.reports.cells import Teller

INK, MUTED, RULE, TINT = (26, 26, 26), (85, 85, 85), (150, 155, 160), (243, 245, 247)
MARGIN_MM, FOOT_MM = 17, 17
BODY, SMALL, TINY, HEADING, TITLE = 9.5, 8.0, 7.5, 13.0, 22.0
# Lines of text are as far apart as this many times the letters' size.
LEADING = 1.35
POINT_MM = 25.4 / 72
BULLET = "•"


class Paper(FPDF):
    """A PDF in our letters. ``foot`` stands at the foot of each page, beside its number."""

    def __init__(self, size: str, teller: Teller, foot: str) -> None:
        super().__init__(format=size)
        self.teller, self._foot = teller, foot
        add_fonts(self)
        self.set_margin(MARGIN_MM)
        self.c_margin = 0.0
        self.set_auto_page_break(auto=True, margin=FOOT_MM + 3)
        self.styled()

    def styled(self, size: float = BODY, style: str = "", ink: tuple[int, int, int] = INK) -> float:
        """Set the letters; return how high a line of them is, in mm."""
        self.set_font(FAMILY, style, size)
        self.set_text_color(*ink)
        return size * POINT_MM * LEADING

    def footer(self) -> None:
        """The foot of a page."""
        self.set_y(-FOOT_MM)
        self.set_draw_color(*RULE)
        self.line(self.l_margin, self.y, self.w - self.r_margin, self.y)
        self.set_y(self.y + 2)
        height = self.styled(TINY, ink=MUTED)
        number = self.teller.words("report.page", page=self.page_no(), pages="{nb}")
        self.cell(self.epw * 0.8, height, self.fitted(self._foot, self.epw * 0.78))
        self.set_x(self.l_margin)
        self.cell(self.epw, height, number, align="R")

    def fitted(self, text: str, width_mm: float) -> str:
        """A line of text, cut short with dots if it is longer than there is room."""
        if self.get_string_width(text) <= width_mm:
            return text
        while text and self.get_string_width(text + "…") > width_mm:
            text = text[:-1]
        return text + "…"

    def lines(self, text: str, width_mm: float) -> int:
        """How many lines a text takes."""
        found = self.multi_cell(width_mm, 1, text, dry_run=True, output="LINES", align="L")
        return len(found) if isinstance(found, list) else 1

    def room(self, height_mm: float) -> None:
        """Go on to the next page unless so much fits on this one."""
        if self.will_page_break(height_mm):
            self.add_page()

    def heading(self, text: str, follows_mm: float = 40) -> None:
        """The heading of a section, on the same page as what follows."""
        self.ln(3)
        height = self.styled(HEADING, "B")
        self.room(height + 4 + follows_mm)
        self.start_section(text)
        self.multi_cell(self.epw, height, text, new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_draw_color(*INK)
        self.line(self.l_margin, self.y + 0.5, self.w - self.r_margin, self.y + 0.5)
        self.ln(3)

    def caption(self, text: str, follows_mm: float) -> None:
        """What a chart or table is called, on the same page as it."""
        height = self.styled(BODY, "B")
        self.room(height + 2 + follows_mm)
        self.multi_cell(self.epw, height, text, new_x="LMARGIN", new_y="NEXT", align="L")
        self.ln(1)

    def paragraph(self, text: str, size: float = BODY, style: str = "") -> None:
        """Some sentences."""
        height = self.styled(size, style)
        self.multi_cell(self.epw, height, text, new_x="LMARGIN", new_y="NEXT", align="L")
        self.ln(1.2)

    def points(self, texts: list[str]) -> None:
        """Sentences in a list."""
        for text in texts:
            height = self.styled()
            self.room(height * self.lines(text, self.epw - 5))
            self.cell(5, height, BULLET)
            self.multi_cell(self.epw - 5, height, text, new_x="LMARGIN", new_y="NEXT", align="L")
            self.ln(0.8)
