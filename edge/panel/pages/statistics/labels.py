"""Parts of a period as cells of a table and in sentences; below a chart they are told by ``places.slot_said``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.panel.pages.statistics.places import slot_said

if TYPE_CHECKING:
    from edge.analytics.told import Slot
    from edge.core.calendar import SiteCalendar
    from edge.panel.words import Words

HOURS = 24


def clock_said(hour: int) -> str:
    """An hour of the clock."""
    return f"{hour % HOURS:02d}:00"


def slot_cell(words: Words, slot: Slot, unit: Unit, calendar: SiteCalendar) -> object:
    """A part as a cell of a table: a moment, a day, or a name."""
    if slot.start is not None:
        return slot.start.astimezone(calendar.zone)
    return slot.first if unit in {Unit.DAY, Unit.WEEK} else slot_said(words, slot, unit)


def slot_in_words(words: Words, slot: Slot, unit: Unit) -> str:
    """A part in a sentence."""
    if slot.clock_hour is not None:
        return words("statistics_inside.from_clock", day=words.day(slot.first), clock=clock_said(slot.clock_hour))
    if unit is Unit.WEEK:
        return words("statistics_inside.week_of", day=words.day(slot.first))
    return words.day(slot.first) if unit is Unit.DAY else slot_said(words, slot, unit)
