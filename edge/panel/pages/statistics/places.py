"""What a part of a period is called below a chart and in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.panel.pages.statistics.table import Day, shown

if TYPE_CHECKING:
    from datetime import date

    from edge.analytics.told import Slot
    from edge.panel.words import Words

FEW_DAYS = 7


def slot_said(words: Words, slot: Slot, unit: Unit, days: int = FEW_DAYS) -> str:
    """A slot, short enough to stand below a bar. ``days``: of how many days the chart is."""
    first = slot.first
    if unit is Unit.HOUR:
        clock = f"{slot.clock_hour or 0:02d}:00"
        return clock if days == 1 else f"{words.short_weekday(first.weekday())} {clock}"
    if unit is Unit.MONTH:
        return words("date.month", month=words.short_month(first.month), year=first.year)
    if unit is Unit.YEAR:
        return str(first.year)
    if unit is Unit.DAY and days <= FEW_DAYS:
        return words("date.weekday_day", weekday=words.short_weekday(first.weekday()), day=first.day)
    return words("date.day_month", day=first.day, month=words.short_month(first.month))


def slot_cell(words: Words, slot: Slot, unit: Unit) -> object:
    """A slot in full, for a table: an hour with its day, a week with both ends."""
    if unit is Unit.HOUR:
        clock = slot.clock_hour or 0
        return words("statistics.hour_of_day", day=words.date(slot.first), start=f"{clock:02d}:00",
                     end=f"{(clock + 1) % 24:02d}:00")  # fmt: skip
    return Day(slot.first) if unit is Unit.DAY else words.period(slot.first, slot.last)


def day_said(words: Words, day: date) -> str:
    """A day in a text, with its weekday."""
    return shown(words, Day(day))
