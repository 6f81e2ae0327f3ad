"""The notice as a PDF: as large as its words leave room for, never too small to be read from one and a half metres."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import segno
from fpdf import FPDF
from fpdf.fonts import TTFFont

from edge.config.words import Languages
from edge.core.errors import InputError
from edge.reports.fonts import FAMILY, add_fonts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from edge.reports.door.facts import Operator, Told

INK, MUTED, ACCENT = (16, 24, 22), (70, 82, 79), (11, 110, 99)
MM = 25.4 / 72
LEADING = 1.28
# Capitals of 3 mm and more: from 1.5 m they are seen under 7 minutes of arc, 5 being what a good eye can read.
LEAST_PT = 11.5
# Of the size of points: the title, the sentence below it.
TITLE, LEAD = 2.3, 1.3
PAPERS_MM = {"a4": (210.0, 297.0), "a5": (148.0, 210.0)}
WIDEST = {"a4": 20.0, "a5": 15.0}
MARGINS = {"a4": 18.0, "a5": 12.0}
QR_MM = {"a4": 36.0, "a5": 27.0}
BULLET, GAP = "\N{BULLET}", 0.55


@dataclass(frozen=True, slots=True)
class _Size:
    """A size of letters, in points, and what goes with it."""

    point: float

    @property
    def line_mm(self) -> float:
        return self.point * MM * LEADING


def languages() -> Languages:
    """The languages there is a notice in."""
    return Languages(Path(__file__).parent / "locale")


def notice(told: Sequence[Told], who: Operator, paper: str, made_at: datetime) -> bytes:
    """The notice, in one language or two. Raises ``InputError`` if it does not fit on the paper in readable letters."""
    sheet = _Sheet(paper, told, who)
    try:
        size = WIDEST[paper]
        while not sheet.fits(size):
            size -= 0.5
            if size < LEAST_PT:
                raise InputError("This is too much to be read on paper of that size; take a4, or one language.")
        sheet.draw(size)
        sheet.set_creation_date(made_at)
        return bytes(sheet.output())
    finally:
        # The library leaves their files open.
        for font in sheet.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


class _Sheet(FPDF):
    """One page."""

    def __init__(self, paper: str, told: Sequence[Told], who: Operator) -> None:
        super().__init__(format=PAPERS_MM[paper])
        self._paper, self._told, self._who, self._trying = paper, told, who, False
        add_fonts(self)
        self.set_margin(MARGINS[paper])
        self.c_margin = 0.0
        self.set_auto_page_break(auto=False)
        self.set_title(" \N{EN DASH} ".join(one.title for one in told))
        self.set_lang(told[0].language)
        self.set_author(who.name)
        self.add_page()

    def fits(self, size: float) -> bool:
        """Whether there is room for it with points of that size; nothing is drawn."""
        self._trying = True
        self._words(size)
        return self.y <= self._foot_top(size) - _Size(size).line_mm * 0.4

    def draw(self, size: float) -> None:
        """Draw it with points of that size."""
        self._trying = False
        self._words(size)
        self._foot(self._foot_top(size), size)

    def _words(self, size: float) -> None:
        high = 26.0 if self._paper == "a4" else 18.0
        if not self._trying:
            self._mark(high)
        self.set_xy(self.l_margin, self.t_margin + high * 32.0 / 26.0)
        for number, one in enumerate(self._told):
            if number:
                self._rule(size)
            self._language(one, size)

    def _styled(self, size: float, style: str = "", ink: tuple[int, int, int] = INK) -> float:
        self.set_font(FAMILY, style, size)
        self.set_text_color(*ink)
        return _Size(size).line_mm

    def _mark(self, high: float) -> None:
        """Somebody goes across a line: understood before anything is read."""
        left, top = self.l_margin, self.t_margin
        self.set_fill_color(*ACCENT)
        self.rect(left, top, self.epw, high, style="F", round_corners=True, corner_radius=high * 0.16)
        self.set_fill_color(255, 255, 255)
        self.set_draw_color(255, 255, 255)
        middle, unit = left + self.epw / 2, high / 26.0
        for shift in (-19.0, 19.0):
            self._person(middle + shift * unit, top + 4.4 * unit, unit)
        self.set_line_width(1.1 * unit)
        self.set_dash_pattern(dash=2.4 * unit, gap=1.6 * unit)
        self.line(middle, top + 3.5 * unit, middle, top + 22.5 * unit)
        self.set_dash_pattern()
        tip = middle + 9.0 * unit
        self.line(middle - 8.0 * unit, top + 13 * unit, tip - 1.0 * unit, top + 13 * unit)
        back, reach, line = tip - 3.4 * unit, 2.8 * unit, top + 13 * unit
        self.polygon([(back, line - reach), (tip, line), (back, line + reach)], style="F")

    def _person(self, middle: float, top: float, unit: float) -> None:
        self.circle(middle, top + 2.9 * unit, 2.9 * unit, style="F")
        self.rect(middle - 4.2 * unit, top + 7.0 * unit, 8.4 * unit, 10.6 * unit, style="F",
                  round_corners=True, corner_radius=3.6 * unit)  # fmt: skip

    def _language(self, one: Told, size: float) -> None:
        """Title, sentence, points."""
        title = size * TITLE
        while title > size * LEAD:
            self._styled(title, "B")
            if self.get_string_width(one.title) <= self.epw:
                break
            title -= 0.5
        self._text(one.title, self._styled(title, "B", ACCENT))
        self.ln(size * MM * 0.35)
        self._text(one.lead, self._styled(size * LEAD, "B"))
        self.ln(size * MM * 0.7)
        indent = size * MM * 1.1
        for point in one.points:
            height = self._styled(size)
            if not self._trying:
                self.cell(indent, height, BULLET)
            self._text(point, height, self.epw - indent)
            self.ln(size * MM * GAP)

    def _text(self, text: str, height: float, width: float = 0) -> None:
        if self._trying:
            self.y += height * len(self._broken(text, width or self.epw))
        else:
            self.multi_cell(width or self.epw, height, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def _rule(self, size: float) -> None:
        self.ln(size * MM * 0.5)
        if not self._trying:
            self.set_draw_color(*ACCENT)
            self.set_line_width(0.4)
            self.line(self.l_margin, self.y, self.w - self.r_margin, self.y)
        self.ln(size * MM)

    def _foot_top(self, size: float) -> float:
        """Where the foot begins: it has room for the code, or for its lines."""
        rows, width = self._foot_rows(size), self._who_width()
        high = sum(self._styled(point, style, ink) * len(self._broken(text, width)) for text, point, style, ink in rows)
        if self._who.page:
            high = max(high, QR_MM[self._paper] + _Size(self._caption(size)).line_mm)
        return self.h - MARGINS[self._paper] - high

    def _foot_rows(self, size: float) -> list[tuple[str, float, str, tuple[int, int, int]]]:
        """What stands in the foot: the text, the size and kind of its letters."""
        point, small = max(LEAST_PT, min(size, 15.0)), self._caption(size)
        who = " / ".join(one.who for one in self._told)
        how = " / ".join(one.how for one in self._told)
        return [
            (who, small, "", MUTED), (self._who.name, point, "B", INK),
            (how, small, "", MUTED), (self._who.contact, point, "", INK),
        ]  # fmt: skip

    def _broken(self, text: str, width: float) -> list[str]:
        lines = self.multi_cell(width, 5, text, align="L", dry_run=True, output="LINES")
        return lines if isinstance(lines, list) else []

    def _who_width(self) -> float:
        return self.epw - (QR_MM[self._paper] + 8 if self._who.page else 0)

    @staticmethod
    def _caption(size: float) -> float:
        return max(9.0, size * 0.62)

    def _foot(self, top: float, size: float) -> None:
        """Who answers for it, and the code to scan."""
        self.set_draw_color(*MUTED)
        self.set_line_width(0.3)
        self.line(self.l_margin, top - 3, self.w - self.r_margin, top - 3)
        self.set_y(top)
        for text, point, style, ink in self._foot_rows(size):
            self._text(text, self._styled(point, style, ink), self._who_width())
        if self._who.page:
            self._code(top, size)

    def _code(self, top: float, size: float) -> None:
        side = QR_MM[self._paper]
        left = self.w - self.r_margin - side
        picture = io.BytesIO()
        # A fifth of it may be scratched or in the shade.
        segno.make(self._who.page, error="m", micro=False).save(picture, kind="png", scale=12, border=1)
        self.image(picture, x=left, y=top, w=side, h=side, alt_text=self._who.page)
        caption, point = " / ".join(one.scan for one in self._told), self._caption(size)
        while self._styled(point, ink=MUTED) and self.get_string_width(caption) > side:
            point -= 0.5
        self.set_xy(left, top + side)
        self.cell(side, _Size(point).line_mm, caption, align="C")
