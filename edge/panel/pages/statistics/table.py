"""Figures as a table: shown on the page as people say them, and as a file for other programs."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from edge.panel.parts import UNKNOWN

if TYPE_CHECKING:
    from edge.panel.words import Words

# A spreadsheet takes what begins with one of these for a formula, and would run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# By this, spreadsheets know that names are in UTF-8.
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
MINUTE_S, HOUR_S = 60, 3600
# Less is told as less than this: it is not nothing.
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one; ``signed``: shown with its sign, for changes."""

    value: float
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long something took, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Day:
    """A day, told with its weekday."""

    day: date


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows. A cell is a text, a number, a day, a moment, a ``Share``, ``Lasting``, or None: not known."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def csv(self) -> str:
        """The table as RFC 4180 has it, in UTF-8 with its mark; plain numbers and days, whatever the language."""
        out = io.StringIO(newline="")
        out.write(MARK)
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([plain(cell) for cell in self.columns])
        writer.writerows([plain(cell) for cell in row] for row in self.rows)
        return out.getvalue()


def plain(cell: object) -> str:
    """A cell for other programs. A text that would be a formula there is led by an apostrophe, which keeps it text."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    if isinstance(cell, Lasting):
        whole = round(cell.seconds)
        return f"{whole // HOUR_S}:{whole // MINUTE_S % MINUTE_S:02d}:{whole % MINUTE_S:02d}"
    if isinstance(cell, (Share, float)):
        value, digits = (cell.value, 4) if isinstance(cell, Share) else (cell, 2)
        return f"{value:.{digits}f}".rstrip("0").rstrip(".")
    if isinstance(cell, (Day, datetime)):
        return cell.day.isoformat() if isinstance(cell, Day) else cell.isoformat(timespec="minutes")
    return "" if cell is None else str(cell)


def sorted_by(cell: object) -> str:
    """The number by which a cell is put in order; nothing for what is not known."""
    if isinstance(cell, Share):
        return str(cell.value)
    if isinstance(cell, Lasting):
        return str(cell.seconds)
    if isinstance(cell, datetime):
        return str(cell.timestamp())
    day = cell.day if isinstance(cell, Day) else cell
    return str(day.toordinal()) if isinstance(day, date) else plain(cell)


def shown(words: Words, cell: object) -> str:
    """A cell for people."""
    if isinstance(cell, Share):
        return _share_said(words, cell)
    if isinstance(cell, Lasting):
        return words.lasting(cell.seconds, fine=True)
    if isinstance(cell, (int, float)):
        return words.number(cell, 0 if isinstance(cell, int) or cell.is_integer() else 1)
    if isinstance(cell, (date, Day)):
        return _day_said(words, cell)
    return UNKNOWN if cell is None else str(cell)


def _day_said(words: Words, cell: date | Day) -> str:
    if isinstance(cell, Day):
        return f"{words.short_weekday(cell.day.weekday())} {words.date(cell.day)}"
    return words.moment(cell) if isinstance(cell, datetime) else words.date(cell)


def _share_said(words: Words, share: Share) -> str:
    if share.signed:
        return words.change(share.value)
    if 0 < share.value < LEAST_SHARE / 2:
        return f"< {words.percent(LEAST_SHARE)}"
    return words.percent(share.value)
