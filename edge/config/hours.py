"""Hours of the day as people write them: ``21:00-07:00``."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated

from pydantic import AfterValidator

from edge.config.table import telling

# From when to when by the wall clock. If the second is the earlier one, the night lies between them.
Hours = tuple[time, time]

_HOURS = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*(?:-|to)\s*(\d{1,2}):(\d{2})\s*$")
MIDNIGHT_H, MINUTES = 24, 60


def hours(text: str) -> Hours:
    """Read hours such as ``21:00-07:00``. ``24:00`` is the day's end. ``ValueError`` says what is wrong with them."""
    match = _HOURS.match(text)
    if match is None:
        raise ValueError(f"{text!r} are no hours; write them like 21:00-07:00")
    start_h, start_min, end_h, end_min = (int(part) for part in match.groups())
    start, end = _moment(start_h, start_min), _moment(end_h, end_min)
    if start is None or end is None:
        raise ValueError(f"{text!r}: the day runs from 00:00 to 24:00")
    if start == end and end_h != MIDNIGHT_H:
        raise ValueError(f"{text!r} have no length; for the whole day write 00:00-24:00")
    return (start, end)


def _moment(hour: int, minute: int) -> time | None:
    if hour == MIDNIGHT_H and minute == 0:
        return time(0, 0)
    return time(hour, minute) if hour < MIDNIGHT_H and minute < MINUTES else None


def within(moment: time, span: Hours) -> bool:
    """Whether a time of day lies in the hours; the end itself does not."""
    start, end = span
    if start < end:
        return start <= moment < end
    return moment >= start or moment < end


def _checked(text: str) -> str:
    try:
        hours(text)
    except ValueError as error:
        raise telling(str(error)) from None
    return text


HoursText = Annotated[str, AfterValidator(_checked)]
