"""Parts of a period in sentences; below a chart and in tables they are told by ``places``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.panel.pages.statistics.places import slot_said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.told import Slot
    from edge.panel.words import Words

HOURS = 24


def clock_said(hour: int) -> str:
    """An hour of the clock."""
    return f"{hour % HOURS:02d}:00"


def days_of(slots: Sequence[Slot]) -> int:
    """How many days some parts of a period are, in order."""
    return (slots[-1].last - slots[0].first).days + 1 if slots else 0


def slot_in_words(words: Words, slot: Slot, unit: Unit) -> str:
    """A part in a sentence."""
    if slot.clock_hour is not None:
        return words("statistics_inside.from_clock", day=words.day(slot.first), clock=clock_said(slot.clock_hour))
    if unit is Unit.WEEK:
        return words("statistics_inside.week_of", day=words.day(slot.first))
    return words.day(slot.first) if unit is Unit.DAY else slot_said(words, slot, unit)
