"""``[records]``: where they lie, and how long what is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from edge.config.hours import hours
from edge.config.table import Line, Switch, Table, Whole, telling


def _moment(text: str) -> str:
    try:
        hours(f"{text}-24:00")
    except ValueError:
        raise telling(f"{text!r} is no time of day; write it like 03:30") from None
    return text


def _folder(text: str) -> str:
    if text and not text.startswith("/"):
        raise telling(f"{text!r} depends on where acm is started; name the folder from the root on, such as /data/acm")
    return text


Days = Annotated[Whole, Field(ge=0, le=36_500)]


class RecordsTable(Table):
    """``[records]``: what survives a power cut."""

    folder: Annotated[Line, AfterValidator(_folder)] = Field(
        default="", max_length=400, description='a folder on a disk of this machine, such as "/data/acm", or ""'
    )
    keep_days: Days = Field(default=1830, description="a whole number of days up to 36500, or 0 for ever")
    keep_walks_h: Whole = Field(default=48, ge=1, le=48, description="a whole number of hours from 1 to 48")
    keep_heat_days: Days = Field(default=400, description="a whole number of days up to 36500, or 0 for ever")
    keep_notices_days: Days = Field(default=400, description="a whole number of days up to 36500, or 0 for ever")
    walks: Switch = Field(default=True, description="true or false")
    copy_at: Annotated[str, AfterValidator(_moment)] = Field(
        default="03:30", description='a time of day such as "03:30"'
    )
